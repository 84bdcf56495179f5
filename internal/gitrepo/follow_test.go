package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

// put writes a file of the work tree.
func put(tb testing.TB, dir, path, text string) {
	tb.Helper()
	name := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// What somebody has done in the work tree since the branch was checked out, and
// whether the branch may then move from a, dir/b to a (changed), c (new), with
// dir/b deleted.
func TestFollow(t *testing.T) {
	tests := map[string]struct {
		disturb func(t *testing.T, r *Repo)
		dirty   []string // paths that the refusal names
		status  string   // of git, after a move that was allowed
	}{
		"clean":     {disturb: func(*testing.T, *Repo) {}},
		"touched":   {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "a", "1\n") }},
		"untracked": {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "note", "mine\n") }, status: "?? note"},
		"other file changed": {
			disturb: func(t *testing.T, r *Repo) { put(t, r.root, "other", "mine\n") }, status: " M other",
		},
		"other file staged": {
			disturb: func(t *testing.T, r *Repo) { put(t, r.root, "other", "mine\n"); sh(t, r, r.root, "add", "other") }, status: "M  other",
		},
		"changed": {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "a", "mine\n") }, dirty: []string{"a"}},
		"staged": {
			disturb: func(t *testing.T, r *Repo) { put(t, r.root, "a", "mine\n"); sh(t, r, r.root, "add", "a") }, dirty: []string{"a"},
		},
		"in the way":                     {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "c", "mine\n") }, dirty: []string{"c"}},
		"changed and deleted":            {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "dir/b", "mine\n") }, dirty: []string{"dir/b"}},
		"several":                        {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "a", "x"); put(t, r.root, "c", "x") }, dirty: []string{"a", "c"}},
		"already there":                  {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "a", "2\n"); sh(t, r, r.root, "add", "a") }},
		"an untracked file in the dir":   {disturb: func(t *testing.T, r *Repo) { put(t, r.root, "dir/note", "mine\n") }, status: "?? dir/"},
		"removed but not from the index": {disturb: func(t *testing.T, r *Repo) { _ = os.Remove(filepath.Join(r.root, "dir", "b")) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			one := write(t, r, "", "a", "1\n", "dir/b", "1\n", "other", "1\n")
			move(t, r, "refs/heads/main", "", one)
			move(t, r, "refs/heads/evidence", "", one)
			two := write(t, r, one, "a", "2\n", "dir/b", "-", "c", "2\n")
			tt.disturb(t, r)
			before := sh(t, r, r.root, "status", "--porcelain")
			followed, err := r.MoveRefs(t.Context(), "test", []git.RefUpdate{
				{Name: "refs/heads/main", Old: one, New: two}, {Name: "refs/heads/evidence", Old: one, New: two},
			})
			if tt.dirty != nil {
				var dirty *DirtyError
				if !errors.As(err, &dirty) {
					t.Fatalf("error %v", err)
				}
				if diff := cmp.Diff(tt.dirty, dirty.Paths); diff != "" {
					t.Errorf("paths (-want +got):\n%s", diff)
				}
				if !strings.Contains(err.Error(), r.root) || !strings.Contains(err.Error(), "git stash") {
					t.Errorf("the message is %q", err)
				}
				for _, ref := range []string{"main", "evidence"} {
					if got := sh(t, r, r.root, "rev-parse", ref); got != one {
						t.Errorf("%s has moved", ref)
					}
				}
				if after := sh(t, r, r.root, "status", "--porcelain"); after != before {
					t.Errorf("status was %q, is %q", before, after)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Followed{{"refs/heads/main", r.root}}, followed); diff != "" {
				t.Errorf("followed (-want +got):\n%s", diff)
			}
			if got := sh(t, r, r.root, "status", "--porcelain"); got != tt.status {
				t.Errorf("status is %q, want %q", got, tt.status)
			}
			if a, b, c := content(t, r, "a"), content(t, r, "dir/b"), content(t, r, "c"); a != "2\n" || b != "absent" || c != "2\n" {
				t.Errorf("a %q, dir/b %q, c %q", a, b, c)
			}
		})
	}
}

// The first commit of a repository brings its files, and respects those that
// are there.
func TestFollowUnborn(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	put(t, r.root, "a", "mine\n")
	var dirty *DirtyError
	err := r.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", New: one}})
	if !errors.As(err, &dirty) || !cmp.Equal(dirty.Paths, []string{"a"}) {
		t.Errorf("in the way: %v", err)
	}
	put(t, r.root, "a", "1\n")
	sh(t, r, r.root, "add", "a")
	put(t, r.root, "b", "mine\n")
	move(t, r, "refs/heads/main", "", one)
	if got := sh(t, r, r.root, "status", "--porcelain"); got != "?? b" {
		t.Errorf("status is %q", got)
	}
}

func TestFollowElsewhere(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	move(t, r, "refs/heads/main", "", one)
	linked := filepath.Join(tempDir(t), "linked")
	sh(t, r, r.root, "worktree", "add", "-q", "-b", "side", linked)
	gone := filepath.Join(tempDir(t), "gone")
	sh(t, r, r.root, "worktree", "add", "-q", "-b", "lost", gone)
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	l := reopen(t, r, linked)
	at := func(dir string) string {
		data, err := os.ReadFile(filepath.Join(dir, "a"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data) + sh(t, r, dir, "status", "--porcelain")
	}

	// From either work tree, the one where the branch is checked out follows.
	for _, from := range []*Repo{r, l} {
		for ref, dir := range map[string]string{"refs/heads/main": r.root, "refs/heads/side": linked} {
			followed, err := from.MoveRefs(t.Context(), "test", []git.RefUpdate{{Name: ref, Old: one, New: two}})
			if err != nil {
				t.Fatal(err)
			}
			if len(followed) != 1 || followed[0].Worktree != dir {
				t.Errorf("followed %v, want %s", followed, dir)
			}
			if got := at(dir); got != "2\n" {
				t.Errorf("%s in %s has %q", ref, dir, got)
			}
			if err := from.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: ref, Old: two, New: one}}); err != nil {
				t.Fatal(err)
			}
			if got := at(dir); got != "1\n" {
				t.Errorf("back again %s in %s has %q", ref, dir, got)
			}
		}
	}

	// Uncommitted work there protects it from here.
	put(t, linked, "a", "mine\n")
	var dirty *DirtyError
	err := r.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}, {Name: "refs/heads/side", Old: one, New: two}})
	if !errors.As(err, &dirty) || dirty.Worktree != linked || dirty.Ref != "refs/heads/side" {
		t.Errorf("dirty elsewhere: %v", err)
	}
	if got := at(r.root); got != "1\n" {
		t.Errorf("main's files moved: %q", got)
	}

	// A branch whose work tree was thrown away just moves.
	if followed, err := r.MoveRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/lost", Old: one, New: two}}); err != nil || len(followed) != 0 {
		t.Errorf("lost work tree: %v, %v", followed, err)
	}

	// A branch that is checked out is not deleted under somebody's feet.
	var checkedOut *CheckedOutError
	err = l.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one}})
	if !errors.As(err, &checkedOut) || checkedOut.Worktree != r.root {
		t.Errorf("deleting: %v", err)
	}
	for ref, want := range map[string]bool{"refs/heads/main": true, "refs/heads/side": true, "refs/heads/other": false} {
		for _, from := range []*Repo{r, l} {
			if got, err := from.CheckedOut(t.Context(), ref); got != want || err != nil {
				t.Errorf("%s checked out: %v, %v", ref, got, err)
			}
		}
	}
}

// A branch of a bare repository can be checked out in a linked work tree.
func TestFollowFromBare(t *testing.T) {
	seed := newRepo(t)
	one := write(t, seed, "", "a", "1\n")
	move(t, seed, "refs/heads/main", "", one)
	bare := filepath.Join(tempDir(t), "bare.git")
	sh(t, seed, seed.root, "clone", "-q", "--bare", ".", bare)
	linked := filepath.Join(tempDir(t), "linked")
	sh(t, seed, bare, "worktree", "add", "-q", "-b", "side", linked)
	r := reopen(t, seed, bare)
	two := write(t, r, one, "a", "2\n")
	followed, err := r.MoveRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}, {Name: "refs/heads/side", Old: one, New: two}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Followed{{"refs/heads/side", linked}}, followed); diff != "" {
		t.Errorf("followed (-want +got):\n%s", diff)
	}
	if data, err := os.ReadFile(filepath.Join(linked, "a")); string(data) != "2\n" || err != nil {
		t.Errorf("a is %q, %v", data, err)
	}
}

// Only the branch that is checked out concerns the work tree.
func TestFollowNotConcerned(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	move(t, r, "refs/heads/main", "", one)
	put(t, r.root, "a", "mine\n")
	index := filepath.Join(r.gitDir, "index")
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []git.RefUpdate{
		{Name: "refs/heads/other", New: one}, {Name: "refs/heads/other", Old: one, New: two}, {Name: "refs/heads/main", Old: one, New: one},
		{Name: "refs/remotes/main", New: two}, {Name: "refs/heads/other", Old: two},
	} {
		if followed, err := r.MoveRefs(t.Context(), "test", []git.RefUpdate{u}); err != nil || len(followed) > 0 {
			t.Errorf("%v: %v, %v", u, followed, err)
		}
	}
	// Nor does any branch once HEAD is detached.
	sh(t, r, r.root, "update-ref", "--no-deref", "HEAD", one)
	move(t, r, "refs/heads/main", one, two)
	after, err := os.ReadFile(index)
	if err != nil || string(before) != string(after) {
		t.Errorf("the index was touched (%v)", err)
	}
	if got := content(t, r, "a"); got != "mine\n" {
		t.Errorf("a is %q", got)
	}
}

// When the caller lost the race, files are not the reason, however dirty.
func TestFollowStale(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	three := write(t, r, one, "a", "3\n")
	move(t, r, "refs/heads/main", "", one)
	move(t, r, "refs/heads/main", one, two)
	err := r.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: three}})
	if !errors.Is(err, git.ErrStale) {
		t.Errorf("error %v", err)
	}
	if got := content(t, r, "a"); got != "2\n" {
		t.Errorf("a is %q", got)
	}
}

// Refs that moved are said to have moved, even where the files stayed behind.
func TestFollowFails(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	move(t, r, "refs/heads/main", "", one)
	f, err := r.prepareFollow(t.Context(), []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	put(t, r.root, "a", "mine, just now\n") // between the probe and the move
	done, err := f.follow(t.Context())
	var failed *FollowError
	var moved interface{ RefsMoved() bool }
	if !errors.As(err, &moved) || !moved.RefsMoved() || !errors.As(err, &failed) || len(done) != 0 || !strings.Contains(err.Error(), r.root) {
		t.Errorf("%v, %v", done, err)
	}
	if got := content(t, r, "a"); got != "mine, just now\n" {
		t.Errorf("a is %q", got)
	}
}
