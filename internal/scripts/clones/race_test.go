package clones

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rounds is how often the races are run: once by default, as often as
// GITSM_STRESS says in continuous integration.
func rounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("GITSM_STRESS"))
	if err != nil {
		return 1
	}
	return n
}

// clone is a repository with a person at the keyboard.
type clone struct {
	t    *testing.T
	dir  string
	home string
}

func newClone(t *testing.T) *clone {
	t.Helper()
	c := &clone{t: t, dir: t.TempDir(), home: t.TempDir()}
	c.must("git", "init", "-q", "-b", "main")
	c.must("gitsm", "init")
	return c
}

// command prepares a program as somebody, "alice" where nobody is named.
func (c *clone) command(who, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	if name == "gitsm" {
		self, err := os.Executable()
		if err != nil {
			c.t.Fatal(err)
		}
		cmd.Path, cmd.Err = self, nil // this test binary is gitsm when it is called so
	}
	if who == "" {
		who = "alice"
	}
	person := strings.ToUpper(who[:1]) + who[1:]
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "HOME="+c.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+filepath.Join(c.home, ".gitconfig"),
		"GIT_AUTHOR_NAME="+person, "GIT_AUTHOR_EMAIL="+who+"@example.org", "GIT_COMMITTER_NAME="+person, "GIT_COMMITTER_EMAIL="+who+"@example.org",
		"NOW=2026-11-20T09:00:00Z")
	return cmd
}

func (c *clone) must(name string, args ...string) string {
	c.t.Helper()
	out, err := c.as("", name, args...)
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// as runs a program as somebody and returns its stdout, or everything it said
// where it failed.
func (c *clone) as(who, name string, args ...string) (string, error) {
	cmd := c.command(who, name, args...)
	var out, all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &all
	if err := cmd.Run(); err != nil {
		return all.String() + out.String(), err
	}
	return strings.TrimSpace(out.String()), nil
}

// at runs n commands at once and returns what each printed.
func (c *clone) at(n int, run func(i int) (string, error)) []string {
	c.t.Helper()
	out := make([]string, n)
	errs := make([]error, n)
	done := make(chan struct{})
	for i := range n {
		go func() {
			out[i], errs[i] = run(i)
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
	for i, err := range errs {
		if err != nil {
			c.t.Errorf("run %d: %v\n%s", i, err, out[i])
		}
	}
	return out
}

// found makes the store that the races are run in.
func found(c *clone, people int) {
	var members []string
	for i := range people {
		id := fmt.Sprintf("p%d", i)
		members = append(members, id)
		c.file("people/"+id+".yaml", fmt.Sprintf("apiVersion: gitsm/v1\nkind: person\nid: %s\nname: Person %d\nemails: [%s@example.org]\n", id, i, id))
	}
	c.file("teams/all.yaml", "apiVersion: gitsm/v1\nkind: team\nid: all\ntitle: All\nmembers: [alice, "+strings.Join(members, ", ")+"]\n")
	c.file("services/checkout.yaml", "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:all\ntier: 4\n")
	c.must("git", "add", ".")
	c.must("git", "commit", "-q", "-m", "People, a team and a service")
}

func (c *clone) file(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// change files a complete change and returns its id.
func (c *clone) change(title string) (string, error) {
	return c.as("", "gitsm", "change", "new", "--title", title, "--service", "checkout", "--reason", "because it must be done",
		"--implement", "do it", "--test", "done before", "--backout", "undo it", "--verify", "look at it",
		"--start", "2026-11-24T10:00:00Z", "--end", "2026-11-24T11:00:00Z")
}

// TestFiftyFileAtOnce: every process that files a change has filed it, and the
// repository is as sound as before.
func TestFiftyFileAtOnce(t *testing.T) {
	c := newClone(t)
	found(c, 1)
	c.file("notes.txt", "staged by the user\n")
	c.must("git", "add", "notes.txt")
	index := c.must("git", "ls-files", "--stage")
	const at = 50
	ids := map[string]bool{}
	n := rounds(t)
	for range n {
		for _, id := range c.at(at, func(i int) (string, error) { return c.change(fmt.Sprintf("Change %d", i)) }) {
			ids[id] = true
		}
	}
	if len(ids) != n*at {
		t.Errorf("%d ids for %d changes", len(ids), n*at)
	}
	branches := strings.Fields(c.must("git", "for-each-ref", "--format=%(refname)", "refs/heads/gitsm/"))
	if len(branches) != n*at {
		t.Errorf("%d branches for %d changes", len(branches), n*at)
	}
	for _, b := range branches {
		id := strings.Split(b, "/")[3]
		if !ids[id] {
			t.Errorf("branch %s is of no change that was filed", b)
		}
	}
	missing := c.must("git", "for-each-ref", "--format=%(refname:short) %(tree)", "refs/heads/gitsm/")
	if strings.Count(missing, "\n")+1 != n*at {
		t.Errorf("a branch without a tree:\n%s", missing)
	}
	if diff := cmp.Diff(index, c.must("git", "ls-files", "--stage")); diff != "" {
		t.Errorf("the user's index changed:\n%s", diff)
	}
	c.sound()
}

// sound holds the repository against git's own check.
func (c *clone) sound() {
	c.t.Helper()
	if out := c.must("git", "fsck", "--strict", "--no-dangling"); out != "" {
		c.t.Errorf("git fsck: %s", out)
	}
}

// TestFiftyApproveAtOnce: fifty statements on the one evidence branch.
func TestFiftyApproveAtOnce(t *testing.T) {
	c := newClone(t)
	const at = 50
	found(c, at)
	for round := range rounds(t) {
		id, err := c.change(fmt.Sprintf("Change %d", round))
		if err != nil {
			t.Fatal(id, err)
		}
		c.at(at, func(i int) (string, error) { return c.as(fmt.Sprintf("p%d", i), "gitsm", "change", "approve", id) })
		names := strings.Fields(c.must("git", "ls-tree", "-r", "--name-only", "gitsm-evidence", "evidence/"+id+"/"))
		if len(names) != at {
			t.Errorf("%d statements of %d approvals", len(names), at)
		}
		c.must("gitsm", "gate", id)
	}
	c.sound()
}

// TestTwoClonesLandAtOnce: two clones of one bare repository each land a
// change at the same moment; both end up on main, in order, and audit finds
// nothing that its base's policy did not allow.
func TestTwoClonesLandAtOnce(t *testing.T) {
	a := newClone(t)
	found(a, 1)
	bare := t.TempDir()
	a.must("git", "init", "-q", "--bare", "-b", "main", bare)
	a.must("git", "remote", "add", "origin", bare)
	a.must("git", "push", "-q", "-u", "origin", "main", "gitsm-evidence")
	b := &clone{t: t, dir: t.TempDir(), home: a.home}
	b.must("git", "clone", "-q", bare, ".")
	pair := []*clone{a, b}
	for round := range rounds(t) {
		ids := make([]string, 2)
		for i, c := range pair {
			var err error
			if ids[i], err = c.change(fmt.Sprintf("Change %d of clone %d", round, i)); err != nil {
				t.Fatal(ids[i], err)
			}
			if out, err := c.as("p0", "gitsm", "change", "approve", ids[i]); err != nil {
				t.Fatal(out, err)
			}
		}
		a.at(2, func(i int) (string, error) { return pair[i].as("", "gitsm", "change", "merge", ids[i]) })
		for i, id := range ids {
			if out := a.must("git", "-C", bare, "log", "--first-parent", "--format=%s", "main"); !strings.Contains(out, id) {
				t.Errorf("round %d: change of clone %d is not on main:\n%s", round, i, out)
			}
		}
	}
	a.must("git", "pull", "-q", "--ff-only")
	a.must("git", "fetch", "-q", "origin", "gitsm-evidence:gitsm-evidence")
	out, err := a.as("", "gitsm", "audit", "verify")
	if code := codeOf(err); code != 0 && code != 3 { // unsigned proposals cannot be verified
		t.Fatalf("audit exits with %d:\n%s", code, out)
	}
	a.sound()
}

func codeOf(err error) int {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	return 0
}
