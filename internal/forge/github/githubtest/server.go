// Package githubtest owns a GitHub that is not there: a stateful server of the
// parts of its API that gitsm uses, on top of a real bare repository, for
// tests.
//
// It may import the standard library alone, and runs git. It is faithful where
// a gate cares (who may do what, what a push does to reviews, what stops a
// merge, how lists are cut into pages, how limits answer), and silent about
// the rest. Everything about it can be arranged, and any call made to fail.
// Only tests import it.
package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Server is one repository of a made-up GitHub.
type Server struct {
	URL  string // of the API, with a final slash
	Repo string // owner/name
	Git  string // the bare repository behind it

	mu       sync.Mutex
	http     *httptest.Server
	now      func() time.Time
	accounts []*Account
	tokens   map[string]*token
	pulls    []*Pull
	statuses []Status // oldest first
	runs     []CheckRun
	rules    map[string][]json.RawMessage // by branch
	sets     []map[string]any             // rulesets
	disabled map[string]string            // workflows that are not started, and why
	environs map[string][]string          // branches that may use an environment; nil for any
	guarded  map[string]map[string]any    // branches' own protection
	owners   []map[string]any             // errors of CODEOWNERS
	teams    map[string][]string          // logins by slug
	activity []Push
	tips     map[string]string // branches as they were last seen
	unsigned map[string]bool
	queue    []int
	pusher   string // whose the next pushes are, "" for their committer's
	rebind   bool
	faults   []*fault
	log      []Request
	lastID   int64
	settings map[string]any // of the repository, over what there is by default
	record   *os.File       // where exchanges are written to, nil for nowhere
}

// Request is one request that the server saw.
type Request struct{ Method, Path, Login, Body string }

// Start serves the bare repository at dir as owner/name, with now as its clock.
func Start(repo, dir string, now func() time.Time) *Server {
	s := &Server{
		Repo: repo, Git: dir, now: now, tokens: map[string]*token{}, rules: map[string][]json.RawMessage{}, teams: map[string][]string{},
		guarded: map[string]map[string]any{}, environs: map[string][]string{}, disabled: map[string]string{}, tips: map[string]string{}, settings: map[string]any{}, lastID: 1000,
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL + "/"
	return s
}

// Close ends the server.
func (s *Server) Close() {
	s.http.Close()
	if s.record != nil {
		s.record.Close()
	}
}

// Requests lists what was asked so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Set overrides a field of the repository, such as allow_squash_merge.
func (s *Server) Set(field string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings[field] = value
}

func (s *Server) id() int64 { s.lastID++; return s.lastID }

func (s *Server) stamp() string { return s.now().UTC().Format(time.RFC3339) }

// call is a request on its way through the server.
type call struct {
	*http.Request
	s    *Server
	who  *Account
	body []byte
}

// answer is what a request is answered.
type answer struct {
	code   int
	body   any
	header map[string]string
}

func ok(body any) answer { return answer{code: http.StatusOK, body: body} }

func created(body any) answer { return answer{code: http.StatusCreated, body: body} }

func refuse(code int, message string, errs ...any) answer {
	body := map[string]any{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(code)}
	if len(errs) > 0 {
		body["errors"] = errs
	}
	return answer{code: code, body: body}
}

func notFound() answer { return refuse(http.StatusNotFound, "Not Found") }

func invalid(resource, field, code, message string) answer {
	return refuse(http.StatusUnprocessableEntity, "Validation Failed", map[string]any{"resource": resource, "field": field, "code": code, "message": message})
}

// decode reads the body of a request.
func (c *call) decode(into any) bool {
	return len(c.body) == 0 || json.Unmarshal(c.body, into) == nil
}

func (c *call) number() int {
	n, err := strconv.Atoi(c.PathValue("n"))
	if err != nil {
		return 0
	}
	return n
}

// page cuts a list into the page that was asked for.
func page[T any](c *call, list []T) answer {
	size, at := 30, 1
	if n, err := strconv.Atoi(c.FormValue("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(c.FormValue("page")); err == nil && n > 0 {
		at = n
	}
	from, to := min((at-1)*size, len(list)), min(at*size, len(list))
	out := append([]T{}, list[from:to]...)
	a := ok(out)
	if to < len(list) {
		a.header = map[string]string{"Link": fmt.Sprintf(`<%s>; rel="next", <%s>; rel="last"`, c.at(at+1), c.at((len(list)+size-1)/size))}
	}
	return a
}

// at is the address of another page.
func (c *call) at(n int) string {
	q := c.URL.Query()
	q.Set("page", strconv.Itoa(n))
	u := url.URL{Scheme: "http", Host: c.Host, Path: c.URL.Path, RawQuery: q.Encode()}
	return u.String()
}

func (s *Server) repository(c *call) answer {
	perm := c.who.Permission
	out := rest(repositoryAt(s.Repo), restOfWholeRepository)
	for k, v := range map[string]any{
		"id": 1, "private": true, "default_branch": "main", "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true,
		"permissions": map[string]bool{"admin": perm == "admin", "push": perm == "admin" || perm == "write", "pull": perm != "none"},
	} {
		out[k] = v
	}
	for k, v := range s.settings {
		out[k] = v
	}
	return ok(out)
}
