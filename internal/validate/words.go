package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// findings says in words what one problem is.
func (r *reader) findings(p problem) []finding.Finding {
	switch k := p.what.(type) {
	case *kind.AdditionalProperties:
		return r.unknownKeys(p, k.Properties)
	case *kind.Required:
		return r.missingKeys(p, k.Missing)
	case *kind.Type:
		return []finding.Finding{r.wrongType(p, k)}
	case *kind.Enum:
		return []finding.Finding{r.notAllowed(p, k.Got, k.Want)}
	case *kind.Const:
		return []finding.Finding{r.constant(p, k.Want)}
	case *kind.Pattern:
		if f, ok := r.malformed(p, k.Got, patternWords(k.Want)); ok {
			return []finding.Finding{f}
		}
		return nil
	case *kind.Format:
		text, _ := k.Got.(string)
		if f, ok := r.malformed(p, text, formatWords(k.Want)); ok {
			return []finding.Finding{f}
		}
		return nil
	case *kind.UniqueItems:
		return []finding.Finding{r.repeated(p, k.Duplicates)}
	case *kind.PropertyNames:
		return []finding.Finding{r.misnamed(p, k.Property)}
	}
	if msg := sizeWords(p.what); msg != "" {
		f := r.about(p, "SCH007", name(p.path)+" "+msg)
		if strings.HasPrefix(msg, "is ") && strings.Contains(msg, "empty") {
			f.Fix = "fill it in" // it holds nothing that could be cut down
		}
		return []finding.Finding{f}
	}
	f := r.about(p, "SCH004", name(p.path)+" "+rangeWords(p.what))
	switch k := p.what.(type) {
	case *kind.Minimum:
		f.Fix = fmt.Sprintf("write %s or more", number(k.Want))
	case *kind.Maximum:
		f.Fix = fmt.Sprintf("write %s or less", number(k.Want))
	}
	return []finding.Finding{f}
}

// about starts a finding at a value; why it matters is what the schema says
// the field is for.
func (r *reader) about(p problem, code, msg string) finding.Finding {
	f := at(r.doc, r.id(), yamldoc.Pointer(p.path...), code, msg)
	if d, _ := p.node["description"].(string); d != "" {
		f.Why = d
	}
	return f
}

func (r *reader) unknownKeys(p problem, keys []string) []finding.Finding {
	known := record.Value(p.node, "properties")
	properties, _ := known.(map[string]any)
	names := keysOf(properties)
	var out []finding.Finding
	for _, key := range slices.Sorted(slices.Values(keys)) {
		msg := fmt.Sprintf("unknown key %s%s", show(key), inside(p.path))
		f := atKey(r.doc, r.id(), yamldoc.Pointer(append(slices.Clone(p.path), key)...), "SCH001", msg)
		if near := finding.NearMiss(key, names); near != "" {
			f.Message += fmt.Sprintf(", did you mean %s?", show(near))
			f.Fix = fmt.Sprintf("rename it to %s", near)
		} else if home := r.homeOf(key); home != "" && len(p.path) == 0 {
			f.Message += fmt.Sprintf(", did you mean %s?", home)
			f.Fix = fmt.Sprintf("move it to %s", home)
		} else if whole := finding.Meant(key, names); whole != "" {
			f.Message += fmt.Sprintf(", did you mean %s?", show(whole))
			f.Fix = fmt.Sprintf("rename it to %s", whole)
		}
		out = append(out, f)
	}
	return out
}

// homeOf returns the one nested field of this name, as plan.backout.
func (r *reader) homeOf(key string) string {
	root := r.schema.node(r.schema.root)
	properties, _ := root["properties"].(map[string]any)
	home := ""
	for _, outer := range keysOf(properties) {
		inner, _ := record.Value(properties, outer, "properties").(map[string]any)
		if _, ok := inner[key]; !ok {
			continue
		}
		if home != "" {
			return ""
		}
		home = outer + "." + key
	}
	return home
}

func (r *reader) missingKeys(p problem, keys []string) []finding.Finding {
	var out []finding.Finding
	for _, key := range slices.Sorted(slices.Values(keys)) {
		path := append(slices.Clone(p.path), key)
		f := at(r.doc, r.id(), yamldoc.Pointer(path...), "SCH002", fmt.Sprintf("missing key %s%s", show(key), inside(p.path)))
		if d := record.Str(p.node, "properties", key, "description"); d != "" {
			f.Why = d
		}
		f.Fix = r.set(path, "…")
		if value := r.given(path); value != "" {
			f.Fix = fmt.Sprintf("write %s: %s", key, value)
			if key != "state" { // where a record stands is for people to say
				f.Mend = mend(path, "", value)
			}
		}
		out = append(out, f)
	}
	return out
}

// given is the value of a field that is not for people to choose.
func (r *reader) given(path []string) string {
	if len(path) > 1 || r.rec == nil || !builtin(r.rec.Kind) {
		return ""
	}
	switch {
	case path[0] == "apiVersion":
		return record.APIVersion
	case path[0] == "kind":
		return r.rec.Kind.Name
	case path[0] == "id":
		return r.rec.ID
	case path[0] == "state" && len(r.rec.Kind.States) > 0:
		return r.rec.Kind.States[0]
	}
	return ""
}

func (r *reader) wrongType(p problem, k *kind.Type) finding.Finding {
	got := valueAt(r.value, p.path)
	msg := fmt.Sprintf("%s must be %s, not %s", name(p.path), anyOf(k.Want), typeWords(k.Got))
	if got == nil {
		msg = fmt.Sprintf("%s has no value", name(p.path))
	}
	if k.Got == "number" && slices.Contains(k.Want, "integer") {
		msg = fmt.Sprintf("%s must be a whole number, not %v", name(p.path), got)
	}
	f := r.about(p, "SCH003", msg)
	text, isText := got.(string)
	switch {
	case got == nil:
		f.Fix = "fill it in, or take the key out"
	case slices.Contains(k.Want, "string") && (k.Got == "number" || k.Got == "integer" || k.Got == "boolean"):
		f.Fix = fmt.Sprintf("quote it: \"%v\"", got)
	case isText && scalarIs(text, k.Want):
		f.Fix = fmt.Sprintf("take the quotes off: %s", text)
	case slices.Contains(k.Want, "array") && k.Got == "object":
		f.Fix = fmt.Sprintf("make it a list of one: put - before it, or [ ] around it (%s: [{…}])", p.path[len(p.path)-1])
	case slices.Contains(k.Want, "array") && isText:
		f.Fix = fmt.Sprintf("make it a list: [%s]", text)
	case slices.Equal(k.Want, []string{"boolean"}), slices.Equal(k.Want, []string{"integer"}), slices.Equal(k.Want, []string{"number"}):
		f.Fix = "write " + anyOf(k.Want)
	}
	return f
}

// scalarIs reports whether text without quotes would be of a wanted type.
func scalarIs(text string, want []string) bool {
	if slices.Contains(want, "boolean") && (text == "true" || text == "false") {
		return true
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil && slices.Contains(want, "integer") {
		return true
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && slices.Contains(want, "number")
}

func (r *reader) notAllowed(p problem, got any, want []any) finding.Finding {
	var words []string
	for _, w := range want {
		words = append(words, wanted(w))
	}
	f := r.about(p, "SCH004", fmt.Sprintf("%s is %s, which is not one of %s", name(p.path), show(got), strings.Join(words, ", ")))
	f.Fix = "write one of " + strings.Join(words, ", ")
	if text, ok := got.(string); ok {
		near := finding.NearMiss(text, words)
		if near == "" && len(words) == 1 {
			near = words[0]
		}
		if near != "" {
			f.Message += fmt.Sprintf(", did you mean %s?", near)
			f.Fix = r.set(p.path, near)
		}
		f.Mend = mend(p.path, text, sameLetters(text, words))
	}
	return f
}

func (r *reader) constant(p problem, want any) finding.Finding {
	code := "SCH004"
	if len(p.path) == 1 && (p.path[0] == "apiVersion" || p.path[0] == "kind") {
		code = "SCH006"
	}
	f := r.about(p, code, fmt.Sprintf("%s is %s and must be %s", name(p.path), show(valueAt(r.value, p.path)), wanted(want)))
	f.Fix = fmt.Sprintf("write %s: %s", name(p.path), wanted(want))
	if text, ok := valueAt(r.value, p.path).(string); ok {
		f.Mend = mend(p.path, text, sameLetters(text, []string{wanted(want)}))
	}
	return f
}

// malformed is ok only where nothing else says the same: a record's id is
// judged by its file's name.
func (r *reader) malformed(p problem, got, should string) (f finding.Finding, ok bool) {
	if r.rec != nil && len(p.path) == 1 && p.path[0] == "id" && builtin(r.rec.Kind) {
		return f, false
	}
	f = r.about(p, "SCH005", fmt.Sprintf("%s is %s and should be %s", name(p.path), show(got), should))
	f.Fix = "write " + should
	if should == formats["date-time"] {
		f.Mend = mend(p.path, got, wholeMoment(got))
	}
	if r.rec == nil || r.suggest == nil {
		return f, true
	}
	for _, rv := range r.rec.Refs() {
		if rv.Pointer != yamldoc.Pointer(p.path...) {
			continue
		}
		id := r.suggest(rv)
		if pattern, _ := p.node["pattern"].(string); !strings.Contains(pattern, ":") {
			rv.Kind = "" // the field takes no kind before the id
		}
		if id != "" {
			f.Message += fmt.Sprintf(", did you mean %s?", id)
			f.Fix = replaceCommand(subject{doc: r.doc, rec: r.rec}, rv, id)
		}
	}
	return f, true
}

func (r *reader) repeated(p problem, twins [2]int) finding.Finding {
	first, second := min(twins[0], twins[1]), max(twins[0], twins[1])
	item := append(slices.Clone(p.path), strconv.Itoa(second))
	f := r.about(problem{path: item, node: p.node}, "SCH004", fmt.Sprintf("%s repeats %s", name(item), name(append(slices.Clone(p.path), strconv.Itoa(first)))))
	f.Fix = "take it out"
	return f
}

// misnamed reports a key whose name its schema refuses.
func (r *reader) misnamed(p problem, key string) finding.Finding {
	msg := fmt.Sprintf("key %s%s is not of the form its schema asks for", show(key), inside(p.path))
	return atKey(r.doc, r.id(), yamldoc.Pointer(append(slices.Clone(p.path), key)...), "SCH004", msg)
}

// holder returns the path of the first mapping that has a key, depth levels
// down.
func holder(v any, key string, depth int) (path []string, ok bool) {
	switch c := v.(type) {
	case map[string]any:
		if depth == 0 {
			_, ok := c[key]
			return nil, ok
		}
		for _, k := range keysOf(c) {
			if rest, ok := holder(c[k], key, depth-1); ok {
				return append([]string{k}, rest...), true
			}
		}
	case []any:
		for i, item := range c {
			if rest, ok := holder(item, key, depth-1); ok && depth > 0 {
				return append([]string{strconv.Itoa(i)}, rest...), true
			}
		}
	}
	return nil, false
}

// set is the command that sets a field, or words where there is none.
func (r *reader) set(path []string, value string) string {
	if r.rec == nil {
		return fmt.Sprintf("write %s: %s in %s", name(path), value, r.doc.Name)
	}
	return setCommand(r.rec, path, value)
}
