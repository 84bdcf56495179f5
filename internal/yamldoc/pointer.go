package yamldoc

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// tokens splits a JSON pointer (RFC 6901). ok is false when it is none.
func tokens(pointer string) (parts []string, ok bool) {
	if pointer == "" {
		return nil, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	parts = strings.Split(pointer[1:], "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return parts, true
}

// Pointer joins keys and list positions into a JSON pointer.
func Pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(part, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// child returns the position in n.Content of what a pointer's token names
// beneath n, -1 when there is none.
func child(n *yaml.Node, token string) int {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == token {
				return i + 1
			}
		}
	case yaml.SequenceNode:
		if i, ok := listIndex(token); ok && i < len(n.Content) {
			return i
		}
	}
	return -1
}

// isLong reports whether n is a mapping with so many entries that a key of it is
// not looked for one by one: a file may have thousands of findings about them.
func isLong(n *yaml.Node) bool { return n.Kind == yaml.MappingNode && len(n.Content) >= 512 }

// keysOf returns what child returns for each key of a mapping.
func keysOf(n *yaml.Node) map[string]int {
	keys := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if _, again := keys[key.Value]; key.Kind == yaml.ScalarNode && !again {
			keys[key.Value] = i + 1
		}
	}
	return keys
}

// child is as the function of this name.
func (d *Doc) child(n *yaml.Node, token string) int {
	if !isLong(n) {
		return child(n, token)
	}
	if at, ok := d.places().keys[n][token]; ok {
		return at
	}
	return -1
}

// listIndex reads a position in a list, as JSON pointers write it.
func listIndex(token string) (int, bool) {
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || strconv.Itoa(i) != token {
		return 0, false
	}
	return i, true
}

// step is one node on the way to a pointer's target.
type step struct {
	node   *yaml.Node
	key    *yaml.Node // the key it stands under, nil in a list and at the top
	parent *yaml.Node
	index  int // in parent.Content
}

// walk follows a pointer as far as the document goes and returns the way, the
// top-level mapping first, and the tokens that lead nowhere.
func (d *Doc) walk(pointer string) (way []step, rest []string) {
	way = []step{{node: d.Root}}
	parts, ok := tokens(pointer)
	if !ok {
		return way, []string{pointer}
	}
	n := d.Root
	for i, token := range parts {
		at := d.child(n, token)
		if at < 0 {
			return way, parts[i:]
		}
		next := step{node: n.Content[at], parent: n, index: at}
		if n.Kind == yaml.MappingNode {
			next.key = n.Content[at-1]
		}
		way = append(way, next)
		n = next.node
	}
	return way, nil
}

// Node returns the node that a JSON pointer names, such as "/plan/backout" or
// "/services/0"; "" is the top level.
func (d *Doc) Node(pointer string) (*yaml.Node, bool) {
	way, rest := d.walk(pointer)
	if len(rest) > 0 {
		return nil, false
	}
	return way[len(way)-1].node, true
}

// Position returns line and column of the value that a JSON pointer names. A
// value that is not there has the position of its nearest ancestor: of its key,
// in a list of the element itself, and 1, 1 when that is the top level.
func (d *Doc) Position(pointer string) (line, col int) {
	return d.text.position(d.find(pointer).start)
}

// Span returns where the value of a JSON pointer starts and ends, the end
// being one past the last code point. It falls back as Position does.
func (d *Doc) Span(pointer string) (line, col, endLine, endCol int) {
	s := d.find(pointer)
	line, col = d.text.position(s.start)
	endLine, endCol = d.text.position(s.end)
	return line, col, endLine, endCol
}

// KeyPosition returns line and column of the key of a JSON pointer, for a list
// element those of the element. It falls back as Position does.
func (d *Doc) KeyPosition(pointer string) (line, col int) {
	line, col, _, _ = d.KeySpan(pointer)
	return line, col
}

// KeySpan returns where the key of a JSON pointer starts and ends as it is
// written, quotes included, the end being one past the last code point; for a
// list element it is the element. It falls back as Position does.
func (d *Doc) KeySpan(pointer string) (line, col, endLine, endCol int) {
	s := d.find(pointer)
	way, rest := d.walk(pointer)
	if last := way[len(way)-1]; len(rest) == 0 && last.key != nil {
		s = d.places().at[last.key].span
	}
	line, col = d.text.position(s.start)
	endLine, endCol = d.text.position(s.end)
	return line, col, endLine, endCol
}

// find returns the place of the value that a pointer names, or of its stand-in.
func (d *Doc) find(pointer string) span {
	at := d.places().at
	way, rest := d.walk(pointer)
	if len(rest) == 0 {
		return at[way[len(way)-1].node].span
	}
	switch last := way[len(way)-1]; {
	case last.key != nil:
		return at[last.key].span
	case last.parent != nil:
		return at[last.node].span
	}
	return span{d.text.starts[0], d.text.starts[0]}
}
