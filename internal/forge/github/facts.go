package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// Facts reads everything about a pull request that a decision rests on. commits
// are those it brings, as git has them: GitHub's own list ends at 250.
func (c *Client) Facts(ctx context.Context, number int, commits []string) (*forge.Facts, error) {
	raw, p, err := c.whole(ctx, number)
	if err != nil {
		return nil, err
	}
	f := &forge.Facts{Pull: *p, Commits: map[string]forge.Commit{}, Permissions: map[int64]string{}}
	// Statuses come first: whatever is posted after them may rest on newer reviews
	// than those that are read here.
	if err := c.checks(ctx, f); err != nil {
		return nil, err
	}
	if f.Reviews, err = c.Reviews(ctx, number); err != nil {
		return nil, err
	}
	requested := func(ctx context.Context, f *forge.Facts) error { return c.requested(ctx, f, raw) }
	for _, read := range []func(context.Context, *forge.Facts) error{c.happenings, c.permissions, requested, c.pushes, c.rules} {
		if err := read(ctx, f); err != nil {
			return nil, err
		}
	}
	return f, c.commits(ctx, f, commits)
}

// permissions asks what everybody who reviewed may do with the repository:
// anybody who may read it can submit an approval.
func (c *Client) permissions(ctx context.Context, f *forge.Facts) error {
	for _, r := range f.Reviews {
		if _, asked := f.Permissions[r.By.ID]; asked || r.By.Ghost() || r.By.Bot {
			continue
		}
		p, err := c.may.get(c.now(), r.By, func() (string, error) { return c.Permission(ctx, r.By) })
		if err != nil {
			return err
		}
		f.Permissions[r.By.ID] = p
	}
	return nil
}

// requested notes whose review a pull request waits for.
func (c *Client) requested(ctx context.Context, f *forge.Facts, p *github.PullRequest) error {
	for _, u := range p.RequestedReviewers {
		f.Requested = append(f.Requested, u.GetLogin())
	}
	for _, t := range p.RequestedTeams {
		if err := c.team(ctx, f, t.GetSlug()); err != nil {
			return err
		}
	}
	return nil
}

// team reads who is in a team whose review was asked for. Whose approval counts
// is for the store's own teams to say; a team that the token may not read, or is
// told does not exist, is of nobody knows whom, and never of nobody.
func (c *Client) team(ctx context.Context, f *forge.Facts, slug string) error {
	name := c.owner + "/" + slug
	f.Requested = append(f.Requested, name)
	list, err := all(ctx, c, "reading who is in team "+name, func(page github.ListOptions) ([]*github.User, *github.Response, error) {
		return c.gh.Teams.ListTeamMembersBySlug(ctx, c.owner, slug, &github.TeamListTeamMembersOptions{ListOptions: page})
	})
	if err != nil {
		return c.unlessHidden(f, err, "who is in team "+name)
	}
	if f.Teams == nil {
		f.Teams = map[string][]int64{}
	}
	f.Teams[name] = []int64{}
	for _, u := range list {
		f.Teams[name] = append(f.Teams[name], u.GetID())
	}
	return nil
}

// push is a movement of a branch as GitHub gives it.
type push struct {
	Before string       `json:"before"`
	After  string       `json:"after"`
	Actor  *github.User `json:"actor"`
	Type   string       `json:"activity_type"`
	At     time.Time    `json:"timestamp"`
}

// pushes lists who moved the head branch. A fork that is gone, or that the token
// may not read, has no such list, which is for whoever decides to know.
func (c *Client) pushes(ctx context.Context, f *forge.Facts) error {
	head := f.Pull.Head
	if head.Repo == "" {
		f.NoPushes = "its repository is gone"
		f.Unknown = append(f.Unknown, "who pushed to "+head.Name+": "+f.NoPushes)
		return nil
	}
	what := fmt.Sprintf("reading who pushed to %s of %s", head.Name, head.Repo)
	err := c.movements(ctx, what, head, func(p push) bool {
		f.Pushes = append(f.Pushes, forge.Push{By: account(p.Actor), Before: p.Before, After: p.After, Forced: p.Type == "force_push"})
		return true
	})
	if f.Pull.Fork() && (errors.Is(err, forge.ErrForbidden) || errors.Is(err, forge.ErrNotFound)) {
		f.NoPushes = "the token may not read " + head.Repo
		f.Unknown = append(f.Unknown, "who pushed to "+head.Name+": "+f.NoPushes)
		return nil
	}
	return err
}

// movements hands over how a branch was moved, newest first, until see has seen
// enough.
func (c *Client) movements(ctx context.Context, what string, b forge.Branch, see func(push) bool) error {
	next := fmt.Sprintf("repos/%s/activity?per_page=%d&ref=%s", b.Repo, perPage, url.QueryEscape("refs/heads/"+b.Name))
	for n := 1; ; n++ {
		var list []push
		res, err := c.get(ctx, next, &list)
		if err != nil {
			return c.fail(what, false, err)
		}
		for _, p := range list {
			if !see(p) {
				return nil
			}
		}
		if next = following(res); next == "" {
			return nil
		}
		if n == maxPages {
			return c.fail(what, false, &forge.Error{What: what, Kind: forge.ErrBroken, Why: "the list has no end"})
		}
	}
}

// Landed is the commit that the base branch stood at before a pull request landed on
// it, "" where GitHub does not say: it does not of what came through a merge queue,
// which moves the branch once for all that it tried together.
func (c *Client) Landed(ctx context.Context, p *forge.Pull) (before string, err error) {
	what := fmt.Sprintf("reading where %s stood before pull request %d of %s", p.Base.Name, p.Number, c.place)
	err = c.movements(ctx, what, p.Base, func(m push) bool {
		if m.Type == "pr_merge" && m.After == p.MergeCommit {
			before = m.Before
		}
		return before == "" && !m.At.Before(p.MergedAt.Add(-time.Hour)) // the two clocks are GitHub's own
	})
	return before, err
}

// following is the address of the next page of a list that is cut by cursors,
// without the host: no answer can send the client elsewhere.
func following(res *github.Response) string {
	for _, link := range strings.Split(res.Header.Get("Link"), ",") {
		address, rel, _ := strings.Cut(link, ";")
		if !strings.Contains(rel, `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(address), "<>"))
		if err != nil {
			return ""
		}
		_, path, _ := strings.Cut(u.Path, "/repos/")
		return "repos/" + path + "?" + u.RawQuery
	}
	return ""
}

func (c *Client) checks(ctx context.Context, f *forge.Facts) (err error) {
	if f.Posted, err = c.Statuses(ctx, f.Pull.Head.OID); err == nil {
		f.Checks, err = c.Checks(ctx, f.Pull.Head.OID, f.Posted)
	}
	return c.unlessHidden(f, err, "the checks of the head")
}

// ruled is what holds for a branch, whichever pull request goes there.
type ruled struct {
	rules           []forge.Rule
	exempt, unknown []string
}

// rules notes the rules of the base branch. What has merged is told who is not held
// by them as well.
func (c *Client) rules(ctx context.Context, f *forge.Facts) error {
	of := branchRules{f.Pull.Base.Name, f.Pull.Merged}
	r, err := c.ruling.get(c.now(), of, func() (ruled, error) { return c.askRules(ctx, f.Pull) })
	f.Rules, f.Exempt, f.Unknown = slices.Clone(r.rules), slices.Clone(r.exempt), append(f.Unknown, r.unknown...)
	return err
}

func (c *Client) askRules(ctx context.Context, p forge.Pull) (ruled, error) {
	f := &forge.Facts{Pull: p}
	var err error
	f.Rules, err = c.Rules(ctx, p.Base.Name)
	if err := c.unlessHidden(f, err, "the rules of "+p.Base.Name); err != nil {
		return ruled{}, err
	}
	if err := c.exempt(ctx, f); err != nil {
		return ruled{}, err
	}
	own, err := c.Protection(ctx, p.Base.Name)
	if own != nil {
		f.Exempt = append(f.Exempt, own.Spared(f.Rules)...)
		f.Rules = append(f.Rules, own.Rules...)
	}
	if errors.Is(err, forge.ErrHidden) {
		f.Unknown, err = append(f.Unknown, forge.BranchProtection+" of "+p.Base.Name), nil
	}
	err = c.unlessHidden(f, err, forge.BranchProtection+" of "+p.Base.Name)
	return ruled{f.Rules, f.Exempt, f.Unknown}, err
}

// exempt asks who may go past the rules of what has merged, which is recorded
// and decides nothing before. GitHub tells it to whoever may edit a ruleset.
func (c *Client) exempt(ctx context.Context, f *forge.Facts) error {
	hidden := !f.Pull.Merged
	asked := map[int64]bool{}
	for _, r := range f.Rules {
		if hidden || asked[r.Ruleset] {
			continue
		}
		asked[r.Ruleset] = true
		set, err := c.Ruleset(ctx, r.Ruleset)
		if hidden = errors.Is(err, forge.ErrForbidden) || errors.Is(err, forge.ErrNotFound) || err == nil && set.Actors == nil; err != nil && !hidden {
			return err
		} else if hidden {
			continue
		}
		for _, a := range set.Actors {
			f.Exempt = append(f.Exempt, a.String()+" of ruleset "+set.Name)
		}
	}
	if hidden {
		f.Unknown = append(f.Unknown, "who may go past the rules of "+f.Pull.Base.Name)
	}
	return nil
}

// unlessHidden notes what a token may not read and no decision rests on.
func (c *Client) unlessHidden(f *forge.Facts, err error, what string) error {
	if errors.Is(err, forge.ErrForbidden) || errors.Is(err, forge.ErrNotFound) {
		f.Unknown = append(f.Unknown, what)
		return nil
	}
	return err
}

// commits reads whom GitHub takes authors and committers for. What its list
// leaves out is asked for one by one.
func (c *Client) commits(ctx context.Context, f *forge.Facts, ids []string) error {
	what := fmt.Sprintf("reading the commits of pull request %d of %s", f.Pull.Number, c.place)
	list, err := all(ctx, c, what, func(page github.ListOptions) ([]*github.RepositoryCommit, *github.Response, error) {
		return c.gh.PullRequests.ListCommits(ctx, c.owner, c.name, f.Pull.Number, &page)
	})
	if err != nil {
		return err
	}
	for _, x := range list {
		f.Commits[x.GetSHA()] = commit(x)
	}
	for _, id := range ids {
		if _, have := f.Commits[id]; have {
			continue
		}
		x, _, err := c.gh.Repositories.GetCommit(ctx, c.owner, c.name, id, nil)
		if err != nil {
			return c.fail(fmt.Sprintf("reading commit %.10s of %s", id, c.place), false, err)
		}
		f.Commits[id] = commit(x)
	}
	return nil
}

// webFlow commits what is done on the web pages of GitHub.
const webFlow = 19864447

func commit(x *github.RepositoryCommit) forge.Commit {
	web := x.GetCommitter().GetID() == webFlow && x.GetCommit().GetVerification().GetVerified()
	return forge.Commit{OID: x.GetSHA(), Author: account(x.Author), Committer: account(x.Committer), Web: web}
}
