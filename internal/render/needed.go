package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
)

// Needed renders whether files need a change, and why.
func Needed(w io.Writer, n *decision.Needed, style Style) error {
	var b strings.Builder
	answer := "no change is needed"
	if n.Needed {
		answer = fmt.Sprintf("a %s change is needed", n.Type)
	}
	fmt.Fprintf(&b, "%s\n", style.paint(bold, answer))
	for _, r := range n.Reasons {
		fmt.Fprintf(&b, "  %s  %s: %s (%s, %s)\n", r.Type, Terminal(r.Path), Terminal(r.Message), Terminal(r.Rule), Terminal(r.Place))
	}
	for _, p := range n.Without {
		fmt.Fprintf(&b, "  none  %s\n", Terminal(p))
	}
	for _, p := range n.Records {
		fmt.Fprintf(&b, "  none  %s: a proposal of its own\n", Terminal(p))
	}
	return write(w, inert(b.String()))
}
