package gitrepo

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIndexTree(t *testing.T) {
	r := newRepo(t)
	empty, err := r.IndexTree(t.Context())
	if err != nil || empty != r.format.emptyTree {
		t.Errorf("nothing staged: %s, %v", empty, err)
	}
	file := filepath.Join(r.root, "a.yaml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("staged: 1\n")
	sh(t, r, r.root, "add", "a.yaml")
	put("not staged: 1\n")
	before, err := os.ReadFile(filepath.Join(r.gitDir, "index"))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.IndexTree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, r, r.root, "show", tree+":a.yaml"); got != "staged: 1" && got != "staged: 1\n" {
		t.Errorf("the tree holds %q", got)
	}
	if after, _ := os.ReadFile(filepath.Join(r.gitDir, "index")); string(after) != string(before) {
		t.Error("the index was touched")
	}

	// As in a hook of `git commit PATH`, whose index is another file.
	other := filepath.Join(t.TempDir(), "next-index")
	if err := os.WriteFile(other, before, 0o600); err != nil {
		t.Fatal(err)
	}
	sh(t, r, r.root, "rm", "-q", "--cached", "-f", "a.yaml")
	hook := reopen(t, r, r.root, "GIT_INDEX_FILE="+other)
	if got, err := hook.IndexTree(t.Context()); err != nil || got != tree {
		t.Errorf("in a hook: %s, %v, want %s", got, err, tree)
	}
	if got, err := r.IndexTree(t.Context()); err != nil || got != empty {
		t.Errorf("everything unstaged: %s, %v", got, err)
	}
}
