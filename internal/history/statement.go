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
	Method string    // how it landed, for a merge
	Said   time.Time // when a forge says that it was, zero where none says so
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
		l, ok := h.Landing(s.Commit)
		if !ok || l.Merge != nil {
			continue
		}
		if parts := h.rebased(l, s); len(parts) > 0 {
			l = h.join(parts)
		}
		if l.Matches(s) {
			if l.Merge = s; len(l.Parents) == 1 {
				l.Head = s.Head // squashed: main does not have it
			}
		}
	}
}

// Matches reports whether a merge statement is about exactly this landing.
func (l *Landing) Matches(s *Statement) bool {
	if s.Commit != l.OID || s.Base != l.Base {
		return false
	}
	if len(l.Parents) == 1 {
		return l.Reviewed() && !s.Said.IsZero() && (s.Method == "squash" || s.Method == "rebase")
	}
	return len(l.Parents) == 2 && s.Head == l.Parents[1]
}

// Reviewed reports whether proposals were reviewed on a forge when it landed,
// so that a forge's clock says in which order things happened.
func (l *Landing) Reviewed() bool { return l.Before.Err == nil && l.Before.Config.Forge == "github" }

// attach gives each opinion to the landing of the proposal it is about, or to
// its place in main's line.
func (h *History) attach(statements []Statement) {
	squashed := map[string]*Landing{} // by branch, where main does not have its commits
	for _, l := range h.Line {
		if l.Merge != nil && len(l.Parents) == 1 {
			squashed[l.Merge.Branch] = l
		}
	}
	for _, s := range statements {
		if !slices.Contains([]string{"approval", "rejection", "withdrawal"}, s.Type) {
			continue
		}
		if c := h.Commits[s.Head]; c != nil && c.Landing != nil && c.Landing.Commit != c && s.Branch != "" {
			h.attached[c.Landing] = append(h.attached[c.Landing], s)
			continue
		}
		if l := squashed[s.Branch]; l != nil && s.Branch != "" {
			h.attached[l] = append(h.attached[l], s)
			continue
		}
		at := s.Anchor
		if at < 0 || at >= len(h.Line) {
			at = Unanchored
		}
		h.loose[at] = append(h.loose[at], s)
	}
}
