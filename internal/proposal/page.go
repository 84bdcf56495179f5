package proposal

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/gitsm/gitsm/internal/evidence"
)

// Page is the address at which people look at a target on the forge: its open
// pull request, else the one by which it landed last, else its file.
func (d *Desk) Page(ctx context.Context, t *Target) (string, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return "", err
	}
	if !w.reviewed() {
		return "", &UsageError{What: "the store's proposals are reviewed with git alone, so there is no page to look at", Fix: "gitsm " + t.Name() + " view " + t.Arg()}
	}
	f, err := d.forge(ctx)
	if err != nil {
		return "", err
	}
	if t.Proposal != nil {
		p, err := d.pullOf(ctx, f, t.Proposal)
		if err == nil && p == nil {
			err = &UsageError{What: t.Arg() + " has no pull request yet", Fix: "gitsm " + t.Name() + " submit " + t.Arg()}
		}
		if err != nil {
			return "", err
		}
		return p.URL, nil
	}
	list, err := d.recordedOf(ctx, w, d.asProposed(w, t))
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(list) {
		if p := e.Statement.Predicate; p.Kind == evidence.Merge && p.Forge != nil {
			return fmt.Sprintf("https://%s/pull/%d", p.Forge.Repository, p.Forge.Pull), nil
		}
	}
	return "https://" + path.Join(f.Where(), "blob", d.Main, w.Base.Display(t.Landed.Path)), nil
}
