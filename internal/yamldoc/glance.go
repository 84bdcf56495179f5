package yamldoc

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// Glance is what can be said of a file of the plainest form without parsing it:
// block mappings and lists, scalars on one line, block scalars, nothing that
// takes a parser to understand.
type Glance struct {
	entries []glanceEntry // of the top level and of the mappings beneath it
	items   []string      // of lists of the top level that are text
}

// glanceEntry is one key with what stands there.
type glanceEntry struct {
	parent, key string
	text        string // of a scalar that is text and stands on the key's line
	kind        glanceKind
	first, upTo int // in items, of a list
}

type glanceKind uint8

const (
	glanceText  glanceKind = iota // a string, in entry.text
	glanceOther                   // a number, boolean, empty list or mapping
	glanceBlock                   // a string that is not kept
	glanceMap
	glanceList
)

// Look reads src if it is of the plainest form. Of such a file Parse has no
// finding. It reports false of every other file, which says nothing about it,
// and nothing about g. What g said before is gone.
func (g *Glance) Look(src []byte) bool {
	if len(src) == 0 || len(src) > MaxBytes || src[len(src)-1] != '\n' || !plainText(src) {
		return false
	}
	g.entries, g.items = g.entries[:0], g.items[:0]
	s := glancer{rest: string(src), g: g}
	s.advance()
	return !s.failed && s.line != "" && s.indent == 0 && s.mapping(0, 1, "") && s.line == ""
}

// plainText reports whether there is nothing but lines of characters that may
// stand in a file.
func plainText(src []byte) bool {
	for i := 0; i < len(src); {
		if i+8 <= len(src) && plainWord(binary.LittleEndian.Uint64(src[i:])) {
			i += 8
			continue
		}
		c := src[i]
		if c >= 0x20 && c < 0x7F || c == '\n' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			return false
		}
		r, size := utf8.DecodeRune(src[i:])
		if size < 2 || classify(r) != allowed {
			return false
		}
		i += size
	}
	return true
}

// plainWord reports whether eight bytes are lines of printable ASCII. The first
// bit of each byte says so of that byte, and of those below 0x80 no sum carries
// over to the next.
func plainWord(x uint64) bool {
	const each, first = 0x0101010101010101, 0x8080808080808080
	low := ^((x | first) - ' '*each)
	other := (x ^ '\n'*each) + 0x7F*each // than a line break
	return (x|(x+each)|low&other)&first == 0
}

// Text returns the string at the given keys, "" where there is none or something
// else. It is false where the text is longer than a line, or deeper than two
// keys.
func (g *Glance) Text(keys ...string) (string, bool) {
	if len(keys) > 2 {
		return "", false
	}
	parent := ""
	if len(keys) == 2 {
		parent = keys[0]
	}
	key := keys[len(keys)-1]
	for i := range g.entries {
		if e := &g.entries[i]; e.key == key && e.parent == parent {
			return e.text, e.kind != glanceBlock
		}
	}
	return "", true
}

// Texts returns the strings of the list at a key of the top level.
func (g *Glance) Texts(key string) []string {
	for i := range g.entries {
		if e := &g.entries[i]; e.key == key && e.parent == "" {
			return g.items[e.first:e.upTo]
		}
	}
	return nil
}

// glancer goes through a text line by line.
type glancer struct {
	g      *Glance
	rest   string // behind the current line
	line   string // without its indent; "" at the end
	indent int
	failed bool
	folded bool // the line before was of a block scalar
}

// advance goes to the next line that says something.
func (s *glancer) advance() {
	for s.rest != "" {
		line, rest, _ := strings.Cut(s.rest, "\n")
		s.rest = rest
		if line == "" {
			continue
		}
		s.line = strings.TrimLeft(line, " ")
		s.indent = len(line) - len(s.line)
		if s.line == "" || s.line[0] == '#' && (s.indent > 0 || s.folded) {
			s.failed = true // blanks alone, or a remark whose place matters
		}
		if s.line == "" || s.line[0] != '#' {
			s.folded = false
			return
		}
	}
	s.line, s.indent = "", -1
}

// maxGlance is how deep plain files are.
const maxGlance = 8

// mapping reads the lines of one mapping.
func (s *glancer) mapping(indent, depth int, parent string) bool {
	if depth > maxGlance {
		return false
	}
	first := len(s.g.entries)
	var keys []string
	for s.line != "" && s.indent == indent {
		n := keyLength(s.line)
		if n == 0 {
			return false
		}
		key, value := s.line[:n], strings.TrimPrefix(s.line[n+1:], " ")
		if depth <= 2 {
			if contains(s.g.entries[first:], parent, key) {
				return false
			}
		} else {
			for _, k := range keys {
				if k == key {
					return false
				}
			}
			keys = append(keys, key)
		}
		if !s.value(indent, depth, parent, key, value) {
			return false
		}
	}
	return !s.failed && s.indent < indent
}

func contains(entries []glanceEntry, parent, key string) bool {
	for i := range entries {
		if entries[i].key == key && entries[i].parent == parent {
			return true
		}
	}
	return false
}

// value reads what belongs to a key, on its line and beneath it.
func (s *glancer) value(indent, depth int, parent, key, value string) bool {
	e := glanceEntry{parent: parent, key: key}
	at := -1
	if depth <= 2 {
		at = len(s.g.entries)
		s.g.entries = append(s.g.entries, e)
	}
	ok := true
	switch {
	case value == "":
		e.kind, ok = s.nested(indent, depth, key, &e)
	case value[0] == '|' || value[0] == '>':
		e.kind, ok = glanceBlock, s.block(indent, value)
	default:
		e.text, e.kind, ok = scalarText(value)
		s.advance()
	}
	if at >= 0 {
		s.g.entries[at] = e
	}
	return ok && !s.failed
}

// nested reads a mapping or list on the lines below a key.
func (s *glancer) nested(indent, depth int, key string, e *glanceEntry) (glanceKind, bool) {
	s.advance()
	if s.failed || s.line == "" || s.indent < indent {
		return 0, false
	}
	if strings.HasPrefix(s.line, "- ") {
		e.first = len(s.g.items)
		ok := s.list(s.indent, depth+1, depth == 1)
		e.upTo = len(s.g.items)
		return glanceList, ok
	}
	if s.indent == indent {
		return 0, false
	}
	if depth > 1 {
		key = "\x00" // no path of two keys leads there
	}
	return glanceMap, s.mapping(s.indent, depth+1, key)
}

// list reads the lines of one list.
func (s *glancer) list(indent, depth int, keep bool) bool {
	for s.line != "" && s.indent == indent && strings.HasPrefix(s.line, "- ") {
		item := s.line[2:]
		if item == "" {
			return false
		}
		if n := keyLength(item); n > 0 {
			s.line, s.indent = item, indent+2
			if !s.mapping(indent+2, max(depth+1, 3), "") {
				return false
			}
			continue
		}
		text, kind, ok := scalarText(item)
		if !ok {
			return false
		}
		if keep && kind == glanceText {
			s.g.items = append(s.g.items, text)
		}
		s.advance()
		if s.failed {
			return false
		}
	}
	return depth <= maxGlance && s.indent <= indent
}

// block passes over a block scalar.
func (s *glancer) block(indent int, header string) bool {
	if len(header) > 2 || len(header) == 2 && header[1] != '-' && header[1] != '+' {
		return false
	}
	s.folded = true
	inner := -1
	for s.rest != "" {
		line, rest, _ := strings.Cut(s.rest, "\n")
		text := strings.TrimLeft(line, " ")
		n := len(line) - len(text)
		switch {
		case line == "":
		case text == "":
			return false // how many blanks count is for a parser to say
		case inner < 0 && n > indent:
			inner = n
		case inner < 0 || n > indent && n < inner:
			return false
		case n <= indent:
			s.advance()
			return true
		}
		s.rest = rest
	}
	s.advance()
	return inner > 0
}

// keyLength returns the length of a plain key that a line begins with, 0 where
// it begins with anything else.
func keyLength(line string) int {
	n := 0
	for n < len(line) && isWord(line[n]) {
		n++
	}
	if n == 0 || n > 128 || n == len(line) || line[n] != ':' || len(line) > n+1 && line[n+1] != ' ' || len(line) == n+2 {
		return 0
	}
	if c := line[0]; c >= '0' && c <= '9' || c == '-' || reserved(line[:n]) {
		return 0
	}
	return n
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// reserved reports whether a word means something else than itself to some
// program.
func reserved(word string) bool {
	if len(word) > 5 {
		return false
	}
	switch strings.ToLower(word) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// scalarText reads a value that ends with its line.
func scalarText(v string) (string, glanceKind, bool) {
	switch c := v[0]; {
	case c == '"':
		return quotedText(v, `"\`)
	case c == '\'':
		return quotedText(v, `'`)
	case v == "[]" || v == "{}" || v == "true" || v == "false":
		return "", glanceOther, true
	case c >= '0' && c <= '9':
		return digitText(v)
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '(' || c == '_' || c >= utf8.RuneSelf:
		return v, glanceText, plainScalar(v) && !reserved(v)
	}
	return "", 0, false
}

// quotedText reads a value in quotes that holds none of the given characters.
func quotedText(v, special string) (string, glanceKind, bool) {
	end := len(v) - 1
	if end == 0 || v[end] != v[0] || strings.ContainsAny(v[1:end], special) {
		return "", 0, false
	}
	return v[1:end], glanceText, true
}

// plainScalar reports whether nothing within a plain value ends it.
func plainScalar(v string) bool {
	last := v[len(v)-1]
	return last != ' ' && last != ':' && !strings.Contains(v, ": ") && !strings.Contains(v, " #")
}

// digitText reads a plain value that begins with a digit: a whole number, or
// what is a number to no program.
func digitText(v string) (string, glanceKind, bool) {
	digits, other := 0, false
	for i := range len(v) {
		c := v[i]
		if c >= '0' && c <= '9' {
			digits++
		}
		other = other || !(c >= '0' && c <= '9' || strings.IndexByte("abcdefABCDEFxXoOpP_.+-", c) >= 0)
	}
	switch {
	case digits == len(v):
		return "", glanceOther, digits <= maxDigits && (v[0] != '0' || digits == 1)
	case isDate(v) || other:
		return v, glanceText, plainScalar(v)
	}
	return "", 0, false
}

// isDate reports whether a value is written as in 2026-11-20.
func isDate(v string) bool {
	return len(v) == 10 && v[4] == '-' && v[7] == '-' && strings.Trim(v, "0123456789-") == "" && strings.Count(v, "-") == 2
}
