package githubtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// route is one call of the API.
type route struct {
	method, path string
	do           func(*Server, *call) answer
}

// routes are the calls the server knows. {r} stands for repos/owner/name.
func routes() []route {
	return []route{
		{"GET", "/user", (*Server).viewer},
		{"GET", "{r}", (*Server).repository},
		{"GET", "{r}/pulls", (*Server).listPulls},
		{"POST", "{r}/pulls", (*Server).openPull},
		{"GET", "{r}/pulls/{n}", (*Server).getPull},
		{"PATCH", "{r}/pulls/{n}", (*Server).editPull},
		{"GET", "{r}/pulls/{n}/commits", (*Server).pullCommits},
		{"GET", "{r}/pulls/{n}/reviews", (*Server).listReviews},
		{"POST", "{r}/pulls/{n}/reviews", (*Server).review},
		{"POST", "{r}/pulls/{n}/requested_reviewers", (*Server).requestReviews},
		{"PUT", "{r}/pulls/{n}/merge", (*Server).merge},
		{"GET", "{r}/commits/{sha}", (*Server).commit},
		{"GET", "{r}/commits/{sha}/pulls", (*Server).pullsOf},
		{"GET", "{r}/commits/{sha}/statuses", (*Server).listStatuses},
		{"GET", "{r}/commits/{sha}/check-runs", (*Server).checkRuns},
		{"POST", "{r}/statuses/{sha}", (*Server).postStatus},
		{"GET", "{r}/issues/{n}/events", (*Server).listEvents},
		{"GET", "{r}/issues/{n}/comments", (*Server).listComments},
		{"POST", "{r}/issues/{n}/comments", (*Server).comment},
		{"PATCH", "{r}/issues/comments/{id}", (*Server).editComment},
		{"GET", "{r}/collaborators/{login}/permission", (*Server).permission},
		{"GET", "{r}/rules/branches/{branch}", (*Server).branchRules},
		{"GET", "{r}/branches/{branch}", (*Server).branch},
		{"GET", "{r}/branches/{branch}/protection", (*Server).protection},
		{"GET", "{r}/environments/{name}", (*Server).environment},
		{"GET", "{r}/environments/{name}/deployment-branch-policies", (*Server).deployers},
		{"GET", "{r}/rulesets", (*Server).listRulesets},
		{"GET", "{r}/rulesets/{id}", (*Server).ruleset},
		{"GET", "{r}/activity", (*Server).listActivity},
		{"GET", "{r}/actions/workflows", (*Server).workflows},
		{"GET", "/repos/{owner}/{name}/activity", (*Server).forkActivity},
		{"GET", "{r}/codeowners/errors", (*Server).codeowners},
		{"GET", "/orgs/{org}/teams/{slug}/members", (*Server).teamMembers},
		{"POST", "/graphql", (*Server).graphql},
	}
}

// mux finds the route of a request.
func (s *Server) mux() *http.ServeMux {
	m := http.NewServeMux()
	for _, r := range routes() {
		path := strings.Replace(r.path, "{r}", "/repos/"+s.Repo, 1)
		m.HandleFunc(r.method+" "+path, func(w http.ResponseWriter, req *http.Request) {
			c := req.Context().Value(callKey{}).(*call)
			c.Request = req
			send(w, r.do(s, c))
		})
	}
	m.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { send(w, notFound()) })
	return m
}

type callKey struct{}

func (s *Server) serve(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	t := s.tokens[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]
	entry := Request{Method: req.Method, Path: s.short(req), Body: string(body)}
	if t != nil {
		entry.Login = t.account.Login
	}
	s.log = append(s.log, entry)
	s.observe()
	if f := s.fault(req); f != nil {
		s.fail(w, req, f, func(w http.ResponseWriter) { s.answer(w, req, t, body) })
		return
	}
	s.recorded(w, req, body, func(w http.ResponseWriter) { s.answer(w, req, t, body) })
}

// answer authenticates a request and carries it out.
func (s *Server) answer(w http.ResponseWriter, req *http.Request, t *token, body []byte) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	switch {
	case req.Header.Get("Authorization") == "":
		send(w, refuse(http.StatusUnauthorized, "Requires authentication"))
		return
	case t == nil:
		send(w, refuse(http.StatusUnauthorized, "Bad credentials"))
		return
	case t.account.Permission == "none" && strings.HasPrefix(req.URL.Path, "/repos/"):
		send(w, notFound()) // a private repository is not there for whoever may not read it
		return
	}
	if len(t.scopes) > 0 {
		w.Header().Set("X-OAuth-Scopes", strings.Join(t.scopes, ", "))
	}
	w.Header().Set("X-RateLimit-Limit", "5000")
	w.Header().Set("X-RateLimit-Remaining", "4999")
	c := &call{s: s, who: t.account, body: body}
	s.mux().ServeHTTP(w, req.WithContext(contextWith(req, c)))
}

func send(w http.ResponseWriter, a answer) {
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.code)
	if a.body == nil {
		return
	}
	// What cannot be sent shows at the other end.
	_ = json.NewEncoder(w).Encode(a.body)
}

// short is a request's path without the repository's.
func (s *Server) short(req *http.Request) string {
	p := strings.TrimPrefix(req.URL.Path, "/repos/"+s.Repo)
	return strings.TrimPrefix(p, "/")
}
