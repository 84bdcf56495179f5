package cli

import (
	"context"
	"errors"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/store"
)

const atHelp = "as main had it at this `REV|DATE`: a commit, branch or tag, or a date or time"

// past opens the store as it was at a revision or date.
func (env *Env) past(ctx context.Context, d *proposal.Desk, at string) (*store.Store, error) {
	id, err := env.revision(ctx, d, at)
	if err != nil {
		return nil, err
	}
	tree, err := d.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(tree, store.InDirectory(d.Dir), store.WithCache(d.Cache))
	if errors.Is(err, store.ErrNoStore) {
		return nil, usage("there was no store at %s (commit %s)", at, id)
	}
	return s, err
}

// revision is the commit of a revision, or of a date: then it is the newest
// commit of main's own line that claims to be no younger. What a commit says of
// its date proves nothing, so that is said.
func (env *Env) revision(ctx context.Context, d *proposal.Desk, at string) (git.OID, error) {
	if t, err := day(at); err == nil {
		return env.before(ctx, d, at, t)
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	id, err := repo.Resolve(ctx, at)
	if err != nil {
		return "", usage("--at: %v", err).hint("--at takes a commit, branch or tag, a date (2026-11-20: its first moment in UTC) or a time")
	}
	return id, nil
}

// before finds the newest commit of main's first parents that claims a date no
// later than t.
func (env *Env) before(ctx context.Context, d *proposal.Desk, at string, t time.Time) (git.OID, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return "", err
	}
	for e, err := range d.Repo.Log(ctx, git.LogOptions{From: []git.OID{w.Main}, FirstParent: true}) {
		if err != nil {
			return "", err
		}
		if !e.Committer.When.After(t) {
			env.say("as of commit %s, which claims %s: dates of commits are claimed, and prove nothing", e.OID[:min(12, len(e.OID))], e.Committer.When.UTC().Format(time.RFC3339))
			return e.OID, nil
		}
	}
	return "", usage("no commit of %s claims to be as old as %s", d.Main, at)
}
