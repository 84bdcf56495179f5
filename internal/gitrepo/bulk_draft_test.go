package gitrepo

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
)

// TestBulkTree holds that a draft reads as what it would be, that the commit
// that takes it is the one the repository itself would write, and that the
// drafts nobody took are not in the pack.
func TestBulkTree(t *testing.T) {
	r := newRepo(t)
	b := NewBulk(t.Context(), r)
	commit := func(spec git.CommitSpec) git.OID {
		t.Helper()
		spec.Message, spec.Author, spec.Committer = "a change", alice, alice
		id, err := b.Commit(spec)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	draft := func(base git.OID, pairs ...string) git.OID {
		t.Helper()
		id, err := b.Tree(base, edits(pairs...))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	base := commit(git.CommitSpec{Files: edits("a/b/c", "1\n", "a/d", "2\n", "e", "3\n")})
	commit(git.CommitSpec{Base: base, Parents: []git.OID{base}, Files: edits("a/b/x", "x\n", "y", "y\n")}) // the drafts' files
	taken, lost := draft(base, "a/b/x", "x\n"), draft(base, "y", "y\n")
	for tree, name := range map[git.OID]string{taken: "a/b/x", lost: "y"} {
		fsys, err := b.FS(tree)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fs.ReadFile(fsys, name); err != nil {
			t.Error(err)
		}
	}
	head := commit(git.CommitSpec{Tree: taken, Parents: []git.OID{base}})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	move(t, r, "refs/heads/main", "", head)
	fsck(t, r)
	if same := write(t, r, base, "a/b/x", "x\n"); same != head {
		t.Errorf("the commit of the draft is %s, and that of the same files %s", head, same)
	}
	if out := sh(t, r, r.root, "cat-file", "--batch-check", "--batch-all-objects", "--unordered"); strings.Contains(out, lost) {
		t.Errorf("the draft %s that nobody took is stored", lost)
	}
	if _, err := b.Tree(base, nil); err == nil {
		t.Error("a closed bulk made a draft")
	}
}

func TestBulkTreeForgets(t *testing.T) {
	r := newRepo(t)
	b := NewBulk(t.Context(), r)
	defer b.Close()
	base, err := b.Commit(git.CommitSpec{Files: edits("a", "1\n"), Message: "a", Author: alice, Committer: alice})
	if err != nil {
		t.Fatal(err)
	}
	last := base
	for range draftLimit + 2 {
		if last, err = b.Tree(base, edits("dir/"+last, "2\n")); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.drafts) > draftLimit+2 { // the last call may add a directory and the tree with it
		t.Errorf("%d drafts are kept", len(b.drafts))
	}
	if _, err := b.FS(last); err != nil {
		t.Errorf("the last draft was forgotten: %v", err)
	}
}

// TestBulkForget holds that what is forgotten is stored all the same, and that
// what later versions share with it stays readable.
func TestBulkForget(t *testing.T) {
	r := newRepo(t)
	b := NewBulk(t.Context(), r)
	head := git.OID("")
	var all []git.OID
	for i := range 3 * chunkLimit {
		spec := git.CommitSpec{Base: head, Files: edits(fmt.Sprintf("many/%03d/x", i), "1\n", "few/a", fmt.Sprint(i)), Message: "a", Author: alice, Committer: alice}
		if head != "" {
			spec.Parents = []git.OID{head}
		}
		next, err := b.Commit(spec)
		if err != nil {
			t.Fatal(err)
		}
		if head != "" {
			b.Forget(head)
		}
		head = next
		all = append(all, head)
	}
	if n := len(b.trees); n > 6*chunkLimit {
		t.Errorf("%d trees are kept of %d commits", n, len(all))
	}
	fsys, err := b.FS(head)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := fs.ReadDir(fsys, "many"); err != nil || len(entries) != 3*chunkLimit {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	move(t, r, "refs/heads/main", "", head)
	fsck(t, r)
	if n := sh(t, r, r.root, "rev-list", "--count", "main"); n != fmt.Sprint(len(all)) {
		t.Errorf("%s commits are stored", n)
	}
}
