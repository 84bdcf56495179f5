package history_test

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Whatever a commit message holds, a trailer is one line of its last paragraph
// and a co-author is one line with an address.
func FuzzMessages(f *testing.F) {
	f.Add("subject\n\nChange-Id: CHG-1\nEvidence-Head: abc\nCo-authored-by: Eve <eve@x>\n")
	f.Add("subject\r\n\r\nEvidence-Head:\r\n")
	f.Add("Co-authored-by: <<>>\n\n\n:\n")
	f.Fuzz(func(t *testing.T, message string) {
		v := history.Trailer(message, "Evidence-Head")
		if strings.ContainsAny(v, "\n") || v != strings.TrimSpace(v) || !strings.Contains(message, v) {
			t.Errorf("trailer %q of %q", v, message)
		}
		if v != "" && !strings.Contains(strings.ReplaceAll(message, "\r\n", "\n"), "\n\n") {
			t.Errorf("trailer %q in a subject: %q", v, message)
		}
		for _, h := range history.Hands(&git.Commit{Message: message})[1:] {
			if h.Role != "co-author" || strings.ContainsAny(h.Name+h.Email, "\n") {
				t.Errorf("hand %+v of %q", h, message)
			}
		}
	})
}
