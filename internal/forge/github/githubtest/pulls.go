package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Pull is a pull request of the server.
type Pull struct {
	Number      int
	Title, Body string
	State       string // open or closed
	Draft       bool
	Base, Head  string // branches
	Fork        string // owner/name of another repository the head is in
	HeadOID     string // as it was last seen
	Author      string
	Requested   []string
	Teams       []string // whose review was asked for
	Reviews     []*Review
	Comments    []*Comment
	MergeCommit string
	MergedBy    string
	Created     string
	Moved       string // when its head did
	Based       string // when its base was last changed
	Closed      string
	ClosedBy    string
}

// Review is a review of the server.
type Review struct {
	ID     int64
	Login  string
	State  string // as GitHub writes it
	Body   string
	Commit string
	At     string

	Was, Dismissed, DismissedBy string // what it said before, when it was dismissed, and by whom
}

// Comment is a comment of the server.
type Comment struct {
	ID    int64
	Login string
	Body  string
}

func (p *Pull) open() bool { return p.State == "open" }

// updated is when something happened to a pull request last.
func (p *Pull) updated() string {
	at := max(p.Created, p.Closed, p.Moved)
	for _, r := range p.Reviews {
		at = max(at, r.At, r.Dismissed)
	}
	return at
}

// Arrange changes a pull request past the API, as somebody else would.
func (s *Server) Arrange(number int, edit func(*Pull)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	p := s.pulls[number-1]
	into := p.Base
	if edit(p); p.Base != into {
		p.Based = s.stamp()
	}
}

// Pulls lists the pull requests as they stand.
func (s *Server) Pulls() []Pull {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	var out []Pull
	for _, p := range s.pulls {
		out = append(out, *p)
	}
	return out
}

// Review has somebody review a pull request as it stands now, and returns the
// review's number. State is APPROVED, CHANGES_REQUESTED or COMMENTED.
func (s *Server) Review(number int, login, state, body string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	p := s.pulls[number-1]
	r := &Review{ID: s.id(), Login: login, State: state, Body: body, Commit: p.HeadOID, At: s.stamp()}
	p.Reviews = append(p.Reviews, r)
	return r.ID
}

// Dismiss has somebody dismiss a review, or every review where id is 0.
func (s *Server) Dismiss(number int, id int64, login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.pulls[number-1].Reviews {
		if r.ID == id || id == 0 {
			s.dismiss(r, login)
		}
	}
}

func (s *Server) dismiss(r *Review, login string) {
	if r.State == "APPROVED" || r.State == "CHANGES_REQUESTED" {
		r.Was, r.State, r.Dismissed, r.DismissedBy = r.State, "DISMISSED", s.stamp(), login
	}
}

// Open opens a pull request as somebody, past the API.
func (s *Server) Open(login, head, base string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	return s.newPull(login, head, base).Number
}

func (s *Server) newPull(login, head, base string) *Pull {
	p := &Pull{Number: len(s.pulls) + 1, Title: head, State: "open", Base: base, Head: head, HeadOID: s.tip(head), Author: login, Created: s.stamp()}
	s.pulls = append(s.pulls, p)
	s.publish(p)
	return p
}

// publish gives the head of a pull request the ref that it is fetched by.
func (s *Server) publish(p *Pull) {
	if _, err := s.git("update-ref", fmt.Sprintf("refs/pull/%d/head", p.Number), p.HeadOID); err != nil {
		panic(err)
	}
}

// Rebind makes the server move approvals to a head that was pushed by force, as
// GitHub does where the patch is the same.
func (s *Server) Rebind(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rebind = on
}

// moved does what GitHub does when the head of a pull request moves.
func (s *Server) moved(p *Pull, was, oid string) {
	forced := !s.ancestor(was, oid)
	p.HeadOID, p.Moved = oid, s.stamp()
	s.publish(p)
	for _, r := range p.Reviews {
		switch {
		case s.dismissesStale(p.Base) && r.State == "APPROVED":
			s.dismiss(r, s.pusher)
		case forced && s.rebind && r.Commit == was:
			r.Commit = oid
		}
	}
}

// branchGone closes what came from a branch that was deleted.
func (s *Server) branchGone(name string) {
	for _, p := range s.pulls {
		if p.Head == name && p.open() && p.Fork == "" {
			p.State, p.Closed, p.ClosedBy = "closed", s.stamp(), s.pusher
		}
	}
}

func (s *Server) find(c *call) *Pull {
	n := c.number()
	if n < 1 || n > len(s.pulls) {
		return nil
	}
	return s.pulls[n-1]
}

// show is how GitHub shows a pull request; a list leaves out who merged it.
func (s *Server) show(p *Pull, whole bool) map[string]any {
	owner, _, _ := strings.Cut(s.Repo, "/")
	var head any = repositoryAt(s.Repo)
	switch p.Fork {
	case "":
	case "gone":
		head = nil
	default:
		head = repositoryAt(p.Fork)
	}
	out := map[string]any{
		"number": p.Number, "id": p.Number, "node_id": fmt.Sprintf("PR_%d", p.Number), "state": p.State, "title": p.Title, "body": p.Body, "draft": p.Draft,
		"html_url": fmt.Sprintf("https://github.com/%s/pull/%d", s.Repo, p.Number), "user": user(s.account(p.Author)), "created_at": p.Created, "updated_at": p.updated(),
		"head":      map[string]any{"ref": p.Head, "sha": p.HeadOID, "repo": head, "label": owner + ":" + p.Head, "user": organisation(owner)},
		"base":      map[string]any{"ref": p.Base, "sha": s.tip(p.Base), "repo": repositoryAt(s.Repo), "label": owner + ":" + p.Base, "user": organisation(owner)},
		"merged_at": nil, "closed_at": nil, "merge_commit_sha": nil,
	}
	if p.Closed != "" {
		out["closed_at"] = p.Closed
	}
	if p.MergeCommit != "" {
		out["merged_at"], out["merge_commit_sha"] = p.Closed, p.MergeCommit
	}
	reviewers := []any{}
	for _, l := range p.Requested {
		reviewers = append(reviewers, user(s.account(l)))
	}
	out["requested_reviewers"], out["requested_teams"] = reviewers, shownTeams(p, whole)
	out["_links"] = links("self html issue comments review_comments review_comment commits statuses")
	if !whole {
		return rest(out, restOfListedPull)
	}
	out["merged"], out["merged_by"] = p.MergeCommit != "", user(s.account(p.MergedBy))
	return rest(out, restOfPull)
}

func (s *Server) listPulls(c *call) answer {
	owner, _, _ := strings.Cut(s.Repo, "/")
	state, head, base := c.FormValue("state"), c.FormValue("head"), c.FormValue("base")
	list := slices.Clone(s.pulls)
	slices.Reverse(list)
	if c.FormValue("sort") == "updated" {
		slices.SortStableFunc(list, func(a, b *Pull) int { return strings.Compare(b.updated(), a.updated()) })
	}
	out := []any{}
	for _, p := range list {
		switch {
		case (state == "" || state == "open") && !p.open(), state == "closed" && p.open():
		case head != "" && head != owner+":"+p.Head, base != "" && base != p.Base:
		default:
			out = append(out, s.show(p, false))
		}
	}
	return page(c, out)
}

func (s *Server) getPull(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	return ok(s.show(p, true))
}

func (s *Server) openPull(c *call) answer {
	var in struct {
		Title, Body, Head, Base string
		Draft                   bool
	}
	if a, may := c.mayWrite(); !may {
		return a
	}
	owner, _, _ := strings.Cut(s.Repo, "/")
	if !c.decode(&in) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	in.Head = strings.TrimPrefix(in.Head, owner+":")
	switch {
	case in.Title == "":
		return invalid("PullRequest", "title", "missing_field", "")
	case s.tip(in.Head) == "":
		return invalid("PullRequest", "head", "invalid", "")
	case s.tip(in.Base) == "":
		return invalid("PullRequest", "base", "invalid", "")
	case s.ancestor(s.tip(in.Head), s.tip(in.Base)):
		return invalid("PullRequest", "", "custom", fmt.Sprintf("No commits between %s and %s", in.Base, in.Head))
	case slices.ContainsFunc(s.pulls, func(p *Pull) bool { return p.open() && p.Head == in.Head && p.Base == in.Base }):
		return invalid("PullRequest", "", "custom", fmt.Sprintf("A pull request already exists for %s:%s.", owner, in.Head))
	}
	p := s.newPull(c.who.Login, in.Head, in.Base)
	p.Title, p.Body, p.Draft = in.Title, in.Body, in.Draft
	return created(s.show(p, true))
}

func (s *Server) editPull(c *call) answer {
	p := s.find(c)
	var in struct{ Title, Body, State, Base *string }
	if p == nil {
		return notFound()
	}
	if a, may := c.mayWrite(); !may && c.who.Login != p.Author {
		return a
	}
	if !c.decode(&in) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	for _, f := range []struct {
		from *string
		to   *string
	}{{in.Title, &p.Title}, {in.Body, &p.Body}, {in.State, &p.State}, {in.Base, &p.Base}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if p.State == "closed" && p.Closed == "" {
		p.Closed, p.ClosedBy = s.stamp(), c.who.Login
	}
	return ok(s.show(p, true))
}
