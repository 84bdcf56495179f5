package github

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Merge lands a pull request at the head that was decided about, or puts it
// into the merge queue where the base branch has one; then the commit is "".
// When nobody knows what became of the request, the pull request is asked.
func (c *Client) Merge(ctx context.Context, p *forge.Pull, l forge.Landing, queue bool) (commit string, err error) {
	if queue {
		return "", c.enqueue(ctx, p, l)
	}
	what := fmt.Sprintf("merging pull request %d of %s", p.Number, c.place)
	err = c.write(ctx, what, func(ctx context.Context) error {
		res, _, err := c.gh.PullRequests.Merge(ctx, c.owner, c.name, p.Number, l.Message, &github.PullRequestOptions{CommitTitle: l.Title, SHA: l.Head, MergeMethod: l.Method})
		commit = res.GetSHA()
		return err
	})
	if forge.Uncertain(err) {
		if now, look := c.Pull(ctx, p.Number); look == nil && now.Merged {
			return now.MergeCommit, nil
		}
	}
	return commit, err
}

// enqueue asks the merge queue, for which REST has no words.
func (c *Client) enqueue(ctx context.Context, p *forge.Pull, l forge.Landing) error {
	const query = `mutation($id: ID!, $head: GitObjectID) { enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { position } } }`
	what := fmt.Sprintf("putting pull request %d of %s into the merge queue", p.Number, c.place)
	return c.mutate(ctx, what, p.Number, query, map[string]any{"head": l.Head})
}

// mutate changes a pull request by GraphQL, whose id for it is the variable id.
// However often it is sent, it comes to the same.
func (c *Client) mutate(ctx context.Context, what string, number int, query string, variables map[string]any) error {
	raw, _, err := c.gh.PullRequests.Get(ctx, c.owner, c.name, number)
	if err != nil {
		return c.fail(what, false, err)
	}
	all := map[string]any{"id": raw.GetNodeID()}
	maps.Copy(all, variables)
	return c.rewrite(ctx, what, func(ctx context.Context) error { return c.graphql(ctx, query, all) })
}

// graphql sends a mutation. Its address is beside REST's, not beneath it.
func (c *Client) graphql(ctx context.Context, query string, variables map[string]any) error {
	at := *c.gh.BaseURL
	at.Path = strings.TrimSuffix(at.Path, "v3/") + "graphql"
	req, err := c.gh.NewRequest(http.MethodPost, at.String(), map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	var out struct {
		Errors []struct{ Type, Message string }
	}
	if _, err := c.gh.Do(ctx, req, &out); err != nil {
		return err
	}
	if len(out.Errors) == 0 {
		return nil
	}
	e := out.Errors[0]
	kind, fix := map[string]error{"FORBIDDEN": forge.ErrForbidden, "NOT_FOUND": forge.ErrNotFound, "RATE_LIMITED": forge.ErrLimited}[e.Type], "do what the message asks for, and try again"
	switch kind {
	case nil:
		kind = forge.ErrRefused
	case forge.ErrLimited:
		fix = "try again in an hour"
	}
	return &forge.Error{Kind: kind, Why: c.scrub(e.Message), Fix: fix}
}
