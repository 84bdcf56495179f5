package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// MaxStatuses is how many statuses of one context GitHub takes of a commit.
const MaxStatuses = 1000

// Status is a commit status of the server.
type Status struct {
	ID                                    int64
	SHA, Context, State, Description, URL string
	Login, At                             string
}

// CheckRun is a check run of the server.
type CheckRun struct{ SHA, Name, Conclusion, App string }

// Statuses lists the statuses of a commit, oldest first; of all where sha is "".
func (s *Server) Statuses(sha string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, x := range s.statuses {
		if sha == "" || x.SHA == sha {
			out = append(out, x)
		}
	}
	return out
}

// Post posts a status as somebody, past the API.
func (s *Server) Post(login, sha, context, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses = append(s.statuses, Status{ID: s.id(), SHA: sha, Context: context, State: state, Login: login, At: s.stamp()})
}

// Run reports a check run.
func (s *Server) Run(r CheckRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, r)
}

func (s *Server) known(sha string) bool {
	_, err := s.git("cat-file", "-e", sha+"^{commit}")
	return err == nil
}

func (s *Server) postStatus(c *call) answer {
	var in struct {
		State, Description, Context string
		TargetURL                   string `json:"target_url"`
	}
	if a, may := c.mayWrite(); !may {
		return a
	}
	sha := c.PathValue("sha")
	switch {
	case !c.decode(&in):
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	case !s.known(sha):
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
	case !slices.Contains([]string{"success", "failure", "pending", "error"}, in.State):
		return invalid("Status", "state", "invalid", "")
	case len([]rune(in.Description)) > 140:
		return invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	n := 0
	for _, x := range s.statuses {
		if x.SHA == sha && x.Context == in.Context {
			n++
		}
	}
	if n >= MaxStatuses {
		return invalid("Status", "", "custom", "This SHA and context has reached the maximum number of statuses.")
	}
	x := Status{ID: s.id(), SHA: sha, Context: in.Context, State: in.State, Description: in.Description, URL: in.TargetURL, Login: c.who.Login, At: s.stamp()}
	s.statuses = append(s.statuses, x)
	return created(s.showStatus(x))
}

func (s *Server) showStatus(x Status) map[string]any {
	return rest(map[string]any{"id": x.ID, "state": x.State, "context": x.Context, "description": x.Description, "target_url": x.URL, "creator": user(s.account(x.Login)), "created_at": x.At, "updated_at": x.At}, restOfStatus)
}

func (s *Server) listStatuses(c *call) answer {
	out := []any{}
	for _, x := range slices.Backward(s.statuses) {
		if x.SHA == c.PathValue("sha") {
			out = append(out, s.showStatus(x))
		}
	}
	return page(c, out)
}

func (s *Server) checkRuns(c *call) answer {
	out := []any{}
	for _, r := range s.runs {
		if r.SHA == c.PathValue("sha") {
			out = append(out, rest(map[string]any{"id": s.id(), "name": r.Name, "status": "completed", "conclusion": r.Conclusion, "head_sha": r.SHA,
				"app":    rest(map[string]any{"slug": r.App, "owner": organisation("github"), "permissions": map[string]string{}}, restOfApp),
				"output": rest(map[string]any{}, "title? summary? text? annotations_count# annotations_url")}, restOfRun))
		}
	}
	a := page(c, out)
	a.body = map[string]any{"total_count": len(out), "check_runs": a.body}
	return a
}

// showCommit is how GitHub shows a commit: with the accounts that have its
// addresses, null where there is none.
func (s *Server) showCommit(sha string) map[string]any {
	out, err := s.git("log", "-1", "--format=%an%x00%ae%x00%cn%x00%ce%x00%P%x00%s%x00%T", sha)
	if err != nil {
		return nil
	}
	f := strings.Split(out, "\x00")
	parents := []any{}
	for _, p := range strings.Fields(f[4]) {
		parents = append(parents, parentOf(p))
	}
	committer := user(s.byEmail(f[3]))
	if f[3] == webEmail {
		committer = rest(map[string]any{"login": "web-flow", "id": 19864447, "type": "User"}, restOfUser)
	}
	verified := f[3] == webEmail && !s.unsigned[sha]
	inner := rest(map[string]any{"author": map[string]any{"name": f[0], "email": f[1]}, "committer": map[string]any{"name": f[2], "email": f[3]},
		"message": f[5], "tree": rest(map[string]any{"sha": f[6]}, "url"), "verification": signed(verified)}, restOfInner)
	return rest(map[string]any{"sha": sha, "author": user(s.byEmail(f[1])), "committer": committer, "parents": parents, "commit": inner}, restOfCommit)
}

// Unsign makes a commit one that only says that GitHub made it, or not.
func (s *Server) Unsign(sha string, only bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsigned == nil {
		s.unsigned = map[string]bool{}
	}
	s.unsigned[sha] = only
}

func (s *Server) commit(c *call) answer {
	x := s.showCommit(c.PathValue("sha"))
	if x == nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.PathValue("sha"))
	}
	return ok(x)
}

// maxCommits is how many commits of a pull request GitHub lists.
const maxCommits = 250

func (s *Server) pullCommits(c *call) answer {
	p := s.find(c)
	if p == nil {
		return notFound()
	}
	base := s.tip(p.Base)
	if p.MergeCommit != "" {
		base = p.MergeCommit + "^1"
	}
	list, err := s.git("rev-list", "--reverse", p.HeadOID, "^"+base)
	if err != nil {
		return refuse(http.StatusInternalServerError, err.Error())
	}
	out := []any{}
	for _, sha := range strings.Fields(list) {
		if len(out) < maxCommits {
			out = append(out, s.showCommit(sha))
		}
	}
	return page(c, out)
}

func (s *Server) pullsOf(c *call) answer {
	sha := c.PathValue("sha")
	out := []any{}
	for _, p := range s.pulls {
		switch {
		case p.MergeCommit == sha, p.HeadOID == sha:
			out = append(out, s.show(p, false))
		case p.open() && s.known(sha) && s.ancestor(sha, p.HeadOID) && !s.ancestor(sha, s.tip(p.Base)):
			out = append(out, s.show(p, false))
		}
	}
	return page(c, out)
}

// graphql knows the two mutations that REST has no words for.
func (s *Server) graphql(c *call) answer {
	var in struct {
		Query     string
		Variables struct {
			ID   string
			Head string
		}
	}
	if !c.decode(&in) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	n := 0
	if _, err := fmt.Sscanf(in.Variables.ID, "PR_%d", &n); err != nil || n < 1 || n > len(s.pulls) {
		return graphqlError("NOT_FOUND", "Could not resolve to a node with the global id of '"+in.Variables.ID+"'.")
	}
	p := s.pulls[n-1]
	switch {
	case strings.Contains(in.Query, "enqueuePullRequest"):
		return s.enqueue(c, p, in.Variables.Head)
	case strings.Contains(in.Query, "markPullRequestReadyForReview"):
		p.Draft = false
		return ok(map[string]any{"data": map[string]any{"markPullRequestReadyForReview": map[string]any{"clientMutationId": nil}}})
	}
	return graphqlError("UNDEFINED", "the fake does not know this query")
}

func graphqlError(kind, message string) answer {
	return ok(map[string]any{"data": nil, "errors": []any{map[string]any{"type": kind, "message": message}}})
}
