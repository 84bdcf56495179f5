package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Account is somebody on the server.
type Account struct {
	Login      string
	ID         int64
	Type       string   // User or Bot
	Permission string   // admin, write, read or none
	Emails     []string // whose commits are theirs
	Gone       bool     // deleted: shown as null
}

// token is what somebody signs in with.
type token struct {
	account *Account
	scopes  []string
}

// The account of workflows.
const (
	ActionsLogin = "github-actions[bot]"
	actionsID    = 41898282
)

// Add makes an account. Its address is login@example.org where none is given.
func (s *Server) Add(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Type == "" {
		a.Type = "User"
	}
	if a.Permission == "" {
		a.Permission = "write"
	}
	if a.ID == 0 {
		a.ID = s.id()
	}
	if a.Emails == nil {
		a.Emails = []string{strings.ToLower(a.Login) + "@example.org"}
	}
	s.accounts = append(s.accounts, &a)
}

// Token makes a token of an account; ActionsLogin has one without being added.
func (s *Server) Token(login string, scopes ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(login)
	if a == nil && login == ActionsLogin {
		a = &Account{Login: login, ID: actionsID, Type: "Bot", Permission: "write"}
		s.accounts = append(s.accounts, a)
	}
	if a == nil {
		panic("githubtest: nobody is called " + login)
	}
	name := fmt.Sprintf("ghp_test%032d", s.id())
	s.tokens[name] = &token{a, scopes}
	return name
}

// Change edits an account, to rename it, take its permission or delete it.
func (s *Server) Change(login string, edit func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(s.account(login))
}

// Team says who is in a team.
func (s *Server) Team(slug string, logins ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teams[slug] = logins
}

// account finds somebody; case is ignored, as GitHub does.
func (s *Server) account(login string) *Account {
	for _, a := range s.accounts {
		if strings.EqualFold(a.Login, login) {
			return a
		}
	}
	return nil
}

func (s *Server) byEmail(email string) *Account {
	for _, a := range s.accounts {
		if slices.ContainsFunc(a.Emails, func(e string) bool { return strings.EqualFold(e, email) }) {
			return a
		}
	}
	return nil
}

// user is how an account is shown: null once it is gone.
func user(a *Account) any {
	if a == nil || a.Gone {
		return nil
	}
	return rest(map[string]any{"login": a.Login, "id": a.ID, "type": a.Type, "node_id": nodeID("U", a.ID), "html_url": "https://github.com/" + a.Login}, restOfUser)
}

func (s *Server) viewer(c *call) answer {
	if c.who.Login == ActionsLogin {
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	me := user(c.who)
	if m, found := me.(map[string]any); found {
		rest(m, restOfViewer)
	}
	return ok(me)
}

func (s *Server) permission(c *call) answer {
	a := s.account(c.PathValue("login"))
	switch {
	case c.who.Permission == "read":
		return refuse(http.StatusForbidden, "Must have push access to view collaborator permission.")
	case a == nil || a.Gone:
		return refuse(http.StatusNotFound, fmt.Sprintf("%s is not a user", c.PathValue("login")))
	}
	return ok(map[string]any{"permission": a.Permission, "role_name": a.Permission, "user": rest(user(a).(map[string]any), "role_name="+a.Permission)})
}

func (s *Server) teamMembers(c *call) answer {
	if c.who.Login == ActionsLogin {
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	logins, ok := s.teams[c.PathValue("slug")]
	if !ok {
		return notFound()
	}
	out := []any{}
	for _, l := range logins {
		if u := user(s.account(l)); u != nil {
			out = append(out, u)
		}
	}
	return page(c, out)
}

// mayWrite answers whoever may not.
func (c *call) mayWrite() (answer, bool) {
	if c.who.Permission == "write" || c.who.Permission == "admin" {
		return answer{}, true
	}
	return refuse(http.StatusForbidden, "Resource not accessible by personal access token"), false
}
