package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

var reviewStates = map[string]string{
	"APPROVED": forge.Approved, "CHANGES_REQUESTED": forge.ChangesRequested, "DISMISSED": forge.Dismissed, "COMMENTED": forge.Commented,
}

// Reviews lists the reviews of a pull request in the order in which they were
// submitted, in every state but those that nobody has submitted yet.
func (c *Client) Reviews(ctx context.Context, number int) ([]forge.Review, error) {
	what := fmt.Sprintf("reading the reviews of pull request %d of %s", number, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.PullRequestReview, *github.Response, error) {
		return c.gh.PullRequests.ListReviews(ctx, c.owner, c.name, number, &page)
	})
	if err != nil {
		return nil, err
	}
	var out []forge.Review
	for _, r := range list {
		if r.GetState() == "PENDING" {
			continue
		}
		state, known := reviewStates[r.GetState()]
		if !known || r.GetID() == 0 {
			return nil, c.fail(what, false, &forge.Error{What: what, Kind: forge.ErrBroken, Why: fmt.Sprintf("review %d has the state %q, which nobody knows", r.GetID(), r.GetState()),
				Fix: "a newer gitsm may know it"})
		}
		out = append(out, forge.Review{ID: r.GetID(), By: account(r.User), State: state, At: r.GetSubmittedAt().UTC(), Commit: r.GetCommitID(), Body: r.GetBody(), URL: r.GetHTMLURL()})
	}
	slices.SortStableFunc(out, func(a, b forge.Review) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return slices.CompactFunc(out, func(a, b forge.Review) bool { return a.ID == b.ID }), nil
}

// happenings adds to reviews that were dismissed when that was, by whom, and what
// they had said, and when the pull request was last sent into another branch. Where
// the token may not read that, what was dismissed is so all the same; an approval may
// have been given for less than lands, which must be known.
func (c *Client) happenings(ctx context.Context, f *forge.Facts) error {
	of := func(state string) bool {
		return slices.ContainsFunc(f.Reviews, func(r forge.Review) bool { return r.State == state })
	}
	if !of(forge.Dismissed) && !of(forge.Approved) {
		return nil
	}
	what := fmt.Sprintf("reading what happened to pull request %d of %s", f.Pull.Number, c.place)
	list, err := c.events(ctx, what, f.Pull.Number)
	if err != nil && of(forge.Approved) {
		return err
	}
	if err != nil {
		return c.unlessHidden(f, err, "when reviews were dismissed")
	}
	for _, e := range list {
		if slices.Contains(retargets, e.GetEvent()) && f.Retargeted.Before(e.GetCreatedAt().UTC()) {
			f.Retargeted = e.GetCreatedAt().UTC()
		}
		i := slices.IndexFunc(f.Reviews, func(r forge.Review) bool { return r.ID == e.GetDismissedReview().GetReviewID() })
		if e.GetEvent() != "review_dismissed" || i < 0 || f.Reviews[i].State != forge.Dismissed {
			continue
		}
		r := &f.Reviews[i]
		r.Was = reviewStates[strings.ToUpper(e.GetDismissedReview().GetState())]
		r.DismissedAt, r.DismissedBy = e.GetCreatedAt().UTC(), account(e.GetActor())
	}
	return nil
}

// retargets are the events by which a pull request comes to go into another branch:
// because somebody says so, or because the branch it went into is gone.
var retargets = []string{"base_ref_changed", "automatic_base_change_succeeded"}

// SubmitReview reviews a commit of a pull request as the token's account.
func (c *Client) SubmitReview(ctx context.Context, number int, commit, state, body string) (*forge.Review, error) {
	event, ok := map[string]string{forge.Approved: "APPROVE", forge.ChangesRequested: "REQUEST_CHANGES", forge.Commented: "COMMENT"}[state]
	if !ok {
		return nil, fmt.Errorf("a review cannot be %q", state)
	}
	var r *github.PullRequestReview
	err := c.write(ctx, fmt.Sprintf("reviewing pull request %d of %s", number, c.place), func(ctx context.Context) (err error) {
		r, _, err = c.gh.PullRequests.CreateReview(ctx, c.owner, c.name, number, &github.PullRequestReviewRequest{CommitID: &commit, Body: &body, Event: &event})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &forge.Review{ID: r.GetID(), By: account(r.User), State: reviewStates[r.GetState()], At: r.GetSubmittedAt().UTC(), Commit: r.GetCommitID(), Body: r.GetBody(), URL: r.GetHTMLURL()}, nil
}

// Permission is what an account may do with the repository. Whoever is no
// account of the host, and whoever GitHub calls by that name by now, may do
// nothing.
func (c *Client) Permission(ctx context.Context, who forge.Account) (string, error) {
	p, res, err := c.gh.Repositories.GetPermissionLevel(ctx, c.owner, c.name, who.Login)
	switch {
	case err != nil && res != nil && res.StatusCode == 404:
		return forge.None, nil // the name is no account: renamed or deleted
	case err != nil:
		return "", c.fail(fmt.Sprintf("reading what %s may do with %s", who.Login, c.place), false, err)
	case p.GetUser().GetID() != who.ID:
		return forge.None, nil // the name is somebody else's by now
	}
	return p.GetPermission(), nil
}
