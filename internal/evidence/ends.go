package evidence

// Ends says how a statement ended the proposal of a branch, "" where it did
// not. A branch is never used again: else an approval of long ago would be one
// of whatever has the same content today. What an emergency still owes is said
// of no branch, and nothing ends it.
func (e *Entry) Ends(branch string) string {
	switch p := e.Statement.Predicate; {
	case branch == "" || p.Proposal.Branch != branch:
	case p.Kind == Merge:
		return "its branch landed already, and no branch is used again; propose it anew"
	case p.Kind == Withdrawal && p.Forge != nil && p.Forge.Review != 0:
		// A review was dismissed; the proposal goes on.
	case p.Kind == Withdrawal:
		return "the proposal was withdrawn; propose it anew"
	}
	return ""
}
