package proposal

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
)

// Page is the address at which people look at a target on the forge: its open
// pull request, else the one by which it landed last, else its file. No other host
// is named, whoever says so: a browser opens it.
func (d *Desk) Page(ctx context.Context, t *Target) (string, error) {
	page, err := d.page(ctx, t)
	if err != nil {
		return "", err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return "", err
	}
	host, _, _ := strings.Cut(f.Where(), "/")
	if u, err := url.Parse(page); err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, host) || u.User != nil {
		return "", &RefusedError{What: fmt.Sprintf("the page of %s is said to be at %s, which is not at %s", t.Arg(), page, host), Fix: "look for it there yourself: https://" + f.Where()}
	}
	return page, nil
}

func (d *Desk) page(ctx context.Context, t *Target) (string, error) {
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
