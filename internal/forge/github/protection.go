package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Protection reads a branch's protection of the older kind, nil where it has
// none. The error is forge.ErrHidden where it has some that the token may not read.
func (c *Client) Protection(ctx context.Context, branch string) (*forge.Protection, error) {
	what := fmt.Sprintf("reading the protection of branch %s of %s", branch, c.place)
	var b struct {
		Protection struct{ Enabled bool }
	}
	_, err := c.get(ctx, c.path("branches/%s", url.PathEscape(branch)), &b)
	err = c.fail(what, false, err)
	switch {
	case errors.Is(err, forge.ErrNotFound):
		return nil, nil // nobody has pushed it yet
	case err != nil || !b.Protection.Enabled:
		return nil, err
	}
	p, _, err := c.gh.Repositories.GetBranchProtection(ctx, c.owner, c.name, branch)
	if errors.Is(err, github.ErrBranchNotProtected) {
		return nil, nil
	}
	if err = c.fail(what, false, err); errors.Is(err, forge.ErrForbidden) || errors.Is(err, forge.ErrNotFound) {
		return nil, fmt.Errorf("%s: %w", what, forge.ErrHidden)
	}
	if err != nil {
		return nil, err
	}
	return restated(p)
}

// restated puts protection into the words of rulesets.
func restated(p *github.Protection) (*forge.Protection, error) {
	out := &forge.Protection{}
	var failed error
	add := func(kind string, parameters any) {
		raw, err := json.Marshal(parameters)
		failed = errors.Join(failed, err)
		out.Rules = append(out.Rules, forge.Rule{Type: kind, Source: forge.BranchProtection, Parameters: raw})
	}
	if r := p.RequiredPullRequestReviews; r != nil {
		add("pull_request", map[string]any{
			"required_approving_review_count": r.RequiredApprovingReviewCount, "dismiss_stale_reviews_on_push": r.DismissStaleReviews,
			"require_code_owner_review": r.RequireCodeOwnerReviews, "require_last_push_approval": r.RequireLastPushApproval,
		})
		if a := r.BypassPullRequestAllowances; a != nil && len(a.Users)+len(a.Teams)+len(a.Apps) > 0 {
			out.Exempt = append(out.Exempt, fmt.Sprintf("%d users, %d teams and %d apps who need no pull request", len(a.Users), len(a.Teams), len(a.Apps)))
		}
	}
	if r := p.RequiredStatusChecks; r != nil {
		checks := []any{}
		for _, x := range deref(r.Checks) {
			checks = append(checks, map[string]any{"context": x.Context, "integration_id": max(0, x.GetAppID())})
		}
		if r.Checks == nil { // an older server names no sources
			for _, name := range deref(r.Contexts) {
				checks = append(checks, map[string]any{"context": name, "integration_id": 0})
			}
		}
		add("required_status_checks", map[string]any{"required_status_checks": checks})
	}
	if p.AllowForcePushes != nil && !p.AllowForcePushes.Enabled {
		add("non_fast_forward", nil)
	}
	if p.AllowDeletions != nil && !p.AllowDeletions.Enabled {
		add("deletion", nil)
	}
	if p.EnforceAdmins == nil || !p.EnforceAdmins.Enabled {
		out.Exempt = append(out.Exempt, "administrators")
	}
	return out, failed
}

func deref[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}
