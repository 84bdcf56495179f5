package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/proposal"
)

var _ proposal.Repo = (*repository)(nil)

// scene is one history, in memory and as git has it.
type scene struct {
	*testing.T
	mem  *repository
	bulk *gitrepo.Bulk
	repo *gitrepo.Repo
	n    int
}

func newScene(t *testing.T) *scene {
	t.Helper()
	environ := []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull}
	r, err := gitrepo.Init(t.Context(), t.TempDir(), "main", environ)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	bulk := gitrepo.NewBulk(t.Context(), r)
	t.Cleanup(func() { _ = bulk.Close() })
	return &scene{T: t, mem: newRepository(bulk), bulk: bulk, repo: r}
}

// commit writes a commit on parents with a file edited, "-" to delete it.
func (s *scene) commit(path, content string, parents ...git.OID) git.OID {
	s.Helper()
	s.n++
	who := git.Signature{Name: "Alice", Email: "alice@example.org", When: opening.Add(time.Duration(s.n) * time.Minute)}
	spec := git.CommitSpec{Parents: parents, Message: fmt.Sprintf("commit %d\n", s.n), Author: who, Committer: who}
	if len(parents) > 0 {
		spec.Base = parents[0]
	}
	if path != "" {
		spec.Files = []git.FileEdit{{Path: path, Content: []byte(content), Delete: content == "-"}}
	}
	id, err := s.mem.WriteCommit(s.Context(), spec)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// TestAsGit compares what is said of a history in memory with what git says of
// the same history.
func TestAsGit(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	root := s.commit("a/one", "1\n")
	two := s.commit("a/two", "2\n", root)
	side := s.commit("b/three", "3\n", root)
	side2 := s.commit("a/one", "-", side)
	merge := s.commit("b/three", "3\n", two, side)
	after := s.commit("c", "5\n", merge)
	apart := s.commit("c", "6\n", two)
	back := s.commit("a/one", "1\n", s.commit("b/four", "4\n", side2)) // deleted, and there again
	tree, err := s.mem.MergeTree(ctx, after, side2)
	if err != nil {
		t.Fatal(err)
	}
	var conflict *git.ConflictError
	if _, err := s.mem.MergeTree(ctx, after, apart); !errors.As(err, &conflict) || !slices.Equal(conflict.Paths, []string{"c"}) {
		t.Errorf("two edits of one file: %v", err)
	}
	if same, err := s.mem.MergeTree(ctx, after, side); err != nil || same != s.mem.commits[after].Tree {
		t.Errorf("merging what is merged already: %s, %v", same, err)
	}
	if err := s.bulk.Close(); err != nil {
		t.Fatal(err)
	}
	if want, err := s.repo.MergeTree(ctx, after, side2); err != nil || tree != want {
		t.Errorf("merged to %s and not to %s, %v", tree, want, err)
	}
	all := []git.OID{root, two, side, side2, merge, after, apart, back}
	for i, a := range all {
		for j, b := range all {
			name := fmt.Sprintf("%d and %d", i, j)
			same(t, name+": merge base", a, b, s.mem.MergeBase, s.repo.MergeBase)
			same(t, name+": ancestor", a, b, s.mem.IsAncestor, s.repo.IsAncestor)
			same(t, name+": changes", a, b, s.mem.Diff, s.repo.Diff)
			same(t, name+": range", a, b, ids(s.mem.Range), ids(s.repo.Range))
		}
	}
}

// TestRefs holds that refs move together or not at all, and which of them main
// has not got yet.
func TestRefs(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	root := s.commit("a", "1\n")
	next := s.commit("a", "2\n", root)
	open := s.commit("b", "1\n", root)
	move := func(updates ...git.RefUpdate) error { return s.mem.UpdateRefs(ctx, "test", updates) }
	if err := move(git.RefUpdate{Name: "refs/heads/main", New: root}, git.RefUpdate{Name: "refs/heads/gitsm/x/new", New: open}); err != nil {
		t.Fatal(err)
	}
	err := move(git.RefUpdate{Name: "refs/heads/gitsm/x/new", Old: open}, git.RefUpdate{Name: "refs/heads/main", Old: next, New: next})
	if !errors.Is(err, git.ErrStale) {
		t.Errorf("a stale ref moved: %v", err)
	}
	if id, _ := s.mem.Ref(ctx, "refs/heads/gitsm/x/new"); id != open {
		t.Error("a ref of a transaction that failed was deleted")
	}
	if err := move(git.RefUpdate{Name: "refs/heads/main", Old: root, New: next}, git.RefUpdate{Name: "refs/heads/gitsm/y/new", New: root}); err != nil {
		t.Fatal(err)
	}
	unmerged, err := s.mem.Unmerged(ctx, "refs/heads/gitsm/", next)
	if err != nil || len(unmerged) != 1 || unmerged[0].OID != open {
		t.Errorf("not in main: %v, %v", unmerged, err)
	}
	var lines []string
	for e, err := range s.mem.Log(ctx, git.LogOptions{From: []git.OID{next}, Paths: []string{"a"}, FirstParent: true, Reverse: true}) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, e.OID)
	}
	if diff := cmp.Diff([]string{root, next}, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	for _, err := range s.mem.Log(ctx, git.LogOptions{From: []git.OID{next}}) {
		if err == nil {
			t.Error("all parents were followed")
		}
	}
}

func TestAgenda(t *testing.T) {
	var a agenda
	var got []string
	at := func(hour int) time.Time { return opening.Add(time.Duration(hour) * time.Hour) }
	for _, x := range []struct {
		hour int
		name string
	}{{3, "c"}, {1, "a"}, {3, "d"}, {2, "b"}} {
		a.plan(at(x.hour), "alice", func() error { got = append(got, x.name); return nil })
	}
	for a.Len() > 0 {
		if err := a.next().do(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("happened in the order %v", got)
	}
}

func TestAtOffice(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-20T10:05:06Z": "2026-11-20T10:05:06Z", // a Friday, in working hours
		"2026-11-20T17:05:06Z": "2026-11-23T09:05:06Z", // Friday evening
		"2026-11-22T10:05:06Z": "2026-11-23T09:05:06Z", // Sunday
		"2026-11-19T02:05:06Z": "2026-11-19T09:05:06Z", // Thursday night
		"2026-12-31T23:59:59Z": "2027-01-01T09:59:59Z",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := atOffice(at).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// question is something that is asked of two commits.
type question[T any] func(ctx context.Context, a, b git.OID) (T, error)

func same[T any](t *testing.T, what string, a, b git.OID, got, want question[T]) {
	t.Helper()
	g, err := got(t.Context(), a, b)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	w, err := want(t.Context(), a, b)
	if err != nil {
		t.Errorf("%s, as git: %v", what, err)
	}
	if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-git +here):\n%s", what, diff)
	}
}

// ids asks for commits and takes their ids, sorted: git breaks ties by dates.
func ids(list question[[]*git.Commit]) question[[]git.OID] {
	return func(ctx context.Context, a, b git.OID) (out []git.OID, err error) {
		commits, err := list(ctx, a, b)
		for _, c := range commits {
			out = append(out, c.OID)
		}
		slices.Sort(out)
		return out, err
	}
}
