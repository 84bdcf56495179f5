package decision

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestHands(t *testing.T) {
	c := &git.Commit{Message: "s\n\nCo-authored-by: Eve <eve@x>\nco-authored-by: Fay  <FAY@x>\n"}
	c.Author, c.Committer = git.Signature{Name: "A", Email: "a@x"}, git.Signature{Name: "B", Email: "b@x"}
	want := []hand{{"A", "a@x", "author"}, {"B", "b@x", "committer"}, {"Eve", "eve@x", "co-author"}, {"Fay", "FAY@x", "co-author"}}
	if diff := cmp.Diff(want, (Work{Commit: c}).hands(), cmp.AllowUnexported(hand{})); diff != "" {
		t.Errorf("hands (-want +got):\n%s", diff)
	}
	c.Committer.Email = c.Author.Email
	if got := (Work{Commit: c}).hands(); len(got) != 3 {
		t.Errorf("a committer who is the author appears: %+v", got)
	}
}

// Whatever a commit message holds, a co-author is one line with an address.
func FuzzHands(f *testing.F) {
	f.Add("subject\n\nCo-authored-by: Eve <eve@x>\n")
	f.Add("Co-authored-by: <<>>\n\n\n:\n")
	f.Fuzz(func(t *testing.T, message string) {
		for _, h := range (Work{Commit: &git.Commit{Message: message}}).hands()[1:] {
			if h.role != "co-author" || strings.ContainsAny(h.name+h.email, "\n") {
				t.Errorf("hand %+v of %q", h, message)
			}
		}
	})
}
