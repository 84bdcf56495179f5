package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestDiff(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		r := newRepoOf(t, format)
		one := write(t, r, "", "a", "1\n", "dir/b", "1\n", "gone", "same\n", "ü \"x\"", "1\n")
		two := write(t, r, one, "a", "2\n", "gone", "-", "moved", "same\n", "ü \"x\"", "2\n")
		blob := func(text string) git.OID { return r.format.id("blob", []byte(text)) }
		file := "100644"
		want := []git.FileChange{
			{Path: "a", OldMode: file, NewMode: file, OldBlob: blob("1\n"), NewBlob: blob("2\n")},
			{Path: "gone", OldMode: file, OldBlob: blob("same\n")},
			{Path: "moved", NewMode: file, NewBlob: blob("same\n")},
			{Path: "ü \"x\"", OldMode: file, NewMode: file, OldBlob: blob("1\n"), NewBlob: blob("2\n")},
		}
		got, err := r.Diff(t.Context(), one, two)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", format, err, diff)
		}
		if got, err := r.Diff(t.Context(), one, one); len(got) != 0 || err != nil {
			t.Errorf("with itself: %v, %v", got, err)
		}
		if got, err := r.Diff(t.Context(), "", one); !cmp.Equal(paths(got), []string{"a", "dir/b", "gone", "ü \"x\""}) || err != nil {
			t.Errorf("with nothing: %v, %v", got, err)
		}
		// The tree of a merge can be compared before there is a commit of it.
		tree := sh(t, r, r.root, "rev-parse", two+"^{tree}")
		if got, err := r.Diff(t.Context(), one, tree); !cmp.Equal(want, got) || err != nil {
			t.Errorf("with a tree: %v, %v", got, err)
		}
		for _, bad := range []git.OID{"HEAD", "", "--help", strings.Repeat("1", 2*r.format.size)} {
			if _, err := r.Diff(t.Context(), one, bad); err == nil {
				t.Errorf("compared with %q", bad)
			}
		}
	}
}

func TestAncestry(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n")
	left, right := write(t, r, base, "b", "1\n"), write(t, r, base, "c", "1\n")
	alone := write(t, r, "", "z", "1\n")
	for _, tt := range []struct {
		a, b, base git.OID
		contains   bool
	}{{left, right, base, false}, {base, left, base, true}, {left, base, base, false}, {left, left, left, true}, {left, alone, "", false}} {
		if got, err := r.MergeBase(t.Context(), tt.a, tt.b); got != tt.base || err != nil {
			t.Errorf("merge base: %q, %v, want %q", got, err, tt.base)
		}
		if got, err := r.Fork(t.Context(), tt.a, tt.b); got != tt.base || err != nil {
			t.Errorf("fork: %q, %v, want %q", got, err, tt.base)
		}
		if got, err := r.IsAncestor(t.Context(), tt.a, tt.b); got != tt.contains || err != nil {
			t.Errorf("is ancestor: %v, %v, want %v", got, err, tt.contains)
		}
	}
	missing := strings.Repeat("1", 40)
	if _, err := r.IsAncestor(t.Context(), base, missing); err == nil {
		t.Error("a missing commit was compared")
	}
	if _, err := r.MergeBase(t.Context(), base, missing); err == nil {
		t.Error("a missing commit has a merge base")
	}
	if _, err := r.Fork(t.Context(), base, missing); err == nil {
		t.Error("a missing commit began with something")
	}
	// Merged crosswise, two commits began with what both sides had brought by then.
	a, b := merge(t, r, "ours", left, right), merge(t, r, "theirs", right, left)
	fork, err := r.Fork(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	if both := sh(t, r, r.root, "ls-tree", "--name-only", fork); both != "a\nb\nc" {
		t.Errorf("they began with %q", both)
	}
}

// merge stores a merge commit whose tree is that of the second parent.
func merge(tb testing.TB, r *Repo, message string, first, second git.OID) git.OID {
	tb.Helper()
	id, err := r.WriteCommit(tb.Context(), git.CommitSpec{
		Tree: sh(tb, r, r.workDir(), "rev-parse", second+"^{tree}"), Parents: []git.OID{first, second}, Message: message, Author: alice, Committer: alice,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func TestRange(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n")
	side := write(t, r, base, "b", "1\n")
	side2 := write(t, r, side, "b", "2\n")
	top := merge(t, r, "merge", base, side2)
	head := write(t, r, top, "c", "1\n")
	ids := func(base, head git.OID) []git.OID {
		commits, err := r.Range(t.Context(), base, head)
		if err != nil {
			t.Fatal(err)
		}
		var out []git.OID
		for _, c := range commits {
			if len(c.Raw) == 0 {
				t.Error("a commit came without its bytes")
			}
			out = append(out, c.OID)
		}
		return out
	}
	if diff := cmp.Diff([]git.OID{side, side2, top, head}, ids(base, head)); diff != "" {
		t.Errorf("range (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]git.OID{base, side, side2, top, head}, ids("", head)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if got := ids(head, base); got != nil {
		t.Errorf("backwards: %v", got)
	}
}

// log collects what Log yields.
func log(t *testing.T, r *Repo, opts git.LogOptions) []string {
	t.Helper()
	var out []string
	for e, err := range r.Log(t.Context(), opts) {
		if err != nil {
			t.Fatal(err)
		}
		subject, _, _ := strings.Cut(e.Message, "\n")
		out = append(out, subject+": "+strings.Join(paths(e.Changes), " "))
	}
	return out
}

func TestLog(t *testing.T) {
	r := newRepo(t)
	n := 0
	commit := func(message string, parent git.OID, pairs ...string) git.OID {
		n++
		who := alice
		who.When = clock.AddDate(0, 0, n%3) // dates that order nothing
		spec := git.CommitSpec{Base: parent, Files: edits(pairs...), Message: message, Author: who, Committer: who}
		if parent != "" {
			spec.Parents = []git.OID{parent}
		}
		id, err := r.WriteCommit(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	root := commit("root", "", "a", "1\n", "x/b", "1\n")
	side := commit("side", root, "x/c", "1\n")
	back := commit("back", side, "x/c", "-", "d", "1\n")
	top := merge(t, r, "landing", root, back)
	empty := commit("empty", top)
	head := commit("head\n\n:100644 body that\nlooks like \x01 a diff", empty, "a", "2\n", "x/b", "-")

	tests := map[string]struct {
		opts git.LogOptions
		want []string
	}{
		"all":           {git.LogOptions{From: []git.OID{head}}, []string{"head: a x/b", "empty: ", "landing: d", "back: d x/c", "side: x/c", "root: a x/b"}},
		"first parents": {git.LogOptions{From: []git.OID{head}, FirstParent: true}, []string{"head: a x/b", "empty: ", "landing: d", "root: a x/b"}},
		"oldest first":  {git.LogOptions{From: []git.OID{head}, FirstParent: true, Reverse: true}, []string{"root: a x/b", "landing: d", "empty: ", "head: a x/b"}},
		"all reversed":  {git.LogOptions{From: []git.OID{head}, Reverse: true}, []string{"root: a x/b", "side: x/c", "back: d x/c", "landing: d", "empty: ", "head: a x/b"}},
		// What came and went on a side branch is part of the story.
		"a directory":      {git.LogOptions{From: []git.OID{head}, Paths: []string{"x"}}, []string{"head: x/b", "back: x/c", "side: x/c", "root: x/b"}},
		"two paths":        {git.LogOptions{From: []git.OID{head}, Paths: []string{"a", "d"}, FirstParent: true}, []string{"head: a", "landing: d", "root: a"}},
		"a pattern is not": {git.LogOptions{From: []git.OID{head}, Paths: []string{"x/*"}}, nil},
		"since":            {git.LogOptions{From: []git.OID{head}, Not: []git.OID{top}}, []string{"head: a x/b", "empty: "}},
		"nothing new":      {git.LogOptions{From: []git.OID{root}, Not: []git.OID{head}}, nil},
		"from two":         {git.LogOptions{From: []git.OID{side, empty}, Not: []git.OID{back}}, []string{"empty: ", "landing: d"}},
		"from nowhere":     {git.LogOptions{}, nil},
	}
	// What a user may have configured changes nothing.
	for key, value := range map[string]string{
		"log.showSignature": "true", "log.follow": "true", "log.showRoot": "false", "diff.renames": "copies", "diff.relative": "true",
		"color.ui": "always", "log.date": "relative", "format.pretty": "oneline", "diff.orderFile": "nope", "log.diffMerges": "combined",
		"core.abbrev": "5", "diff.external": "false", "i18n.logOutputEncoding": "latin1", "log.decorate": "full",
	} {
		sh(t, r, r.root, "config", key, value)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, log(t, r, tt.opts)); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
	for e, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{head}}) {
		if err != nil || e.Message != "head\n\n:100644 body that\nlooks like \x01 a diff\n" {
			t.Errorf("message %q, %v", e.Message, err)
		}
		break
	}
}

// History that was replaced or grafted is shown as it was committed.
func TestLogIgnoresReplacements(t *testing.T) {
	r := newRepo(t)
	one := write(t, r, "", "a", "1\n")
	two := write(t, r, one, "a", "2\n")
	other := write(t, r, "", "a", "forged\n")
	want := log(t, r, git.LogOptions{From: []git.OID{two}})
	sh(t, r, r.root, "replace", two, other)
	put(t, r.gitDir, "info/grafts", two+"\n")
	if diff := cmp.Diff(want, log(t, r, git.LogOptions{From: []git.OID{two}})); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	c, err := r.Commit(t.Context(), two)
	if err != nil || !slices.Equal(c.Parents, []git.OID{one}) {
		t.Errorf("commit %+v, %v", c, err)
	}
}

// A history that cannot be read to its end is an error, never a shorter history.
func TestLogFails(t *testing.T) {
	r := newRepo(t)
	ids := []git.OID{write(t, r, "", "a", "0\n")}
	for i := range 30 {
		ids = append(ids, write(t, r, ids[i], "a", fmt.Sprintln(i+1)))
	}
	head := ids[30]
	last := func(opts git.LogOptions) (n int, err error) {
		for e, eerr := range r.Log(t.Context(), opts) {
			if eerr != nil {
				err = eerr
			} else if e != nil {
				n++
			}
		}
		return n, err
	}
	if n, err := last(git.LogOptions{From: []git.OID{head}}); n != 31 || err != nil {
		t.Fatalf("whole: %d, %v", n, err)
	}
	for _, bad := range []git.OID{"HEAD", "--all", strings.Repeat("1", 40), head + "\n--all"} {
		if n, err := last(git.LogOptions{From: []git.OID{bad}}); err == nil {
			t.Errorf("%q: %d commits, no error", bad, n)
		}
	}
	if err := os.Remove(filepath.Join(r.objectDir, ids[10][:2], ids[10][2:])); err != nil {
		t.Fatal(err)
	}
	if n, err := last(git.LogOptions{From: []git.OID{head}, FirstParent: true}); err == nil || !strings.Contains(err.Error(), "git log") {
		t.Errorf("damaged: %d commits, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range r.Log(ctx, git.LogOptions{From: []git.OID{ids[5]}}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// A consumer may stop early, and break off in the middle.
func TestLogStops(t *testing.T) {
	r, head := bigStore(t, 3000)
	for range 3 {
		n := 0
		for _, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{head}}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("%d commits", n)
		}
	}
}

func TestParseLog(t *testing.T) {
	id := strings.Repeat("a", 40)
	commit := "\x01" + id + "\x00" + id + "\x00\x00A\x00a@b\x001 +0000\x00A\x00a@b\x001 +0000\x00msg\n\x00\x00"
	change := "\n:100644 000000 " + id + " " + strings.Repeat("0", 40) + " D\x00gone\x00"
	parse := func(in string) (n int, err error) {
		r := &Repo{format: sha1Format}
		err = r.readLog(reader(in), func(*git.LogEntry, error) bool { n++; return true })
		return n, err
	}
	for in, want := range map[string]int{"": 0, commit: 1, commit + change: 1, commit + change + commit + commit + change: 3} {
		if n, err := parse(in); n != want || err != nil {
			t.Errorf("%q: %d, %v", in, n, err)
		}
	}
	whole := commit + change + commit + change
	for _, in := range []string{
		"warning: x\n", "x\x00", commit[1:], commit + change + "x\x00y\x00", commit + ":100644\x00a\x00",
		commit + strings.Replace(change, id, id[:7], 1), strings.Replace(commit, id, id[:7], 1), whole[:len(whole)-1], whole[:len(whole)-6], commit[:90], commit[:3],
	} {
		if n, err := parse(in); err == nil {
			t.Errorf("%q: %d, no error", in, n)
		}
	}
}
