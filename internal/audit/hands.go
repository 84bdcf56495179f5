package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// contributors says who had a hand in what a landing brought, as the gate
// does: everybody a commit names that wrote a bound path. A merge that git
// could have made alone names nobody.
func (t *trail) contributors(ctx context.Context, r *ruling, dir *store.Directory, f *decision.Facts, bound []git.FileChange) error {
	who := identities{base: dir, newcomers: newcomers(dir, f)}
	commits := r.landing.Brought
	if len(commits) == 0 {
		commits = []*history.Commit{r.landing.Commit}
	}
	paths := map[string]bool{}
	for _, c := range bound {
		paths[c.Path] = true
	}
	for i, c := range commits {
		if touches, err := t.wrote(ctx, c, paths); err != nil {
			return err
		} else if !touches {
			continue
		}
		r.commits = append(r.commits, c)
		list := who.of(&c.Commit)
		f.Contributors = append(f.Contributors, list...)
		if i == 0 {
			f.Opener = list[0].Person
		}
	}
	return nil
}

// wrote reports whether a commit wrote any of the paths itself.
func (t *trail) wrote(ctx context.Context, c *history.Commit, paths map[string]bool) (bool, error) {
	if len(c.Parents) > 1 {
		if len(c.Parents) > 2 {
			return true, nil
		}
		tree, err := t.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return err != nil || tree != c.Tree, nil // edited in the merge, or merged by hand
	}
	return slices.ContainsFunc(c.Changes, func(x git.FileChange) bool { return paths[x.Path] }), nil
}

// identities maps what commits say of themselves to people.
type identities struct {
	base      *store.Directory
	newcomers map[string]string // e-mail → person the landing itself adds
}

// newcomers are people a landing adds: somebody who proposes themselves is
// that new person.
func newcomers(base *store.Directory, f *decision.Facts) map[string]string {
	out := map[string]string{}
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

func (i identities) of(c *git.Commit) []approval.Contributor {
	var out []approval.Contributor
	for _, h := range history.Hands(c) {
		out = append(out, approval.Contributor{Person: i.person(h.Email), Who: h.Name, Role: h.Role, Commit: c.OID})
	}
	return out
}

// sameHuman says what two people records share that only one human has, ""
// where nothing.
func sameHuman(dir *store.Directory, a, b string) string {
	p, q := dir.People[a], dir.People[b]
	if p.GitHub.ID != 0 && p.GitHub.ID == q.GitHub.ID {
		return "a GitHub account"
	}
	for _, e := range p.Emails {
		if slices.ContainsFunc(q.Emails, func(o string) bool { return strings.EqualFold(strings.TrimSpace(e), strings.TrimSpace(o)) }) {
			return "an e-mail address"
		}
	}
	for _, key := range p.SigningKeys {
		for _, other := range q.SigningKeys {
			if k := bareKey(key.Key); k != "" && k == bareKey(other.Key) {
				return "a signing key"
			}
		}
	}
	return ""
}

// bareKey is an authorized_keys line without its comment.
func bareKey(line string) string {
	if f := strings.Fields(line); len(f) >= 2 {
		return f[0] + " " + f[1]
	}
	return ""
}
