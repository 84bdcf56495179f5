package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) listReviews(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	out := []any{}
	for _, r := range p.Reviews {
		out = append(out, s.showReview(p, r))
	}
	return page(c, out)
}

func (s *Server) showReview(p *Pull, r *Review) map[string]any {
	return rest(map[string]any{"id": r.ID, "user": user(s.account(r.Login)), "state": r.State, "body": r.Body, "commit_id": r.Commit, "submitted_at": r.At,
		"html_url": fmt.Sprintf("https://github.com/%s/pull/%d#pullrequestreview-%d", s.Repo, p.Number, r.ID), "author_association": "MEMBER",
		"_links": links("html pull_request")}, restOfReview)
}

func (s *Server) review(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	var in struct {
		CommitID string `json:"commit_id"`
		Body     string
		Event    string
	}
	if !c.decode(&in) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	state := map[string]string{"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", "": "PENDING"}[in.Event]
	unprocessable := func(why string) answer { return refuse(http.StatusUnprocessableEntity, "Unprocessable Entity", why) }
	switch {
	case state == "":
		return invalid("PullRequestReview", "event", "invalid", "")
	case in.Event == "APPROVE" && strings.EqualFold(c.who.Login, p.Author):
		return unprocessable("Review Can not approve your own pull request")
	case in.Event == "REQUEST_CHANGES" && strings.EqualFold(c.who.Login, p.Author):
		return unprocessable("Review Can not request changes on your own pull request")
	case in.Body == "" && (in.Event == "REQUEST_CHANGES" || in.Event == "COMMENT"):
		return unprocessable("Body is required")
	case in.CommitID == "":
		in.CommitID = p.HeadOID
	}
	if !s.ancestor(in.CommitID, p.HeadOID) {
		return unprocessable("The commit_id is not part of the pull request")
	}
	r := &Review{ID: s.id(), Login: c.who.Login, State: state, Body: in.Body, Commit: in.CommitID, At: s.stamp()}
	p.Reviews = append(p.Reviews, r)
	p.Requested = slices.DeleteFunc(p.Requested, func(l string) bool { return strings.EqualFold(l, r.Login) })
	return ok(s.showReview(p, r))
}

// listEvents are what happened to a pull request, of which this server knows that
// reviews were dismissed, that it was sent into another branch, and that it was closed.
func (s *Server) listEvents(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	out := []any{}
	for _, r := range p.Reviews {
		if r.Dismissed == "" {
			continue
		}
		what := map[string]any{"review_id": r.ID, "state": strings.ToLower(r.Was), "dismissal_message": "no longer"}
		out = append(out, rest(map[string]any{"id": r.ID + 1<<20, "event": "review_dismissed", "actor": user(s.account(r.DismissedBy)), "created_at": r.Dismissed,
			"commit_id": nil, "commit_url": nil, "performed_via_github_app": nil, "dismissed_review": what}, "node_id url"))
	}
	if p.Based != "" {
		out = append(out, rest(map[string]any{"id": int64(p.Number) + 1<<22, "event": "base_ref_changed", "actor": user(s.account(p.Author)), "created_at": p.Based,
			"commit_id": nil, "commit_url": nil, "performed_via_github_app": nil}, "node_id url"))
	}
	if p.Closed != "" {
		out = append(out, rest(map[string]any{"id": int64(p.Number) + 1<<21, "event": "closed", "actor": user(s.account(p.ClosedBy)), "created_at": p.Closed,
			"commit_id": nil, "commit_url": nil, "performed_via_github_app": nil}, "node_id url"))
	}
	return page(c, out)
}

// shownTeams are the teams whose review was asked for. A list says whose part they
// are.
func shownTeams(p *Pull, whole bool) []any {
	teams := []any{}
	for _, slug := range p.Teams {
		t := map[string]any{"slug": slug, "name": slug, "permission": "push"}
		if !whole {
			t["parent"] = nil
		}
		teams = append(teams, rest(t, restOfTeam))
	}
	return teams
}

func (s *Server) requestReviews(c *call) answer {
	p := s.find(c)
	var in struct{ Reviewers []string }
	if a, may := c.mayWrite(); !may {
		return a
	}
	if p == nil || !c.decode(&in) {
		return notFound()
	}
	for _, l := range in.Reviewers {
		a := s.account(l)
		switch {
		case a == nil || a.Gone || a.Permission == "none":
			return refuse(http.StatusUnprocessableEntity, "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the "+s.Repo+" repository.")
		case strings.EqualFold(l, p.Author):
			return refuse(http.StatusUnprocessableEntity, "Review cannot be requested from pull request author.")
		}
	}
	for _, l := range in.Reviewers {
		if !slices.ContainsFunc(p.Requested, func(have string) bool { return strings.EqualFold(have, l) }) {
			p.Requested = append(p.Requested, s.account(l).Login)
		}
	}
	return created(s.show(p, false))
}

func (s *Server) listComments(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	out := []any{}
	for _, x := range p.Comments {
		out = append(out, s.showComment(p, x))
	}
	return page(c, out)
}

func (s *Server) showComment(p *Pull, x *Comment) map[string]any {
	return rest(map[string]any{"id": x.ID, "user": user(s.account(x.Login)), "body": x.Body, "author_association": "MEMBER",
		"html_url": fmt.Sprintf("https://github.com/%s/pull/%d#issuecomment-%d", s.Repo, p.Number, x.ID)}, restOfComment)
}

func (s *Server) comment(c *call) answer {
	p := s.find(c)
	var in struct{ Body string }
	if p == nil {
		return notFound()
	}
	if !c.decode(&in) || in.Body == "" || len(in.Body) > 65536*4 {
		return invalid("IssueComment", "body", "invalid", "body is too long (maximum is 65536 characters)")
	}
	x := &Comment{ID: s.id(), Login: c.who.Login, Body: in.Body}
	p.Comments = append(p.Comments, x)
	return created(s.showComment(p, x))
}

func (s *Server) editComment(c *call) answer {
	var in struct{ Body string }
	if !c.decode(&in) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	for _, p := range s.pulls {
		for _, x := range p.Comments {
			if fmt.Sprint(x.ID) != c.PathValue("id") {
				continue
			}
			if _, may := c.mayWrite(); !may && x.Login != c.who.Login {
				return refuse(http.StatusForbidden, "Must have admin rights to Repository.")
			}
			x.Body = in.Body
			return ok(s.showComment(p, x))
		}
	}
	return notFound()
}
