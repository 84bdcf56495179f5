package github_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gitsm/gitsm/internal/doctor"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
)

// TestContract holds what the tests of the forge asked and were answered against
// GitHub's own description of its API. It needs that description, which is not
// part of this project, and exchanges that another run recorded: .ci/run brings
// both together.
func TestContract(t *testing.T) {
	description, recorded := os.Getenv("GITSM_OPENAPI"), os.Getenv("GITSM_EXCHANGES")
	if description == "" || recorded == "" {
		t.Skip("GITSM_OPENAPI and GITSM_EXCHANGES name a description and recorded exchanges")
	}
	src, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		t.Fatal(err)
	}
	c := newContract(doc)
	n := 0
	for e := range exchanges(t, recorded) {
		c.check(e)
		n++
	}
	if n == 0 {
		t.Fatal("no exchange was recorded")
	}
	// What doctor prints is sent by hand.
	for _, which := range []string{doctor.RulesetMain, doctor.RulesetEvidence, doctor.RulesetRecorder} {
		set, err := doctor.RecommendedRuleset(which, "main", doctor.ActionsApp)
		if err != nil {
			t.Fatal(err)
		}
		op := doc.Paths.Value("/repos/{owner}/{repo}/rulesets").Post
		c.request("ruleset "+which, op, githubtest.Exchange{Body: set})
	}
	for _, m := range slices.Sorted(maps.Keys(c.mismatches)) {
		if why := triaged(m); why == "" {
			t.Errorf("%s (%d times)", m, c.mismatches[m])
		}
	}
	t.Logf("%d exchanges of %d operations", n, len(c.seen))
}

// triage are mismatches that stay, each with the reason.
var triage = []struct{ pattern, why string }{
	{`401: no such answer$`, "GitHub answers every call so that has no valid token; the description says it of few"},
	{`/protection 403: no such answer$`, "the token of a workflow is refused so; the description says it of others"},
	{`/merge 405: /status does not exist$`, "errors hold their status, as the description has it of others"},
	{`^POST /graphql: no such operation$`, "the two mutations that REST has no words for are described elsewhere"},
	{`^GET /repos/\{owner\}/\{repo\}/issues/\{issue_number\}/events 200: /\*: doesn't match any schema from "anyOf"$`,
		"that something was closed is an event as any other, which GitHub's page of events has and the description of lists leaves out"},
	{`^GET /repos/\{owner\}/\{repo\}/rules/branches/\{branch\} 200: /\*: value doesn't match any schema from "oneOf"$`,
		"a test has a type of rule that is not described, since GitHub has invented new ones before and will again"},
}

func triaged(mismatch string) string {
	for _, x := range triage {
		if regexp.MustCompile(x.pattern).MatchString(mismatch) {
			return x.why
		}
	}
	return ""
}

// TestEveryCall makes each call that a client has, so that TestContract sees it
// even where nothing else comes to it.
func TestEveryCall(t *testing.T) {
	b := newBench(t)
	n := b.proposal()
	head := b.git("rev-parse", "gitsm/CHG-20261120-AAAAAA/new-aaaa")
	b.commit("gitsm/CHG-20261120-BBBBBB/new-bbbb", "three", b.git("rev-parse", "main"))
	b.server.Rule("main", "deletion", nil)
	b.server.Ruleset(map[string]any{"id": 7, "name": "main", "source": "acme/shop", "enforcement": "active", "bypass_actors": []any{}})
	b.server.Codeowners(map[string]any{"line": 1, "column": 1, "kind": "Unknown owner", "message": "nobody", "path": ".github/CODEOWNERS", "source": "* @x", "suggestion": nil})
	b.server.Add(githubtest.Account{Login: "root", ID: 15, Permission: "admin"})
	b.server.Protect("main", classic)
	b.server.Environment("recorder", "main")
	b.server.Team("payments", "bob")
	b.server.Arrange(n, func(p *githubtest.Pull) { p.Teams = []string{"payments"} })
	b.server.Dismiss(n, b.server.Review(n, "bob", "APPROVED", ""), "root")
	b.server.Run(githubtest.CheckRun{SHA: head, Name: "ci", Conclusion: "success", App: "github-actions"})
	c := b.client(b.token)
	for name, call := range map[string]func() error{
		"open": func() error {
			_, err := c.OpenPull(b.ctx, "gitsm/CHG-20261120-BBBBBB/new-bbbb", "main", forge.Text{Title: "t", Body: "b"})
			return err
		},
		"pulls of": func() error { _, err := c.PullsOf(b.ctx, head); return err },
		"edit":     func() error { return c.EditPull(b.ctx, n, forge.Text{Title: "t", Body: "b"}) },
		"pulls":    func() error { _, err := c.Pulls(b.ctx, "gitsm/CHG-20261120-AAAAAA/new-aaaa"); return err },
		"facts":    func() error { _, err := c.Facts(b.ctx, n, []string{head}); return err },
		"methods":  func() error { _, err := c.Methods(b.ctx); return err },
		"request":  func() error { return c.RequestReviews(b.ctx, n, []string{"bob"}) },
		"review":   func() error { _, err := c.SubmitReview(b.ctx, n, head, forge.Commented, "x"); return err },
		"reviews":  func() error { _, err := c.Reviews(b.ctx, n); return err },
		"ready":    func() error { return c.ReadyPull(b.ctx, n) },
		"close":    func() error { return c.ClosePull(b.ctx, n) },
		"status":   func() error { return c.PostStatus(b.ctx, head, forge.Status{Context: "gitsm/gate", State: "pending"}) },
		"checks":   func() error { _, err := c.Checks(b.ctx, head, nil); return err },
		"statuses": func() error { _, err := c.Statuses(b.ctx, head); return err },
		"say":      func() error { return c.Say(b.ctx, n, 0, "x") },
		"comments": func() error {
			list, err := c.Comments(b.ctx, n)
			for _, x := range list {
				err = errors.Join(err, c.Say(b.ctx, n, x.ID, "y"))
			}
			return err
		},
		"viewer":      func() error { _, _, err := c.Viewer(b.ctx); return err },
		"repository":  func() error { _, err := c.Repository(b.ctx); return err },
		"rules":       func() error { _, err := c.Rules(b.ctx, "main"); return err },
		"ruleset":     func() error { _, err := c.Ruleset(b.ctx, 7); return err },
		"workflows":   func() error { _, err := c.Workflows(b.ctx); return err },
		"environment": func() error { _, _, err := c.Environment(b.ctx, "recorder"); return err },
		"protection":  func() error { _, err := b.client(b.server.Token("root")).Protection(b.ctx, "main"); return err },
		"codeowners":  func() error { _, err := c.CodeownersErrors(b.ctx, "main"); return err },
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// exchanges reads what was recorded.
func exchanges(t *testing.T, dir string) func(yield func(githubtest.Exchange) bool) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(githubtest.Exchange) bool) {
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(bytes.NewReader(text))
			lines.Buffer(nil, 64<<20)
			for lines.Scan() {
				var e githubtest.Exchange
				if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
					t.Fatal(err)
				}
				if !yield(e) {
					return
				}
			}
			if err := lines.Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// contract compares exchanges with a description.
type contract struct {
	routes     []route
	seen       map[string]bool
	mismatches map[string]int // how often, by what
}

// route is one path of the description.
type route struct {
	template string
	match    *regexp.Regexp
	item     *openapi3.PathItem
}

var parameter = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

func newContract(doc *openapi3.T) *contract {
	c := &contract{seen: map[string]bool{}, mismatches: map[string]int{}}
	for template, item := range doc.Paths.Map() {
		expr := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`) + "$"
		c.routes = append(c.routes, route{template, regexp.MustCompile(expr), item})
	}
	// A word goes before a parameter, as pulls/comments before pulls/{n}.
	slices.SortFunc(c.routes, func(a, b route) int {
		return strings.Count(a.template, "{") - strings.Count(b.template, "{")
	})
	return c
}

func (c *contract) add(format string, args ...any) { c.mismatches[fmt.Sprintf(format, args...)]++ }

func (c *contract) check(e githubtest.Exchange) {
	i := slices.IndexFunc(c.routes, func(r route) bool { return r.match.MatchString(e.Path) })
	if i < 0 || c.routes[i].item.GetOperation(e.Method) == nil {
		c.add("%s %s: no such operation", e.Method, e.Path)
		return
	}
	r, op := c.routes[i], c.routes[i].item.GetOperation(e.Method)
	at := e.Method + " " + r.template
	c.seen[at] = true
	c.query(at, r, op, e)
	c.request(at, op, e)
	c.response(at, op, e)
}

// query checks that parameters exist and have their types.
func (c *contract) query(at string, r route, op *openapi3.Operation, e githubtest.Exchange) {
	known := map[string]*openapi3.Parameter{}
	for _, list := range []openapi3.Parameters{r.item.Parameters, op.Parameters} {
		for _, p := range list {
			if p.Value.In == "query" {
				known[p.Value.Name] = p.Value
			}
		}
	}
	for name, values := range e.Query {
		p := known[name]
		if p == nil {
			c.add("%s: query parameter %s does not exist", at, name)
			continue
		}
		for _, text := range values {
			var v any = text
			if n, err := strconv.ParseFloat(text, 64); err == nil && p.Schema.Value.Type.Is("integer") {
				v = n
			}
			if err := p.Schema.Value.VisitJSON(v); err != nil {
				c.add("%s: query parameter %s: %s", at, name, firstLine(err))
			}
		}
	}
}

func (c *contract) request(at string, op *openapi3.Operation, e githubtest.Exchange) {
	if len(e.Body) == 0 {
		return
	}
	if op.RequestBody == nil || op.RequestBody.Value.Content.Get("application/json") == nil {
		c.add("%s: takes no body", at)
		return
	}
	c.json(at+" request", op.RequestBody.Value.Content.Get("application/json").Schema.Value, e.Body, openapi3.VisitAsRequest())
}

func (c *contract) response(at string, op *openapi3.Operation, e githubtest.Exchange) {
	at += " " + strconv.Itoa(e.Status)
	res := op.Responses.Status(e.Status)
	if res == nil {
		c.add("%s: no such answer", at)
		return
	}
	media := res.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return
	}
	c.json(at, media.Schema.Value, e.Response, openapi3.VisitAsResponse())
}

// json checks a body against its schema, and that it has no more than that.
func (c *contract) json(at string, schema *openapi3.Schema, body []byte, as openapi3.SchemaValidationOption) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		c.add("%s: %v", at, err)
		return
	}
	err := schema.VisitJSON(v, as, openapi3.MultiErrors())
	var list openapi3.MultiError
	switch e := err.(type) {
	case nil:
	case openapi3.MultiError:
		list = e
	default:
		list = openapi3.MultiError{e}
	}
	for _, err := range flat(list) {
		c.add("%s: %s", at, err)
	}
	c.unknown(at, "", []*openapi3.Schema{schema}, v)
}

var listIndex = regexp.MustCompile(`/[0-9]+`)

// flat are the single errors of a list, without positions in lists.
func flat(list openapi3.MultiError) (out []string) {
	for _, err := range list {
		switch e := err.(type) {
		case openapi3.MultiError:
			out = append(out, flat(e)...)
		case *openapi3.SchemaError:
			out = append(out, listIndex.ReplaceAllString("/"+strings.Join(e.JSONPointer(), "/"), "/*")+": "+e.Reason)
		default:
			out = append(out, firstLine(err))
		}
	}
	return out
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// unknown finds properties that none of the alternatives of a schema has: a name
// that is misspelt is one that nobody reads.
func (c *contract) unknown(at, pointer string, schemas []*openapi3.Schema, v any) {
	schemas = alternatives(schemas)
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			var items []*openapi3.Schema
			for _, s := range schemas {
				if s.Items != nil {
					items = append(items, s.Items.Value)
				}
			}
			c.unknown(at, pointer+"/*", items, e)
		}
	case map[string]any:
		for k, e := range v {
			var under []*openapi3.Schema
			open := len(schemas) == 0
			for _, s := range schemas {
				if p := s.Properties[k]; p != nil {
					under = append(under, p.Value)
				}
				open = open || len(s.Properties) == 0 || s.AdditionalProperties.Schema != nil || s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has
			}
			if under == nil && !open {
				c.add("%s: %s/%s does not exist", at, pointer, k)
			}
			if under != nil {
				c.unknown(at, pointer+"/"+k, under, e)
			}
		}
	}
}

// alternatives are schemas with all that they are made of.
func alternatives(schemas []*openapi3.Schema) (out []*openapi3.Schema) {
	for _, s := range schemas {
		parts := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
		if len(parts) == 0 || len(s.Properties) > 0 {
			out = append(out, s)
		}
		var inner []*openapi3.Schema
		for _, p := range parts {
			inner = append(inner, p.Value)
		}
		if len(inner) > 0 {
			out = append(out, alternatives(inner)...)
		}
	}
	return out
}
