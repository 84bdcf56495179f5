package githubtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Rule puts a rule in force for a branch: its type and its parameters.
func (s *Server) Rule(branch, kind string, parameters any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rule := map[string]any{"type": kind, "ruleset_id": 1, "ruleset_source": s.Repo, "ruleset_source_type": "Repository"}
	if parameters != nil {
		rule["parameters"] = parameters
	}
	raw, err := json.Marshal(rule)
	if err != nil {
		panic(err)
	}
	s.rules[branch] = append(s.rules[branch], raw)
}

// Unrule takes the rules of a type out of force.
func (s *Server) Unrule(branch, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules[branch] = slices.DeleteFunc(s.rules[branch], func(raw json.RawMessage) bool {
		var r struct{ Type string }
		return json.Unmarshal(raw, &r) == nil && r.Type == kind
	})
}

// Ruleset adds a ruleset as GitHub shows it.
func (s *Server) Ruleset(set map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sets = append(s.sets, set)
}

// Codeowners says what is wrong with CODEOWNERS.
func (s *Server) Codeowners(errs ...map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners = errs
}

func (s *Server) branchRules(c *call) answer { return page(c, s.rules[c.PathValue("branch")]) }

func (s *Server) listRulesets(c *call) answer { return page(c, s.sets) }

// ruleset shows who may go past it to administrators alone.
func (s *Server) ruleset(c *call) answer {
	for _, set := range s.sets {
		if fmt.Sprint(set["id"]) == c.PathValue("id") {
			out := map[string]any{}
			for k, v := range set {
				if k != "bypass_actors" || c.who.Permission == "admin" {
					out[k] = v
				}
			}
			return ok(out)
		}
	}
	return notFound()
}

func (s *Server) codeowners(*call) answer {
	return ok(map[string]any{"errors": append([]map[string]any{}, s.owners...)})
}

// Protect gives a branch protection of its own, as GitHub shows it; nil takes it
// away.
func (s *Server) Protect(branch string, protection map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guarded[branch] = protection
}

func (s *Server) branch(c *call) answer {
	name := c.PathValue("branch")
	oid := s.tip(name)
	if oid == "" {
		return refuse(http.StatusNotFound, "Branch not found")
	}
	guarded := s.guarded[name] != nil
	return ok(rest(map[string]any{
		"name": name, "commit": s.showCommit(oid), "protected": guarded || len(s.rules[name]) > 0, "protection": map[string]any{"enabled": guarded},
		"_links": map[string]any{"self": "https://api.github.com/", "html": "https://github.com/"},
	}, "protection_url"))
}

// protection is shown to administrators alone.
func (s *Server) protection(c *call) answer {
	p := s.guarded[c.PathValue("branch")]
	switch {
	case c.who.Login == ActionsLogin:
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	case c.who.Permission != "admin":
		return notFound()
	case p == nil:
		return refuse(http.StatusNotFound, "Branch not protected")
	}
	return ok(p)
}

// Environment makes one that workflows of these branches may use; without any,
// those of every branch.
func (s *Server) Environment(name string, branches ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.environs[name] = branches
}

func (s *Server) environment(c *call) answer {
	branches, known := s.environs[c.PathValue("name")]
	if !known {
		return notFound()
	}
	out := rest(map[string]any{"name": c.PathValue("name"), "protection_rules": []any{}, "deployment_branch_policy": nil}, "id# node_id url html_url created_at@ updated_at@")
	if len(branches) > 0 {
		out["deployment_branch_policy"] = map[string]any{"protected_branches": false, "custom_branch_policies": true}
	}
	return ok(out)
}

func (s *Server) deployers(c *call) answer {
	out := []any{}
	for _, b := range s.environs[c.PathValue("name")] {
		out = append(out, rest(map[string]any{"name": b, "type": "branch"}, "id# node_id"))
	}
	a := page(c, out)
	a.body = map[string]any{"total_count": len(out), "branch_policies": a.body}
	return a
}

// Disable says why a workflow is not started, "" for one that is.
func (s *Server) Disable(path, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disabled[path] = state
}

// workflows are those that main has.
func (s *Server) workflows(c *call) answer {
	list, err := s.git("ls-tree", "-r", "--name-only", "refs/heads/main", ".github/workflows")
	if err != nil {
		list = ""
	}
	out := []any{}
	for i, path := range strings.Fields(list) {
		out = append(out, rest(map[string]any{"id": i + 1, "name": path, "path": path, "state": cmp.Or(s.disabled[path], "active")}, "node_id url html_url badge_url created_at@ updated_at@"))
	}
	a := page(c, out)
	a.body = map[string]any{"total_count": len(out), "workflows": a.body}
	return a
}
