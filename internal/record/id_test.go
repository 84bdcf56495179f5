package record

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

func kind(tb testing.TB, name string) *Kind {
	tb.Helper()
	k, ok := Builtin().ByName(name)
	if !ok {
		tb.Fatalf("no kind is called %q", name)
	}
	return k
}

// parse reads the fields of a YAML text.
func parse(tb testing.TB, text string) map[string]any {
	tb.Helper()
	doc, findings := yamldoc.Parse("test.yaml", []byte(text))
	if doc == nil || len(findings) > 0 {
		tb.Fatalf("%q cannot be read: %v", text, findings)
	}
	return doc.Value()
}

func TestCheckID(t *testing.T) {
	tests := []struct {
		kind, id, want string // want is what the error says, "" for none
	}{
		{"change", "CHG-20261120-7K3F2M", ""},
		{"change", "CHG-20240229-000000", ""},
		{"change", "CHG-20230229-000000", "no calendar date"},
		{"change", "CHG-20261301-7K3F2M", "no calendar date"},
		{"change", "CHG-20261120-7K3F2", "not of the form CHG-YYYYMMDD-XXXXXX"},
		{"change", "CHG-20261120-7K3F2MM", "not of the form"},
		{"change", "CHG-20261120-7k3f2m", "not of the form"},
		{"change", "CHG-20261120-7K3F2I", "not of the form"}, // I, L, O and U are left out of the alphabet
		{"change", "CHG-20261120-7K3F2U", "not of the form"},
		{"change", "INC-20261120-7K3F2M", "not of the form CHG"},
		{"change", "CHGX-20261120-7K3F2M", "not of the form CHG"},
		{"change", "CHG-20261120-7K3F2M\n", "not of the form"},
		{"change", "checkout", "not of the form"},
		{"change", "", "not of the form"},
		{"incident", "INC-20261120-7K3F2M", ""},
		{"service", "checkout", ""},
		{"service", "0", ""},
		{"service", "db-1", ""},
		{"service", strings.Repeat("a", 63), ""},
		{"service", strings.Repeat("a", 64), "not a slug"},
		{"service", "", "not a slug"},
		{"service", "-a", "not a slug"},
		{"service", "Checkout", "not a slug"},
		{"service", "check_out", "not a slug"},
		{"service", "check/out", "not a slug"},
		{"service", "..", "not a slug"},
		{"service", "a\n", "not a slug"},
		{"service", "ä", "not a slug"},
		{"service", "con", "device name on Windows"},
		{"service", "lpt9", "device name on Windows"},
		{"service", "console", ""},
		{"service", "CHG-20261120-7K3F2M", "not a slug"},
	}
	for _, tt := range tests {
		err := CheckID(kind(t, tt.kind), tt.id)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: error %v, want %q", tt.kind, tt.id, err, tt.want)
		}
	}
}

func TestNewID(t *testing.T) {
	// 30 minutes past midnight in Berlin is yesterday in UTC, where ids live.
	now := time.Date(2026, 11, 21, 0, 30, 0, 0, time.FixedZone("CET", 3600))
	id, err := NewID(kind(t, "change"), now, bytes.NewReader([]byte{0, 31, 32, 63, 255, 10}))
	if err != nil || id != "CHG-20261120-0Z0ZZA" {
		t.Errorf("%q, %v", id, err)
	}
	if err := CheckID(kind(t, "change"), id); err != nil {
		t.Error(err)
	}
	if _, err := NewID(kind(t, "change"), now, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without enough random bytes: %v", err)
	}
}

// Every byte is equally likely to give each character, and no other one.
func TestRandomIsUniform(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	s, err := Random(bytes.NewReader(all), len(all))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		if n := strings.Count(s, string(c)); n != 8 {
			t.Errorf("%c comes %d times of 256, not 8", c, n)
		}
	}
}

func TestSlugify(t *testing.T) {
	for text, want := range map[string]string{
		"Alice Moreau":             "alice-moreau",
		"  --Ops // on call!  ":    "ops-on-call",
		"alice+test@example":       "alice-test-example",
		"Ünïcode":                  "n-code",
		"日本":                       "",
		"":                         "",
		"../../etc/passwd":         "etc-passwd",
		strings.Repeat("a", 100):   strings.Repeat("a", 63),
		strings.Repeat("ab ", 100): strings.Repeat("ab-", 20) + "ab",
	} {
		if got := Slugify(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSlugify(f *testing.F) {
	f.Add("Alice Moreau")
	f.Add(strings.Repeat("é-", 80))
	f.Fuzz(func(t *testing.T, text string) {
		if s := Slugify(text); s != "" && !slug.MatchString(s) {
			t.Errorf("%q becomes %q, which is no slug", text, s)
		}
	})
}

// An id that is accepted is one file name, and finds its record again.
func FuzzCheckID(f *testing.F) {
	for _, id := range []string{"checkout", "CHG-20261120-7K3F2M", "INC-00000000-000000", "con", "a/b", "..", "a\x00b", "CHG-20261120-7K3F2M.yaml"} {
		f.Add(id)
	}
	plain := regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	kinds := Builtin()
	f.Fuzz(func(t *testing.T, id string) {
		for _, k := range kinds.All() {
			if CheckID(k, id) != nil {
				continue
			}
			if !plain.MatchString(id) || len(id) > 63 {
				t.Errorf("%s accepts %q", k.Name, id)
			}
			path := k.PathOf(id)
			got, back, ok := kinds.ByPath(path)
			if !ok || got != k || back != id {
				t.Errorf("%s is kept at %s, which is %v %q", id, path, got, back)
			}
			if of, ok := kinds.OfID(id); ok != k.Dated() || ok && of != k {
				t.Errorf("%s %s: by its prefix it is of %v", k.Name, id, of)
			}
		}
	})
}
