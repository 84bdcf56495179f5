//go:build linux || darwin

package cli

import (
	"bytes"
	"context"
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
		"terminal":    {terminal: true, want: "1 of 1 landings"},
		"no terminal": {}, "quiet": {terminal: true, quiet: true}, "no input": {terminal: true, noInput: true},
	} {
		t.Run(name, func(t *testing.T) {
			env, _ := askedOf(t)
			pushed(t, env, "services/checkout.yaml", "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Check-out\nowner: team:ops\ntier: 2\n")
			var out, plain bytes.Buffer
			env.Out, env.Err, env.quiet, env.noInput = &out, &plain, c.quiet, c.noInput
			shown := &screen{wrote: make(chan struct{}, 1)}
			if c.terminal {
				mine, theirs, err := pty.Open()
				if err != nil {
					t.Skipf("no terminal can be had: %v", err)
				}
				defer mine.Close()
				defer theirs.Close()
				go func() { _, _ = io.Copy(shown, mine) }()
				env.Err = theirs
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
	if err := os.WriteFile(filepath.Join(top, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	git("commit", "-q", "-a", "-m", "Push")
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
