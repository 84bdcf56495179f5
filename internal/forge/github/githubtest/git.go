package githubtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Push is one movement of a branch.
type Push struct {
	Ref, Before, After, Login, Type string
	ID                              int64
}

// git runs git in the repository and returns what it printed.
func (s *Server) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", s.Git}, args...)...)
	cmd.Env = []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_AUTHOR_NAME=GitHub", "GIT_AUTHOR_EMAIL=" + webEmail, "GIT_COMMITTER_NAME=GitHub", "GIT_COMMITTER_EMAIL=" + webEmail,
		"GIT_AUTHOR_DATE=" + s.stamp(), "GIT_COMMITTER_DATE=" + s.stamp()}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// webEmail is the committer of what GitHub commits itself.
const webEmail = "noreply@github.com"

// tip is the commit of a branch, "" where there is none.
func (s *Server) tip(branch string) string {
	out, err := s.git("rev-parse", "--verify", "--quiet", "refs/heads/"+branch)
	if err != nil {
		return ""
	}
	return out
}

func (s *Server) ancestor(a, b string) bool {
	_, err := s.git("merge-base", "--is-ancestor", a, b)
	return err == nil
}

// PushAs says whose the pushes from now on are: nobody says so in a push to a
// directory. With "" they are their committer's.
func (s *Server) PushAs(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe() // those until now are somebody else's
	s.pusher = login
}

// Observe notices what was pushed. Every request does so first.
func (s *Server) Observe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
}

func (s *Server) observe() {
	out, err := s.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
	if err != nil {
		return
	}
	now := map[string]string{}
	for line := range strings.Lines(out) {
		name, oid, _ := strings.Cut(strings.TrimSpace(line), " ")
		now[name] = oid
		if was := s.tips[name]; was != oid {
			s.pushed(name, was, oid)
		}
	}
	for name, was := range s.tips {
		if now[name] == "" {
			s.activity = append(s.activity, Push{Ref: "refs/heads/" + name, Before: was, Login: s.pusher, Type: "branch_deletion", ID: s.id()})
			s.branchGone(name)
		}
	}
	s.tips = now
}

// pushed does what GitHub does when a branch moves.
func (s *Server) pushed(name, was, oid string) {
	p := Push{Ref: "refs/heads/" + name, Before: was, After: oid, Login: s.pusher, Type: "push", ID: s.id()}
	if p.Login == "" {
		if email, err := s.git("log", "-1", "--format=%ce", oid); err == nil {
			if a := s.byEmail(email); a != nil {
				p.Login = a.Login
			}
		}
	}
	switch {
	case was == "":
		p.Type = "branch_creation"
	case !s.ancestor(was, oid):
		p.Type = "force_push"
	}
	s.activity = append(s.activity, p)
	for _, pr := range s.pulls {
		if pr.Head == name && pr.open() {
			s.moved(pr, was, oid)
		}
	}
}

func (s *Server) listActivity(c *call) answer {
	out := []any{}
	for _, p := range slices.Backward(s.activity) {
		if ref := c.FormValue("ref"); ref != "" && strings.TrimPrefix(ref, "refs/heads/") != strings.TrimPrefix(p.Ref, "refs/heads/") {
			continue
		}
		out = append(out, map[string]any{"id": p.ID, "node_id": nodeID("A", p.ID), "ref": p.Ref, "before": orZero(p.Before), "after": orZero(p.After), "actor": user(s.account(p.Login)), "activity_type": p.Type, "timestamp": s.stamp()})
	}
	return page(c, out)
}

func orZero(oid string) string {
	if oid == "" {
		return strings.Repeat("0", 40)
	}
	return oid
}
