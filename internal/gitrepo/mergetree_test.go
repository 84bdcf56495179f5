package gitrepo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/git"
)

func TestMergeTree(t *testing.T) {
	numbers := "1\n2\n3\n4\n5\n6\n7\n"
	base := []string{"a", numbers, "b", "1\n", "dir/x", "1\n", "dir/y", "1\n"}
	tests := map[string]struct {
		ours, theirs []string
		conflict     []string
		want         []string // path, content of what the merge has that base has not; "-" for what went
	}{
		"different files":           {ours: []string{"b", "2\n"}, theirs: []string{"dir/x", "2\n"}, want: []string{"b", "2", "dir/x", "2"}},
		"different lines":           {ours: []string{"a", "one\n" + numbers[2:]}, theirs: []string{"a", numbers[:12] + "seven\n"}, want: []string{"a", "one\n" + numbers[2:12] + "seven"}},
		"the same line":             {ours: []string{"a", "one\n" + numbers[2:]}, theirs: []string{"a", "uno\n" + numbers[2:]}, conflict: []string{"a"}},
		"the same change":           {ours: []string{"b", "2\n", "dir/x", "2\n"}, theirs: []string{"b", "2\n"}, want: []string{"b", "2", "dir/x", "2"}},
		"both added, alike":         {ours: []string{"n/e", "1\n"}, theirs: []string{"n/e", "1\n", "n/f", "1\n"}, want: []string{"n/e", "1", "n/f", "1"}},
		"both added, unlike":        {ours: []string{"n", "1\n"}, theirs: []string{"n", "2\n"}, conflict: []string{"n"}},
		"deleted and changed":       {ours: []string{"b", "-"}, theirs: []string{"b", "2\n"}, conflict: []string{"b"}},
		"changed and deleted":       {ours: []string{"dir/x", "2\n"}, theirs: []string{"dir/x", "-", "dir/y", "-"}, conflict: []string{"dir/x"}},
		"both deleted":              {ours: []string{"b", "-"}, theirs: []string{"b", "-", "dir/x", "-"}, want: []string{"b", "-", "dir/x", "-"}},
		"directory emptied by both": {ours: []string{"dir/x", "-"}, theirs: []string{"dir/y", "-"}, want: []string{"dir/x", "-", "dir/y", "-"}},
		"file and directory":        {ours: []string{"n", "1\n"}, theirs: []string{"n/x", "1\n"}, conflict: []string{"n"}},
		"directory became a file":   {ours: []string{"dir/x", "-", "dir/y", "-", "dir", "file\n"}, theirs: []string{"b", "2\n"}, want: []string{"b", "2", "dir", "file", "dir/x", "-", "dir/y", "-"}},
		"while it was changed":      {ours: []string{"dir/x", "-", "dir/y", "-", "dir", "file\n"}, theirs: []string{"dir/x", "2\n"}, conflict: []string{"dir/x"}},
		"binary":                    {ours: []string{"b", "\x00ours\n"}, theirs: []string{"b", "1\n\x00theirs"}, conflict: []string{"b"}},
		"several":                   {ours: []string{"dir/y", "2\n", "b", "2\n", "a", "2\n"}, theirs: []string{"dir/y", "3\n", "b", "3\n"}, conflict: []string{"b", "dir/y"}},
		"nothing on one side":       {ours: []string{"b", "2\n"}, want: []string{"b", "2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			root := write(t, r, "", base...)
			ours, theirs := grow(t, r, root, tt.ours), grow(t, r, root, tt.theirs)
			for _, pair := range [][2]git.OID{{ours, theirs}, {theirs, ours}} {
				tree, err := r.MergeTree(t.Context(), pair[0], pair[1])
				var conflict *git.ConflictError
				if errors.As(err, &conflict) {
					if diff := cmp.Diff(tt.conflict, conflict.Paths); diff != "" {
						t.Errorf("conflicts (-want +got):\n%s", diff)
					}
					continue
				}
				if err != nil || tt.conflict != nil {
					t.Fatalf("%s, %v, want conflict in %v", tree, err, tt.conflict)
				}
				changes, err := r.Diff(t.Context(), root, tree)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, c := range changes {
					text := "-"
					if c.NewBlob != "" {
						text = sh(t, r, r.root, "cat-file", "blob", c.NewBlob)
					}
					got = append(got, c.Path, text)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("merged (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// grow commits on parent, in two steps where a directory makes room for a file.
func grow(tb testing.TB, r *Repo, parent git.OID, pairs []string) git.OID {
	tb.Helper()
	var removals, rest []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "-" {
			removals = append(removals, pairs[i:i+2]...)
		} else {
			rest = append(rest, pairs[i:i+2]...)
		}
	}
	return write(tb, r, write(tb, r, parent, removals...), rest...)
}

// Where no file can be taken for another's new name, git merges to the same
// tree, and finds a conflict exactly where we do.
func TestMergeTreeAgreesWithGit(t *testing.T) {
	r := newRepo(t)
	names := []string{"a", "b", "d/a", "d/b", "d/e/f", "d/e/g", "d.x", "e/a"}
	file := func(name string, lines []int) string {
		var b strings.Builder
		for i, v := range lines {
			fmt.Fprintf(&b, "%s line %d has %x\n", strings.Repeat(name, 5), i, v*7919)
		}
		return b.String()
	}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(parent git.OID, label string, has map[string]bool) (git.OID, map[string]bool) {
			var pairs []string
			now := map[string]bool{}
			for _, name := range names {
				keep := has[name]
				switch rapid.IntRange(0, 4).Draw(rt, label+" "+name) {
				case 0:
					if has[name] {
						pairs, keep = append(pairs, name, "-"), false
					}
				case 1, 2:
					lines := rapid.SliceOfN(rapid.IntRange(0, 1), 6, 6).Draw(rt, label+" lines of "+name)
					pairs, keep = append(pairs, name, file(name, lines)), true
				}
				now[name] = keep
			}
			return write(t, r, parent, pairs...), now
		}
		base, has := draw("", "base", nil)
		ours, _ := draw(base, "ours", has)
		theirs, _ := draw(base, "theirs", has)
		got, err := r.MergeTree(t.Context(), ours, theirs)
		var conflict *git.ConflictError
		if err != nil && !errors.As(err, &conflict) {
			rt.Fatal(err)
		}
		out, gerr := r.git("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs).run(t.Context())
		if exitCode(gerr) > 1 || gerr != nil && exitCode(gerr) < 0 {
			rt.Fatal(gerr)
		}
		want := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
		if gerr == nil && (err != nil || got != want[0]) {
			rt.Fatalf("git merged %s and %s to %s, we to %s, %v", ours, theirs, want[0], got, err)
		}
		if gerr != nil {
			paths := slices.Compact(slices.Sorted(slices.Values(want[1:])))
			if conflict == nil || !slices.Equal(paths, conflict.Paths) {
				rt.Fatalf("git finds conflicts in %v, we: %v", paths, err)
			}
		}
	})
	fsck(t, r)
}

// An edit of one file is never carried over to another that looks like it.
func TestMergeTreeFollowsNoRename(t *testing.T) {
	r := newRepo(t)
	text := strings.Repeat("the same text\n", 20)
	base := write(t, r, "", "services/a.yaml", text+"owner: x\n")
	ours := write(t, r, base, "services/a.yaml", "-", "services/b.yaml", text+"owner: x\n")
	theirs := write(t, r, base, "services/a.yaml", text+"owner: y\n")
	_, err := r.MergeTree(t.Context(), ours, theirs)
	var conflict *git.ConflictError
	if !errors.As(err, &conflict) || !cmp.Equal(conflict.Paths, []string{"services/a.yaml"}) {
		t.Errorf("error %v", err)
	}
}

// What is merged must not depend on what a clone has configured.
func TestMergeTreeIgnoresAttributes(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", ".gitattributes", "* merge=union\n", "a", "1\n")
	move(t, r, "refs/heads/main", "", base)
	_, err := r.MergeTree(t.Context(), write(t, r, base, "a", "2\n"), write(t, r, base, "a", "3\n"))
	var conflict *git.ConflictError
	if !errors.As(err, &conflict) {
		t.Errorf("error %v", err)
	}
}

func TestMergeTreeModes(t *testing.T) {
	r := newRepo(t)
	head, _ := zoo(t, r)
	other := write(t, r, head, "run.sh", "#!/bin/true\n")
	tree, err := r.MergeTree(t.Context(), other, write(t, r, head, "a.b", "2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, r, r.root, "ls-tree", "--format=%(objectmode)", tree, "run.sh", "link", "module"); got != "120000\n160000\n100755" {
		t.Errorf("modes are %s", got)
	}
}

func TestMergeTreeBases(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n", "b", "1\n")
	if _, err := r.MergeTree(t.Context(), base, write(t, r, "", "z", "1\n")); err == nil || !strings.Contains(err.Error(), "no common ancestor") {
		t.Errorf("unrelated: %v", err)
	}
	if _, err := r.MergeTree(t.Context(), "HEAD", base); err == nil {
		t.Error("a name was merged")
	}
	// Two branches that merged each other: what both agreed on is no conflict.
	left, right := write(t, r, base, "a", "left\n"), write(t, r, base, "b", "right\n")
	both := write(t, r, left, "b", "right\n")
	tree := sh(t, r, r.root, "rev-parse", both+"^{tree}")
	crossed := func(first, second git.OID) git.OID {
		id, err := r.WriteCommit(t.Context(), git.CommitSpec{Tree: tree, Parents: []git.OID{first, second}, Message: "cross", Author: alice, Committer: alice})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	ours := write(t, r, crossed(left, right), "a", "left, then ours\n")
	theirs := write(t, r, crossed(right, left), "b", "right, then theirs\n")
	merged, err := r.MergeTree(t.Context(), ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := sh(t, r, r.root, "show", merged+":a"), sh(t, r, r.root, "show", merged+":b"); a != "left, then ours" || b != "right, then theirs" {
		t.Errorf("a %q, b %q", a, b)
	}
}
