package proposal

import (
	"context"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
)

// Foretold says what would be found in a change with some fields if it was
// filed now. It may be asked on every key that somebody presses.
type Foretold func(ctx context.Context, fields map[string]any) ([]finding.Finding, error)

// Foretell prepares to say what main's schema, references and policy find in a
// change that is not filed yet.
func (d *Desk) Foretell(ctx context.Context) (Foretold, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	k, _ := record.Builtin().ByName("change")
	advice, err := d.Judge.Advise(ctx, w.Base, w.Base, decision.Actor{}, d.Now())
	if err != nil {
		return nil, err
	}
	filled, _, err := d.fill(ctx, k, k.Prefix+"-"+d.Now().UTC().Format("20060102")+"-000000", map[string]any{})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, fields map[string]any) ([]finding.Finding, error) {
		all := maps.Clone(filled)
		maps.Copy(all, fields)
		content, err := render(k, all)
		if err != nil {
			return nil, err
		}
		doc, found := k.Parse("the new change", content)
		if doc == nil || len(found) > 0 {
			return found, nil
		}
		rec := record.New(k, record.Str(all, "id"), "", "", doc)
		found, err = d.Judge.Validator.Schema(w.Base, rec)
		if err != nil {
			return nil, err
		}
		refs, err := d.Judge.Validator.References(w.Base, rec)
		if err != nil {
			return nil, err
		}
		if found = slices.Concat(found, refs); len(found) > 0 {
			return found, nil // policy is not for what does not conform
		}
		found, _, err = advice.Judge(ctx, nil, rec)
		finding.Sort(found)
		return found, err
	}, nil
}
