package proposal

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// people finds out who had a hand in the proposal. All parents count: a commit
// that came in by a side branch was written by somebody too. A merge of main
// that git could have made alone does not.
func (d *Desk) people(ctx context.Context, w *World, l *Loaded, changes []git.FileChange) error {
	dir, err := w.Base.Directory()
	if err != nil {
		return err
	}
	who := &identities{base: dir, newcomers: newcomers(dir, &l.Facts)}
	commits, err := d.Repo.Range(ctx, w.Main, l.Head)
	if err != nil {
		return fmt.Errorf("reading the commits of %s: %w", l.Branch, err)
	}
	bound := map[string]bool{}
	for _, c := range changes {
		bound[c.Path] = true
	}
	for _, c := range commits {
		touches, err := d.touches(ctx, c, bound)
		if err != nil {
			return err
		}
		if touches {
			l.Facts.Contributors = append(l.Facts.Contributors, who.of(c)...)
		}
	}
	l.open(who, commits)
	return nil
}

// open notes who opened the proposal: the author of its first commit that is no
// merge, whatever became of what it wrote.
func (l *Loaded) open(who *identities, commits []*git.Commit) {
	i := slices.IndexFunc(commits, func(c *git.Commit) bool { return len(c.Parents) < 2 })
	if i < 0 {
		return
	}
	c := commits[i]
	named := func(x approval.Contributor) bool { return x.Commit == c.OID }
	if l.Facts.Opener = who.person(c.Author.Email); l.Facts.Opener == "" && !slices.ContainsFunc(l.Facts.Contributors, named) {
		l.Facts.Contributors = append(l.Facts.Contributors, who.one(c.Author.Name, c.Author.Email, "opener", c.OID))
	}
}

// touches reports whether a commit wrote any bound path itself.
func (d *Desk) touches(ctx context.Context, c *git.Commit, bound map[string]bool) (bool, error) {
	if len(c.Parents) > 1 {
		tree, err := d.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if err == nil && tree == c.Tree && len(c.Parents) == 2 {
			return false, nil
		}
		return true, nil // edited in the merge, or merged by hand
	}
	parent := ""
	if len(c.Parents) == 1 {
		parent = c.Parents[0]
	}
	changes, err := d.Repo.Diff(ctx, parent, c.OID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(changes, func(x git.FileChange) bool { return bound[x.Path] }), nil
}

// identities maps what commits say of themselves to people.
type identities struct {
	base      *store.Directory
	newcomers map[string]string // e-mail → person the proposal itself adds
}

// newcomers are people the proposal adds: somebody who proposes themselves is
// that new person, and nobody main knows. In a proposal that does more they stay
// unknown: it could be the second self of whoever approves the rest.
func newcomers(base *store.Directory, f *decision.Facts) map[string]string {
	out := map[string]string{}
	if len(f.Files) > 0 || slices.ContainsFunc(f.Changes, func(c decision.Change) bool { return c.Kind.Owner != "people" }) {
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

func (i *identities) person(email string) string {
	if id, ok := i.base.ByEmail(email); ok {
		return id
	}
	return i.newcomers[strings.ToLower(email)]
}

var coAuthor = regexp.MustCompile(`(?im)^co-authored-by:[ \t]*([^<\n]*)<([^>\n]*)>`)

// of returns the author, the committer and the co-authors of a commit.
func (i *identities) of(c *git.Commit) []approval.Contributor {
	out := []approval.Contributor{i.one(c.Author.Name, c.Author.Email, "author", c.OID)}
	if c.Committer.Email != c.Author.Email {
		out = append(out, i.one(c.Committer.Name, c.Committer.Email, "committer", c.OID))
	}
	for _, m := range coAuthor.FindAllStringSubmatch(c.Message, -1) {
		out = append(out, i.one(strings.TrimSpace(m[1]), m[2], "co-author", c.OID))
	}
	return out
}

func (i *identities) one(name, email, role, commit string) approval.Contributor {
	return approval.Contributor{Person: i.person(email), Who: name, Role: role, Commit: commit}
}
