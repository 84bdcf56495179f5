package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the repository seen from this package.
const root = "../.."

// TestDocs runs what the documents show and compares what is printed. After
// a change that is meant, UPDATE_DOCS=1 go test ./cmd/gitsm -run TestDocs
// rewrites the documents; read the difference before you commit it.
func TestDocs(t *testing.T) {
	for _, page := range documents(t) {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(root, page)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := parseConsole(page, string(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(c.steps) == 0 {
				return
			}
			if os.Getenv("UPDATE_DOCS") != "" {
				rewrite(t, file, c)
				return
			}
			for i, o := range play(t, c, storeOf(file), nil) {
				if m := c.mismatch(c.steps[i], o); m != "" {
					t.Error(m)
				}
			}
		})
	}
}

// documents lists the pages whose console blocks are run. Reference pages are
// generated and have tests of their own.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"README.md", "docs/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, filepath.ToSlash(rel))
		}
	}
	if len(out) == 0 {
		t.Fatal("no document found")
	}
	return out
}

// storeOf is the store a page tells of: the directory it lies in, "" where
// that is none.
func storeOf(file string) string {
	dir := filepath.Dir(file)
	if _, err := os.Stat(filepath.Join(dir, "gitsm.yaml")); err != nil || filepath.Clean(dir) == filepath.Clean(root) {
		return ""
	}
	return dir
}

// play runs all commands of a document at a terminal of its own. Where ids are
// given, commands follow the ids that come out otherwise than the document says.
func play(t *testing.T, c *console, store string, ids *renames) []outcome {
	t.Helper()
	name := "work"
	if store != "" {
		name = filepath.Base(store)
	}
	term := newTerminal(t, c.name, name, store)
	var out []outcome
	for _, s := range c.steps {
		var known renames
		if ids != nil {
			known = ids.clone()
			s.cmd = ids.command(s.cmd)
		}
		o, err := term.run(s)
		if err != nil {
			t.Fatalf("%s:%d: %v", c.name, s.first+1, err)
		}
		if ids != nil {
			ids.learn(c.want(s), o.got)
		}
		o.ids = known
		out = append(out, o)
	}
	return out
}

func rewrite(t *testing.T, file string, c *console) {
	t.Helper()
	var ids renames
	outcomes := play(t, c, storeOf(file), &ids)
	text, err := c.update(outcomes, ids)
	if err != nil {
		t.Fatal(err)
	}
	if text == strings.Join(c.lines, "\n") {
		return
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is rewritten", c.name)
}

// TestConsole runs documents that are right and documents that are wrong.
func TestConsole(t *testing.T) {
	tests := []struct {
		name, block string
		want        []string // what is said of it; empty where the document is right
	}{
		{"right", "$ printf 'one\\ntwo\\n'\none\ntwo", nil},
		{"wrong line", "$ printf 'one\\ntwo\\n'\none\nthree", []string{"two", "three"}},
		{"line too few", "$ printf 'one\\ntwo\\n'\none", []string{"two"}},
		{"line too many", "$ echo one\none\ntwo", []string{"two"}},
		{"nothing shown", "$ echo one", []string{"one"}},
		{"nothing printed", "$ true\none", []string{"one"}},
		{"case counts", "$ echo one\nOne", []string{"One"}},
		{"a dot is a dot", "$ echo one\no.e", []string{"o.e"}},
		{"both streams", "$ echo one; echo two >&2; echo three\none\ntwo\nthree", nil},
		{"any lines", "$ printf 'one\\ntwo\\nthree\\n'\none\n…\nthree", nil},
		{"no line is any number", "$ echo one\n…\none\n…", nil},
		{"any lines, and then others", "$ printf 'one\\ntwo\\n'\n…\nthree", []string{"three"}},
		{"any text", "$ echo landed as 0123abc\nlanded as …", nil},
		{"any text of one line only", "$ printf 'one two\\nthree\\n'\none …", []string{"three"}},
		{"blank lines before the next", "$ echo one\none\n\n$ echo two\ntwo", nil},
		{"continued", "$ echo one \\\n    two\none two", nil},
		{"exit code", "$ false  # exit 1", nil},
		{"another exit code", "$ false  # exit 8", []string{"exits with 1, not 8"}},
		{"unexpected failure", "$ echo one; exit 3\none", []string{"exits with 3, not 0"}},
		{"expected failure", "$ true  # exit 3", []string{"exits with 0, not 3"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			c, err := parseConsole("page.md", "text\n\n```console\n"+tc.block+"\n```\ntext\n")
			if err != nil {
				t.Fatal(err)
			}
			outcomes := play(t, c, "", nil)
			said := ""
			for i, o := range outcomes {
				said += c.mismatch(c.steps[i], o)
			}
			for _, w := range tc.want {
				if !strings.Contains(said, w) {
					t.Errorf("said %q, which does not name %q", said, w)
				}
			}
			if len(tc.want) == 0 && said != "" {
				t.Error(said)
			}
			right(t, c, outcomes)
		})
	}
}

// right holds that an updated document is right.
func right(t *testing.T, c *console, outcomes []outcome) {
	t.Helper()
	text, err := c.update(outcomes, renames{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := parseConsole(c.name, text)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if m := again.mismatch(again.steps[i], o); m != "" {
			t.Errorf("after the update: %s", m)
		}
	}
}

// TestConsoleUpdate holds what an update writes, and that it leaves alone what
// is right, elided or no console block.
func TestConsoleUpdate(t *testing.T) {
	const before = "# Page\n\n```console\n$ echo landed as 0123abcdef, number 20261120\nold\nold\n\n$ false\n$ true  # exit 1\n```\n\n" +
		"1. first\n   ```console as=bob\n   $ git config user.name\n   ```\n\n```sh\n$ exit 7\n```\n\n```console\n$ printf 'one\\ntwo\\n'\n…\n```\n"
	const after = "# Page\n\n```console\n$ echo landed as 0123abcdef, number 20261120\nlanded as …, number 20261120\n\n$ false  # exit 1\n$ true\n```\n\n" +
		"1. first\n   ```console as=bob\n   $ git config user.name\n   Bob\n   ```\n\n```sh\n$ exit 7\n```\n\n```console\n$ printf 'one\\ntwo\\n'\n…\n```\n"
	c, err := parseConsole("page.md", before)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.update(play(t, c, "", nil), renames{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(after, got); d != "" {
		t.Error(d)
	}
}

// TestConsoleRenames holds that an update follows ids that have changed, and
// fills them in where the author did not know them yet.
func TestConsoleRenames(t *testing.T) {
	const before = "```console\n$ echo CHG-20261120-NEW7AA on gitsm/CHG-20261120-NEW7AA/new-wxyz\nCHG-20261120-0LD111 on gitsm/CHG-20261120-0LD111/new-abcd\n" +
		"$ echo 0ld111 gitsm/CHG-20261120-0LD111/new-abcd\nold\n```\n\nNow 0ld111 is 0LD111.\n\n```console\n$ echo CHG-… and INC-…\n" +
		"$ echo CHG-20261121-NEW7BB\nCHG-20261121-2SAME2\n$ echo CHG-20261121-…\n…\n```\n"
	const after = "```console\n$ echo CHG-20261120-NEW7AA on gitsm/CHG-20261120-NEW7AA/new-wxyz\nCHG-20261120-NEW7AA on gitsm/CHG-20261120-NEW7AA/new-wxyz\n" +
		"$ echo new7aa gitsm/CHG-20261120-NEW7AA/new-wxyz\nnew7aa gitsm/CHG-20261120-NEW7AA/new-wxyz\n```\n\nNow new7aa is 0LD111.\n\n```console\n$ echo CHG-20261120-NEW7AA and INC-…\nCHG-20261120-NEW7AA and INC-…\n" +
		"$ echo CHG-20261121-NEW7BB\nCHG-20261121-NEW7BB\n$ echo CHG-20261121-NEW7BB\n…\n```\n"
	c, err := parseConsole("page.md", before)
	if err != nil {
		t.Fatal(err)
	}
	var ids renames
	outcomes := play(t, c, "", &ids)
	got, err := c.update(outcomes, ids)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(after, got); d != "" {
		t.Error(d)
	}
}

// TestConsoleRefused holds that a block nobody could run is an error.
func TestConsoleRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no end":        "```console\n$ true\n",
		"no command":    "```console\noutput\n```\n",
		"setting":       "```console who=bob\n$ true\n```\n",
		"time":          "```console now=today\n$ true\n```\n",
		"other no end":  "```sh\n$ true\n",
		"indented text": "  ```console\nx\n  ```\n",
	} {
		if _, err := parseConsole("page.md", text); err == nil || !strings.HasPrefix(err.Error(), "page.md:") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	c, err := parseConsole("page.md", "```console\n$ echo '$ true'\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.update(play(t, c, "", nil), renames{}); err == nil {
		t.Error("output that looks like a command is written as one")
	}
}

// TestConsoleClock holds that time passes and people change as blocks say.
func TestConsoleClock(t *testing.T) {
	c, err := parseConsole("page.md", "```console as=bob now=2026-11-23T10:05:00Z\n$ echo $NOW $(git config user.email)\n2026-11-23T10:05:00Z bob@example.org\n"+
		"$ echo $NOW $SEED\n2026-11-23T10:06:00Z page.md#1\n```\n```console as=dave\n$ echo $NOW $SEED\n2026-11-23T10:07:00Z page.md#2\n$ git config user.email\ndave@example.org\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range play(t, c, "", nil) {
		if m := c.mismatch(c.steps[i], o); m != "" {
			t.Error(m)
		}
	}
}
