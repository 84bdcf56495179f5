package yamldoc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class says why a character may not stand in a file.
type class int

const (
	allowed   class = iota
	control         // C0, DEL, C1 and the two code points that are none
	lineBreak       // a line break for some programs only
	invisible       // has no width, or turns the direction of the text
)

// hidden are the characters that a reviewer cannot see: those that turn the
// direction of the text, those without width or look, and those that carry
// hidden text. Variation selectors 1 to 16 stay allowed, since emoji need them.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00AD, Hi: 0x00AD, Stride: 1}, // soft hyphen
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x061C, Hi: 0x061C, Stride: 1}, // Arabic letter mark
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // Mongolian separators
		{Lo: 0x200B, Hi: 0x200F, Stride: 1}, // zero-width space and joiners, direction marks
		{Lo: 0x202A, Hi: 0x202E, Stride: 1}, // direction embeddings and overrides
		{Lo: 0x2060, Hi: 0x206F, Stride: 1}, // word joiner, invisible operators, direction isolates
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1}, // byte order mark, zero-width no-break space
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // half-width Hangul filler
		{Lo: 0xFFF9, Hi: 0xFFFB, Stride: 1}, // interlinear annotation
	},
	R32: []unicode.Range32{
		{Lo: 0x1BCA0, Hi: 0x1BCA3, Stride: 1}, // shorthand format controls
		{Lo: 0x1D173, Hi: 0x1D17A, Stride: 1}, // musical format controls
		{Lo: 0xE0000, Hi: 0xE0FFF, Stride: 1}, // tags and further variation selectors
	},
	LatinOffset: 1,
}

// classify says whether r may stand in a file or in a value.
func classify(r rune) class {
	switch {
	case r >= 0x20 && r < 0x7F, r == '\t', r == '\n', r == '\r':
		return allowed
	case r == 0x85, r == 0x2028, r == 0x2029:
		return lineBreak
	case r < 0xA0, r == 0xFFFE, r == 0xFFFF:
		return control
	case unicode.Is(hidden, r):
		return invisible
	}
	return allowed
}

// forbidden returns the first character of s that may not stand in a value.
func forbidden(s string) (rune, bool) {
	for _, r := range s {
		if classify(r) != allowed {
			return r, true
		}
	}
	return 0, false
}

// addCharacter records a refused character, raw or as an escape. count is how
// many of the class stand there in a row.
func (p *parse) addCharacter(at span, r rune, how string, count int) {
	name := fmt.Sprintf("U+%04X", r)
	if count > 1 {
		name = fmt.Sprintf("%s and %d more in a row", name, count-1)
	}
	switch classify(r) {
	case control:
		p.add("YML011", at, "control character "+name+how,
			"it changes what a terminal or a log shows, and most programs refuse or drop it",
			"remove it")
	case lineBreak:
		p.add("YML012", at, "line break "+name+how+" that only some programs know",
			"a reader and a program would see different lines",
			"end lines with a line feed, or with carriage return and line feed")
	default:
		p.add("YML013", at, "invisible character "+name+how,
			"it shows a reviewer another text than the one that programs read",
			"remove it")
	}
}

// checkCharacters refuses what may not stand in a file. Refused characters are
// then masked by ordinary ones of the same length, so that the rest of the
// file can be judged and every position stays true.
func (p *parse) checkCharacters() {
	src := p.text.src
	var masked []byte
	for i := p.text.starts[0]; i < len(src); {
		if c := src[i]; c >= 0x20 && c < 0x7F || c == '\n' || c == '\t' {
			i++
			continue
		}
		end, count := i, 0
		r, kind := badRune(src[i:])
		for end < len(src) && kind != good {
			next, k := badRune(src[end:])
			if k != kind || kind == refused && classify(next) != classify(r) {
				break
			}
			end += runeLen(src[end:])
			count++
		}
		if kind == good {
			i += runeLen(src[i:])
			continue
		}
		p.addBad(span{i, end}, r, kind, count)
		if masked == nil {
			masked = []byte(src)
		}
		mask(masked[i:end])
		i = end
	}
	if masked != nil {
		p.replace(string(masked))
	}
}

// badness says what is wrong with the start of a text.
type badness int

const (
	good badness = iota
	refused
	broken // not UTF-8
	alone  // a carriage return without a line feed
)

// badRune judges the first character of s.
func badRune(s string) (rune, badness) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size < 2:
		return r, broken
	case r == '\r' && !strings.HasPrefix(s, "\r\n"):
		return r, alone
	case classify(r) != allowed:
		return r, refused
	}
	return r, good
}

func runeLen(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

func (p *parse) addBad(at span, r rune, kind badness, count int) {
	switch kind {
	case broken:
		p.add("YML003", at, fmt.Sprintf("byte 0x%02X is not UTF-8", p.text.src[at.start]),
			"two programs would read two different texts",
			"save the file as UTF-8")
	case alone:
		p.add("YML012", at, "carriage return without a line feed",
			"a reader and a program would see different lines",
			"end lines with a line feed, or with carriage return and line feed")
	default:
		p.addCharacter(at, r, "", count)
	}
	p.oddBreaks = p.oddBreaks || kind == alone || classify(r) == lineBreak
}

// replace puts another text of the same length in the place of the source.
func (p *parse) replace(src string) { p.text.src, p.masked = src, true }

// mask replaces every character of b by one of the same length that means
// nothing to YAML.
func mask(b []byte) {
	for len(b) > 0 {
		_, size := utf8.DecodeRune(b)
		copy(b, [...]string{"", "x", "\u00BF", "\uFFFD", "\U0001F6AB"}[size])
		b = b[size:]
	}
}
