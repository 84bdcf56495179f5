//go:build linux || darwin

package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestProgressOnTerminal audits with stderr on a terminal, which is told how
// far it has come, and without one, where nothing is; nor is it where the user
// wants nothing said or asked.
func TestProgressOnTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		terminal, quiet, noInput bool
		want                     string
	}{
		"terminal":    {terminal: true, want: "[####################] 1 of 1 landings"},
		"no terminal": {}, "quiet": {terminal: true, quiet: true}, "no input": {terminal: true, noInput: true},
	} {
		t.Run(name, func(t *testing.T) {
			env, _ := askedOf(t)
			pushed(t, env, "services/checkout.yaml", "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Check-out\nowner: team:ops\ntier: 2\n")
			var out, plain bytes.Buffer
			env.Out, env.Err, env.quiet, env.noInput = &out, &plain, c.quiet, c.noInput
			shown := &screen{wrote: make(chan struct{}, 1)}
			if c.terminal {
				shown = watched(t, env)
			}
			_ = runAuditVerify(context.Background(), env, &verifyOptions{}, nil) // a push fails
			if strings.Contains(out.String(), "of 1 landings") || !strings.Contains(out.String(), "POP-2") {
				t.Errorf("printed:\n%s", out.String())
			}
			if env.Err != &plain {
				env.quiet = false
				env.say("the end") // what comes before it has been shown by then
				awaitText(t, shown, "the end")
			}
			said := shown.plain() + plain.String()
			if strings.Contains(said, "landings") != (c.want != "") || !strings.Contains(said, c.want) {
				t.Errorf("told %q, want %q", said, c.want)
			}
		})
	}
}

// TestReplayProgress: a replay says how far it has come, in a bar.
func TestReplayProgress(t *testing.T) {
	env, _ := askedOf(t)
	for i := range 3 {
		pushed(t, env, fmt.Sprintf("changes/2026/11/CHG-20261120-AAAAA%d.yaml", i), fmt.Sprintf("apiVersion: gitsm/v1\nkind: change\nid: CHG-20261120-AAAAA%d\ntitle: Restart\ntype: normal\nstate: scheduled\nrequester: alice\nservices: [checkout]\n", i))
	}
	var out bytes.Buffer
	env.Out = &out
	shown := watched(t, env)
	if err := runPolicyReplay(context.Background(), env, &replayOptions{noCache: true}); err != nil {
		t.Fatal(err)
	}
	env.say("the end")
	awaitText(t, shown, "the end")
	if !strings.Contains(shown.plain(), "[####################] 3 of 3 decisions") || strings.Contains(out.String(), "#") {
		t.Errorf("told %q, printed:\n%s", shown.plain(), out.String())
	}
}

func TestBar(t *testing.T) {
	for n, want := range map[int]string{0: "[....................]", 50: "[##########..........]", 99: "[###################.]", 100: "[####################]"} {
		if got := bar(n, 100); got != want {
			t.Errorf("%d of 100: %s, want %s", n, got, want)
		}
	}
}

// watched gives an environment a terminal for what it says.
func watched(t *testing.T, env *Env) *screen {
	t.Helper()
	mine, theirs, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be had: %v", err)
	}
	t.Cleanup(func() { mine.Close(); theirs.Close() })
	shown := &screen{wrote: make(chan struct{}, 1)}
	go func() { _, _ = io.Copy(shown, mine) }()
	env.Err = theirs
	return shown
}

// pushed commits a file to main, past every gate.
func pushed(t *testing.T, env *Env, name, text string) {
	t.Helper()
	top := filepath.Join(env.Dir, "..", "..", "..")
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = top, env.Environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("switch", "-q", "main")
	if err := os.MkdirAll(filepath.Dir(filepath.Join(top, name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(top, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	git("add", name)
	git("commit", "-q", "-m", "Push")
}

// awaitText waits until a terminal shows a text.
func awaitText(t *testing.T, shown *screen, text string) {
	t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(shown.plain(), text) {
		select {
		case <-shown.wrote:
		case <-late:
			t.Fatalf("%q is not shown:\n%s", text, shown.plain())
		}
	}
}
