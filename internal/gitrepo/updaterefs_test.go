package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestUpdateRefs(t *testing.T) {
	const main, evidence, proposal, absent = "refs/heads/main", "refs/heads/gitsm-evidence", "refs/heads/gitsm/x/new-1", "refs/heads/gitsm/x/new-2"
	r := newRepo(t)
	sh(t, r, r.root, "symbolic-ref", "HEAD", "refs/heads/elsewhere")
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	gone := strings.Repeat("1", 40)
	before := []git.Ref{{Name: evidence, OID: one}, {Name: proposal, OID: two}, {Name: main, OID: one}}
	tests := map[string]struct {
		updates []git.RefUpdate
		stale   string // ErrStale, naming this
		want    string // any other error
		after   []git.Ref
	}{
		"land": {
			updates: []git.RefUpdate{{Name: main, Old: one, New: two}, {Name: evidence, Old: one, New: two}, {Name: proposal, Old: two}},
			after:   []git.Ref{{Name: evidence, OID: two}, {Name: main, OID: two}},
		},
		"create":  {updates: []git.RefUpdate{{Name: absent, New: two}}, after: append([]git.Ref{before[0], before[1], {Name: absent, OID: two}}, before[2])},
		"nothing": {after: before},
		"hold":    {updates: []git.RefUpdate{{Name: main, Old: one, New: one}, {Name: proposal, Old: two}}, after: []git.Ref{before[0], before[2]}},
		"hold absent": {
			updates: []git.RefUpdate{{Name: absent}, {Name: main, Old: one, New: two}},
			after:   []git.Ref{before[0], before[1], {Name: main, OID: two}},
		},

		"main moved":     {updates: []git.RefUpdate{{Name: main, Old: two, New: one}, {Name: proposal, Old: two}}, stale: main},
		"evidence moved": {updates: []git.RefUpdate{{Name: main, Old: one, New: two}, {Name: evidence, Old: two, New: one}}, stale: evidence},
		"held one moved": {updates: []git.RefUpdate{{Name: main, Old: one, New: two}, {Name: evidence, Old: two, New: two}}, stale: evidence},
		"exists":         {updates: []git.RefUpdate{{Name: proposal, New: one}}, stale: proposal},
		"held absent":    {updates: []git.RefUpdate{{Name: proposal}, {Name: main, Old: one, New: two}}, stale: proposal},
		"gone":           {updates: []git.RefUpdate{{Name: absent, Old: one, New: two}}, stale: absent},
		"deleted":        {updates: []git.RefUpdate{{Name: absent, Old: one}}, stale: absent},

		"missing commit": {updates: []git.RefUpdate{{Name: main, Old: one, New: gone}}, want: "nonexistent object"},
		"a tree":         {updates: []git.RefUpdate{{Name: main, Old: one, New: sh(t, r, r.root, "rev-parse", one+"^{tree}")}}, want: "non-commit object"},
		"below another":  {updates: []git.RefUpdate{{Name: main + "/x", New: one}}, want: "exists"},
		"twice":          {updates: []git.RefUpdate{{Name: main, Old: one, New: two}, {Name: main, Old: one, New: two}}, want: "twice"},
		"short name":     {updates: []git.RefUpdate{{Name: "main", Old: one, New: two}}, want: "full ref name"},
		"bad name":       {updates: []git.RefUpdate{{Name: "refs/heads/a..b", New: two}}, want: "not a valid ref name"},
		"two lines":      {updates: []git.RefUpdate{{Name: "refs/heads/a\nb", New: two}}, want: "not a valid ref name"},
		"bad id":         {updates: []git.RefUpdate{{Name: main, Old: one, New: "HEAD"}}, want: "full sha1 object id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, ref := range []string{main, evidence, proposal, absent} {
				sh(t, r, r.root, "update-ref", "-d", ref)
			}
			for _, ref := range before {
				sh(t, r, r.root, "update-ref", ref.Name, ref.OID)
			}
			err := r.UpdateRefs(t.Context(), "landing\nCHG-1", tt.updates)
			switch {
			case tt.stale != "":
				if !errors.Is(err, git.ErrStale) || !strings.Contains(err.Error(), tt.stale) {
					t.Errorf("error %v, want stale %s", err, tt.stale)
				}
			case tt.want != "":
				if err == nil || errors.Is(err, git.ErrStale) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
			case err != nil:
				t.Error(err)
			}
			if err != nil {
				tt.after = before
			}
			after, err := r.Refs(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, after); diff != "" {
				t.Errorf("refs (-want +got):\n%s", diff)
			}
		})
	}
	if err := r.UpdateRefs(t.Context(), "landing\nCHG-1", []git.RefUpdate{{Name: "refs/heads/log", New: two}}); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, r, r.root, "reflog", "-1", "--format=%gs", "log"); got != "landing CHG-1" {
		t.Errorf("the reflog says %q", got)
	}
}

// Everybody adds to one branch. Each write is seen by the next, whoever loses
// tries again on the new head, and nothing is lost.
func TestUpdateRefsConcurrently(t *testing.T) {
	for place, writers := range map[string]int{"bare": 50, "checked out": 15} {
		t.Run(place, func(t *testing.T) {
			seed := newRepo(t)
			first := write(t, seed, "", "seed", "0\n")
			move(t, seed, "refs/heads/main", "", first)
			r := seed
			if place == "bare" {
				dir := filepath.Join(tempDir(t), "bare.git")
				sh(t, seed, seed.root, "clone", "-q", "--bare", ".", dir)
				r = reopen(t, seed, dir)
			}
			var lost atomic.Int64
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					mine := reopen(t, seed, r.workDir())
					for {
						err := addTo(t.Context(), mine, "refs/heads/main", fmt.Sprintf("records/%d", i))
						if errors.Is(err, git.ErrStale) {
							lost.Add(1)
							continue
						}
						if err != nil {
							t.Error(err)
						}
						return
					}
				})
			}
			wg.Wait()
			t.Logf("%d writers, %d lost races", writers, lost.Load())
			if got := len(strings.Fields(sh(t, r, r.workDir(), "ls-tree", "-r", "--name-only", "main", "records/"))); got != writers {
				t.Errorf("%d files of %d survived", got, writers)
			}
			if got := sh(t, r, r.workDir(), "rev-list", "--count", "main"); got != fmt.Sprint(writers+1) {
				t.Errorf("%s commits", got)
			}
			if place == "checked out" {
				if out := sh(t, r, r.root, "status", "--porcelain"); out != "" {
					t.Errorf("the work tree did not follow:\n%s", out)
				}
			}
			fsck(t, r)
		})
	}
}

// addTo adds one file to a branch.
func addTo(ctx context.Context, r *Repo, ref, path string) error {
	head, err := r.Ref(ctx, ref)
	if err != nil {
		return err
	}
	id, err := r.WriteCommit(ctx, git.CommitSpec{Base: head, Files: edits(path, path), Parents: []git.OID{head}, Message: path, Author: alice, Committer: alice})
	if err != nil {
		return err
	}
	return r.UpdateRefs(ctx, "test", []git.RefUpdate{{Name: ref, Old: head, New: id}})
}

// A lock that somebody holds is waited for; one that stays is an error of its
// own, since deciding again would not help.
func TestUpdateRefsLocked(t *testing.T) {
	r := newRepo(t)
	sh(t, r, r.root, "symbolic-ref", "HEAD", "refs/heads/elsewhere")
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	move(t, r, "refs/heads/main", "", one)
	lock := filepath.Join(r.gitDir, "refs", "heads", "main.lock")
	if err := os.WriteFile(lock, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	short := *r
	short.lockTimeout = 50
	err := short.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}})
	if err == nil || errors.Is(err, git.ErrStale) || !strings.Contains(err.Error(), "main.lock") {
		t.Errorf("locked: %v", err)
	}
	done := make(chan error)
	go func() {
		done <- r.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}})
	}()
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("after the lock was gone: %v", err)
	}
}

func TestUpdateRefsCancelled(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.UpdateRefs(ctx, "test", []git.RefUpdate{{Name: "refs/heads/main", New: one}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if id, err := r.Ref(t.Context(), "refs/heads/main"); id != "" || err != nil {
		t.Errorf("main is at %q, %v", id, err)
	}
}

func TestRefs(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	for name, id := range map[string]git.OID{"refs/heads/main": one, "refs/heads/gitsm/a/new": two, "refs/heads/gitsm/b": one, "refs/heads/gitsmx": one} {
		move(t, r, name, "", id)
	}
	// Names that a search by suffix would confuse with the branch.
	sh(t, r, r.root, "tag", "refs/heads/nope", one)
	sh(t, r, r.root, "symbolic-ref", "refs/heads/other", "refs/heads/gitsm/b")
	holds := func(form string, main git.OID) {
		t.Helper()
		for name, want := range map[string]git.OID{
			"refs/heads/main": main, "refs/heads/gitsm/a/new": two, "refs/heads/gitsm": "", "refs/heads/nope": "", "refs/heads/mai": "",
			"refs/heads/main/x": "", "refs/heads/other": one,
		} {
			if got, err := r.Ref(t.Context(), name); got != want || err != nil {
				t.Errorf("%s: %s: %q, %v", form, name, got, err)
			}
		}
	}
	holds("each in its file", one)
	sh(t, r, r.root, "pack-refs", "--all")
	holds("packed", one)
	move(t, r, "refs/heads/main", one, two)
	holds("moved since", two)
	move(t, r, "refs/heads/main", two, one)
	for _, name := range []string{"main", "HEAD", "", "refs/heads/*", "refs/heads/a b", "--all", "refs/heads/../x"} {
		if _, err := r.Ref(t.Context(), name); err == nil {
			t.Errorf("%q was looked up", name)
		}
	}
	for prefix, want := range map[string]string{
		"refs/heads/gitsm/": "refs/heads/gitsm/a/new refs/heads/gitsm/b", "refs/heads/": "refs/heads/gitsm/a/new refs/heads/gitsm/b refs/heads/gitsmx refs/heads/main refs/heads/other",
		"refs/heads/nope/": "", "refs/remotes/": "",
	} {
		refs, err := r.Refs(t.Context(), prefix)
		var names []string
		for _, ref := range refs {
			names = append(names, ref.Name)
		}
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("%s: %s, %v", prefix, got, err)
		}
	}
	unmerged, err := r.Unmerged(t.Context(), "refs/heads/gitsm/", one)
	if diff := cmp.Diff([]git.Ref{{Name: "refs/heads/gitsm/a/new", OID: two}}, unmerged); diff != "" || err != nil {
		t.Errorf("unmerged: %v\n%s", err, diff)
	}
}

func TestResolve(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	move(t, r, "refs/heads/main", "", two)
	sh(t, r, r.root, "tag", "-a", "-m", "v1", "v1", one)
	for rev, want := range map[string]git.OID{"main": two, "HEAD": two, "HEAD~1": one, "v1": one, two: two, two[:8]: two, "refs/heads/main^": one} {
		if got, err := r.Resolve(t.Context(), rev); got != want || err != nil {
			t.Errorf("%s: %q, %v", rev, got, err)
		}
	}
	for _, rev := range []string{"nope", "", "main:a", "main~9", "--all", "-h", "a\nb", strings.Repeat("1", 40), "main..HEAD", "HEAD^{tree}"} {
		if got, err := r.Resolve(t.Context(), rev); !errors.Is(err, ErrUnknownRevision) {
			t.Errorf("%q: %q, %v", rev, got, err)
		}
	}
}

func TestHeadBranch(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	for _, branch := range []string{"refs/heads/main", "refs/heads/gitsm/x/new-1"} {
		sh(t, r, r.root, "symbolic-ref", "HEAD", branch)
		if got, err := r.HeadBranch(t.Context()); got != branch || err != nil {
			t.Errorf("%q, %v, want %s", got, err, branch)
		}
	}
	sh(t, r, r.root, "update-ref", "--no-deref", "HEAD", one)
	if got, err := r.HeadBranch(t.Context()); got != "" || err != nil {
		t.Errorf("detached: %q, %v", got, err)
	}
}
