package yamldoc

import (
	"strconv"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// escapes judges what the escapes of a scalar stand for: what may not stand in
// a file may not hide behind an escape either.
func (c *nodeCheck) escapes(n *yaml.Node) {
	r, bad := forbidden(n.Value)
	if !bad {
		return
	}
	at, src, found := c.at(n), c.text.src, false
	for i := at.start; i < at.end && n.Style&yaml.DoubleQuotedStyle != 0; i++ {
		if src[i] != '\\' {
			continue
		}
		r, size := unescape(src[i:at.end])
		if classify(r) != allowed {
			c.addCharacter(span{i, i + size}, r, " behind the escape "+src[i:i+size], 1)
			found = true
		}
		i += size - 1
	}
	if !found {
		c.addCharacter(at, r, "", 1)
	}
}

// escaped are the escapes of one letter that stand for a character which may
// not stand in a file.
var escaped = map[byte]rune{
	'0': 0, 'a': '\a', 'b': '\b', 'v': '\v', 'f': '\f', 'e': 0x1B, 'N': 0x85, 'L': 0x2028, 'P': 0x2029,
}

// unescape returns the character that the escape at the start of s stands for,
// a space where it is a harmless one, and the length of the escape.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return ' ', len(s)
	}
	if r, ok := escaped[s[1]]; ok {
		return r, 2
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]; digits > 0 && len(s) >= 2+digits {
		if v, err := strconv.ParseUint(s[2:2+digits], 16, 32); err == nil && v <= utf8.MaxRune {
			return rune(v), 2 + digits
		}
	}
	return ' ', 2
}
