package github

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"
)

// Environment lists the patterns of the branches whose workflows are given what
// an environment holds; nil where every branch's are. Protected says that it is
// those that are protected, whichever these are.
func (c *Client) Environment(ctx context.Context, name string) (branches []string, protected bool, err error) {
	what := fmt.Sprintf("reading the environment %s of %s", name, c.place)
	e, _, err := c.gh.Repositories.GetEnvironment(ctx, c.owner, c.name, name)
	if err != nil {
		return nil, false, c.fail(what, false, err)
	}
	p := e.GetDeploymentBranchPolicy()
	if p == nil || !p.GetCustomBranchPolicies() {
		return nil, p.GetProtectedBranches(), nil
	}
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.DeploymentBranchPolicy, *github.Response, error) {
		var out github.DeploymentBranchPolicyResponse
		res, err := c.get(ctx, c.path("environments/%s/deployment-branch-policies?per_page=%d&page=%d", name, page.PerPage, page.Page), &out)
		return out.BranchPolicies, res, err
	})
	if err != nil {
		return nil, false, err
	}
	branches = []string{}
	for _, b := range list {
		branches = append(branches, b.GetName())
	}
	return branches, false, nil
}
