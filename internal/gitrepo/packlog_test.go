package gitrepo

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gitsm/gitsm/internal/git"
)

// oddCommits stores commits whose heads and messages git reads in its own way,
// each on top of the one before it, and returns the last.
func oddCommits(t *testing.T, r *Repo, parent git.OID) git.OID {
	t.Helper()
	latin := "Andr\xe9 <a@example.org>"
	for i, head := range []string{
		"author A <a@b> 1700000000 +0530\ncommitter C <c@d> 1700000001 -0930\n\nbody\n",
		"author A <a@b> 1700000000 -0000\ncommitter C <c@d> 1700000001 +0000\n\n\n\n  two blank lines first\n\n\n",
		"author   A  B \t <a@b> 1700000000 +0000\ncommitter <c@d> 1700000001 +0100\n\nno line break at the end",
		"author A <a <b> c> 1700000000 +0000\ncommitter C < c@d > 1700000001 +0000\n\nodd addresses\n",
		"author A <a@b>\ncommitter C <c@d> soon\n\nno dates\n",
		"author A <a@b> 1700000000\ncommitter C <c@d> 1700000001 0000\n\nno zones\n",
		"author A <a@b> 99999999999999999999 +0000\ncommitter C <c@d> 1700000001 +00000000530\n\ntoo late\n",
		"author A a@b 1700000000 +0000\ncommitter C <c@d 1700000001 +0000\n\nno addresses\n",
		"author A <a@b> 1700000000 +0000\nauthor B <b@b> 1700000002 +0000\ncommitter C <c@d> 1700000001 +0000\ncommitter D <d@d> 1700000003 +0000\n\ntwice\n",
		"author A <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000001 +0000\nencoding UTF8\ngpgsig -----BEGIN\n author X <x@y> 1 +0000\n -----END\n\nsigned\n",
		"author " + latin + " 1700000000 +0000\ncommitter " + latin + " 1700000001 +0000\nencoding ISO-8859-1\n\nAndr\xe9 was here\n",
		"author " + latin + " 1700000000 +0000\ncommitter " + latin + " 1700000001 +0000\n\nAndr\xe9 did not say how\n",
		"author A <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000001 +0000\n\n",
		"author A <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000001 +0000\n\ncut\x00off\n",
	} {
		tree := sh(t, r, r.root, "rev-parse", parent+"^{tree}")
		raw := fmt.Sprintf("tree %s\nparent %s\n%s", tree, parent, head)
		id, err := storeRaw(r, "commit", []byte(raw))
		if err != nil {
			t.Fatal(i, err)
		}
		parent = id
	}
	return parent
}

func storeRaw(r *Repo, kind string, data []byte) (git.OID, error) {
	id := r.format.id(kind, data)
	return id, storeLoose(r.objectDir, looseObject{id, kind, data})
}

func entries(t *testing.T, walk func(func(*git.LogEntry, error) bool) error) []git.LogEntry {
	t.Helper()
	var out []git.LogEntry
	if err := walk(func(e *git.LogEntry, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *e)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// What packs say and what git says is the same, to the last field.
func TestLogFromPacks(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n", "dir/b", "1\n")
	side := write(t, r, base, "dir/c", "2\n")
	top := write(t, r, base, "dir/b", "2\n", "a", "-")
	both := merge(t, r, "merge", top, side)
	head := write(t, r, oddCommits(t, r, both), "dir/d/e", "1\n")
	for _, layout := range []string{"loose", "packed", "side by side"} {
		if layout == "packed" {
			sh(t, r, r.root, "update-ref", "refs/heads/main", head)
			sh(t, r, r.root, "update-ref", "refs/heads/side", side)
			sh(t, r, r.root, "repack", "-adfq")
		}
		for _, opts := range []git.LogOptions{
			{From: []git.OID{head}}, {From: []git.OID{head}, Reverse: true}, {From: []git.OID{head}, FirstParent: true},
			{From: []git.OID{head}, FirstParent: true, Reverse: true}, {From: []git.OID{side, head, top}}, {From: []git.OID{side}},
		} {
			fresh, err := Open(t.Context(), r.root, r.environ)
			if err != nil {
				t.Fatal(err)
			}
			if layout == "side by side" {
				fresh.readAlone = 1
			}
			got := entries(t, func(yield func(*git.LogEntry, error) bool) error {
				_, done, err := fresh.packLog(t.Context(), opts, yield)
				if !done && err == nil {
					t.Error("git was asked")
				}
				return err
			})
			want := entries(t, func(yield func(*git.LogEntry, error) bool) error { return r.gitLog(t.Context(), opts, yield) })
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %+v (-git +packs):\n%s", layout, opts, diff)
			}
			if err := fresh.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A commit that is not there ends the log with an error, after those that are.
func TestLogWithoutAParent(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	three := write(t, r, two, "a", "3\n")
	sh(t, r, r.root, "prune-packed")
	if out, err := exec.Command("rm", "-f", filepath.Join(r.objectDir, one[:2], one[2:])).CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	var failed error
	for _, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{three}}) {
		failed = err
	}
	if failed == nil || !strings.Contains(failed.Error(), one) {
		t.Errorf("a history without its beginning ended with %v", failed)
	}
}

// Whoever has seen enough, or is interrupted, ends the walk; the repository can
// be closed while another walk is under way.
func TestPackLogStops(t *testing.T) {
	r := newRepo(t)
	head := write(t, r, "", "a", "0\n")
	for i := range 6 * leastBatch {
		id, err := r.WriteCommit(t.Context(), git.CommitSpec{Base: head, Parents: []git.OID{head}, Message: fmt.Sprint(i), Author: alice, Committer: alice, Files: []git.FileEdit{{Path: "a", Content: fmt.Append(nil, i)}}})
		if err != nil {
			t.Fatal(err)
		}
		head = id
	}
	n := 0
	for _, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{head}}) {
		if n++; n == 3 || err != nil {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failed error
	for _, err := range r.Log(ctx, git.LogOptions{From: []git.OID{head}}) {
		if n++; n == 5 {
			cancel()
		}
		failed = err
	}
	if failed == nil || n >= 6*leastBatch {
		t.Errorf("an interrupted walk went on to %d: %v", n, failed)
	}
	n = 0
	for _, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{head}}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if n != 6*leastBatch+1 {
		t.Errorf("a walk that was under way ended after %d", n)
	}
}
