package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/store"
)

// Seal is what a commit's signature proves of who made it. The zero Seal is one
// that nobody looked at, as on a forge, which knows who pushed and who committed.
type Seal struct {
	Trust string // approval.Claimed, Observed or Signed
	Bad   string // why the signature is bad, "" where it is not
	Owed  string // why it proves nothing although its committer has a key, "" elsewhere
}

// doubts are the commits of which nobody can say who made them. Whoever made
// one could approve it under their own name: segregation of duties is as good as
// the names. Asked says that somebody's approval counts, minimum how well that
// has to be proven; a step of a change rests on who approved it before.
func (f *Facts) doubts(dir *store.Directory, asked bool, minimum string) []approval.Ignored {
	steps := slices.ContainsFunc(f.Changes, func(c Change) bool { return Rests(&c) })
	commits := map[approval.Ignored][]string{}
	for _, w := range f.work {
		why := ""
		switch s := w.Seal; {
		case !w.Bound:
		case s.Bad != "":
			why = "whose signature is bad (" + s.Bad + "): have the work committed again"
		case s.Owed != "" && (asked || steps):
			why = s.Owed + ": have it signed with that key (git commit --amend -S)"
		case asked && s.Trust != "" && slices.Index(trusts, s.Trust) < slices.Index(trusts, minimum):
			why = fmt.Sprintf("which is %s, and approvals of it have to be %s: sign it (git commit --amend -S) with a key that people/ has", s.Trust, minimum)
		}
		if why != "" {
			who, known := dir.ByEmail(w.Committer.Email)
			if !known {
				continue // somebody unknown blocks for being so
			}
			key := approval.Ignored{Who: who, Why: why}
			commits[key] = append(commits[key], fmt.Sprintf("%.10s", w.OID))
		}
	}
	var out []approval.Ignored
	for key, list := range commits {
		out = append(out, approval.Ignored{Who: key.Who, Why: "is said to have made " + strings.Join(list, ", ") + ", " + key.Why})
	}
	return out
}
