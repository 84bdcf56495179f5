// Package scripts runs the scripts of cmd/gitsm/testdata/script, in which the
// behaviour of gitsm is written down as a user sees it, and has what they call:
// people with keys, a clock, and a made-up GitHub.
//
// It owns which package below it runs which scripts: go test gives each package
// ten minutes, and runs several at once. It is for tests alone, and may import
// whatever they may; nothing else imports it.
package scripts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gitsm/gitsm/internal/cli"
)

// topics are the packages below this one that run scripts, and the scripts of
// each by the beginnings of their names. The last one runs what no other does.
var topics = map[string][]string{
	"audit":   {"audit_", "by_hand", "ci_checkout", "time_travel", "who_made_it"},
	"github":  {"doctor_github", "github"},
	"landing": {"change_lifecycle", "conflict", "emergency", "rejected", "standard", "two_proposals", "upstream"},
	"policy":  {"bad_risk", "candidates", "policy", "waivers"},
	rest:      nil,
}

// rest is the topic of scripts whose names no other topic has.
const rest = "store"

// Main is the TestMain of a package that runs scripts or documents: in them,
// gitsm is a program of its own. NOW, where it is set, is what the program's
// clock says. SEED, where it is set, settles its random numbers: the same
// arguments then make the same ids.
func Main(m *testing.M) {
	testscript.Main(m, map[string]func(){"gitsm": func() {
		env := cli.System()
		if now := os.Getenv("NOW"); now != "" {
			at, err := time.Parse(time.RFC3339, now)
			if err != nil {
				panic(err)
			}
			env.Clock = func() time.Time { return at }
			env.Sleep = func(context.Context, time.Duration) error { return nil } // no time passes
		}
		if seed := os.Getenv("SEED"); seed != "" {
			env.Random = rand.NewChaCha8(sha256.Sum256([]byte(seed + "\x00" + strings.Join(os.Args[1:], "\x00"))))
		}
		os.Exit(cli.Main(context.Background(), os.Args[1:], env))
	}, "sign-ssh": signSSH})
}

// Run runs the scripts of a topic. Each reads as a page of the manual.
func Run(t *testing.T, topic string) {
	list, err := files()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               list[topic],
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds:                commands(),
	})
}

// commands are what scripts may call besides programs.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"people": people, "as": as, "capture": capture, "exits": exits, "replace": replace, "verifystatements": verifyStatements, "repeat": repeat, "write": write,
		"icalendar": icalendar, "rebundle": rebundle, "outputs": outputs, "samebytes": samebytes, "held": held, "github": github, "pull": pull, "job": job, "page": page,
	}
}

// files are the scripts of each topic, sorted. A script that two topics claim is
// an error, since it would be run twice.
func files() (map[string][]string, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	all, err := filepath.Glob(filepath.Join(dir, "cmd", "gitsm", "testdata", "script", "*.txtar"))
	if err != nil {
		return nil, err
	}
	files := map[string][]string{}
	for _, file := range all {
		topic := rest
		for _, name := range slices.Sorted(maps.Keys(topics)) {
			if !slices.ContainsFunc(topics[name], func(begin string) bool { return strings.HasPrefix(filepath.Base(file), begin) }) {
				continue
			}
			if topic != rest {
				return nil, fmt.Errorf("%s belongs to %s and to %s", file, topic, name)
			}
			topic = name
		}
		files[topic] = append(files[topic], file)
	}
	return files, nil
}

// root is the directory of this module, seen from the test that runs.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return "", fmt.Errorf("no directory above has a go.mod")
	}
}

// setup gives a script a git of its own: no configuration of the machine, a
// fixed clock, and a person who has not said who they are.
func setup(env *testscript.Env) error {
	env.Values["github"] = &hub{tokens: map[string]string{}}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	config := "[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n[commit]\n\tgpgsign = false\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o644); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("USERPROFILE", home)
	env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	env.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	env.Setenv("KEYS", filepath.Join(env.WorkDir, "keys"))
	env.Setenv("TZ", "UTC")
	env.Setenv("NOW", "2026-11-20T09:00:00Z")
	env.Setenv("NO_COLOR", "1")
	env.Setenv("GOGC", "400") // thousands of short runs: a sixth of their work was collecting garbage
	return nil
}
