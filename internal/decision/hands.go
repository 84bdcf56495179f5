package decision

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/store"
)

// Work is one commit that a proposal brings.
type Work struct {
	*git.Commit
	Bound bool // it wrote something that approvals cover
	Seal  Seal

	// What a forge knows of the commit besides, where there is one.
	AuthorIs, CommitterIs string   // person ids of the accounts it takes them for
	Bots                  []string // roles, author or committer, that are machines
	Web                   bool     // the forge made it itself in the author's name, so nobody committed it
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
	f.work = work
	for _, w := range work {
		if !w.Bound {
			continue
		}
		for _, h := range w.hands() {
			f.Contributors = append(f.Contributors, who.contributors(h, w)...)
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
	first := work[i]
	named := func(c approval.Contributor) bool { return c.Commit == first.OID }
	if f.Opener = cmp.Or(who.person(first.Commit.Author.Email), first.AuthorIs); f.Opener == "" && !slices.ContainsFunc(f.Contributors, named) {
		f.Contributors = append(f.Contributors, who.contributors(hand{first.Commit.Author.Name, first.Commit.Author.Email, "opener"}, first)...)
	}
}

// coAuthors is a trailer, continued on lines that begin with a space as git has
// it, and address an e-mail address in it: one trailer may name several, and not
// everybody writes the brackets.
var (
	coAuthors = lazyregexp.New(`(?im)^co-authored-by[ \t]*:(.*(?:\n[ \t]+\S.*)*)`)
	address   = lazyregexp.New(`[^\s<>()\[\],;:"]+@[^\s<>()\[\],;:"]+`)
)

// hand is somebody a commit says had a hand in it.
type hand struct{ name, email, role string }

// hands returns the author, the committer where it is somebody else, and the
// co-authors of a commit.
func (w Work) hands() []hand {
	c := w.Commit
	out := []hand{{c.Author.Name, c.Author.Email, "author"}}
	if c.Committer.Email != c.Author.Email && !w.Web {
		out = append(out, hand{c.Committer.Name, c.Committer.Email, "committer"})
	}
	for _, m := range coAuthors.FindAllStringSubmatch(c.Message, -1) {
		out = append(out, named(m[1])...)
	}
	return out
}

// named are the people a trailer names. One that names nobody by an address is
// somebody all the same, and nobody knows who.
func named(trailer string) []hand {
	var out []hand
	name := strings.Join(strings.Fields(trailer), " ")
	for _, email := range address.FindAllString(trailer, -1) {
		before, after, _ := strings.Cut(name, email)
		out = append(out, hand{strings.Trim(before, " <>(),;\"'"), email, "co-author"})
		name = after
	}
	if len(out) == 0 {
		out = append(out, hand{name, "", "co-author"})
	}
	return out
}

// identities maps what commits say of themselves to people.
type identities struct {
	base      *store.Directory
	newcomers map[string]string // e-mail → person the proposal itself adds
}

// newcomers are people the proposal adds: somebody who proposes themselves is
// that new person, and nobody main knows. In a proposal that does more, were it to
// put them into a team, they stay unknown: it could be the second self of whoever
// approves the rest.
func newcomers(base *store.Directory, f *Facts) map[string]string {
	out := map[string]string{}
	more := func(c Change) bool { return c.Kind.Name != "person" || c.Before != nil || c.Unread }
	if len(f.Files) > 0 || slices.ContainsFunc(f.Changes, more) {
		return out
	}
	for _, c := range f.Changes {
		if c.After == nil {
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

// contributors are whom a commit and the forge name for a hand in it. Where they
// name two people both had a part: an address is easily written.
func (i identities) contributors(h hand, w Work) []approval.Contributor {
	account := map[string]string{"author": w.AuthorIs, "opener": w.AuthorIs, "committer": w.CommitterIs}[h.role]
	c := approval.Contributor{Person: i.person(h.email), Who: h.name, Role: h.role, Commit: w.OID}
	if c.Person == "" {
		c.Person = account
	}
	c.Bot = c.Person == "" && slices.Contains(w.Bots, h.role)
	out := []approval.Contributor{c}
	if account != "" && account != c.Person {
		c.Person = account
		out = append(out, c)
	}
	return out
}
