package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/scripts"
)

// terminal is a shell at which several people sit in turn, each with their own
// git identity and key, in a home directory of their own.
type terminal struct {
	seed      string
	home, dir string
	now       time.Time
	runs      map[string]int // how often a command was run
}

// newTerminal gives a terminal in a fresh directory called name below a fresh
// home. It holds a copy of a store, committed as the store's genesis, or
// nothing where store is "". Alice sits at it first.
func newTerminal(t *testing.T, seed, name, store string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil && runtime.GOOS == "windows" {
		t.Skip("the documents are written for a POSIX shell, and there is none")
	}
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{seed: seed, home: home, dir: filepath.Join(home, name), runs: map[string]int{},
		now: time.Date(2026, 11, 20, 8, 59, 0, 0, time.UTC)}
	if err := os.Mkdir(term.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if store == "" {
		if err := term.sit("alice"); err != nil {
			t.Fatal(err)
		}
		return term
	}
	if err := os.CopyFS(term.dir, os.DirFS(store)); err != nil {
		t.Fatal(err)
	}
	begin := step{as: "alice", now: term.now, cmd: "git init -q && git add . && git commit -q -m 'Begin the store'"}
	if o, err := term.run(begin); err != nil || o.code != 0 {
		t.Fatalf("making %s a repository: %v %v", store, err, o)
	}
	return term
}

// sit lets a person sit down: git knows their name and key from now on.
func (term *terminal) sit(name string) error {
	keys := filepath.Join(term.home, ".ssh")
	if err := scripts.WriteKeys(keys, name, "alice", "bob", "carol"); err != nil {
		return err
	}
	config := scripts.Identity(name, filepath.Join(keys, name))
	return os.WriteFile(filepath.Join(term.home, ".gitconfig"), config, 0o644)
}

// run runs a step's command and returns what the terminal showed.
func (term *terminal) run(s step) (outcome, error) {
	if s.as != "" {
		if err := term.sit(s.as); err != nil {
			return outcome{}, err
		}
	}
	term.now = term.now.Add(time.Minute)
	if !s.now.IsZero() {
		term.now = s.now
	}
	term.runs[s.cmd]++
	cmd := exec.Command("sh", "-c", s.cmd)
	cmd.Dir = term.dir
	cmd.Env = append(term.environ(), fmt.Sprintf("SEED=%s#%d", term.seed, term.runs[s.cmd]))
	text, err := cmd.CombinedOutput() // one pipe for both, so in the order a terminal shows
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	shown := strings.NewReplacer(term.home, "~", filepath.ToSlash(term.home), "~").Replace(string(text))
	return outcome{got: printed(shown), code: cmd.ProcessState.ExitCode()}, nil
}

// environ is what a command gets at this terminal at this time.
func (term *terminal) environ() []string {
	return append(inherited(), "HOME="+term.home, "USERPROFILE="+term.home, "XDG_CONFIG_HOME="+term.home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_DATE="+term.now.Format(time.RFC3339), "GIT_COMMITTER_DATE="+term.now.Format(time.RFC3339), "TZ=UTC", "LC_ALL=C",
		"NO_COLOR=1", "NOW="+term.now.Format(time.RFC3339))
}

// inherited is what a command gets of this process's environment: where
// programs and temporary files are, and nothing that sets up git or gitsm.
func inherited() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return !slices.Contains([]string{"PATH", "PATHEXT", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "GOCOVERDIR"}, strings.ToUpper(key)) // Windows writes Path
	})
}
