package clones

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostile are bodies of a rule that want the network, the clock, or all there is
// of time and memory: what somebody may propose as policy.
var hostile = []struct{ name, body string }{
	{"network", `http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code == 200`},
	{"network mocked", `count(input.record.title) > 0 with http.send as {"status_code": 200}`},
	{"environment", `opa.runtime().env.HOME == "/root"`},
	{"clock", `time.now_ns() > 0`},
	{"chance", `rand.intn("x", 2) == 1`},
	{"name lookup", `net.lookup_ip_addr("localhost") != set()`},
	{"addresses", `count(net.cidr_expand("10.0.0.0/6")) > 0`},
	{"remote schema", `json.match_schema({}, {"$ref": "http://127.0.0.1:1/"})[0]`},
	{"token", `io.jwt.decode("x")[0]`},
	{"shift", `bits.lsh(1, 10000000000) > 0`},
	{"globs", `regex.globs_match("a.*b.*c.*", "a.*b.*c.*")`},
	{"aliases", `yaml.unmarshal("a: &a [1]\nb: [*a, *a]") == {}`},
	{"paths", `count(graph.reachable_paths({"a": ["b"]}, {"a"})) > 0`},
	{"recursion", "f(3) == 0\n}\nf(x) := y if {\ny := f(x - 1)"},
	{"itself", `walk(data.gitsm, [_, "x"])`},
	{"range", `count(numbers.range(1, 1000000000)) > 0`},
	{"steps", `count(numbers.range_step(1, 1000000000, 1)) > 0`},
	{"product", "some a in big\nsome b in big\nsome c in big\na * b * c == 1000003"},
	{"set", `count({[a, b] | some a in big; some b in big}) < 0`},
	{"doubling", doubled()},
	{"squared", `s := concat("", [x | some _ in numbers.range(1, 20000); x := "aaaaa"]); t := replace(s, "a", s); count(t) > 0`},
	{"long text", `s := concat("", [x | some _ in numbers.range(1, 3000000); x := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]); count(s) < 0`},
	{"great expression", `regex.match("((a{1,1000}){1,1000}){1,1000}", "a")`},
	{"long expression", `s := concat("", [x | some _ in numbers.range(1, 2000000); x := "a?"]); regex.match(s, "a")`},
	{"nested", "x := " + strings.Repeat("[a | a := ", 40) + "1" + strings.Repeat("]", 40) + "\ncount(x) > 5"},
	{"no number", `to_number("a") > 5`},
}

func doubled() string {
	var b strings.Builder
	b.WriteString("s0 := \"aaaaaaaaaaaaaaaa\"\n")
	for i := range 30 {
		fmt.Fprintf(&b, "s%d := concat(\"\", [s%d, s%d])\n", i+1, i, i)
	}
	b.WriteString("count(s30) > 0")
	return b.String()
}

// changes are judged by each hostile policy, several at a time, so that what one
// evaluation may use is not what each of them may.
const changes = 12

// Policy that is tried out, by its tests or as a candidate, or judges a work tree
// or a landing, ends in an error: within 3 seconds on two processors and 512 MB,
// whatever it is after.
func TestHostilePolicy(t *testing.T) {
	c := newClone(t)
	c.must("gitsm", "service", "new", "checkout", "--title", "Checkout", "--owner", "team:change-managers", "--tier", "3")
	var id string
	for i := range changes {
		id, _, _ = strings.Cut(c.must("gitsm", "change", "new", "--title", fmt.Sprint("Upgrade ", i), "--service", "checkout"), "\n")
	}
	for _, branch := range strings.Fields(c.must("git", "for-each-ref", "--format=%(refname)", "refs/heads/gitsm")) {
		c.must("git", "checkout", branch, "--", "changes") // so that the work tree has them all
	}
	c.must("git", "reset", "-q")
	genesis := c.must("git", "rev-parse", "main")
	dir := t.TempDir()
	rule := func(body string) string {
		return "package gitsm.change\n\nbig := numbers.range(1, 3000)\n\n# METADATA\n# title: hostile\n# custom:\n#   id: BAD001\ndeny contains \"hostile\" if {\n" + body + "\n}\n"
	}
	for i, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			candidate, tested := filepath.Join(dir, fmt.Sprint("candidate", i)), filepath.Join(dir, fmt.Sprint("tested", i))
			put(t, candidate, "change.rego", rule(h.body))
			put(t, tested, "change.rego", rule(`input.record.title == ""`))
			body, more, _ := strings.Cut(h.body, "\n}\n") // a function beside the test
			if more != "" {
				more = "\n" + more + "\n}\n"
			}
			var tests strings.Builder // many of them, since each is bounded by itself
			for n := range changes {
				fmt.Fprintf(&tests, "test_%d if {\n%s\n}\n\n", n, body)
			}
			put(t, tested, "change_test.rego", "package gitsm.change_test\n\nbig := numbers.range(1, 3000)\n\n"+tests.String()+strings.TrimPrefix(more, "\n"))
			bounded(t, c.command("", "gitsm", "policy", "replay", "--candidate", candidate), 3)
			bounded(t, c.command("", "gitsm", "policy", "test", tested), 1, 3)

			put(t, filepath.Join(c.dir, "policy"), "hostile.rego", rule(h.body))
			bounded(t, c.command("", "gitsm", "check"), 1, 3)
			if slices.Contains([]string{"network", "product", "squared"}, h.name) { // by what judged it in check, and a gate judges but one
				c.must("git", "add", "policy")
				c.must("git", "commit", "-q", "-m", "Hostile")
				bounded(t, c.command("", "gitsm", "gate", id), 3)
				c.must("git", "reset", "-q", "--hard", genesis)
			}
		})
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// bounded runs a program that has to fail. What counts is the time of its
// processors, since others may keep the machine busy, and a minute on the clock.
func bounded(t *testing.T, cmd *exec.Cmd, codes ...int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var said strings.Builder
	run := exec.CommandContext(ctx, cmd.Path)
	run.Args, run.Dir, run.Env, run.Stdout, run.Stderr = cmd.Args, cmd.Dir, cmd.Env, &said, &said
	err := run.Run()
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		t.Errorf("%v: %v, %s", cmd.Args, err, said.String())
		return
	}
	if !slices.Contains(codes, failed.ExitCode()) {
		t.Errorf("%v exits with %d, want one of %d: %s", cmd.Args, failed.ExitCode(), codes, said.String())
	}
	usage := failed.SysUsage().(*syscall.Rusage)
	if spent := failed.UserTime() + failed.SystemTime(); spent > 2*3*time.Second || usage.Maxrss>>10 > 512 {
		t.Errorf("%v took %v of its processors and %d MB", cmd.Args, spent, usage.Maxrss>>10)
	}
}
