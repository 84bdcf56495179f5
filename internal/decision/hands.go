package decision

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// Work is one commit that a proposal brings.
type Work struct {
	*git.Commit
	Bound bool // it wrote something that approvals cover
}

// Attribute notes who opened the proposal and who had a hand in it. Work is
// every commit that it brings over all parents, ancestors first: a commit that
// came in by a side branch was written by somebody too.
func (f *Facts) Attribute(work []Work) error {
	dir, err := f.Base.Directory()
	if err != nil {
		return err
	}
	who := identities{base: dir, newcomers: newcomers(dir, f)}
	for _, w := range work {
		if !w.Bound {
			continue
		}
		for _, h := range hands(w.Commit) {
			f.Contributors = append(f.Contributors, who.contributor(h, w.OID))
		}
	}
	f.open(who, work)
	return nil
}

// open notes who opened the proposal: the author of its first commit that is no
// merge, whatever became of what it wrote.
func (f *Facts) open(who identities, work []Work) {
	i := slices.IndexFunc(work, func(w Work) bool { return len(w.Parents) < 2 })
	if i < 0 {
		return
	}
	first := work[i].Commit
	named := func(c approval.Contributor) bool { return c.Commit == first.OID }
	if f.Opener = who.person(first.Author.Email); f.Opener == "" && !slices.ContainsFunc(f.Contributors, named) {
		f.Contributors = append(f.Contributors, who.contributor(hand{first.Author.Name, first.Author.Email, "opener"}, first.OID))
	}
}

var coAuthor = regexp.MustCompile(`(?im)^co-authored-by:[ \t]*([^<\n]*)<([^>\n]*)>`)

// hand is somebody a commit says had a hand in it.
type hand struct{ name, email, role string }

// hands returns the author, the committer where it is somebody else, and the
// co-authors of a commit.
func hands(c *git.Commit) []hand {
	out := []hand{{c.Author.Name, c.Author.Email, "author"}}
	if c.Committer.Email != c.Author.Email {
		out = append(out, hand{c.Committer.Name, c.Committer.Email, "committer"})
	}
	for _, m := range coAuthor.FindAllStringSubmatch(c.Message, -1) {
		out = append(out, hand{strings.TrimSpace(m[1]), m[2], "co-author"})
	}
	return out
}

// identities maps what commits say of themselves to people.
type identities struct {
	base      *store.Directory
	newcomers map[string]string // e-mail → person the proposal itself adds
}

// newcomers are people the proposal adds: somebody who proposes themselves is
// that new person, and nobody main knows. In a proposal that does more they stay
// unknown: it could be the second self of whoever approves the rest.
func newcomers(base *store.Directory, f *Facts) map[string]string {
	out := map[string]string{}
	if len(f.Files) > 0 || slices.ContainsFunc(f.Changes, func(c Change) bool { return c.Kind.Owner != "people" }) {
		return out
	}
	for _, c := range f.Changes {
		if c.Kind.Name != "person" || c.Before != nil || c.After == nil {
			continue
		}
		for _, e := range c.After.Strs("emails") {
			if _, known := base.ByEmail(e); !known {
				out[strings.ToLower(e)] = c.ID
			}
		}
	}
	return out
}

func (i identities) person(email string) string {
	if id, ok := i.base.ByEmail(email); ok {
		return id
	}
	return i.newcomers[strings.ToLower(email)]
}

func (i identities) contributor(h hand, commit string) approval.Contributor {
	return approval.Contributor{Person: i.person(h.email), Who: h.name, Role: h.role, Commit: commit}
}
