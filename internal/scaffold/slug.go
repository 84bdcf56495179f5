package scaffold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/gitsm/gitsm/internal/record"
)

// Slug makes a person's id from their name or, where the name has no letters
// that an id may have, from their address.
func Slug(name, email string) string {
	local, _, _ := strings.Cut(email, "@")
	person, _ := record.Builtin().ByName("person")
	for _, text := range []string{name, local} {
		if s := slug(text); record.CheckID(person, s) == nil {
			return s
		}
	}
	return "founder"
}

// letters that do not decompose into a Latin letter and a mark.
var latin = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "'", "", "’", "")

// slug spells text with what an id may have.
func slug(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(latin.Replace(strings.ToLower(text))) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		case unicode.Is(unicode.Mn, r): // the accent of the letter before
		default:
			gap = true
		}
	}
	s := b.String()
	return strings.TrimRight(s[:min(63, len(s))], "-")
}
