package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
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

// Config finds gitsm.yaml on main, with its open proposal: the one of the given
// branch, else the only one there is.
func (d *Desk) Config(ctx context.Context, w *World, branch string) (*Target, error) {
	t := &Target{Kind: ConfigKind(), ID: StoreTopic, Landed: config(w.Base)}
	open, err := d.openUnder(ctx, w, StoreTopic)
	if err != nil {
		return nil, err
	}
	var mine []*Loaded
	var names []string
	for _, p := range open {
		if branch != "" && p.Branch != branch {
			continue
		}
		l, err := d.Load(ctx, w, p)
		if err != nil {
			return nil, err
		}
		if branch != "" || configures(&l.Facts) {
			mine, names = append(mine, l), append(names, l.Branch)
		}
	}
	switch {
	case branch != "" && len(mine) == 0:
		return nil, &UsageError{What: fmt.Sprintf("there is no open proposal %s", branch), Fix: "git branch --list 'gitsm/store/*'"}
	case branch != "" && !configures(&mine[0].Facts):
		return nil, &UsageError{What: fmt.Sprintf("%s does not change %s", branch, w.Base.Display(store.ConfigFile))}
	case len(mine) > 1:
		return nil, &UsageError{What: fmt.Sprintf("%s has %d open proposals: %s", w.Base.Display(store.ConfigFile), len(mine), strings.Join(names, ", ")),
			Fix: "name the branch of the one that is meant"}
	case len(mine) == 1:
		t.Proposal = mine[0]
	}
	return t, nil
}

// configures reports whether a proposal is about gitsm.yaml.
func configures(f *decision.Facts) bool {
	return f.Primary() == nil && slices.ContainsFunc(f.Files, func(x decision.File) bool { return x.Path == f.Base.Display(store.ConfigFile) })
}
