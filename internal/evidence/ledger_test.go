package evidence

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The root is the same wherever it is made: its id, which git computes here, is
// written down, and a change of it would split every store's evidence in two.
func TestRootIsTheSameEverywhere(t *testing.T) {
	needProgram(t, "git")
	const want = "134fba7109edc5cf0c6baf138cdee4c7ede09c79"
	for range 2 {
		dir := t.TempDir()
		git(t, dir, "", "init", "-q", "--object-format=sha1")
		root := Root(genesis)
		if len(root.Parents) != 0 || len(root.Files) != 1 {
			t.Fatalf("root %+v", root)
		}
		readme := string(root.Files["README.md"])
		if !strings.Contains(readme, genesis) {
			t.Errorf("the README does not name the genesis:\n%s", readme)
		}
		blob := strings.TrimSpace(git(t, dir, readme, "hash-object", "-w", "--stdin"))
		tree := strings.TrimSpace(git(t, dir, "100644 blob "+blob+"\tREADME.md\n", "mktree"))
		by := root.By
		for _, role := range []string{"AUTHOR", "COMMITTER"} {
			t.Setenv("GIT_"+role+"_NAME", by.Name)
			t.Setenv("GIT_"+role+"_EMAIL", by.Email)
			t.Setenv("GIT_"+role+"_DATE", by.When.Format(time.RFC3339))
		}
		if got := strings.TrimSpace(git(t, dir, root.Message, "commit-tree", tree)); got != want {
			t.Errorf("root commit %s, want %s", got, want)
		}
	}
	if cmp.Equal(Root(genesis), Root(base)) {
		t.Error("two stores have the same root")
	}
}

func TestAppend(t *testing.T) {
	ctx, repo := context.Background(), newMemRepo()
	ledger := Ledger{Repo: repo, Genesis: genesis}
	approval, merge := entry(t, Approval, "alice"), entry(t, Merge, "", at(time.Minute))

	root, err := ledger.Append(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	one, err := ledger.Append(ctx, "", approval)
	if err != nil {
		t.Fatal(err)
	}
	if got := repo.commits[one].parents; !slices.Equal(got, []string{root}) {
		t.Errorf("begins on %v, want the root %s", got, root)
	}
	if want := "Record approval of " + changed + "\n\n" + approval.Path + "\n"; repo.commits[one].spec.Message != want {
		t.Errorf("message %q, want %q", repo.commits[one].spec.Message, want)
	}
	two, err := ledger.Append(ctx, one, approval, merge, merge)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(maps.Keys(repo.commits[two].spec.Files)); !slices.Equal(got, []string{merge.Path}) {
		t.Errorf("added %v, want only what was not there", got)
	}
	three, err := ledger.Append(ctx, two, approval, merge)
	if err != nil || three != two {
		t.Errorf("appending nothing new: %s, %v, want %s", three, err, two)
	}
	both, err := ledger.Append(ctx, root, merge, approval)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Record 2 statements\n\n" + approval.Path + "\n" + merge.Path + "\n"; repo.commits[both].spec.Message != want {
		t.Errorf("message %q, want %q", repo.commits[both].spec.Message, want)
	}
	for _, oid := range []string{one, two, both} {
		if by := repo.commits[oid].spec.By; by != nil {
			t.Errorf("%s is recorded by %v, not by the recorder", oid, by)
		}
	}

	entries, err := Read(repo.commits[two].files, changed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*Entry{approval, merge}, entries); diff != "" {
		t.Error(diff)
	}
}

func TestAppendRefuses(t *testing.T) {
	ctx, repo := context.Background(), newMemRepo()
	ledger := Ledger{Repo: repo, Genesis: genesis}
	approval := entry(t, Approval, "alice")
	unsigned := *approval
	unsigned.Sig = nil
	altered := *approval
	altered.Raw = []byte(strings.Replace(string(approval.Raw), "alice", "mallo", 1))
	resigned := *approval
	resigned.Sig = entry(t, Approval, "mallory").Sig

	root, err := ledger.Append(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	head, err := ledger.Append(ctx, root, approval)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ledger.Append(ctx, root, &unsigned)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, head string
		add        []*Entry
		want       string
		tampered   bool
	}{
		{"again", head, []*Entry{approval}, "", false},
		{"again without its signature", head, []*Entry{&unsigned}, "", false},
		{"signed and unsigned at once", root, []*Entry{&unsigned, approval}, "", false},
		{"a made-up entry", root, []*Entry{&altered}, "renamed or changed", false},
		{"with another signature", head, []*Entry{&resigned}, "other bytes", true},
		{"with two signatures at once", root, []*Entry{approval, &resigned}, "other bytes", true},
		{"with a signature later", bare, []*Entry{approval}, "recorded unsigned already", false},
		{"over altered bytes", repo.put(t, root, map[string]string{approval.Path: "x"}), []*Entry{approval}, "other bytes", true},
		{"over emptied bytes", repo.put(t, root, map[string]string{approval.Path: ""}), []*Entry{approval}, "other bytes", true},
		{"on another store's evidence", repo.put(t, root, map[string]string{"README.md": "x"}), []*Entry{approval}, "not the evidence of the store", false},
		{"on a head that is not there", "gone", []*Entry{approval}, "no commit gone", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(repo.commits)
			got, err := ledger.Append(ctx, tt.head, tt.add...)
			wantError(t, err, tt.want)
			if errors.Is(err, ErrTampered) != tt.tampered {
				t.Errorf("tampered = %t: %v", !tt.tampered, err)
			}
			if tt.want != "" && (got != "" || len(repo.commits) != before) {
				t.Errorf("wrote %q before it refused", got)
			}
		})
	}
	if _, err := (Ledger{Repo: repo, Genesis: base}).Append(ctx, head, approval); err == nil {
		t.Error("appended to the evidence of another genesis")
	}
	unknowing := Ledger{Repo: repo}
	if got, err := unknowing.Append(ctx, head, approval); err != nil || got != head {
		t.Errorf("appending without knowing the genesis: %q, %v", got, err)
	}
	if _, err := unknowing.Append(ctx, ""); err == nil {
		t.Error("began a branch without knowing the genesis")
	}
}
