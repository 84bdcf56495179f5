package record

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// crockford is the alphabet of random id suffixes: no I, L, O or U, so that an
// id read aloud or copied by hand comes out right.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var (
	slug  = lazyregexp.New(`^[a-z0-9][a-z0-9-]{0,62}$`)
	dated = lazyregexp.New(`^[A-Z]{2,6}-([0-9]{8})-[0-9A-HJKMNP-TV-Z]{6}$`)
)

// reserved are file names Windows cannot hold, so that a store clones anywhere.
var reserved = lazyregexp.New(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)

// NewID makes the id of a new record of a dated kind: prefix, UTC date and six
// random characters, so that no counter and no network is needed.
func NewID(k *Kind, now time.Time, random io.Reader) (string, error) {
	s, err := Random(random, 6)
	if err != nil {
		return "", err
	}
	return k.Prefix + "-" + now.UTC().Format("20060102") + "-" + s, nil
}

// Random returns n random characters of the Crockford base32 alphabet.
func Random(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	for i := range b {
		b[i] = crockford[b[i]&31] // 256 is a multiple of 32: no character is likelier
	}
	return string(b), nil
}

// plain is what every id is, whatever form a store gives its ids: part of a
// path, of a branch's name and of a command line.
var plain = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// checkPlain refuses ids that git or a file system could not hold.
func checkPlain(id string) error {
	name, _, _ := strings.Cut(strings.ToLower(id), ".")
	switch {
	case !plain.MatchString(id):
		return fmt.Errorf("id %q is not plain: up to 128 of letters, digits, ., _ and -, beginning with a letter or digit", id)
	case strings.Contains(id, "..") || strings.HasSuffix(id, ".") || strings.HasSuffix(id, ".lock"):
		return fmt.Errorf("id %q cannot stand in the name of a branch", id)
	case reserved.MatchString(name):
		return fmt.Errorf("id %q is a device name on Windows, where the store could not be cloned", id)
	}
	return nil
}

// IDText returns the id that a field holds: text, or a whole number.
func IDText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE-") {
			return v.String()
		}
	}
	return ""
}

// CheckID says why id is not one of kind k, nil when it is.
func CheckID(k *Kind, id string) error {
	if k.Form != nil {
		if err := checkPlain(id); err != nil {
			return err
		}
		if !k.Form.MatchString(id) {
			return fmt.Errorf("id %q is not of the form %s", id, k.Form)
		}
		return nil
	}
	if !k.Dated() {
		switch {
		case !slug.MatchString(id):
			return fmt.Errorf("id %q is not a slug: up to 63 of a-z, 0-9 and -, beginning with a letter or digit", id)
		case reserved.MatchString(id):
			return fmt.Errorf("id %q is a device name on Windows, where the store could not be cloned", id)
		}
		return nil
	}
	m := dated.FindStringSubmatch(id)
	if m == nil || !strings.HasPrefix(id, k.Prefix+"-") {
		return fmt.Errorf("id %q is not of the form %s-YYYYMMDD-XXXXXX, with digits and capital letters without I, L, O and U for X", id, k.Prefix)
	}
	if _, err := time.Parse("20060102", m[1]); err != nil {
		return fmt.Errorf("id %q holds no calendar date", id)
	}
	return nil
}

// CheckName says why a file or directory of this name could not be held by
// every file system that a store is cloned to, nil when it can.
func CheckName(name string) error {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch {
	case reserved.MatchString(stem):
		return fmt.Errorf("%q is a device name on Windows, where the store could not be cloned", name)
	case strings.ContainsAny(name, `<>:"|?*\`):
		return fmt.Errorf("%q holds a character that no file name on Windows has, where the store could not be cloned", name)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return fmt.Errorf("%q ends in a period or a blank, which Windows leaves off", name)
	}
	return nil
}

// Slugify makes a slug of any text, "" where nothing of it can stand in one.
func Slugify(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 63 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// dateOf returns the eight digits of a dated id; zeros for anything else, so
// that a wrong id yields a path that no pattern's date matches.
func dateOf(id string) string {
	if m := dated.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	return "00000000"
}
