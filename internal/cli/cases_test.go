package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/policy"
)

// casesDir holds a file CODE.txtar for each code of a finding: a store in which
// gitsm finds it and one in which it does not. The reference page of the code
// shows both, with what the program printed.
//
// Above its files stand prose for the page and, each on a line of its own,
//
//	$ gitsm check                       what is run, where it is not this
//	branch gitsm/store/edit-a1b2        the branch the head is on
//	rm fail/people/bob.yaml             a file that is removed
//	link fail/a.yaml ../b.yaml          a symbolic link
//	bytes fail/a.yaml "\xff" 3          Go's quotes, repeated: what no text can hold
//	none WHY                            nothing a store can hold leads to the code
//
// packCases holds the same for the rules of the default pack that deny or warn,
// in a store that has the pack and, besides, what stands in its own scene.txtar.
//
// Files are in scene.txtar, which every case begins with, and below base/,
// fail/ and pass/. Where there is a base it is committed on main, and what
// fails or passes is committed on a branch and checked against it.
const (
	casesDir  = "../finding/testdata"
	packCases = "../../policy/testdata"
)

// codeCase is one CODE.txtar.
type codeCase struct {
	prose   string
	none    string // why there is no input, "" where there is
	args    []string
	branch  string
	history bool                  // there is a base, or a branch
	trees   map[string][]caseFile // base, fail, pass, in the order of the file
}

// caseFile is what a case does to one path of a tree.
type caseFile struct {
	path   string
	data   []byte
	how    string // "" for text; else rm, link or bytes
	shown  string // how the page words what is no text
	target string // of a link
}

// readCase reads and understands a case file.
func readCase(t *testing.T, dir, code string) *codeCase {
	t.Helper()
	file := filepath.Join(dir, code+".txtar")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%s has no case: write one where it fails and one where it passes (docs/architecture.md, To add a check): %v", code, err)
	}
	a := txtar.Parse(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
	c := &codeCase{trees: map[string][]caseFile{}}
	for _, line := range strings.Split(string(a.Comment), "\n") {
		if err := c.line(line); err != nil {
			t.Fatalf("%s: %q: %v", file, line, err)
		}
	}
	for _, f := range a.Files {
		if err := c.add(f.Name, caseFile{data: f.Data}); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if c.none == "" && (len(c.trees["fail"]) == 0 || len(c.trees["pass"]) == 0) {
		t.Fatalf("%s needs files below fail/ and below pass/", file)
	}
	c.prose = strings.TrimSpace(c.prose)
	c.history = len(c.trees["base"]) > 0 || c.branch != ""
	if c.branch == "" {
		c.branch = "topic"
	}
	if c.args == nil {
		c.args = []string{"check"}
		if c.history {
			c.args = []string{"check", "--base", "main"}
		}
	}
	return c
}

var byteLine = regexp.MustCompile(`^bytes (\S+) ("(?:[^"\\]|\\.)*")(?: (\d+))?$`)

// line reads one line of what stands above the files.
func (c *codeCase) line(line string) error {
	words := strings.Fields(line)
	switch {
	case strings.HasPrefix(line, "$ gitsm "):
		c.args = words[2:]
	case strings.HasPrefix(line, "none "):
		c.none = strings.TrimPrefix(line, "none ")
	case strings.HasPrefix(line, "branch "):
		c.branch = words[1]
	case strings.HasPrefix(line, "rm "):
		return c.add(words[1], caseFile{how: "rm", shown: "is removed"})
	case strings.HasPrefix(line, "link "):
		return c.add(words[1], caseFile{how: "link", target: words[2], shown: "is a symbolic link to `" + words[2] + "`"})
	case strings.HasPrefix(line, "bytes "):
		m := byteLine.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("want: bytes FILE \"TEXT\" [TIMES]")
		}
		text, err := strconv.Unquote(m[2])
		if err != nil {
			return err
		}
		times, shown := 1, "holds, in Go's quotes, `"+m[2]+"`"
		if m[3] != "" {
			times, _ = strconv.Atoi(m[3])
			shown += ", " + m[3] + " times"
		}
		return c.add(m[1], caseFile{how: "bytes", data: []byte(strings.Repeat(text, times)), shown: shown})
	default:
		c.prose += line + "\n"
	}
	return nil
}

func (c *codeCase) add(name string, f caseFile) error {
	tree, rel, _ := strings.Cut(name, "/")
	if !slices.Contains([]string{"base", "fail", "pass"}, tree) || rel == "" {
		return fmt.Errorf("%q is below none of base/, fail/ and pass/", name)
	}
	f.path = rel
	c.trees[tree] = append(c.trees[tree], f)
	return nil
}

// scene returns the files that every case in a directory begins with.
func scene(t *testing.T, dir string) []caseFile {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join(dir, "scene.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]caseFile, len(a.Files))
	for i, f := range a.Files {
		out[i] = caseFile{path: f.Name, data: f.Data}
	}
	return out
}

// packScene returns the files that cases of the default pack begin with.
func packScene(t *testing.T) []caseFile {
	t.Helper()
	out := slices.DeleteFunc(scene(t, casesDir), func(f caseFile) bool { return strings.HasPrefix(f.path, "policy/") })
	err := fs.WalkDir(policy.FS, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, "_test.rego") {
			return err
		}
		data, err := fs.ReadFile(policy.FS, name)
		out = append(out, caseFile{path: "policy/" + name, data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, scene(t, packCases)...)
}

// lay applies files to a directory, in order.
func lay(t *testing.T, dir string, files []caseFile) {
	t.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.path))
		var err error
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			switch f.how {
			case "rm":
				err = os.RemoveAll(name)
			case "link":
				err = os.Symlink(f.target, name)
			default:
				err = os.WriteFile(name, f.data, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// played is what one half of a case printed.
type played struct {
	out  string // both streams, as a terminal shows them
	code int
}

// stage runs one half of a case in a store of its own.
func (c *codeCase) stage(t *testing.T, half string, begin []caseFile, judge *decision.Judge) played {
	t.Helper()
	dir := t.TempDir()
	environ := append(os.Environ(), "HOME="+dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "NO_COLOR=1", "TZ=UTC",
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.org",
		"GIT_AUTHOR_DATE=2026-11-20T09:00:00Z", "GIT_COMMITTER_DATE=2026-11-20T09:00:00Z")
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	lay(t, dir, begin)
	lay(t, dir, c.trees["base"])
	if c.history {
		git("init", "-q", "--template=", "-b", "main")
		git("add", "-A")
		git("commit", "-q", "-m", "Base")
		git("switch", "-q", "-c", c.branch)
	}
	lay(t, dir, c.trees[half])
	if c.history {
		git("add", "-A")
		git("commit", "-q", "-m", "Head")
	}
	env := testEnv(t)
	var both bytes.Buffer
	env.Out, env.Err, env.Dir, env.Environ, env.judge = &both, &both, dir, environ, judge
	code := Main(context.Background(), c.args, env)
	return played{out: both.String(), code: code}
}

// codePages runs the cases of every code and writes its page: where it fails
// gitsm says so, with this code, and does not exit with 0; where it passes this
// code is not there.
func codePages(t *testing.T, pages map[string][]byte) {
	t.Helper()
	judge := decision.NewJudge()
	var mu sync.Mutex
	run := func(t *testing.T, code explained, cases, folder string, begin []caseFile) {
		t.Run(code.Code, func(t *testing.T) {
			t.Parallel()
			page := codePage(code, readCase(t, cases, code.Code), func(c *codeCase, half string) played {
				p := c.stage(t, half, begin, judge)
				if m := c.wrong(code.Code, half, p); m != "" {
					t.Error(m)
				}
				return p
			})
			mu.Lock()
			defer mu.Unlock()
			pages[folder+"/"+code.Code+".md"] = page
		})
	}
	t.Run("codes", func(t *testing.T) {
		for _, code := range findingCodes() {
			run(t, code, casesDir, "findings", scene(t, casesDir))
		}
		for _, code := range packCodes(t) {
			run(t, code, packCases, "policy", packScene(t))
		}
	})
	pages["findings.md"] = findingsPage(t)
}

// findingCodes are the codes of gitsm's own findings.
func findingCodes() []explained {
	return slices.DeleteFunc(ownCodes(), func(x explained) bool { return x.Source != fromCheck })
}

// packCodes are the rules of the default pack that deny or warn.
func packCodes(t *testing.T) []explained {
	t.Helper()
	rules, err := testEnv(t).rules(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	return ruleCodes(slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return !denies(r) }))
}

// denies reports whether a rule makes findings.
func denies(r rule) bool { return r.Name == "deny" || r.Name == "warn" }

// wrong says what is wrong with what a half of a case printed, "" if nothing is.
func (c *codeCase) wrong(code, half string, p played) string {
	said := regexp.MustCompile(`\b` + code + `\b`).MatchString(p.out)
	if half == "fail" && said && (p.code == ExitFindings || p.code == ExitFailure) {
		return ""
	}
	if half == "pass" && !said && (p.code == ExitOK || p.code == ExitPending) {
		return ""
	}
	return fmt.Sprintf("where it should %s, gitsm %s exits with %d and prints\n%s", half, strings.Join(c.args, " "), p.code, p.out)
}

// TestWrong holds that a case which shows nothing is refused.
func TestWrong(t *testing.T) {
	c := &codeCase{args: []string{"check"}}
	for _, bad := range []struct {
		half string
		p    played
	}{
		{"fail", played{"no findings", ExitOK}}, {"fail", played{"error YML001", ExitOK}}, {"fail", played{"error YML002", ExitFindings}},
		{"fail", played{"error YML001", ExitUsage}}, {"fail", played{"error YML0011", ExitFindings}},
		{"pass", played{"error YML001", ExitFindings}}, {"pass", played{"warning YML001", ExitOK}}, {"pass", played{"error YML002", ExitFindings}},
	} {
		if c.wrong("YML001", bad.half, bad.p) == "" {
			t.Errorf("%+v is taken for right", bad)
		}
	}
}

func findingsPage(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("# Findings\n\nEvery code gitsm itself emits, each with a page that shows an input and what gitsm\nprints; `gitsm explain CODE` says the same in short. Rules of the default policy have\ntheir own page, [policy](policy.md), and so have the [checks of the audit](audit-checks.md).\n\n| code | severity | |\n|---|---|---|\n")
	for _, c := range finding.Codes() {
		fmt.Fprintf(&b, "| [%s](findings/%s.md) | %s | %s |\n", c.ID, c.ID, c.Severity, c.Title)
	}
	b.WriteString("\n## The store of the examples\n\nWhat every page shows is added to this store, or takes the place of a file of it.\n")
	showFiles(&b, scene(t, casesDir))
	return b.Bytes()
}

// codePage is the reference page of a code; run plays a half of its case.
func codePage(code explained, c *codeCase, run func(c *codeCase, half string) played) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: %s\n\n%s: %s\n", code.Code, code.Title, code.Severity, code.Explain)
	if code.Fix != "" {
		fmt.Fprintf(&b, "\nFix: %s\n", code.Fix)
	}
	if c.prose != "" {
		fmt.Fprintf(&b, "\n%s\n", c.prose)
	}
	if c.none != "" {
		fmt.Fprintf(&b, "\nThere is no example: %s.\n", c.none)
		return b.Bytes()
	}
	if len(c.trees["base"]) > 0 {
		b.WriteString("\n## On main\n")
		showFiles(&b, c.trees["base"])
	}
	for _, half := range []struct{ tree, heading string }{{"fail", "What fails"}, {"pass", "What passes"}} {
		p := run(c, half.tree)
		fmt.Fprintf(&b, "\n## %s\n", half.heading)
		showFiles(&b, c.trees[half.tree])
		if c.history {
			fmt.Fprintf(&b, "\nOn branch `%s`:\n", c.branch)
		}
		exits := ""
		if p.code != ExitOK {
			exits = fmt.Sprintf("  # exit %d", p.code)
		}
		fmt.Fprintf(&b, "\n```console\n$ gitsm %s%s\n%s\n```\n", strings.Join(c.args, " "), exits, strings.TrimRight(p.out, "\n"))
	}
	return b.Bytes()
}

// showFiles shows the files of a case, and says of the rest what they are.
func showFiles(b *bytes.Buffer, files []caseFile) {
	for _, f := range files {
		if f.shown != "" {
			fmt.Fprintf(b, "\n`%s` %s.\n", f.path, f.shown)
			continue
		}
		fmt.Fprintf(b, "\n`%s`\n\n```%s\n%s\n```\n", f.path, strings.TrimPrefix(path.Ext(f.path), "."), strings.TrimRight(string(f.data), "\n"))
	}
}

// TestCodesApart holds that a code names one thing, in whatever case it is
// typed. Rules of policy share an id where they are one rule in parts.
func TestCodesApart(t *testing.T) {
	seen := map[string]string{}
	for _, x := range append(ownCodes(), packCodes(t)...) {
		key := strings.ToUpper(x.Code)
		if before, taken := seen[key]; taken && (before != fromPolicy || x.Source != fromPolicy) {
			t.Errorf("%s is a code of %s and of %s", x.Code, before, x.Source)
		}
		seen[key] = x.Source
	}
}

// TestCaseFiles holds that no case is of a code that is gone, and that all of
// them can be read by a reviewer: what hides is written as bytes.
func TestCaseFiles(t *testing.T) {
	for dir, codes := range map[string][]explained{casesDir: findingCodes(), packCases: packCodes(t)} {
		testCaseFiles(t, dir, codes)
	}
}

func testCaseFiles(t *testing.T, dir string, codes []explained) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		code := strings.TrimSuffix(e.Name(), ".txtar")
		if _, ok := codeNamed(codes, code); !ok && code != "scene" {
			t.Errorf("%s is a case of no code", filepath.Join(dir, e.Name()))
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range string(raw) {
			if r != '\n' && r != '\t' && !strconv.IsPrint(r) {
				t.Errorf("%s holds %U: write it with a bytes line", e.Name(), r)
			}
		}
	}
}
