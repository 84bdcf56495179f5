package history_test

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/history"
)

// Whatever a commit message holds, a trailer is one line of its last paragraph.
func FuzzMessages(f *testing.F) {
	f.Add("subject\n\nChange-Id: CHG-1\nEvidence-Head: abc\n")
	f.Add("subject\r\n\r\nEvidence-Head:\r\n")
	f.Add("\n\n\n:\n")
	f.Fuzz(func(t *testing.T, message string) {
		v := history.Trailer(message, "Evidence-Head")
		if strings.ContainsAny(v, "\n") || v != strings.TrimSpace(v) || !strings.Contains(message, v) {
			t.Errorf("trailer %q of %q", v, message)
		}
		if v != "" && !strings.Contains(strings.ReplaceAll(message, "\r\n", "\n"), "\n\n") {
			t.Errorf("trailer %q in a subject: %q", v, message)
		}
	})
}
