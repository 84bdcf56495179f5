package proposal

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Rename gives a record a further name, and a title where one is given. Its id
// stays: records refer to it by that, and those that are over could not be
// changed any more. An open proposal of the record is added to.
func (d *Desk) Rename(ctx context.Context, kind *record.Kind, short, alias, title string) (*Outcome, error) {
	if !kind.Aliased {
		return nil, &UsageError{What: fmt.Sprintf("a %s has no further names", kind.Name), Fix: fmt.Sprintf("gitsm %s edit ID --set title=…", kind.Name)}
	}
	if err := record.CheckID(kind, alias); err != nil {
		return nil, &UsageError{What: err.Error()}
	}
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Resolve(ctx, w, short, kind.Name)
	if err != nil {
		return nil, err
	}
	rec := t.Current()
	if rec == nil {
		return nil, &RefusedError{What: t.ID + " cannot be read in its proposal", Fix: "mend the file on its branch: git switch " + t.Proposal.Branch}
	}
	if err := free(w.Base, rec, alias); err != nil {
		return nil, err
	}
	remake := func(rec *record.Record) ([]byte, error) { return Apply(rec, renaming(rec, alias, title)) }
	content, err := remake(rec)
	if err != nil {
		return nil, err
	}
	return d.Propose(ctx, Draft{Kind: rec.Kind, ID: rec.ID, Path: rec.Path, Verb: "rename", Content: content, Title: rec.Title(), Target: t, Remake: remake})
}

// free says why a name cannot be given to a record.
func free(s *store.Store, rec *record.Record, alias string) error {
	switch {
	case alias == rec.ID:
		return &UsageError{What: fmt.Sprintf("%s is the id of that %s", alias, rec.Kind.Name)}
	case slices.Contains(rec.Aliases(), alias):
		return &UsageError{What: fmt.Sprintf("%s is an alias of %s %s already", alias, rec.Kind.Name, rec.ID)}
	}
	kinds := []string{rec.Kind.Name}
	if slices.Contains([]string{"service", "asset"}, rec.Kind.Name) {
		kinds = []string{"service", "asset"} // which share one set of names
	}
	if other, err := s.Find(alias, kinds...); err == nil {
		return &UsageError{What: fmt.Sprintf("%s names %s %s", alias, other.Kind.Name, other.ID)}
	}
	return nil // one that is broken or ambiguous is a finding of the proposal
}

// renaming are the edits that name a record anew.
func renaming(rec *record.Record, alias, title string) []yamldoc.Edit {
	add := yamldoc.Edit{Pointer: "/aliases/-", Value: alias}
	if _, has := rec.Fields["aliases"]; !has {
		add = yamldoc.Edit{Pointer: "/aliases", Value: []any{alias}}
	}
	edits := []yamldoc.Edit{add}
	if title != "" {
		edits = append(edits, set(yamldoc.Pointer(rec.Kind.Title), title)...)
	}
	return edits
}
