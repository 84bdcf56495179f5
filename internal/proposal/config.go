package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// ConfigKind is gitsm.yaml as the one record it is. It is in no kind table: a
// store has one, and its path is not a kind's.
func ConfigKind() *record.Kind {
	return &record.Kind{Name: "config", Plural: "config", Schema: "config", Title: "title"}
}

// config is gitsm.yaml as a snapshot has it.
func config(s *store.Store) *record.Record {
	return record.New(ConfigKind(), StoreTopic, store.ConfigFile, "", s.Doc)
}

// PolicyKind is what proposals of policy are named by. There is no record of it:
// its rules are code.
func PolicyKind() *record.Kind {
	return &record.Kind{Name: "policy", Plural: "policy"}
}

// Config finds gitsm.yaml on main, with its open proposal: the one of the given
// branch, else the only one there is, or among several the one of the branch
// here.
func (d *Desk) Config(ctx context.Context, w *World, branch, here string) (*Target, error) {
	t := &Target{Kind: ConfigKind(), ID: StoreTopic, Landed: config(w.Base)}
	var err error
	t.Proposal, err = d.about(ctx, w, branch, here, w.Base.Display(store.ConfigFile), configures)
	return t, err
}

// Policy finds the open proposal of the policy, as Config does that of
// gitsm.yaml. The target has none where nobody proposes another policy.
func (d *Desk) Policy(ctx context.Context, w *World, branch, here string) (*Target, error) {
	t := &Target{ID: StoreTopic}
	var err error
	t.Proposal, err = d.about(ctx, w, branch, here, w.Base.Display(store.PolicyDir), ruling)
	return t, err
}

// about finds the open proposal that holds is true of, of the given branch or
// the only one there is, or among several that of the branch here, and nil where
// there is none. One that cannot be loaded is in the way of those alone that ask
// for what it changes.
func (d *Desk) about(ctx context.Context, w *World, branch, here, what string, holds func(*decision.Facts) bool) (*Loaded, error) {
	open, err := d.openUnder(ctx, w, StoreTopic)
	if err != nil {
		return nil, err
	}
	var mine *Loaded
	var broken error // why mine is not there
	var names []string
	for _, p := range open {
		if branch != "" && p.Branch != branch {
			continue
		}
		l, err := d.Load(ctx, w, p)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		is := err == nil && holds(&l.Facts) || err != nil && d.touches(ctx, w, p, what)
		switch {
		case branch != "" && err == nil && !is:
			return nil, changesNot(branch, what)
		case branch != "" || is && p.Branch == here:
			return l, err
		case is:
			mine, broken, names = l, err, append(names, p.Branch)
		}
	}
	switch {
	case branch != "":
		return nil, &UsageError{What: fmt.Sprintf("there is no open proposal %s", branch), Fix: "git branch --list 'gitsm/store/*'"}
	case len(names) > 1:
		return nil, &UsageError{What: fmt.Sprintf("%s has %d open proposals: %s", what, len(names), strings.Join(names, ", ")),
			Fix: "name the branch of the one that is meant"}
	}
	return mine, broken
}

// touches reports whether a proposal that cannot be loaded changes a file, or
// one beneath a directory, in whichever version of it. Where that cannot be told
// it may.
func (d *Desk) touches(ctx context.Context, w *World, p Proposal, what string) bool {
	for _, head := range []git.OID{p.local, p.upstream} {
		if head == "" {
			continue
		}
		files, err := d.since(ctx, w.Main, head)
		if err != nil || slices.ContainsFunc(files, func(f git.FileChange) bool { return f.Path == what || strings.HasPrefix(f.Path, what+"/") }) {
			return true
		}
	}
	return false
}

// configures reports whether a proposal is about gitsm.yaml.
func configures(f *decision.Facts) bool {
	return f.Primary() == nil && slices.ContainsFunc(f.Files, func(x decision.File) bool { return x.Path == f.Base.Display(store.ConfigFile) })
}

// ruling reports whether a proposal is about the policy.
func ruling(f *decision.Facts) bool {
	return f.Primary() == nil && slices.ContainsFunc(f.Files, func(x decision.File) bool {
		return strings.HasPrefix(x.Path, f.Base.Display(store.PolicyDir)+"/")
	})
}
