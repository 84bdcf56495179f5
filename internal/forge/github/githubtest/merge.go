package githubtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// ruled returns the parameters of a rule of a branch.
func (s *Server) ruled(branch, kind string) (map[string]any, bool) {
	for _, raw := range s.rules[branch] {
		var r struct {
			Type       string
			Parameters map[string]any
		}
		if json.Unmarshal(raw, &r) == nil && r.Type == kind {
			return r.Parameters, true
		}
	}
	return nil, false
}

func (s *Server) dismissesStale(branch string) bool {
	p, _ := s.ruled(branch, "pull_request")
	return p["dismiss_stale_reviews_on_push"] == true
}

// from reports whether somebody is the app that a status has to come from. Of apps
// the server knows that of workflows, and which ones are others.
func (s *Server) from(login string, app any) bool {
	id, demanded := app.(float64)
	a := s.account(login)
	return !demanded || id == 0 || a != nil && a.Type == "Bot" && (login == ActionsLogin) == (id == actionsApp)
}

// actionsApp is the number of the app whose name workflows post in.
const actionsApp = 15368

// lacks returns which status a branch asks for that a commit does not have.
func (s *Server) lacks(branch, commit string) string {
	params, _ := s.ruled(branch, "required_status_checks")
	checks, _ := params["required_status_checks"].([]any)
	for _, x := range checks {
		want := x.(map[string]any)
		context := fmt.Sprint(want["context"])
		state := ""
		for _, st := range s.statuses {
			if st.SHA == commit && st.Context == context && s.from(st.Login, want["integration_id"]) {
				state = st.State
			}
		}
		if state != "success" {
			return fmt.Sprintf("Repository rule violations found\n\nRequired status check %q is %s.", context, map[bool]string{true: "expected", false: "failing"}[state == ""])
		}
	}
	return ""
}

// protects returns why a branch does not take a pull request.
func (s *Server) protects(p *Pull) string {
	if why := s.lacks(p.Base, p.HeadOID); why != "" {
		return why
	}
	params, _ := s.ruled(p.Base, "pull_request")
	need, _ := params["required_approving_review_count"].(float64)
	given := map[string]bool{}
	for _, r := range p.Reviews {
		given[r.Login] = r.State == "APPROVED"
	}
	n := 0
	for _, yes := range given {
		if yes {
			n++
		}
	}
	if n < int(need) {
		return "Repository rule violations found\n\nAt least 1 approving review is required by reviewers with write access."
	}
	return ""
}

// forbids returns why nothing lands on a branch by a method.
func (s *Server) forbids(p *Pull, method string) string {
	words := map[string]string{"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
	setting := map[string]string{"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}[method]
	params, _ := s.ruled(p.Base, "pull_request")
	allowed, limited := params["allowed_merge_methods"].([]any)
	_, linear := s.ruled(p.Base, "required_linear_history")
	switch {
	case s.settings[setting] == false:
		return words + " are not allowed on this repository."
	case limited && !slices.Contains(allowed, any(method)):
		return "Repository rule violations found\n\n" + words + " are not allowed on this branch."
	case linear && method == "merge":
		return "Repository rule violations found\n\nThis branch must not contain merge commits."
	}
	return ""
}

func (s *Server) merge(c *call) answer {
	p := s.find(c)
	var in struct {
		SHA     string `json:"sha"`
		Method  string `json:"merge_method"`
		Title   string `json:"commit_title"`
		Message string `json:"commit_message"`
	}
	if a, may := c.mayWrite(); !may {
		return a
	}
	if p == nil || !c.decode(&in) {
		return notFound()
	}
	_, queued := s.ruled(p.Base, "merge_queue")
	switch {
	case !p.open():
		return refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	case p.Draft:
		return refuse(http.StatusMethodNotAllowed, "Pull Request is still a draft")
	case in.SHA != "" && in.SHA != p.HeadOID:
		return refuse(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	case queued:
		return refuse(http.StatusMethodNotAllowed, "Repository rule violations found\n\nChanges must be made through the merge queue")
	}
	if why := cmp.Or(s.forbids(p, cmp.Or(in.Method, "merge")), s.protects(p)); why != "" {
		return refuse(http.StatusMethodNotAllowed, why)
	}
	sha, err := s.land(p, c.who.Login, in.Method, in.Title, in.Message)
	if err != nil {
		return refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	}
	return ok(map[string]any{"sha": sha, "merged": true, "message": "Pull Request successfully merged"})
}

// Land merges a pull request past every rule, as an administrator may.
func (s *Server) Land(number int, login, method string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	return s.land(s.pulls[number-1], login, method, "", "")
}

func (s *Server) land(p *Pull, login, method, title, message string) (string, error) {
	base := s.tip(p.Base)
	sha, err := s.merged(p, base, login, method, title, message)
	if err != nil {
		return "", err
	}
	if _, err := s.git("update-ref", "refs/heads/"+p.Base, sha, base); err != nil {
		return "", err
	}
	s.tips[p.Base] = sha
	s.activity = append(s.activity, Push{Ref: "refs/heads/" + p.Base, Before: base, After: sha, Login: login, Type: "pr_merge", ID: s.id()})
	p.State, p.MergeCommit, p.MergedBy, p.Closed = "closed", sha, login, s.stamp()
	return sha, nil
}

// merged writes what a pull request becomes by a method: a merge is its merger's, a
// squash its opener's, with whoever else wrote a commit of it as co-author, and both
// are committed by GitHub.
func (s *Server) merged(p *Pull, base, login, method, title, message string) (string, error) {
	if method == "rebase" {
		return s.rebased(p, base, login)
	}
	tree, err := s.git("merge-tree", "--write-tree", base, p.HeadOID)
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", tree, "-p", base}
	if method != "squash" {
		args = append(args, "-p", p.HeadOID)
	}
	if title == "" {
		title = fmt.Sprintf("%s (#%d)", p.Title, p.Number)
	}
	if method == "squash" && message == "" {
		if message, err = s.coAuthors(p, base); err != nil {
			return "", err
		}
	}
	args = append(args, "-m", title)
	if message != "" {
		args = append(args, "-m", message)
	}
	if method == "squash" {
		login = p.Author
	}
	return s.run(s.identity("AUTHOR", login), args...)
}

// coAuthors are the lines that GitHub ends the message of a squash with, "" where its
// opener wrote all of it. Who merged the base into it is among them.
func (s *Server) coAuthors(p *Pull, base string) (string, error) {
	list, err := s.git("log", "--reverse", "--format=%an <%ae>", p.HeadOID, "^"+base)
	if err != nil {
		return "", err
	}
	var out []string
	for who := range strings.Lines(list) {
		_, email, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(who), ">"), "<")
		line := "Co-authored-by: " + strings.TrimSpace(who)
		if a := s.byEmail(email); (a == nil || !strings.EqualFold(a.Login, p.Author)) && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n"), nil
}

// identity is the environment in which git takes an account for the author or the
// committer.
func (s *Server) identity(role, login string) []string {
	a := s.account(login)
	if a == nil || len(a.Emails) == 0 {
		return nil // GitHub itself
	}
	return []string{"GIT_" + role + "_NAME=" + a.Login, "GIT_" + role + "_EMAIL=" + a.Emails[0]}
}

// rebased writes the commits of a pull request anew on top of base, but for those
// whose change base has already. Whoever merges it is their committer.
func (s *Server) rebased(p *Pull, base, login string) (string, error) {
	list, err := s.git("rev-list", "--reverse", "--no-merges", "--cherry-pick", "--right-only", base+"..."+p.HeadOID)
	if err != nil {
		return "", err
	}
	onto := base
	for _, c := range strings.Fields(list) {
		// What onto holds, as if it had been made where c was: older gits have no
		// way to name a merge base.
		as, err := s.git("commit-tree", onto+"^{tree}", "-p", c+"^", "-m", "as")
		if err != nil {
			return "", err
		}
		tree, err := s.git("merge-tree", "--write-tree", as, c)
		if err != nil {
			return "", err
		}
		said, err := s.git("log", "-1", "--date=raw", "--format=%an%x00%ae%x00%ad%x00%B", c)
		if err != nil {
			return "", err
		}
		f := strings.SplitN(said, "\x00", 4)
		author := []string{"GIT_AUTHOR_NAME=" + f[0], "GIT_AUTHOR_EMAIL=" + f[1], "GIT_AUTHOR_DATE=" + f[2]}
		if onto, err = s.run(append(author, s.identity("COMMITTER", login)...), "commit-tree", tree, "-p", onto, "-m", f[3]); err != nil {
			return "", err
		}
	}
	return onto, nil
}

// enqueue puts a pull request into the merge queue.
func (s *Server) enqueue(c *call, p *Pull, head string) answer {
	switch _, queued := s.ruled(p.Base, "merge_queue"); {
	case !queued:
		return graphqlError("UNPROCESSABLE", "Merge queue is not enabled for this branch")
	case head != "" && head != p.HeadOID:
		return graphqlError("UNPROCESSABLE", "Head branch was modified.")
	case s.protects(p) != "":
		return graphqlError("UNPROCESSABLE", s.protects(p))
	}
	if _, may := c.mayWrite(); !may {
		return graphqlError("FORBIDDEN", c.who.Login+" may not merge")
	}
	if !slices.Contains(s.queue, p.Number) {
		s.queue = append(s.queue, p.Number)
	}
	return ok(map[string]any{"data": map[string]any{"enqueuePullRequest": map[string]any{"mergeQueueEntry": map[string]any{"position": len(s.queue)}}}})
}

// Group builds the branch on which the merge queue tries its pull requests
// together, by the method of its rule, and returns its name and head.
func (s *Server) Group() (branch, head string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base := s.tip("main")
	head = base
	params, _ := s.ruled("main", "merge_queue")
	method, _ := params["merge_method"].(string)
	for _, n := range s.queue {
		p := s.pulls[n-1]
		if head, err = s.merged(p, head, p.Author, strings.ToLower(method), "", ""); err != nil {
			return "", "", err
		}
		branch = fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", n, base)
	}
	_, err = s.git("update-ref", "refs/heads/"+branch, head)
	return branch, head, err
}

// LandGroup moves main to what the merge queue tried, as its branch has it now: one
// commit of main's own line for each pull request, all at once. That head needs the
// statuses that main asks for, unless it lands past every rule.
func (s *Server) LandGroup(branch string, past bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe()
	base, head := s.tip("main"), s.tip(branch)
	if why := s.lacks("main", head); why != "" && !past {
		return errors.New(why)
	}
	list, err := s.git("rev-list", "--first-parent", "--reverse", head, "^"+base)
	if err != nil {
		return err
	}
	line := strings.Fields(list)
	if len(line) != len(s.queue) {
		return fmt.Errorf("%d pull requests are %d commits of %s", len(s.queue), len(line), branch)
	}
	if _, err := s.git("update-ref", "refs/heads/main", head, base); err != nil {
		return err
	}
	s.tips["main"] = head
	s.activity = append(s.activity, Push{Ref: "refs/heads/main", Before: base, After: head, Login: ActionsLogin, Type: "merge_queue_merge", ID: s.id()})
	for i, n := range s.queue {
		p := s.pulls[n-1]
		p.State, p.MergeCommit, p.MergedBy, p.Closed = "closed", line[i], ActionsLogin, s.stamp()
	}
	s.queue = nil
	return nil
}
