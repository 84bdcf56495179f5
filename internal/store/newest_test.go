package store_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/store"
)

// opened counts what is opened of a file system.
type opened struct {
	fs.FS
	names []string
}

func (o *opened) Open(name string) (fs.File, error) {
	o.names = append(o.names, name)
	return o.FS.Open(name)
}

func TestNewest(t *testing.T) {
	fsys := dates("assets/z.yaml", service("z"), "assets/fra/a.yaml", "broken: [", "assets/.trash/b.yaml", service("b"), "changes/2026/09/CHG-20260901-7K3F2M.yaml", "", "changes/2026/11/notes.yaml", "")
	all := func(string) bool { return true }
	ends := func(end string) func(string) bool { return func(id string) bool { return strings.HasSuffix(id, end) } }
	for _, tt := range []struct {
		kind  string
		limit int
		begin string
		want  func(string) bool
		ids   string
		looks string // directories that are looked into, but for the kind's own
	}{
		{"change", 2, "", all, "CHG-20261121-AB3F2M CHG-20261120-7K3F2M", "2026 2026/11"},
		{"change", 9, "", all, "CHG-20261121-AB3F2M CHG-20261120-7K3F2M CHG-20261020-7K3F2N CHG-20260901-7K3F2M", "2026 2026/11 2026/10 2026/09"},
		{"changes", 1, "", ends("7K3F2N"), "CHG-20261020-7K3F2N", "2026 2026/11 2026/10"},
		{"change", 9, "chg-202610", all, "CHG-20261020-7K3F2N", "2026 2026/10"},
		{"change", 9, "CHG-2025", all, "", ""},
		{"asset", 9, "", all, "a z", "fra"},
		{"asset", 1, "", all, "a", "fra"},
		{"service", 9, "", all, "", ""},
	} {
		o := &opened{FS: fsys}
		s, err := store.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		o.names = nil
		got, err := s.Newest(tt.kind, tt.limit, tt.begin, tt.want)
		if err != nil {
			t.Fatal(err)
		}
		looked := o.names
		var ids, looks []string
		for _, n := range got {
			ids = append(ids, n.ID)
			if rec, _, err := s.At(n.Path); err != nil || rec != nil && rec.ID != n.ID {
				t.Errorf("%s is not at %s: %v", n.ID, n.Path, err)
			}
		}
		for _, name := range looked {
			if _, sub, ok := strings.Cut(name, "/"); ok && !strings.HasSuffix(name, ".yaml") && !slices.Contains(looks, sub) {
				looks = append(looks, sub)
			}
		}
		if diff := cmp.Diff([]string{tt.ids, tt.looks}, []string{strings.Join(ids, " "), strings.Join(looks, " ")}); diff != "" {
			t.Errorf("%s, %d of them: -want +got:\n%s", tt.kind, tt.limit, diff)
		}
	}
	s := open(t, fsys)
	if _, err := s.Newest("chagne", 1, "", all); err == nil {
		t.Error("a kind there is not")
	}
	s = open(t, fstest.MapFS{"gitsm.yaml": fsys["gitsm.yaml"], "teams": {Data: []byte("x")}})
	if _, err := s.Newest("team", 1, "", all); err == nil {
		t.Error("a file where the directory should be")
	}
}

// TestNewestReach: nobody waits until all of a large store is looked through.
func TestNewestReach(t *testing.T) {
	fsys := fstest.MapFS{"gitsm.yaml": {Data: []byte("apiVersion: gitsm/v1\nkind: config\n")}}
	for i := range 30_000 {
		fsys[fmt.Sprintf("changes/2026/11/CHG-20261120-%06d.yaml", i)] = &fstest.MapFile{}
	}
	fsys["changes/2026/10/CHG-20261001-ZZZZZZ.yaml"] = &fstest.MapFile{}
	s := open(t, fsys)
	want := func(id string) bool { return strings.HasSuffix(id, "ZZZZZZ") }
	if got, err := s.Newest("change", 5, "", want); err != nil || len(got) > 0 {
		t.Errorf("behind 30,000 others: %v, %v", got, err)
	}
	if got, err := s.Newest("change", 5, "CHG-202610", want); err != nil || len(got) != 1 {
		t.Errorf("where its month is said: %v, %v", got, err)
	}
}
