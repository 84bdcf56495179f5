package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Viewer is the token's account, with the scopes of the token. They are nil for
// fine-grained tokens and those of apps, which have permissions instead.
func (c *Client) Viewer(ctx context.Context) (who forge.Account, scopes []string, err error) {
	u, res, err := c.gh.Users.Get(ctx, "")
	if err != nil {
		return forge.Account{}, nil, c.fail("asking "+c.place.Host+" whose the token is", false, err)
	}
	if len(res.Header.Values("X-OAuth-Scopes")) > 0 {
		scopes = []string{}
	}
	for _, s := range strings.Split(res.Header.Get("X-OAuth-Scopes"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			scopes = append(scopes, s)
		}
	}
	return account(u), scopes, nil
}

// Repository is what GitHub says of the repository itself.
type Repository struct {
	FullName      string
	DefaultBranch string
	Private       bool
	MayPush       bool // with this token
	MayAdmin      bool
	MergeCommits  bool // the methods that pull requests may be merged by
	Squash        bool
	Rebase        bool
}

// Repository reads the repository.
func (c *Client) Repository(ctx context.Context) (*Repository, error) {
	r, _, err := c.gh.Repositories.Get(ctx, c.owner, c.name)
	if err != nil {
		return nil, c.fail("reading "+c.place.String(), false, err)
	}
	return &Repository{
		FullName: r.GetFullName(), DefaultBranch: r.GetDefaultBranch(), Private: r.GetPrivate(),
		MayPush: r.GetPermissions()["push"], MayAdmin: r.GetPermissions()["admin"],
		MergeCommits: r.GetAllowMergeCommit(), Squash: r.GetAllowSquashMerge(), Rebase: r.GetAllowRebaseMerge(),
	}, nil
}

// rawRule is one rule as GitHub gives it. go-github refuses a list that holds a
// type of rule it does not know.
type rawRule struct {
	Type       string          `json:"type"`
	Ruleset    int64           `json:"ruleset_id"`
	Source     string          `json:"ruleset_source"`
	Parameters json.RawMessage `json:"parameters"`
}

// Rules lists the rules of the rulesets that are in force for a branch.
func (c *Client) Rules(ctx context.Context, branch string) ([]forge.Rule, error) {
	what := fmt.Sprintf("reading the rules of branch %s of %s", branch, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]rawRule, *github.Response, error) {
		var rules []rawRule
		res, err := c.get(ctx, c.path("rules/branches/%s?per_page=%d&page=%d", url.PathEscape(branch), page.PerPage, page.Page), &rules)
		return rules, res, err
	})
	if err != nil {
		return nil, err
	}
	var out []forge.Rule
	for _, r := range list {
		out = append(out, forge.Rule{Type: r.Type, Ruleset: r.Ruleset, Source: r.Source, Parameters: r.Parameters})
	}
	return out, nil
}

// Ruleset is a ruleset with who may go past it. Actors are nil where the token
// may not read them, which is not the same as nobody.
type Ruleset struct {
	ID          int64         `json:"id"`
	Name        string        `json:"name"`
	Enforcement string        `json:"enforcement"`
	Actors      []BypassActor `json:"bypass_actors"`
}

// BypassActor is somebody whom a ruleset does not hold.
type BypassActor struct {
	ID   int64  `json:"actor_id"`
	Type string `json:"actor_type"`
	Mode string `json:"bypass_mode"`
}

// String names the actor as far as GitHub does: OrganizationAdmin, Team 42.
func (a BypassActor) String() string {
	if a.ID > 1 { // 1 stands for a role that there is but once
		return fmt.Sprintf("%s %d", a.Type, a.ID)
	}
	return a.Type
}

// Ruleset reads one ruleset of the repository.
func (c *Client) Ruleset(ctx context.Context, id int64) (*Ruleset, error) {
	var r Ruleset
	if _, err := c.get(ctx, c.path("rulesets/%d", id), &r); err != nil {
		return nil, c.fail(fmt.Sprintf("reading ruleset %d of %s", id, c.place), false, err)
	}
	return &r, nil
}

// CodeownersError is a line of CODEOWNERS that GitHub does not accept.
type CodeownersError struct {
	Path, Message, Suggestion string
	Line                      int
}

// CodeownersErrors lists what is wrong with CODEOWNERS on a branch.
func (c *Client) CodeownersErrors(ctx context.Context, branch string) ([]CodeownersError, error) {
	list, _, err := c.gh.Repositories.GetCodeownersErrors(ctx, c.owner, c.name, &github.GetCodeownersErrorsOptions{Ref: branch})
	if err != nil {
		return nil, c.fail("asking "+c.place.String()+" about its CODEOWNERS", false, err)
	}
	var out []CodeownersError
	for _, e := range list.Errors {
		out = append(out, CodeownersError{Path: e.Path, Message: e.Message, Suggestion: e.GetSuggestion(), Line: e.Line})
	}
	return out, nil
}

// sortChecks orders checks by name, and those of one name as they came.
func sortChecks(list []forge.Check) {
	slices.SortStableFunc(list, func(a, b forge.Check) int { return cmp.Compare(a.Name, b.Name) })
}

// Methods lists the ways in which pull requests may land, in GitHub's order.
func (c *Client) Methods(ctx context.Context) ([]string, error) {
	r, err := c.Repository(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range []struct {
		name    string
		allowed bool
	}{{forge.MergeCommit, r.MergeCommits}, {forge.Squash, r.Squash}, {forge.Rebase, r.Rebase}} {
		if m.allowed {
			out = append(out, m.name)
		}
	}
	return out, nil
}

// Workflows are the states of the repository's workflows, by path: active, or why
// GitHub does not start one.
func (c *Client) Workflows(ctx context.Context) (states map[string]string, err error) {
	list, err := all(ctx, c, "listing the workflows of "+c.place.String(), func(page github.ListOptions) ([]*github.Workflow, *github.Response, error) {
		list, res, err := c.gh.Actions.ListWorkflows(ctx, c.owner, c.name, &page)
		if err != nil {
			return nil, res, err
		}
		return list.Workflows, res, nil
	})
	if err != nil {
		return nil, err
	}
	states = map[string]string{}
	for _, w := range list {
		states[w.GetPath()] = w.GetState()
	}
	return states, nil
}
