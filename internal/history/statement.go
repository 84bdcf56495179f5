package history

import (
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
	Pull   int       // the forge's number of the proposal, 0 where no forge has it
	// Anchor is the index of the first landing that commits to it, Unanchored
	// where none does yet.
	Anchor int
	// Told says that a reader knows the event, unless it is of a landing that was
	// read now.
	Told bool
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
	h.squashed = map[string]*Landing{}
	for _, l := range h.Line {
		if l.Squashed() {
			h.squashed[l.Merge.Branch] = l
		}
	}
	for _, s := range statements {
		if !IsOpinionType(s.Type) {
			continue
		}
		if l := h.About(s); l != nil {
			h.attached[l] = append(h.attached[l], s)
			continue
		}
		if s.Told {
			continue
		}
		at := s.Anchor
		if at < h.first() || at >= h.first()+len(h.Line) {
			at = Unanchored
		}
		h.loose[at] = append(h.loose[at], s)
	}
}

// IsOpinionType reports whether statements of a type say what a person thinks.
func IsOpinionType(typ string) bool {
	return typ == "approval" || typ == "rejection" || typ == "withdrawal"
}

// Squashed reports whether evidence says that a landing is a proposal of which
// main does not have the commits.
func (l *Landing) Squashed() bool { return l.Merge != nil && len(l.Parents) == 1 }

// About is the landing of the proposal that an opinion is about, nil for none.
func (h *History) About(s Statement) *Landing {
	if s.Branch == "" {
		return nil
	}
	if c := h.Commits[s.Head]; c != nil && c.Landing != nil && c.Landing.Commit != c {
		return c.Landing
	}
	return h.squashed[s.Branch]
}
