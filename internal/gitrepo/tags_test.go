package gitrepo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestTags(t *testing.T) {
	r := newRepo(t)
	sh(t, r, r.Root(), "commit", "-q", "--allow-empty", "-m", "Begin")
	at := sh(t, r, r.Root(), "rev-parse", "HEAD")
	when, err := r.Commit(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	sh(t, r, r.Root(), "tag", "plain")
	sh(t, r, r.Root(), "tag", "-a", "-m", "Release\n\nChange-Id: CHG-1", "checkout/v1")
	for pattern, want := range map[string][]git.Tag{
		"":           {{Name: "checkout/v1", Commit: at, When: when.Committer.When.UTC(), Message: "Release\n\nChange-Id: CHG-1\n"}, {Name: "plain", Commit: at, When: when.Committer.When.UTC()}},
		"checkout/*": {{Name: "checkout/v1", Commit: at, When: when.Committer.When.UTC(), Message: "Release\n\nChange-Id: CHG-1\n"}},
		"none/*":     nil,
	} {
		got, err := r.Tags(t.Context(), pattern)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", pattern, diff)
		}
	}
}
