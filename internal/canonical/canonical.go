// Package canonical owns the one spelling of a JSON text (RFC 8785), in which
// everything that is digested or signed is written.
//
// It may import the standard library and a library of that standard. It is a
// leaf: it knows no record and no statement, and it never changes what a text
// means.
package canonical

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

// Marshal writes a value as canonical JSON.
func Marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Transform(text)
}

// Transform returns a JSON text in canonical form. An audit asks for it with
// every statement, so what records and statements are made of (ASCII keys, short
// whole numbers) is written here in one pass; everything else, refusals
// included, is left to the library.
func Transform(text []byte) ([]byte, error) {
	w := writer{in: text, out: make([]byte, 0, len(text))}
	if w.value(0) && w.atEnd() {
		return w.out, nil
	}
	return jcs.Transform(text)
}

// maxDepth bounds the nesting that is followed here.
const maxDepth = 200

// writer copies a text into its canonical form. Its methods return false where
// they meet what they leave to the library.
type writer struct {
	in, out []byte
	at      int
	members []member // of the objects that are open
	scratch []byte
}

func (w *writer) space() {
	for w.at < len(w.in) && (w.in[w.at] == ' ' || w.in[w.at] == '\n' || w.in[w.at] == '\t' || w.in[w.at] == '\r') {
		w.at++
	}
}

func (w *writer) atEnd() bool {
	w.space()
	return w.at == len(w.in)
}

// next skips space and reports whether c follows, which is then passed over.
func (w *writer) next(c byte) bool {
	w.space()
	if w.at < len(w.in) && w.in[w.at] == c {
		w.at++
		return true
	}
	return false
}

func (w *writer) value(depth int) bool {
	w.space()
	if w.at == len(w.in) || depth > maxDepth {
		return false
	}
	switch c := w.in[w.at]; {
	case c == '{':
		return w.object(depth)
	case c == '[':
		return w.array(depth)
	case c == '"':
		return w.text()
	case c == '-' || (c >= '0' && c <= '9'):
		return w.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(w.in[w.at:], []byte(word)) {
			w.at += len(word)
			w.out = append(w.out, word...)
			return true
		}
	}
	return false
}

func (w *writer) array(depth int) bool {
	w.at++
	w.out = append(w.out, '[')
	for first := true; !w.next(']'); first = false {
		if !first {
			if !w.next(',') {
				return false
			}
			w.out = append(w.out, ',')
		}
		if !w.value(depth + 1) {
			return false
		}
	}
	w.out = append(w.out, ']')
	return true
}

// member is where a member of an object stands in the output: its name between
// quotes, up to name, and all of it, up to end.
type member struct{ start, name, end int }

func (w *writer) object(depth int) bool {
	w.at++
	w.out = append(w.out, '{')
	own := len(w.members)
	for first := true; !w.next('}'); first = false {
		if !first {
			if !w.next(',') {
				return false
			}
			w.out = append(w.out, ',')
		}
		m := member{start: len(w.out)}
		if w.space(); w.at == len(w.in) || w.in[w.at] != '"' || !w.text() {
			return false
		}
		m.name = len(w.out)
		if !plain(w.out[m.start+1:m.name-1]) || !w.next(':') {
			return false
		}
		w.out = append(w.out, ':')
		if !w.value(depth + 1) {
			return false
		}
		m.end = len(w.out)
		w.members = append(w.members, m)
	}
	ok := w.arrange(w.members[own:])
	w.members = w.members[:own]
	w.out = append(w.out, '}')
	return ok
}

// plain reports whether a name sorts by its bytes as the standard has it sort
// by its UTF-16 units, and is spelled in one way only.
func plain(name []byte) bool {
	for _, c := range name {
		if c >= utf8.RuneSelf || c == '\\' {
			return false
		}
	}
	return true
}

// arrange puts the members of an object, which stand at the end of the output
// with commas between them, into order.
func (w *writer) arrange(members []member) bool {
	order := func(a, b member) int { return bytes.Compare(w.out[a.start+1:a.name-1], w.out[b.start+1:b.name-1]) }
	sorted := true
	for i := 1; i < len(members) && sorted; i++ {
		sorted = order(members[i-1], members[i]) < 0
	}
	if sorted {
		return true
	}
	begin := members[0].start
	slices.SortFunc(members, order)
	for i := 1; i < len(members); i++ {
		if order(members[i-1], members[i]) == 0 {
			return false
		}
	}
	w.scratch = append(w.scratch[:0], w.out[begin:]...)
	w.out = w.out[:begin]
	for i, m := range members {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, w.scratch[m.start-begin:m.end-begin]...)
	}
	return true
}

// maxDigits is how many digits a whole number may have to be spelled in one way.
const maxDigits = 15

func (w *writer) number() bool {
	start := w.at
	if w.in[w.at] == '-' {
		w.at++
	}
	digits := w.at
	for w.at < len(w.in) && w.in[w.at] >= '0' && w.in[w.at] <= '9' {
		w.at++
	}
	n := w.at - digits
	switch {
	case n == 0 || n > maxDigits, w.in[digits] == '0' && (n > 1 || digits > start):
		return false
	case w.at < len(w.in) && (w.in[w.at] == '.' || w.in[w.at] == 'e' || w.in[w.at] == 'E'):
		return false
	}
	w.out = append(w.out, w.in[start:w.at]...)
	return true
}

// short are the escapes that the standard spells with a letter.
var short = map[rune]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\'}

func (w *writer) text() bool {
	w.at++
	w.out = append(w.out, '"')
	for from := w.at; w.at < len(w.in); {
		c := w.in[w.at]
		if c >= ' ' && c != '"' && c != '\\' {
			w.at++
			continue
		}
		if c < ' ' || !utf8.Valid(w.in[from:w.at]) {
			return false
		}
		w.out = append(w.out, w.in[from:w.at]...)
		w.at++
		if c == '"' {
			w.out = append(w.out, '"')
			return true
		}
		if !w.escape() {
			return false
		}
		from = w.at
	}
	return false
}

// escape writes what follows a backslash.
func (w *writer) escape() bool {
	if w.at == len(w.in) {
		return false
	}
	switch c := w.in[w.at]; c {
	case 'b', 't', 'n', 'f', 'r', '"', '\\':
		w.at++
		w.out = append(w.out, '\\', c)
		return true
	case 'u':
	default:
		return false
	}
	if len(w.in) < w.at+5 {
		return false
	}
	code, err := strconv.ParseUint(string(w.in[w.at+1:w.at+5]), 16, 16)
	r := rune(code)
	if err != nil || (r >= 0xd800 && r < 0xe000) {
		return false
	}
	w.at += 5
	switch letter, ok := short[r]; {
	case ok:
		w.out = append(w.out, '\\', letter)
	case r < ' ':
		const hex = "0123456789abcdef"
		w.out = append(w.out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	default:
		w.out = utf8.AppendRune(w.out, r)
	}
	return true
}
