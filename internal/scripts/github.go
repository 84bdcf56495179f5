package scripts

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/workflow"
)

// members are the accounts of the made-up GitHub, with their numbers.
var members = []githubtest.Account{
	{Login: "alice", ID: 11}, {Login: "bob", ID: 12}, {Login: "carol", ID: 13}, {Login: "Mallory", ID: 14, Permission: "read"},
	{Login: "root", ID: 15, Permission: "admin"}, {Login: "dependabot[bot]", ID: 49699333, Type: "Bot", Emails: []string{"49699333+dependabot[bot]@users.noreply.github.com"}}, {Login: "recorder[bot]", ID: 16, Type: "Bot", Permission: "admin"},
}

// hub is the made-up GitHub of one script.
type hub struct {
	*githubtest.Server
	tokens map[string]string
	set    map[string]any // the ruleset that every rule is in
	proxy  *githubtest.Proxy
}

// inSet puts a rule in force, in the one ruleset there is.
func (h *hub) inSet(branch, kind string, parameters any) {
	h.Rule(branch, kind, parameters)
	if h.set == nil {
		h.set = map[string]any{"id": 1, "name": "gitsm", "source": "acme/shop", "enforcement": "active", "bypass_actors": []any{}}
		h.Ruleset(h.set)
	}
}

// github SUBCOMMAND… works the made-up GitHub of a script:
//
//	serve DIR                  it begins, on a bare repository
//	as LOGIN SCOPE…            commands have a token of that account
//	review N LOGIN STATE       somebody clicks on a review
//	land N LOGIN METHOD        somebody merges past every rule
//	status N LOGIN STATE       somebody posts the gate's status
//	rule TYPE                  a rule is in force for main
//	rules BRANCH FILE          the rules of a ruleset are in force for a branch
//	amend BRANCH TYPE JSON     a rule has other parameters; none where JSON is ""
//	protect FILE               main has protection of its own; none where FILE is ""
//	disable PATH STATE         GitHub does not start a workflow; it does where STATE is ""
//	set FIELD VALUE            something else is said of the repository
//	environment NAME BRANCH…   workflows of these branches have its secrets; of all without any
//	exempt TYPE                somebody is not held by the rules
//	owners MESSAGE             GitHub does not accept a line of CODEOWNERS
//	open LOGIN BRANCH BASE     somebody opens a pull request, into main where no base is given
//	retarget N BRANCH          a pull request goes into another branch from now on
//	gated                      main asks for the status of the gate
//	dismiss N                  every review of a pull request is dismissed
//	may LOGIN PERMISSION       somebody may do so much with the repository from now on
//	close N, reopen N          a pull request ends without having landed, or goes on
//	reword N TEXT              every review of a pull request says something else
//	forget BRANCH              nobody is told of the pushes to a branch until now
//	unsign N, sign N           the head of a pull request only says that GitHub made it, or is signed
//	pusher LOGIN               pushes are somebody's from now on
//	fail METHOD PATH FAULT N   so many calls go wrong
//	proxy NAME                 one that lets nobody through is what a variable names
//	proxied HOST               somebody asked it for that host
//	land group                 what the merge queue tried lands, with the status that main asks for
//	land group past            it lands past every rule
//	group                      the merge queue tries what is in it; sets GROUP and GROUP_REF
//	await N                    until there are so many pull requests
func github(ts *testscript.TestScript, neg bool, args []string) {
	h := ts.Value("github").(*hub)
	number := func(i int) int {
		n, err := strconv.Atoi(args[i])
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "serve":
		h.Server = githubtest.Start("acme/shop", filepath.Clean(ts.MkAbs(args[1])), func() time.Time {
			at, err := time.Parse(time.RFC3339, ts.Getenv("NOW"))
			ts.Check(err)
			return at
		})
		h.Record(os.Getenv("GITSM_EXCHANGES"))
		ts.Defer(h.Close)
		for _, a := range members {
			h.Add(a)
		}
		ts.Setenv("GITHUB_API_URL", h.URL)
	case "as":
		who := strings.Join(args[1:], " ")
		if h.tokens[who] == "" {
			h.tokens[who] = h.Token(args[1], append([]string{"repo"}[min(1, len(args)-2):], args[2:]...)...)
		}
		ts.Setenv("GH_TOKEN", h.tokens[who])
	case "review":
		h.Review(number(1), args[2], args[3], "")
	case "land":
		if args[1] == "group" {
			err := h.LandGroup(strings.TrimPrefix(ts.Getenv("GROUP_REF"), "refs/heads/"), len(args) > 2)
			if neg == (err == nil) {
				ts.Fatalf("landing the group: %v", err)
			}
			return
		}
		_, err := h.Land(number(1), args[2], args[3])
		ts.Check(err)
	case "status":
		h.Post(args[2], h.Pulls()[number(1)-1].HeadOID, "gitsm/gate", args[3])
	case "rule":
		h.inSet("main", args[1], nil)
	case "rules":
		var set struct {
			Rules []struct {
				Type       string
				Parameters any
			}
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[2])), &set))
		for _, r := range set.Rules {
			h.inSet(args[1], r.Type, r.Parameters)
		}
	case "amend":
		h.Unrule(args[1], args[2])
		if args[3] != "" {
			h.Rule(args[1], args[2], json.RawMessage(args[3]))
		}
	case "protect":
		var p map[string]any
		if args[1] != "" {
			ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &p))
		}
		h.Protect("main", p)
	case "disable":
		h.Disable(args[1], args[2])
	case "set":
		h.Set(args[1], args[2])
	case "environment":
		h.Environment(args[1], args[2:]...)
	case "exempt":
		h.set["bypass_actors"] = []any{map[string]any{"actor_id": 5, "actor_type": args[1], "bypass_mode": "always"}}
	case "owners":
		h.Codeowners(map[string]any{"line": 3, "column": 1, "kind": "Unknown owner", "message": args[1], "path": ".github/CODEOWNERS", "source": "x", "suggestion": nil})
	case "open":
		h.Open(args[1], args[2], append(args[3:], "main")[0])
	case "retarget":
		h.Arrange(number(1), func(p *githubtest.Pull) { p.Base = args[2] })
	case "gated":
		h.inSet("main", "required_status_checks", map[string]any{"required_status_checks": []any{map[string]any{"context": "gitsm/gate"}}})
	case "dismiss":
		h.Dismiss(number(1), 0, "root")
	case "may":
		h.Change(args[1], func(a *githubtest.Account) { a.Permission = args[2] })
	case "close", "reopen":
		h.Arrange(number(1), func(p *githubtest.Pull) {
			p.State, p.Closed, p.ClosedBy = "open", "", ""
			if args[0] == "close" {
				p.State, p.Closed, p.ClosedBy = "closed", ts.Getenv("NOW"), "alice"
			}
		})
	case "reword":
		h.Arrange(number(1), func(p *githubtest.Pull) {
			for _, r := range p.Reviews {
				r.Body = args[2]
			}
		})
	case "unsign", "sign":
		h.Unsign(h.Pulls()[number(1)-1].HeadOID, args[0] == "unsign")
	case "forget":
		h.Forget(args[1])
	case "pusher":
		h.PushAs(args[1])
	case "proxy":
		h.proxy = githubtest.StartProxy()
		ts.Defer(h.proxy.Close)
		ts.Setenv(args[1], h.proxy.URL)
	case "proxied":
		if h.proxy.Asked(args[1]) == neg {
			ts.Fatalf("the proxy was asked for %s: %t", args[1], !neg)
		}
	case "fail":
		h.Fail(args[1], args[2], githubtest.Fault(args[3]), 0, number(4))
	case "group":
		branch, head, err := h.Group()
		ts.Check(err)
		ts.Setenv("GROUP", head)
		ts.Setenv("GROUP_REF", "refs/heads/"+branch)
	case "await":
		for end := time.Now().Add(time.Minute); len(h.Pulls()) < number(1); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				ts.Fatalf("there are %d pull requests after a minute", len(h.Pulls()))
			}
		}
	default:
		ts.Fatalf("github has no command %q", args[0])
	}
}

// gate is the status of the gate at a commit, "" where there is none.
func (h *hub) gate(commit string) (state string) {
	for _, s := range h.Statuses(commit) {
		if s.Context == "gitsm/gate" {
			state = s.State
		}
	}
	return state
}

// pull N demands what a pull request of the made-up GitHub is like: pairs of a
// field and its value. pull group demands the status of what the queue tries.
func pull(ts *testscript.TestScript, neg bool, args []string) {
	h := ts.Value("github").(*hub)
	if args[0] == "group" {
		if got := h.gate(ts.Getenv("GROUP")); args[1] != "status" || got != args[2] {
			ts.Fatalf("%s of the group is %q, not %q", args[1], got, args[2])
		}
		return
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	pulls := h.Pulls()
	if len(pulls) < n {
		ts.Fatalf("there are %d pull requests", len(pulls))
	}
	p := pulls[n-1]
	have := map[string]string{
		"state": p.State, "draft": strconv.FormatBool(p.Draft), "requested": fmt.Sprint(p.Requested), "status": h.gate(p.HeadOID),
		"reviews": strconv.Itoa(len(p.Reviews)), "comments": strconv.Itoa(len(p.Comments)), "statuses": strconv.Itoa(len(h.Statuses(p.HeadOID))), "count": strconv.Itoa(len(pulls)), "title": p.Title,
	}
	if len(p.Reviews) > 0 { // what the last one begins with
		have["said"], _, _ = strings.Cut(p.Reviews[len(p.Reviews)-1].Body, "\n")
	}
	for i := 1; i+1 < len(args); i += 2 {
		if got, known := have[args[i]]; !known || got != args[i+1] {
			ts.Fatalf("%s of pull request %d is %q, not %q", args[i], n, got, args[i+1])
		}
	}
}

// job FILE runs the scripts of a workflow of this project as GitHub would, in
// the current directory, for what $GITHUB_EVENT_PATH says.
func job(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := root()
	ts.Check(err)
	text, err := os.ReadFile(filepath.Join(dir, ".github", "workflows", args[0]))
	ts.Check(err)
	w, err := workflow.Parse(args[0], text)
	ts.Check(err)
	ran := false
	for _, j := range w.Jobs {
		for _, s := range j.Steps {
			if s.Run == "" {
				continue
			}
			ran = true
			for name, value := range s.Env {
				switch value {
				case "${{ inputs.directory }}":
					value = ts.Getenv("STORE")
				case "${{ github.token }}":
					value = ts.Getenv("GH_TOKEN")
				case "${{ github.event.merge_group.base_sha || github.event.pull_request.base.sha }}":
					value = ts.Getenv("BASE")
				}
				if strings.Contains(value, "${{") {
					ts.Fatalf("%s: nobody knows what %s is", args[0], value)
				}
				ts.Setenv(name, value)
			}
			if err := ts.Exec("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run); (err != nil) != neg {
				ts.Fatalf("%s: %v", args[0], err)
			}
		}
	}
	if !ran {
		ts.Fatalf("%s has no script", args[0])
	}
}
