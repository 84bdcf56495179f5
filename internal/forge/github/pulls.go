package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Pull reads one pull request.
func (c *Client) Pull(ctx context.Context, number int) (*forge.Pull, error) {
	_, p, err := c.whole(ctx, number)
	return p, err
}

// whole reads one pull request, and gives it as GitHub does as well.
func (c *Client) whole(ctx context.Context, number int) (*github.PullRequest, *forge.Pull, error) {
	what := fmt.Sprintf("reading pull request %d of %s", number, c.place)
	raw, _, err := c.gh.PullRequests.Get(ctx, c.owner, c.name, number)
	if err != nil {
		return nil, nil, c.fail(what, false, err)
	}
	p, err := c.pull(what, raw)
	return raw, p, err
}

// Pulls lists the open pull requests, and with a branch those from it, closed
// ones as well, newest first.
func (c *Client) Pulls(ctx context.Context, branch string) ([]forge.Pull, error) {
	what := fmt.Sprintf("listing the pull requests of %s", c.place)
	opts := github.PullRequestListOptions{State: "open"}
	if branch != "" {
		opts.State, opts.Head = "all", c.owner+":"+branch
	}
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		opts.ListOptions = page
		return c.gh.PullRequests.List(ctx, c.owner, c.name, &opts)
	})
	if err != nil {
		return nil, err
	}
	if branch != "" { // a server that does not know the filter ignores it
		list = slices.DeleteFunc(list, func(p *github.PullRequest) bool { return p.GetHead().GetRef() != branch })
	}
	return c.pullsFrom(what, list)
}

// OpenPull opens a pull request from branch into base.
func (c *Client) OpenPull(ctx context.Context, branch, base string, t forge.Text) (*forge.Pull, error) {
	what := fmt.Sprintf("opening a pull request from %s into %s of %s", branch, base, c.place)
	var p *github.PullRequest
	err := c.write(ctx, what, func(ctx context.Context) (err error) {
		p, _, err = c.gh.PullRequests.Create(ctx, c.owner, c.name, &github.NewPullRequest{
			Title: &t.Title, Head: &branch, Base: &base, Body: &t.Body, Draft: &t.Draft,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.pull(what, p)
}

// EditPull says anew what a pull request says of itself.
func (c *Client) EditPull(ctx context.Context, number int, t forge.Text) error {
	return c.rewrite(ctx, fmt.Sprintf("updating pull request %d of %s", number, c.place), func(ctx context.Context) error {
		_, _, err := c.gh.PullRequests.Edit(ctx, c.owner, c.name, number, &github.PullRequest{Title: &t.Title, Body: &t.Body})
		return err
	})
}

// ClosePull closes a pull request that has not landed.
func (c *Client) ClosePull(ctx context.Context, number int) error {
	closed := "closed"
	return c.rewrite(ctx, fmt.Sprintf("closing pull request %d of %s", number, c.place), func(ctx context.Context) error {
		_, _, err := c.gh.PullRequests.Edit(ctx, c.owner, c.name, number, &github.PullRequest{State: &closed})
		return err
	})
}

// Closer is who closed a pull request last, nobody where that account is gone. The
// events of it say so, which whoever may read pull requests may read; the issue that
// it is besides takes another permission.
func (c *Client) Closer(ctx context.Context, number int) (forge.Account, error) {
	list, err := c.events(ctx, fmt.Sprintf("reading who closed pull request %d of %s", number, c.place), number)
	if err != nil {
		return forge.Account{}, err
	}
	for _, e := range slices.Backward(list) {
		if e.GetEvent() == "closed" {
			return account(e.Actor), nil
		}
	}
	return forge.Account{}, nil
}

// events are what happened to a pull request, oldest first.
func (c *Client) events(ctx context.Context, what string, number int) ([]*github.IssueEvent, error) {
	return all(ctx, c, what, func(page github.ListOptions) ([]*github.IssueEvent, *github.Response, error) {
		return c.gh.Issues.ListIssueEvents(ctx, c.owner, c.name, number, &page)
	})
}

// ReadyPull has a draft reviewed, for which REST has no words.
func (c *Client) ReadyPull(ctx context.Context, number int) error {
	const query = `mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { clientMutationId } }`
	return c.mutate(ctx, fmt.Sprintf("having pull request %d of %s reviewed, which was a draft", number, c.place), number, query, nil)
}

// RequestReviews asks people for their review; asking again changes nothing.
func (c *Client) RequestReviews(ctx context.Context, number int, logins []string) error {
	return c.rewrite(ctx, fmt.Sprintf("requesting reviews of pull request %d of %s", number, c.place), func(ctx context.Context) error {
		_, _, err := c.gh.PullRequests.RequestReviewers(ctx, c.owner, c.name, number, github.ReviewersRequest{Reviewers: logins})
		return err
	})
}

// pull restates what GitHub says. What would have to be there and is not makes
// it an answer that cannot be understood: a head of "" must not be judged.
func (c *Client) pull(what string, p *github.PullRequest) (*forge.Pull, error) {
	out := &forge.Pull{
		Number: p.GetNumber(), URL: p.GetHTMLURL(), Title: p.GetTitle(), Body: p.GetBody(),
		Open: p.GetState() == "open", Draft: p.GetDraft(), Merged: p.GetMerged() || p.MergedAt != nil,
		Base: branch(p.GetBase()), Head: branch(p.GetHead()), Author: account(p.GetUser()), MergedBy: account(p.GetMergedBy()),
		Created: p.GetCreatedAt().UTC(), Updated: p.GetUpdatedAt().UTC(), ClosedAt: p.GetClosedAt().UTC(), MergedAt: p.GetMergedAt().UTC(),
	}
	if out.Merged {
		out.MergeCommit = p.GetMergeCommitSHA()
	}
	if out.Number == 0 || out.Head.OID == "" || out.Base.Name == "" || p.GetState() == "" {
		return nil, c.fail(what, false, &forge.Error{What: what, Kind: forge.ErrBroken, Why: "it lacks its number, its state, its head or its base", Fix: "try again"})
	}
	return out, nil
}

func branch(b *github.PullRequestBranch) forge.Branch {
	return forge.Branch{Name: b.GetRef(), OID: b.GetSHA(), Repo: b.GetRepo().GetFullName()}
}

// account is who somebody is. GitHub gives null for accounts that are gone, and
// shows them as ghost, whom anybody could be.
func account(u *github.User) forge.Account {
	if u == nil || u.GetID() == 0 || u.GetID() == ghost {
		return forge.Account{}
	}
	return forge.Account{ID: u.GetID(), Login: u.GetLogin(), Bot: u.GetType() == "Bot" || strings.HasSuffix(u.GetLogin(), "[bot]")}
}

// ghost is the account that stands for those that are gone.
const ghost = 10137

// Where is the repository: host/owner/name.
func (c *Client) Where() string { return c.place.Host + "/" + c.place.Repo }

// PullsOf lists the pull requests that a commit belongs to.
func (c *Client) PullsOf(ctx context.Context, commit string) ([]forge.Pull, error) {
	what := fmt.Sprintf("looking for the pull request of commit %.10s of %s", commit, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		return c.gh.PullRequests.ListPullRequestsWithCommit(ctx, c.owner, c.name, commit, &page)
	})
	if err != nil {
		return nil, err
	}
	return c.pullsFrom(what, list)
}

// Recent lists the pull requests that something happened to since a time, the
// latest first.
func (c *Client) Recent(ctx context.Context, since time.Time) ([]forge.Pull, error) {
	what := fmt.Sprintf("listing the recent pull requests of %s", c.place)
	opts := github.PullRequestListOptions{State: "all", Sort: "updated", Direction: "desc"}
	done := false
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		if done {
			return nil, &github.Response{}, nil
		}
		opts.ListOptions = page
		list, res, err := c.gh.PullRequests.List(ctx, c.owner, c.name, &opts)
		for i, p := range list {
			if p.GetUpdatedAt().Before(since) {
				done = true
				return list[:i], &github.Response{}, err
			}
		}
		return list, res, err
	})
	if err != nil {
		return nil, err
	}
	return c.pullsFrom(what, list)
}

func (c *Client) pullsFrom(what string, list []*github.PullRequest) ([]forge.Pull, error) {
	var out []forge.Pull
	for _, p := range list {
		q, err := c.pull(what, p)
		if err != nil {
			return nil, err
		}
		out = append(out, *q)
	}
	return out, nil
}
