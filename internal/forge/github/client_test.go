package github_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/forge/github"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
)

// bench is a client and the server it talks to, under a clock that stands still
// but for who waits.
type bench struct {
	*testing.T
	ctx    context.Context
	server *githubtest.Server
	token  string
	time   time.Time
	waits  []time.Duration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop.git")
	if out, err := exec.Command("git", "init", "--quiet", "--bare", "--initial-branch=main", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b := &bench{T: t, ctx: t.Context(), time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	b.server = githubtest.Start("acme/shop", dir, func() time.Time { return b.time })
	t.Cleanup(b.server.Close)
	b.server.Record(os.Getenv("GITSM_EXCHANGES"))
	b.server.Add(githubtest.Account{Login: "alice", ID: 11})
	b.server.Add(githubtest.Account{Login: "bob", ID: 12})
	b.token = b.server.Token("alice", "repo", "read:org")
	return b
}

// client talks to the server with a token.
func (b *bench) client(token string) *github.Client {
	b.Helper()
	c, err := github.New(github.Options{
		Place: github.Place{Host: github.Dotcom, Repo: "acme/shop"}, API: b.server.URL, Token: token, Agent: "gitsm/test",
		Now: func() time.Time { return b.time }, Transport: b.server.Transport(),
		Sleep: func(_ context.Context, d time.Duration) error {
			b.waits = append(b.waits, d)
			b.time = b.time.Add(d)
			return nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func (b *bench) git(args ...string) string {
	b.Helper()
	cmd := exec.Command("git", append([]string{"-C", b.server.Git, "-c", "user.name=Alice", "-c", "user.email=alice@example.org"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes an empty commit onto a branch.
func (b *bench) commit(branch, message string, parents ...string) string {
	b.Helper()
	args := []string{"commit-tree", b.git("hash-object", "-t", "tree", "-w", "/dev/null"), "-m", message}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	oid := b.git(args...)
	b.git("update-ref", "refs/heads/"+branch, oid)
	return oid
}

// proposal makes main and a pull request of alice's.
func (b *bench) proposal() int {
	b.Helper()
	main := b.commit("main", "one")
	b.commit("gitsm/CHG-20261120-AAAAAA/new-aaaa", "two", main)
	return b.server.Open("alice", "gitsm/CHG-20261120-AAAAAA/new-aaaa", "main")
}

func TestReadsEveryPage(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	for range 250 {
		b.server.Review(n, "bob", "COMMENTED", "")
	}
	b.server.Review(n, "bob", "APPROVED", "fine")
	got, err := b.client(b.token).Reviews(b.ctx, n)
	if err != nil || len(got) != 251 || got[250].State != forge.Approved {
		t.Fatalf("%d reviews, %v; want 251, the last an approval", len(got), err)
	}
	b.server.Fail("GET", "pulls/*/reviews", githubtest.ServerError, 1, -1)
	if got, err = b.client(b.token).Reviews(b.ctx, n); !errors.Is(err, forge.ErrUnreachable) || got != nil {
		t.Errorf("with page 2 failing: %d reviews, %v; want none and an error", len(got), err)
	}
}

// TestLimits holds what each kind of limit makes the client wait for, and that
// it gives up in the end.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		fault githubtest.Fault
		want  time.Duration
	}{
		{githubtest.RetryAfter, 7 * time.Second},
		{githubtest.Primary, 41 * time.Second},
		{githubtest.Secondary, time.Minute},
		{githubtest.TooMany, time.Minute},
		{githubtest.ServerError, time.Second},
		{githubtest.Reset, time.Second},
		{githubtest.TimeoutBefore, time.Second},
	} {
		b := newBench(t)
		n := b.proposal()
		b.server.Fail("GET", "pulls/*", tt.fault, 0, 1)
		p, err := b.client(b.token).Pull(b.ctx, n)
		if err != nil || p.Number != n || len(b.waits) != 1 || b.waits[0] != tt.want {
			t.Errorf("%s: %v after waiting %v; want to wait %v and read it", tt.fault, err, b.waits, tt.want)
		}
		b.server.Heal()
		b.server.Fail("GET", "pulls/*", tt.fault, 0, -1)
		b.waits = nil
		if _, err := b.client(b.token).Pull(b.ctx, n); err == nil {
			t.Errorf("%s for ever: read all the same", tt.fault)
		}
		total := time.Duration(0)
		for _, w := range b.waits {
			total += w
		}
		if total > 2*time.Minute || len(b.waits) > 3 {
			t.Errorf("%s for ever: waited %v", tt.fault, b.waits)
		}
	}
}

// TestWritesTakeTheirTime holds that two writes are a second apart.
func TestWritesTakeTheirTime(t *testing.T) {
	b := newBench(t)
	b.proposal()
	c := b.client(b.token)
	sha := b.git("rev-parse", "main")
	for range 2 {
		if err := c.PostStatus(b.ctx, sha, forge.Status{Context: "gitsm/gate", State: "pending", Description: strings.Repeat("é", 200)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.waits) != 1 || b.waits[0] != time.Second {
		t.Errorf("waited %v between two writes", b.waits)
	}
}

// TestErrorsHoldNoToken has every answer repeat the token, as a proxy may.
func TestErrorsHoldNoToken(t *testing.T) {
	for _, f := range githubtest.Faults() {
		b := newBench(t)
		n := b.proposal()
		c := b.client(b.token)
		b.server.Fail("POST", "pulls/*/reviews", f, 0, -1)
		b.server.Fail("GET", "pulls/*", f, 0, -1)
		_, read := c.Pull(b.ctx, n)
		_, write := c.SubmitReview(b.ctx, n, "", forge.Commented, "x")
		for _, err := range []error{read, write} {
			e, ok := errors.AsType[*forge.Error](err)
			if !ok || e.Fix == "" || strings.Contains(e.Error()+e.Fix, b.token) {
				t.Errorf("%s: %#v", f, err)
			}
		}
		if e, ok := errors.AsType[*forge.Error](write); ok && (f == githubtest.TimeoutAfter || f == githubtest.BrokenJSON) && !e.Uncertain {
			t.Errorf("%s: a review that was made is said not to be", f)
		}
	}
}

func TestAuth(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	for _, token := range []string{"", "ghp_wrongwrongwrongwrongwrongwrong"} {
		_, err := b.client(token).Pull(b.ctx, n)
		if e, ok := errors.AsType[*forge.Error](err); !ok || !errors.Is(err, forge.ErrAuth) || !strings.Contains(e.Fix, "gh auth login") {
			t.Errorf("with token %q: %v", token, err)
		}
	}
	who, scopes, err := b.client(b.token).Viewer(b.ctx)
	if err != nil || who.ID != 11 || len(scopes) != 2 {
		t.Errorf("the viewer is %v with %v, %v", who, scopes, err)
	}
}

// TestAuthAtAServer holds that whoever has no token for a server of their own is
// told of the one for it.
func TestAuthAtAServer(t *testing.T) {
	c, err := github.New(github.Options{
		Place: github.Place{Host: "git.acme.example", Repo: "acme/shop"}, Agent: "gitsm/test",
		Now: func() time.Time { return time.Time{} }, Sleep: func(context.Context, time.Duration) error { return nil },
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 401, Body: http.NoBody, Request: r}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Pull(t.Context(), 1)
	if e, ok := errors.AsType[*forge.Error](err); !ok || e.Fix != "set GH_ENTERPRISE_TOKEN, or run gh auth login --hostname git.acme.example" {
		t.Errorf("%#v", err)
	}
}

// TestTokenStaysAtTheHost holds that a redirect does not carry the token away.
func TestTokenStaysAtTheHost(t *testing.T) {
	seen := map[string]string{}
	c, err := github.New(github.Options{
		Place: github.Place{Host: "git.acme.example", Repo: "acme/shop"}, Token: "ghp_secretsecretsecretsecret", Agent: "gitsm/test",
		Now: func() time.Time { return time.Time{} }, Sleep: func(context.Context, time.Duration) error { return nil },
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			seen[r.URL.Host] = r.Header.Get("Authorization")
			res := &http.Response{StatusCode: 302, Header: http.Header{"Location": {"https://elsewhere.example/"}}, Body: http.NoBody, Request: r}
			if r.URL.Host != "git.acme.example" {
				res.StatusCode = 404
			}
			return res, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), 1); !errors.Is(err, forge.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if seen["git.acme.example"] == "" || seen["elsewhere.example"] != "" || len(seen) != 2 {
		t.Errorf("authorised %v", seen)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPlaces(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/acme/shop.git":              "acme/shop",
		"https://x-access-token:s@github.com/acme/shop": "acme/shop",
		"git@github.com:acme/shop.git":                  "acme/shop",
		"ssh://git@ssh.github.com:443/acme/shop.git":    "acme/shop",
		"git@GHE.acme.example:acme/shop":                "ghe.acme.example/acme/shop",
		"https://acme.ghe.com/acme/shop":                "acme.ghe.com/acme/shop",
		"https://ghe.acme.example:8443/acme/shop.git":   "ghe.acme.example:8443/acme/shop",
		"/srv/git/shop.git":                             "",
		"../shop.git":                                   "",
		"https://github.com/acme":                       "",
		"https://github.com/acme/shop/extra":            "",
		"git@github.com:../shop":                        "",
	} {
		p, err := github.ParseRemote(address)
		if got := p.String(); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%s is %s, %v; want %q", address, got, err, want)
		}
	}
}

// TestEndpoints holds where a token is sent: never in the clear.
func TestEndpoints(t *testing.T) {
	for _, tt := range []struct {
		host, override, want string
	}{
		{"github.com", "", "api.github.com/user"},
		{"acme.ghe.com", "", "api.acme.ghe.com/user"},
		{"ghe.acme.example", "", "ghe.acme.example/api/v3/user"},
		{"ghe.acme.example", "https://ghe.acme.example/api/v3", "ghe.acme.example/api/v3/user"},
		{"github.com", "http://api.github.com", ""},
		{"github.com", "ftp://api.github.com", ""},
		{"github.com", "https://user:pw@api.github.com", ""},
	} {
		at := ""
		c, err := github.New(github.Options{
			Place: github.Place{Host: tt.host, Repo: "acme/shop"}, API: tt.override, Token: "ghp_of_this_test_alone",
			Now: func() time.Time { return time.Time{} }, Sleep: func(context.Context, time.Duration) error { return nil },
			Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				at = r.URL.Host + r.URL.Path
				return &http.Response{StatusCode: 404, Body: http.NoBody, Request: r}, nil
			}),
		})
		if err == nil {
			c.Viewer(t.Context())
		}
		if at != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s with %q: asks %q, %v; want %q", tt.host, tt.override, at, err, tt.want)
		}
	}
}

// TestRulesOfUnknownTypes holds that a type of rule that go-github does not
// know does not hide the others.
func TestRulesOfUnknownTypes(t *testing.T) {
	b := newBench(t)
	b.proposal()
	b.server.Rule("main", "file_path_restriction", map[string]any{"restricted_file_paths": []string{"x"}})
	b.server.Rule("main", "merge_queue", nil)
	b.server.Rule("main", "of_tomorrow", nil)
	rules, err := b.client(b.token).Rules(b.ctx, "main")
	if err != nil || len(rules) != 3 || rules[2].Type != "of_tomorrow" || rules[0].Ruleset != 1 {
		t.Errorf("%v, %v", rules, err)
	}
}

// classic is the older kind of protection, as GitHub shows it.
var classic = map[string]any{
	"url":                           "https://api.github.com/repos/acme/shop/branches/main/protection",
	"required_pull_request_reviews": map[string]any{"url": "https://api.github.com/", "dismiss_stale_reviews": true, "require_code_owner_reviews": false, "require_last_push_approval": false, "required_approving_review_count": 2},
	"required_status_checks": map[string]any{"url": "https://api.github.com/", "strict": false, "contexts": []string{"gitsm/gate"}, "contexts_url": "https://api.github.com/",
		"checks": []any{map[string]any{"context": "gitsm/gate", "app_id": 15368}}},
	"enforce_admins":     map[string]any{"url": "https://api.github.com/", "enabled": false},
	"allow_force_pushes": map[string]any{"enabled": false},
	"allow_deletions":    map[string]any{"enabled": true},
}

// TestProtection holds what the older kind of protection comes to, and that what
// may not be read is not nothing.
func TestProtection(t *testing.T) {
	b := newBench(t)
	b.proposal()
	b.server.Add(githubtest.Account{Login: "root", ID: 15, Permission: "admin"})
	root := b.client(b.server.Token("root"))
	if p, err := root.Protection(b.ctx, "main"); p != nil || err != nil {
		t.Errorf("without any: %v, %v", p, err)
	}
	b.server.Protect("main", classic)
	p, err := root.Protection(b.ctx, "main")
	if err != nil || len(p.Rules) != 3 || len(p.Exempt) != 1 || p.Exempt[0] != "administrators" {
		t.Fatalf("%+v, %v", p, err)
	}
	for i, want := range []string{"pull_request", "required_status_checks", "non_fast_forward"} {
		if r := p.Rules[i]; r.Type != want || r.Source != forge.BranchProtection {
			t.Errorf("%+v is not %s", r, want)
		}
	}
	if !strings.Contains(string(p.Rules[0].Parameters), `"required_approving_review_count":2`) || !strings.Contains(string(p.Rules[1].Parameters), `"integration_id":15368`) {
		t.Errorf("%s %s", p.Rules[0].Parameters, p.Rules[1].Parameters)
	}
	for _, token := range []string{b.token, b.server.Token(githubtest.ActionsLogin)} {
		if _, err := b.client(token).Protection(b.ctx, "main"); !errors.Is(err, forge.ErrHidden) {
			t.Errorf("for somebody who may not read it: %v", err)
		}
	}
	f, err := b.client(b.token).Facts(b.ctx, 1, nil)
	if err != nil || !slices.Equal(f.Unknown, []string{bypass, "branch protection of main"}) {
		t.Errorf("%v, %v", f.Unknown, err)
	}
	if p, err := root.Protection(b.ctx, "no-such"); p != nil || err != nil {
		t.Errorf("of a branch that is not there: %v, %v", p, err)
	}
}

// TestExempt holds that who may go past the rules is known of what has landed where
// the token is told of every ruleset, and else is not known to be nobody.
func TestExempt(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	b.server.Add(githubtest.Account{Login: "root", ID: 15, Permission: "admin"})
	root := b.client(b.server.Token("root"))
	b.server.Rule("main", "pull_request", nil)
	set := map[string]any{"id": 1, "name": "gitsm", "source": "acme/shop", "enforcement": "active", "bypass_actors": []any{}}
	b.server.Ruleset(set)
	facts := func(c *github.Client, exempt, unknown []string) {
		t.Helper()
		b.time = b.time.Add(time.Minute) // for so long an answer is taken for several pull requests
		f, err := c.Facts(b.ctx, n, nil)
		if err != nil || !slices.Equal(f.Exempt, exempt) || !slices.Equal(f.Unknown, unknown) {
			t.Errorf("%q are exempt, %q is unknown, %v; want %q and %q", f.Exempt, f.Unknown, err, exempt, unknown)
		}
	}
	facts(root, nil, []string{bypass}) // nobody asks before it has merged
	if _, err := b.server.Land(n, "root", "merge"); err != nil {
		t.Fatal(err)
	}
	facts(root, nil, nil)
	facts(b.client(b.token), nil, []string{bypass})
	set["bypass_actors"] = []any{map[string]any{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}, map[string]any{"actor_id": 42, "actor_type": "Team", "bypass_mode": "pull_request"}}
	facts(root, []string{"OrganizationAdmin of ruleset gitsm", "Team 42 of ruleset gitsm"}, nil)
	b.server.Protect("main", classic)
	facts(root, []string{"OrganizationAdmin of ruleset gitsm", "Team 42 of ruleset gitsm", "administrators"}, nil)
	b.server.Fail("GET", "rulesets/1", githubtest.Missing, 0, -1)
	facts(root, []string{"administrators"}, []string{bypass})
	b.server.Heal()
	b.server.Fail("GET", "rulesets/1", githubtest.ServerError, 0, -1)
	b.time = b.time.Add(time.Minute)
	if _, err := root.Facts(b.ctx, n, nil); !errors.Is(err, forge.ErrUnreachable) {
		t.Errorf("without an answer: %v", err)
	}
}

// TestAskedOnce holds that what is the same for every pull request is asked once a
// minute, and not once for each.
func TestAskedOnce(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	b.server.Review(n, "bob", "APPROVED", "")
	c := b.client(b.token)
	var last int
	for i, want := range []int{3, 0, 3} { // what bob may do, the rules of main, and whether it is protected
		if _, err := c.Facts(b.ctx, n, nil); err != nil {
			t.Fatal(err)
		}
		shared := 0
		for _, r := range b.server.Requests()[last:] {
			if strings.HasPrefix(r.Path, "rules/") || strings.HasPrefix(r.Path, "branches/") || strings.HasPrefix(r.Path, "collaborators/") {
				shared++
			}
		}
		if shared != want {
			t.Errorf("the time %d: %d requests, not %d", i, shared, want)
		}
		if last = len(b.server.Requests()); i == 1 {
			b.time = b.time.Add(time.Minute)
		}
	}
}

// bypass is what no token that reads a pull request is told.
const bypass = "who may go past the rules of main"

// TestHiddenTeams holds that a team which the token may not read, or is told does
// not exist, is one of nobody knows whom, and that a failure is none of the two.
func TestHiddenTeams(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	b.server.Team("payments", "bob")
	b.server.Arrange(n, func(p *githubtest.Pull) { p.Teams = []string{"payments"} })
	f, err := b.client(b.token).Facts(b.ctx, n, nil)
	if err != nil || !slices.Equal(f.Unknown, []string{bypass}) || len(f.Teams["acme/payments"]) != 1 {
		t.Fatalf("%v of %v, %v", f.Teams, f.Unknown, err)
	}
	for _, hidden := range []githubtest.Fault{githubtest.Forbidden, githubtest.Missing} {
		b.server.Fail("GET", "orgs/acme/teams/payments/members", hidden, 0, -1)
		f, err := b.client(b.token).Facts(b.ctx, n, nil)
		if err != nil || f.Teams != nil || !slices.Equal(f.Unknown, []string{"who is in team acme/payments", bypass}) || !slices.Equal(f.Requested, []string{"acme/payments"}) {
			t.Errorf("%s: %v, %v", hidden, f, err)
		}
		b.server.Heal()
	}
	b.server.Fail("GET", "orgs/acme/teams/payments/members", githubtest.ServerError, 0, -1)
	if _, err := b.client(b.token).Facts(b.ctx, n, nil); !errors.Is(err, forge.ErrUnreachable) {
		t.Errorf("without an answer: %v", err)
	}
}
