package record

import (
	"io/fs"
	"strings"
	"testing"
	"time"
)

func TestParsePatternRefuses(t *testing.T) {
	for _, s := range []string{
		"", ".", "notes", "notes/", "notes/x.yaml", "notes/{id}{id}.yaml", "{id}/{id}.yaml", "notes/{ID}.yaml", "notes/*{id}.yaml", "notes/{id}.{yyyy}.yaml",
		"/notes/{id}.yaml", "notes//{id}.yaml", "./{id}.yaml", "../{id}.yaml", "a/../{id}.yaml", "a/./{id}.yaml", `a\b/{id}.yaml`,
		"a**/{id}.yaml", "***/{id}.yaml", "{dd}/{id}.yaml", "{yyyy}{mm}/{id}.yaml", "x{yyyy}/{id}.yaml", "{id}/**", "{id}/{mm}", "**/x.yaml",
	} {
		if p, err := parsePattern(s, false); err == nil {
			t.Errorf("%q is accepted as %+v", s, p)
		}
	}
	for _, s := range []string{"", "notes/", "{id}/{id}.yaml", "../x.yaml", "a/***/x.yaml"} {
		if p, err := parsePattern(s, true); err == nil {
			t.Errorf("%q is accepted as %+v, with the id in a field", s, p)
		}
	}
}

func TestPatternFill(t *testing.T) {
	for _, tt := range []struct{ pattern, id, want string }{
		{"changes/{yyyy}/{mm}/{id}.yaml", "CHG-20261120-7K3F2M", "changes/2026/11/CHG-20261120-7K3F2M.yaml"},
		{"changes/{yyyy}/{mm}/{id}.yaml", "not-dated", "changes/0000/00/not-dated.yaml"},
		{"services/{id}.yaml", "checkout", "services/checkout.yaml"},
		{"assets/**/{id}.yaml", "db-1", "assets/db-1.yaml"},
		{"a/*/b/{id}.yaml", "x", "a/b/x.yaml"},
		{"adr-{id}.md", "x", "adr-x.md"},
		{"{id}", "x", "x"},
		{"keps/{id}/kep.yaml", "x", "keps/x/kep.yaml"},
		{"docs/adr/*.md", "0001-x", "docs/adr/0001-x.md"},
	} {
		p, err := parsePattern(tt.pattern, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.fill(tt.id); got != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.pattern, tt.id, got, tt.want)
		}
	}
}

func TestPatternMatch(t *testing.T) {
	for _, tt := range []struct{ pattern, path, id string }{ // id is "" for no match
		{"services/{id}.yaml", "services/checkout.yaml", "checkout"},
		{"services/{id}.yaml", "services/checkout.yml", ""},
		{"services/{id}.yaml", "services/.yaml", ""},
		{"services/{id}.yaml", "services/a/checkout.yaml", ""},
		{"services/{id}.yaml", "checkout.yaml", ""},
		{"services/{id}.yaml", "/services/checkout.yaml", ""},
		{"services/{id}.yaml", "services//checkout.yaml", ""},
		{"services/{id}.yaml", "./services/checkout.yaml", ""},
		{"services/{id}.yaml", "Services/checkout.yaml", ""},
		{"services/{id}.yaml", "services/checkout.yaml/x", ""},
		{"services/{id}.yaml", "services/a.yaml.yaml", "a.yaml"},
		{"adr-{id}.md", "adr-.md", ""},
		{"adr-{id}.md", "adr-1.md", "1"},
		{"aa{id}aa", "aaa", ""}, // before and after may not overlap
		{"aa{id}aa", "aaxaa", "x"},
		{"changes/{yyyy}/{mm}/{id}.yaml", "changes/2026/11/x.yaml", "x"},
		{"changes/{yyyy}/{mm}/{id}.yaml", "changes/2026/1/x.yaml", ""},
		{"changes/{yyyy}/{mm}/{id}.yaml", "changes/20266/11/x.yaml", ""},
		{"changes/{yyyy}/{mm}/{id}.yaml", "changes/２０２６/11/x.yaml", ""},
		{"changes/{yyyy}/{mm}/{id}.yaml", "changes/2026/11/12/x.yaml", ""},
		{"assets/*/{id}.yaml", "assets/fra/x.yaml", "x"},
		{"assets/*/{id}.yaml", "assets/x.yaml", ""},
		{"assets/*/{id}.yaml", "assets/fra/a/x.yaml", ""},
		{"assets/*/{id}.yaml", "assets/../x.yaml", ""},
		{"assets/*/{id}.yaml", "assets/.git/x.yaml", ""},
		{"assets/**/{id}.yaml", "assets/x.yaml", "x"},
		{"assets/**/{id}.yaml", "assets/fra/rack-1/x.yaml", "x"},
		{"assets/**/{id}.yaml", "assets/../services/x.yaml", ""},
		{"assets/**/{id}.yaml", "assets/./x.yaml", ""},
		{"assets/**/{id}.yaml", "assets//x.yaml", ""},
		{"assets/**/{id}.yaml", "assets/.trash/x.yaml", ""}, // what no list shows no id finds
		{"assets/**/{id}.yaml", "assets/fra/.trash/x.yaml", ""},
		{"assets/**/{id}.yaml", "x/assets/y.yaml", ""},
		{"**/db/{id}.yaml", "db/x.yaml", "x"},
		{"**/db/{id}.yaml", "a/db/db/x.yaml", "x"},
		{"**/db/{id}.yaml", "a/db/c/x.yaml", ""},
		{"**/a/**/b/{id}.yaml", "a/a/x/b/b/y.yaml", "y"},
		{"**/a/**/b/{id}.yaml", "b/a/x/y.yaml", ""},
		{"{id}.yaml", "x.yaml", "x"},
		{"{id}.yaml", "", ""},
		{"docs/adr/*.md", "docs/adr/0001-x.md", "0001-x"},
		{"docs/adr/*.md", "docs/adr/.md", ""},
		{"keps/**/{id}/kep.yaml", "keps/sig-a/12-x/kep.yaml", "12-x"},
		{"keps/**/{id}/kep.yaml", "keps/12-x/kep.yaml", "12-x"},
		{"keps/**/{id}/kep.yaml", "keps/sig-a/kep.yaml/x", ""},
		{"keps/**/{id}/kep.yaml", "keps/kep.yaml", ""},
		{"keps/**/{id}/kep.yaml", "keps/.x/kep.yaml", ""},
		{"**/{id}/b/x.yaml", "a/c/b/b/x.yaml", "b"}, // the last of the ways to read it
		{"sig-*/{id}.yaml", "sig-node/x.yaml", "x"},
		{"sig-*/{id}.yaml", "sig-/x.yaml", ""},
		{"{id}.d/*.yaml", "x.d/any.yaml", "x"},
	} {
		p, err := parsePattern(tt.pattern, false)
		if err != nil {
			t.Fatal(err)
		}
		id, ok := p.match(tt.path)
		if id != tt.id || ok != (tt.id != "") {
			t.Errorf("%s at %q: %q, %v; want %q", tt.pattern, tt.path, id, ok, tt.id)
		}
	}
}

// A proposal may declare kinds, so its patterns are a stranger's.
func TestPatternMatchTakesNoTime(t *testing.T) {
	p, err := parsePattern(strings.Repeat("**/a/", 30)+"{id}.yaml", false)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool, 1)
	go func() {
		_, ok := p.match(strings.Repeat("a/", 28) + "b/" + strings.Repeat("a/", 28) + "b/x.yaml")
		done <- ok
	}()
	select {
	case ok := <-done:
		if ok {
			t.Error("a pattern that ends in a matches a path that ends in b")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("matching takes for ever")
	}
}

func TestPatternRootAndOpen(t *testing.T) {
	for s, want := range map[string]struct {
		root string
		open bool
	}{
		"changes/{yyyy}/{mm}/{id}.yaml": {"changes", false},
		"assets/**/{id}.yaml":           {"assets", true},
		"a/b/{id}.yaml":                 {"a/b", false},
		"*/a/{id}.yaml":                 {".", true},
		"{id}.yaml":                     {".", false},
	} {
		p, err := parsePattern(s, false)
		if err != nil {
			t.Fatal(err)
		}
		if p.root() != want.root || p.fixed() == want.open {
			t.Errorf("%s: %s, %v; want %+v", s, p.root(), !p.fixed(), want)
		}
	}
}

// The id may be a field's business, and then the path need not say it.
func TestPatternByField(t *testing.T) {
	p, err := parsePattern("keps/**/kep.yaml", true)
	if err != nil || p.named() || p.root() != "keps" {
		t.Fatalf("%+v, %v", p, err)
	}
	for path, want := range map[string]bool{"keps/kep.yaml": true, "keps/sig/1-x/kep.yaml": true, "keps/sig/README.yaml": false, "keps/.x/kep.yaml": false} {
		if id, ok := p.match(path); id != "" || ok != want {
			t.Errorf("%s: %q, %v", path, id, ok)
		}
	}
}

// naive says what a pattern means, without a thought of time.
func naive(pat pattern, segs []string) bool {
	if len(pat) == 0 || len(segs) == 0 {
		return len(pat) == 0 && len(segs) == 0
	}
	if pat[0].hole == "**" {
		return naive(pat[1:], segs) || len(segs) > 1 && visible(segs[0]) && naive(pat, segs[1:])
	}
	_, ok := pat[0].match(segs[0], len(segs) == 1)
	return ok && naive(pat[1:], segs[1:])
}

// Whatever is accepted as a pattern stays inside the store, finds what it
// files, and matches what its definition says.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{
		"changes/{yyyy}/{mm}/{id}.yaml", "assets/**/{id}.yaml", "a/*/b/{id}.yaml", "**/a/**/b/{id}.yaml", "**/.h/a/**/{id}", "{id}", "../{id}", "a//{id}",
		"**/*/**/a/{id}.yaml",
	} {
		f.Add(s, "CHG-20261120-7K3F2M", "a/.h/a/b/a/x.yaml")
		f.Add(s, "db-1", "changes/2026/11/x.yaml")
	}
	f.Add("sig-*/{id}.d/x*.md", "db-1", "sig-a/b.d/xy.md")
	f.Add("**/{id}/**/b/x.yaml", "db-1", "a/c/b/b/x.yaml")
	f.Fuzz(func(t *testing.T, s, id, path string) {
		for _, byField := range []bool{false, true} {
			fuzzPattern(t, s, id, path, byField)
		}
	})
}

func fuzzPattern(t *testing.T, s, id, path string, byField bool) {
	p, err := parsePattern(s, byField)
	if err != nil || len(p) > 12 || strings.Count(path, "/") > 12 {
		return
	}
	got, ok := p.match(path)
	if want := naive(p, strings.Split(path, "/")); ok != want {
		t.Errorf("%q at %q: %v, want %v", s, path, ok, want)
	}
	if ok && (got == "" == p.named() || strings.Contains(got, "/")) {
		t.Errorf("%q at %q is the id %q", s, path, got)
	}
	if !slug.MatchString(id) && !dated.MatchString(id) {
		return
	}
	at := p.fill(id)
	if !fs.ValidPath(at) {
		t.Errorf("%q files %s at %q", s, id, at)
	}
	if !p.fixed() && p.holds("*") || !p.named() || p.holds("**") && !p[len(p)-1].holdsID() {
		return // its directory is the user's to choose
	}
	if got, ok := p.match(at); !ok || got != id {
		t.Errorf("%q files %s at %q, where it is %q, %v", s, id, at, got, ok)
	}
}

func (s segment) holdsID() bool { return s.hole == "{id}" }
