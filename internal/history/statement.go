package history

import (
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// Statement is what history needs to know of one piece of evidence.
type Statement struct {
	Path   string // on the evidence branch
	Type   string // approval, rejection, withdrawal, merge; others are passed over
	Kind   string // of the record, "" where it is about none
	Record string
	Person string
	Time   time.Time // the author's word
	Branch string    // of the proposal; "" for an opinion on what has landed already
	Base   git.OID   // main before the landing, for a merge; else main as it was judged against
	Head   git.OID   // of the proposal
	Commit git.OID   // what landed, for a merge
	// Anchor is the index of the first landing that commits to it, Unanchored
	// where none does yet.
	Anchor int
}

// Unanchored is the Anchor of evidence that no commit of main names yet.
const Unanchored = -1

// merges finds what says of each landing that the gate let it pass: a
// statement that names the commit, main before it and the proposal's head. One
// that says anything else proves nothing.
func (h *History) merges(statements []Statement) {
	for i := range statements {
		s := &statements[i]
		if s.Type != "merge" {
			continue
		}
		if l, ok := h.Landing(s.Commit); ok && l.Merge == nil && l.Matches(s) {
			l.Merge = s
		}
	}
}

// Matches reports whether a merge statement is about exactly this landing.
func (l *Landing) Matches(s *Statement) bool {
	return len(l.Parents) == 2 && s.Commit == l.OID && s.Base == l.Base && s.Head == l.Head
}

// attach gives each opinion to the landing of the proposal it is about, or to
// its place in main's line.
func (h *History) attach(statements []Statement) {
	for _, s := range statements {
		if !slices.Contains([]string{"approval", "rejection", "withdrawal"}, s.Type) {
			continue
		}
		if c := h.Commits[s.Head]; c != nil && c.Landing != nil && c.Landing.Commit != c && s.Branch != "" {
			h.attached[c.Landing] = append(h.attached[c.Landing], s)
			continue
		}
		at := s.Anchor
		if at < 0 || at >= len(h.Line) {
			at = Unanchored
		}
		h.loose[at] = append(h.loose[at], s)
	}
}
