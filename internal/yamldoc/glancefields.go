package yamldoc

import "strings"

// Fields returns what Doc.Value has at some places, as far as that is text:
// "title" and "window.start" are strings, "services[]" is a list of the top level
// and holds its strings alone. What is no text there is left out. It is false
// where a string is longer than a line. Nothing of it shares memory with the file.
func (g *Glance) Fields(paths ...string) (fields map[string]any, ok bool) {
	fields = make(map[string]any, len(paths))
	for _, p := range paths {
		if key, isList := strings.CutSuffix(p, "[]"); isList {
			if list := g.Texts(key); len(list) > 0 {
				items := make([]any, len(list))
				for i, s := range list {
					items[i] = strings.Clone(s)
				}
				fields[key] = items
			}
			continue
		}
		keys := strings.Split(p, ".")
		text, ok := g.Text(keys...)
		if !ok {
			return nil, false
		}
		if text == "" {
			continue
		}
		within := fields
		if len(keys) == 2 {
			m, _ := fields[keys[0]].(map[string]any)
			if m == nil {
				m = map[string]any{}
				fields[keys[0]] = m
			}
			within = m
		}
		within[keys[len(keys)-1]] = strings.Clone(text)
	}
	return fields, true
}
