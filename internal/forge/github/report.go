package github

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Sizes that GitHub takes, in characters.
const (
	maxDescription = 140
	maxComment     = 65536
)

// PostStatus says of a commit what was found. Of one context the latest stands,
// so that saying it twice changes nothing.
func (c *Client) PostStatus(ctx context.Context, commit string, s forge.Status) error {
	text := cut(s.Description, maxDescription)
	err := c.rewrite(ctx, fmt.Sprintf("posting the status %s of commit %.10s of %s", s.Context, commit, c.place), func(ctx context.Context) error {
		_, _, err := c.gh.Repositories.CreateStatus(ctx, c.owner, c.name, commit, &github.RepoStatus{
			State: &s.State, Context: &s.Context, Description: &text, TargetURL: nonEmpty(s.URL),
		})
		return err
	})
	if e, ok := errors.AsType[*forge.Error](err); ok && strings.Contains(e.Why, "maximum number of statuses") {
		e.Fix = "what is said of this commit stands: push another one to the pull request, an empty one does"
	}
	return err
}

// Statuses lists every status of a commit, newest first.
func (c *Client) Statuses(ctx context.Context, commit string) ([]forge.Check, error) {
	what := fmt.Sprintf("reading the statuses of commit %.10s of %s", commit, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.RepoStatus, *github.Response, error) {
		return c.gh.Repositories.ListStatuses(ctx, c.owner, c.name, commit, &page)
	})
	var out []forge.Check
	for _, s := range list {
		by := account(s.Creator)
		out = append(out, forge.Check{Name: s.GetContext(), State: s.GetState(), Source: by.Login, URL: s.GetTargetURL(),
			ID: s.GetID(), Text: s.GetDescription(), At: s.GetCreatedAt().UTC(), Bot: by.Bot})
	}
	return out, err
}

// Checks lists the latest status of each context, and the latest check runs, of
// a commit. posted are its statuses, newest first.
func (c *Client) Checks(ctx context.Context, commit string, posted []forge.Check) ([]forge.Check, error) {
	what := fmt.Sprintf("reading the checks of commit %.10s of %s", commit, c.place)
	var out []forge.Check
	seen := map[string]bool{}
	for _, s := range posted {
		if !seen[s.Name] {
			seen[s.Name] = true
			out = append(out, s)
		}
	}
	runs, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.CheckRun, *github.Response, error) {
		list, res, err := c.gh.Checks.ListCheckRunsForRef(ctx, c.owner, c.name, commit, &github.ListCheckRunsOptions{ListOptions: page})
		if err != nil {
			return nil, res, err
		}
		return list.CheckRuns, res, nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		state := r.GetConclusion()
		if state == "" {
			state = r.GetStatus()
		}
		out = append(out, forge.Check{Name: r.GetName(), State: state, Source: r.GetApp().GetSlug(), URL: r.GetHTMLURL()})
	}
	sortChecks(out)
	return out, nil
}

// Comments lists the comments of a pull request, oldest first.
func (c *Client) Comments(ctx context.Context, number int) ([]forge.Comment, error) {
	what := fmt.Sprintf("reading the comments of pull request %d of %s", number, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.IssueComment, *github.Response, error) {
		return c.gh.Issues.ListComments(ctx, c.owner, c.name, number, &github.IssueListCommentsOptions{ListOptions: page})
	})
	if err != nil {
		return nil, err
	}
	var out []forge.Comment
	for _, x := range list {
		out = append(out, forge.Comment{ID: x.GetID(), By: account(x.User), Body: x.GetBody(), URL: x.GetHTMLURL()})
	}
	return out, nil
}

// Say writes a comment, or writes one of ours anew where id is not 0.
func (c *Client) Say(ctx context.Context, number int, id int64, body string) error {
	body = cut(body, maxComment)
	what := fmt.Sprintf("commenting on pull request %d of %s", number, c.place)
	if id != 0 {
		return c.rewrite(ctx, what, func(ctx context.Context) error {
			_, _, err := c.gh.Issues.EditComment(ctx, c.owner, c.name, id, &github.IssueComment{Body: &body})
			return err
		})
	}
	return c.write(ctx, what, func(ctx context.Context) error {
		_, _, err := c.gh.Issues.CreateComment(ctx, c.owner, c.name, number, &github.IssueComment{Body: &body})
		return err
	})
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
