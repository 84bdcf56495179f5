package record

import (
	"io/fs"
	"strings"
	"testing"
	"time"
)

func TestParsePatternRefuses(t *testing.T) {
	for _, s := range []string{
		"", "notes", "notes/", "notes/x.yaml", "{id}/x.yaml", "notes/{id}{id}.yaml", "notes/{ID}.yaml", "notes/*{id}.yaml", "notes/{id}.{yyyy}.yaml",
		"/notes/{id}.yaml", "notes//{id}.yaml", "./{id}.yaml", "../{id}.yaml", "a/../{id}.yaml", "a/./{id}.yaml", `a\b/{id}.yaml`,
		"a*/{id}.yaml", "***/{id}.yaml", "{dd}/{id}.yaml", "{yyyy}{mm}/{id}.yaml", "{id}",
	} {
		p, err := parsePattern(s)
		if s == "{id}" {
			if err != nil {
				t.Errorf("%s: %v", s, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q is accepted as %+v", s, p)
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
	} {
		p, err := parsePattern(tt.pattern)
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
	} {
		p, err := parsePattern(tt.pattern)
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
	p, err := parsePattern(strings.Repeat("**/a/", 30) + "{id}.yaml")
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
		p, err := parsePattern(s)
		if err != nil {
			t.Fatal(err)
		}
		if p.root() != want.root || p.open() != want.open {
			t.Errorf("%s: %s, %v; want %+v", s, p.root(), p.open(), want)
		}
	}
}

// naive says what a list of segments means, without a thought of time.
func naive(pat, dirs []string) bool {
	if len(pat) == 0 {
		return len(dirs) == 0
	}
	if pat[0] == "**" {
		return naive(pat[1:], dirs) || len(dirs) > 0 && visible(dirs[0]) && naive(pat, dirs[1:])
	}
	return len(dirs) > 0 && matchDir(pat[0], dirs[0]) && naive(pat[1:], dirs[1:])
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
	f.Fuzz(func(t *testing.T, s, id, path string) {
		p, err := parsePattern(s)
		if err != nil || len(p.dirs) > 12 || strings.Count(path, "/") > 12 {
			return
		}
		segs := strings.Split(path, "/")
		if got, want := matchDirs(p.dirs, segs[:len(segs)-1]), naive(p.dirs, segs[:len(segs)-1]); got != want {
			t.Errorf("%q at %q: %v, want %v", s, path, got, want)
		}
		if got, ok := p.match(path); ok && (got == "" || strings.Contains(got, "/")) {
			t.Errorf("%q at %q is the id %q", s, path, got)
		}
		if !slug.MatchString(id) && !dated.MatchString(id) {
			return
		}
		at := p.fill(id)
		if !fs.ValidPath(at) {
			t.Errorf("%q files %s at %q", s, id, at)
		}
		for _, d := range p.dirs {
			if d == "*" {
				return // its directory is the user's to choose
			}
		}
		if got, ok := p.match(at); !ok || got != id {
			t.Errorf("%q files %s at %q, where it is %q, %v", s, id, at, got, ok)
		}
	})
}
