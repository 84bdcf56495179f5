package githubtest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Push is one movement of a branch.
type Push struct {
	Ref, Before, After, Login, Type string
	ID                              int64
}

// git runs git in the repository and returns what it printed.
func (s *Server) git(args ...string) (string, error) { return s.run(nil, args...) }

// run runs git with more in its environment, which holds against what is there.
func (s *Server) run(env []string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", s.Git}, args...)...)
	cmd.Env = []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_AUTHOR_NAME=GitHub", "GIT_AUTHOR_EMAIL=" + webEmail, "GIT_COMMITTER_NAME=GitHub", "GIT_COMMITTER_EMAIL=" + webEmail,
		"GIT_AUTHOR_DATE=" + s.stamp(), "GIT_COMMITTER_DATE=" + s.stamp()}
	cmd.Env = append(cmd.Env, env...)
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
	now := s.branches()
	for _, name := range slices.Sorted(maps.Keys(now)) {
		oid := now[name]
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

// branches reads the branches from the repository's files, which takes no git.
func (s *Server) branches() map[string]string {
	out := map[string]string{}
	packed, err := os.ReadFile(filepath.Join(s.Git, "packed-refs"))
	if err == nil {
		for line := range strings.Lines(string(packed)) {
			oid, name, _ := strings.Cut(strings.TrimSpace(line), " ")
			if name, ok := strings.CutPrefix(name, "refs/heads/"); ok {
				out[name] = oid
			}
		}
	}
	root := filepath.Join(s.Git, "refs", "heads")
	_ = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".lock") {
			return nil
		}
		oid, err := os.ReadFile(path)
		name, rel := filepath.Rel(root, path)
		if err == nil && rel == nil {
			out[filepath.ToSlash(name)] = strings.TrimSpace(string(oid))
		}
		return nil
	})
	return out
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

// Forget leaves the list of pushes without those of a branch until now.
func (s *Server) Forget(branch string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.activity = slices.DeleteFunc(s.activity, func(p Push) bool { return p.Ref == "refs/heads/"+branch })
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

// forkActivity is that of a fork, whose branches are here as well. Nobody may read
// one that is called private.
func (s *Server) forkActivity(c *call) answer {
	repo := c.PathValue("owner") + "/" + c.PathValue("name")
	if c.PathValue("name") == "private" || !slices.ContainsFunc(s.pulls, func(p *Pull) bool { return p.Fork == repo }) {
		return notFound()
	}
	return s.listActivity(c)
}

func orZero(oid string) string {
	if oid == "" {
		return strings.Repeat("0", 40)
	}
	return oid
}
