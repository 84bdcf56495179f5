package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// checkNodes judges root and everything beneath it. It returns false when the
// nesting is too deep for anybody to walk it.
func (p *parse) checkNodes(root *yaml.Node) bool {
	c := &nodeCheck{parse: p, root: root}
	c.node(root, 1)
	return !c.deep
}

// nodeCheck walks the nodes; the layout is made for the first finding.
type nodeCheck struct {
	*parse
	root   *yaml.Node
	layout *layout
	deep   bool
}

// at returns the place of a node.
func (c *nodeCheck) at(n *yaml.Node) span {
	if c.layout == nil {
		c.layout = newLayout(c.text, c.root)
	}
	if p, ok := c.layout.at[n]; ok {
		return p.span
	}
	return c.parse.at(n)
}

// at returns the start of a node whose end is unknown.
func (p *parse) at(n *yaml.Node) span {
	off := p.text.offset(n.Line, n.Column)
	return span{off, off}
}

func (c *nodeCheck) node(n *yaml.Node, depth int) {
	c.properties(n)
	if depth > MaxDepth && len(n.Content) > 0 {
		if !c.deep {
			c.add("YML022", c.parse.at(n), fmt.Sprintf("nested deeper than %d", MaxDepth), whyDepth, fixDepth)
		}
		c.deep = true
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		c.add("YML015", c.at(n), "alias *"+shorten(n.Value), whyAlias, "write the value out")
	case yaml.ScalarNode:
		c.escapes(n)
		c.number(n)
	case yaml.MappingNode:
		c.mapping(n, depth)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			c.node(item, depth+1)
		}
	}
}

// properties refuses anchors and tags.
func (c *nodeCheck) properties(n *yaml.Node) {
	if n.Anchor != "" {
		at := c.parse.at(n)
		at.end = at.start + 1 + len(n.Anchor)
		c.add("YML014", at, "anchor &"+shorten(n.Anchor),
			"an anchor lets one place of a file change another",
			"remove it, and write out each value that refers to it")
	}
	if at, tag := c.tag(n); tag != "" {
		c.add("YML017", at, "tag "+quote(tag), whyTag, fixTag)
	}
}

// tag returns the tag that is written before n, and where.
func (c *nodeCheck) tag(n *yaml.Node) (span, string) {
	src := c.text.src
	i := c.text.offset(n.Line, n.Column)
	if n.Kind == yaml.AliasNode || i >= len(src) {
		return span{}, ""
	}
	if src[i] == '&' && n.Anchor != "" {
		i += 1 + len(n.Anchor)
		for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
			i++
		}
	}
	end, stop := i, byte(',')
	if strings.HasPrefix(src[i:], "!<") {
		stop = '>'
	}
	for end < len(src) && src[end] > ' ' && src[end] != stop {
		end++
	}
	if stop == '>' && end < len(src) && src[end] == stop {
		end++
	}
	if end == i || src[i] != '!' {
		return span{}, ""
	}
	return span{i, end}, src[i:end]
}

func (c *nodeCheck) mapping(n *yaml.Node, depth int) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		c.key(key, depth)
		if key.Kind == yaml.ScalarNode {
			if before, ok := first[key.Value]; ok {
				c.add("YML018", c.at(key), fmt.Sprintf("key %s is already on line %d", quote(key.Value), before.Line),
					"one program takes the first value and another the last",
					"keep one of the two")
			} else {
				first[key.Value] = key
			}
		}
		c.node(n.Content[i+1], depth+1)
	}
}

// key judges one key.
func (c *nodeCheck) key(key *yaml.Node, depth int) {
	switch {
	case key.Kind == yaml.ScalarNode && key.Tag == "!!merge":
		c.add("YML016", c.at(key), "merge key <<",
			"it pulls in fields that do not stand here",
			"write the fields out, or quote the key if it is meant as text")
	case key.Kind == yaml.ScalarNode && (key.Tag == "!!str" || key.Tag == "!!timestamp"):
		c.properties(key)
		c.escapes(key)
	default:
		c.add("YML019", c.at(key), "key is "+describe(key)+", not text",
			"field names are text; another type of key gets lost or changed on the way to JSON",
			"quote the key if it is meant as text")
		if key.Kind != yaml.ScalarNode {
			c.node(key, depth+1)
		}
	}
}

// describe names what a node is, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!bool":
		return "a boolean (" + shorten(n.Value) + ")"
	case "!!int", "!!float":
		return "a number (" + shorten(n.Value) + ")"
	}
	return "text"
}

// isEmpty reports whether a document holds nothing.
func isEmpty(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || isBare(doc.Content[0])
}

// quote returns s in quotes for a message, shortened.
func quote(s string) string {
	if short, cut := clip(s); cut {
		return strconv.Quote(short) + "…"
	}
	return strconv.Quote(s)
}

// shorten returns s as far as a message has room for it.
func shorten(s string) string {
	if short, cut := clip(s); cut {
		return short + "…"
	}
	return s
}

// clip cuts s after 60 code points, and reports whether it was longer.
func clip(s string) (string, bool) {
	n := 0
	for i := range s {
		if n == 60 {
			return s[:i], true
		}
		n++
	}
	return s, false
}
