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

// However a trailer is written, nobody whom it names may approve as if they had
// no hand in it.
func TestOddCoAuthors(t *testing.T) {
	for message, want := range map[string][]hand{
		"Co-authored-by : Eve <eve@x>":                       {{"Eve", "eve@x", "co-author"}},
		"CO-AUTHORED-BY:Eve<eve@x>":                          {{"Eve", "eve@x", "co-author"}},
		"Co-authored-by: Eve <eve@x>, Fay <fay@x>":           {{"Eve", "eve@x", "co-author"}, {"Fay", "fay@x", "co-author"}},
		"Co-authored-by: Eve\n <eve@x>":                      {{"Eve", "eve@x", "co-author"}},
		"Co-authored-by: Eve <eve@x>\n\tand Fay <fay@x>":     {{"Eve", "eve@x", "co-author"}, {"and Fay", "fay@x", "co-author"}},
		"Co-authored-by: eve@x":                              {{"", "eve@x", "co-author"}},
		"Co-authored-by: Eve (eve@x)":                        {{"Eve", "eve@x", "co-author"}},
		"Co-authored-by: \"Eve <eve@x>\"\r":                  {{"Eve", "eve@x", "co-author"}},
		"Co-authored-by: Eve":                                {{"Eve", "", "co-author"}},
		"Co-authored-by: Eve < eve@x >\nnot a trailer f@x":   {{"Eve", "eve@x", "co-author"}},
		"Reviewed-by: Eve <eve@x>\n Co-authored-by: <f@x>\n": nil,
	} {
		got := (Work{Commit: &git.Commit{Message: "s\n\n" + message + "\n"}}).hands()[1:]
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(hand{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", message, diff)
		}
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
