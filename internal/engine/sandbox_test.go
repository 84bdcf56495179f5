package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// hostile are bodies of a rule that want the network, the clock, or all there
// is of time and memory. None may ever end in a result. want is the code of
// the compile error, the limit that stops it (limit where another may come
// first on a slow machine), error for a failure while evaluating, failure for
// any of these, or refused where either the compiler or a limit ends it.
var hostile = []struct{ name, want, body string }{
	{"http.send", "POL005", `http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code == 200`},
	{"http.send mocked", "POL002", `count(input.record.title) > 0 with http.send as {"status_code": 200}`},
	{"environment", "POL005", `opa.runtime().env.HOME == "/root"`},
	{"clock", "POL005", `time.now_ns() > 0`},
	{"clock mocked", "POL002", `time.now_ns() == 1 with time.now_ns as 1`},
	{"chance", "POL005", `rand.intn("x", 2) == 1`},
	{"uuid", "POL005", `uuid.rfc4122("x") != ""`},
	{"name lookup", "POL005", `net.lookup_ip_addr("localhost") != set()`},
	{"network of addresses", "POL005", `count(net.cidr_expand("10.0.0.0/6")) > 0`},
	{"remote schema", "POL005", `json.match_schema({}, {"$ref": "http://127.0.0.1:1/"})[0]`},
	{"token", "POL005", `io.jwt.decode("x")[0]`},
	{"shift", "POL005", `bits.lsh(1, 10000000000) > 0`},
	{"trace", "POL005", `trace("x")`},
	{"glob bomb", "POL005", `regex.globs_match("a.*b.*c.*", "a.*b.*c.*")`},
	{"yaml bomb", "POL005", `yaml.unmarshal("a: &a [1]\nb: [*a, *a]") == {}`},
	{"graphql", "POL005", `graphql.is_valid("{a}", "type Query { a: String }")`},
	{"parser", "POL005", `rego.parse_module("x", "package x")`},
	{"all the paths", "POL005", `count(graph.reachable_paths({"a": ["b"]}, {"a"})) > 0`},
	{"deprecated", "POL005", `any([true])`},
	{"builtin mocked", "POL005", `count([1]) == 7 with count as 7`},
	{"recursion", "POL002", "f(3) == 0\n}\nf(x) := y if {\ny := f(x - 1)"},
	{"walk over the policies", "POL002", `walk(data.gitsm, [_, "x"])`},
	{"index over the policies", "POL002", "some k\ndata.gitsm[k]"},
	{"range", "limit", `count(numbers.range(1, 1000000000)) > 0`},
	{"range by steps", "limit", `count(numbers.range_step(1, 1000000000, 1)) > 0`},
	{"triple product", "limit", "some a in big\nsome b in big\nsome c in big\na * b * c == 1000003"},
	{"set of a product", "limit", `count({[a, b] | some a in big; some b in big}) < 0`},
	{"string doubling", "text", doubling()},
	{"string squared", "text", `s := concat("", [x | some _ in numbers.range(1, 20000); x := "aaaaa"]); t := replace(s, "a", s); count(t) > 0`},
	{"sprintf doubling", "limit", `s := concat("", [x | some _ in numbers.range(1, 3000000); x := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]); count(s) < 0`},
	{"regex bomb", "error", `regex.match("((a{1,1000}){1,1000}){1,1000}", "a")`},
	{"regex of great length", "limit", `s := concat("", [x | some _ in numbers.range(1, 2000000); x := "a?"]); regex.match(s, "a")`},
	{"runtime error", "error", `to_number("a") > 5`},
	{"division by zero", "error", `1 / (count(input.record.title) - 7) > 0`},
	{"bad time", "error", `time.parse_rfc3339_ns("yesterday") > 0`},
	{"deep JSON", "failure", `s := concat("", [x | some _ in numbers.range(1, 20000); x := "["]); json.unmarshal(s) == []`},
	{"conflict", "error", `clash`},
	{"huge remainder", "POL001", `1e1000000000 % 7 == 1`},
	{"huge whole number", "POL001", `format_int(1e100000000, 10) == "1"`},
	{"huge number of text", "error", `x := to_number("1e100000000"); round(x) == 1`},
	{"huge number printed", "POL001", `sprintf("%d", [1e100000000]) == "1"`},
	{"long number", "error", `x := to_number(concat("", [d | some _ in numbers.range(1, 500); d := "9"])); x * x == 1`},
	{"format squared", "text", `s := concat("", ["%[1]s" | some _ in numbers.range(1, 5)]); f := concat("", [s | some i in numbers.range(1, 20000)]); count(sprintf(f, [f])) < 0`},
	{"number squared", "digits", "n0 := 1e300\n" + doubled("n%[2]d := n%[1]d * n%[1]d\n", 20) + "n20 % 7 == 1"},
	{"JSON of what is shared", "limit", shared("json.marshal(a20) == \"\"")},
	{"print of what is shared", "limit", shared("sprintf(\"%v\", [a20]) == \"\"")},
	{"template of what is shared", "limit", shared("$\"{a20}\" == \"\"")},
	{"list doubling", "limit", "a0 := numbers.range(1, 16)\n" + doubled("a%[2]d := array.concat(a%[1]d, a%[1]d)\n", 30) + "count(a30) > 0"},
	{"nested for the compiler", "time", "x := " + strings.Repeat("[a | a := ", 40) + "1" + strings.Repeat("]", 40) + "\ncount(x) > 5"},
	{"deep for the parser", "refused", "x := " + strings.Repeat("[", 90_000) + strings.Repeat("]", 90_000) + "\ncount(x) > 5"},
	{"many patterns", "limit", `count([p | some i in numbers.range(1, 1000000); p := regex.match(sprintf("(a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}g{1000}h{1000}){1}%d", [i]), "a")]) < 0`},
	{"replacement of each place", "limit", `s := concat("", [x | some _ in numbers.range(1, 100000); x := "aaaaaaaaaa"]); count(regex.replace(s, "a", s)) < 0`},
	{"four nested loops", "limit", "some a in little\nsome b in little\nsome c in little\nsome d in little\na + b + c + d == 0"},
}

// shared is a rule about a list that is small in memory and has a million items
// when it is printed.
func shared(use string) string {
	return "a0 := [1, 2]\n" + doubled("a%[2]d := [a%[1]d, a%[1]d]\n", 20) + use
}

func doubled(format string, times int) string {
	var b strings.Builder
	for i := range times {
		fmt.Fprintf(&b, format, i, i+1)
	}
	return b.String()
}

func doubling() string {
	var b strings.Builder
	b.WriteString("s0 := \"aaaaaaaaaaaaaaaa\"\n")
	for i := range 30 {
		fmt.Fprintf(&b, "s%d := concat(\"\", [s%d, s%d])\n", i+1, i, i)
	}
	b.WriteString("count(s30) > 0")
	return b.String()
}

// TestHostile: each hostile rule is refused by the compiler or ends in an error
// soon after the limits, whatever builtin is at work.
func TestHostile(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			text := change(tt.body, "big := numbers.range(1, 3000)", "little := numbers.range(1, 60)", "clash := 1 if input.now", "clash := 2 if input.record")
			src := source(t, one(text))
			src.Sandbox = NewSandbox(Limits{Wall: time.Second, Heap: 64 << 20, Steps: 100_000})
			start := time.Now()
			p, err := Compile(context.Background(), src)
			if err == nil {
				_, err = p.Eval(context.Background(), "change", input(), nil)
			}
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("took %v", took)
			}
			got := outcome(err)
			limit := slices.Contains([]string{"time", "memory", "steps", "text", "items", "digits"}, got)
			if got != tt.want && !(tt.want == "limit" && limit) && !(tt.want == "refused" && (limit || got == "POL001")) && !(tt.want == "failure" && (limit || got == "error")) {
				t.Errorf("ended in %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

// outcome says in one word how a policy ended.
func outcome(err error) string {
	var ce *CompileError
	var le *LimitError
	switch {
	case err == nil:
		return "a result"
	case errors.Is(err, ErrNoPolicy):
		return "no policy"
	case errors.As(err, &ce):
		return ce.Problems[0].Code
	case errors.As(err, &le):
		return strings.Fields(le.What)[0]
	}
	return "error"
}

// TestHostileTest: what is hostile in a rule is so in a test.
func TestHostileTest(t *testing.T) {
	for _, body := range []string{
		`http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code == 200`,
		`count(numbers.range(1, 1000000000)) > 0`,
		`to_number("a") > 5`,
	} {
		src := source(t, with(change(`input.record.title == ""`), "change_test.rego", "package gitsm.change_test\n\ntest_x if {\n"+body+"\n}\n\ntest_y if not test_z\n\ntest_z if {\n"+body+"\n}\n"))
		src.Sandbox = NewSandbox(Limits{Wall: time.Second, Heap: 64 << 20})
		p, err := Compile(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		report, err := p.Test(context.Background(), TestOptions{})
		if err != nil {
			continue
		}
		for _, r := range report.Tests {
			if r.Pass || r.Error == "" {
				t.Errorf("%s: %+v, want an error", body, r)
			}
		}
	}
}

// TestSteps: a policy that takes too many steps is stopped after as many of them
// on every machine, and one that takes fewer never is.
func TestSteps(t *testing.T) {
	for steps, want := range map[int]string{3000: "steps", 9000: "a result"} {
		src := source(t, one(change("some a in entries\nsome b in entries\na + b == 0", "entries := numbers.range(1, 50)")))
		src.Sandbox = NewSandbox(Limits{Wall: time.Minute, Steps: steps})
		p, err := Compile(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := p.Eval(context.Background(), "change", input(), nil); outcome(err) != want {
				t.Errorf("%d steps: %v, want %s", steps, err, want)
			}
		}
	}
}

// TestSharedMemory: what evaluations that run side by side take is counted
// together, those that were given up and linger as well, and until they are over
// nothing else begins.
func TestSharedMemory(t *testing.T) {
	runtime.GC() // what others left is no room to grow into
	box := NewSandbox(Limits{Wall: 5 * time.Second, Heap: 32 << 20})
	release, holding := make(chan struct{}), make(chan struct{})
	hold := func(topdown.Cancel) (int, error) {
		b := make([]byte, 24<<20)
		holding <- struct{}{}
		<-release
		runtime.KeepAlive(b)
		return 1, nil
	}
	errs := make(chan error, 2)
	for range 2 {
		go func() { _, err := guard(context.Background(), box, hold); errs <- err }()
		<-holding
	}
	for range 2 {
		if err := <-errs; outcome(err) != "memory" {
			t.Errorf("two that hold 24 MB each end in %v, want a limit of memory", err)
		}
	}
	quick := func(topdown.Cancel) (int, error) { return 1, nil }
	if _, err := guard(context.Background(), box, quick); outcome(err) != "memory" {
		t.Errorf("another while they linger ends in %v, want a limit of memory", err)
	}
	close(release)
	for box.busy() {
		runtime.Gosched()
	}
	if _, err := guard(context.Background(), box, quick); err != nil {
		t.Errorf("another once they are over: %v", err)
	}
}

func (b *Sandbox) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.running) > 0
}

// TestUncancellable: the guard returns although what it runs never looks at
// its cancellation, past time as past memory.
func TestUncancellable(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	hang := func(topdown.Cancel) (int, error) { <-release; return 1, nil }
	_, err := guard(context.Background(), NewSandbox(Limits{Wall: 20 * time.Millisecond}), hang)
	var le *LimitError
	if !errors.As(err, &le) || le.What != "time" {
		t.Errorf("got %v, want a limit of time", err)
	}
	hog := func(topdown.Cancel) (int, error) {
		b := make([]byte, 64<<20)
		<-release
		runtime.KeepAlive(b)
		return 1, nil
	}
	runtime.GC() // what others left is no room to grow into
	_, err = guard(context.Background(), NewSandbox(Limits{Wall: 5 * time.Second, Heap: 16 << 20}), hog)
	if !errors.As(err, &le) || le.What != "memory" {
		t.Errorf("got %v, want a limit of memory", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := guard(ctx, NewSandbox(Limits{}), hang); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if _, err := guard(context.Background(), NewSandbox(Limits{}), func(topdown.Cancel) (int, error) { panic("x") }); err == nil {
		t.Error("a panic in OPA is no error")
	}
}

// TestCapabilities: nothing nondeterministic or deprecated is allowed, and what
// is allowed exists.
func TestCapabilities(t *testing.T) {
	caps := capabilities()
	if caps.AllowNet == nil || len(caps.AllowNet) != 0 {
		t.Errorf("AllowNet is %#v: nil would allow every host", caps.AllowNet)
	}
	if len(caps.Builtins) != len(allowed) {
		t.Errorf("%d builtins allowed, %d of them exist", len(allowed), len(caps.Builtins))
	}
	for _, b := range caps.Builtins {
		if b.Nondeterministic || b.IsDeprecated() {
			t.Errorf("%s is allowed", b.Name)
		}
	}
	for _, f := range caps.Features {
		if f == ast.FeatureRegoV2 || f == ast.FeatureRegoV2Import {
			t.Errorf("feature %s is allowed", f)
		}
	}
}
