package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// killDelay is how long an interrupted git may take to remove its lock files
// before it is killed. It also bounds how long the output of one that has ended
// may take to be read, which five seconds did not suffice for on a machine with
// fifty processes at once.
const killDelay = 30 * time.Second

// CommandError is a git sub-command that failed, with git's own words.
type CommandError struct {
	Command  string // sub-command, such as "update-ref"
	ExitCode int    // -1 when git did not exit by itself
	Stderr   string // trimmed, credentials removed
	Err      error  // what os/exec or the context said
}

// Error gives git's words where it had any, since they name the thing.
func (e *CommandError) Error() string {
	if e.Stderr != "" {
		return fmt.Sprintf("git %s: %s", e.Command, e.Stderr)
	}
	return fmt.Sprintf("git %s: %v", e.Command, e.Err)
}

// Unwrap returns the cause, so that a cancelled context is recognised.
func (e *CommandError) Unwrap() error { return e.Err }

// call is one run of git. The zero dir and env are those of the repository.
type call struct {
	args  []string
	dir   string
	env   []string
	stdin io.Reader
}

// run runs git to its end and returns its standard output, also when it failed:
// some commands say there what went wrong.
func (c call) run(ctx context.Context) ([]byte, error) {
	var out bytes.Buffer
	stderr := &tail{}
	cmd := c.command(ctx)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, &out, stderr
	if err := cmd.Run(); err != nil {
		return out.Bytes(), c.fail(ctx, err, stderr.String())
	}
	return out.Bytes(), nil
}

// command prepares git with an explicit environment. It is interrupted rather
// than killed, because a killed git leaves its lock files behind.
func (c call) command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", c.args...)
	cmd.Dir = c.dir
	cmd.Env = append([]string{}, c.env...)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = killDelay
	return cmd
}

func (c call) fail(ctx context.Context, err error, stderr string) error {
	e := &CommandError{Command: subcommand(c.args), ExitCode: -1, Stderr: scrub(strings.TrimSpace(stderr)), Err: err}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		e.ExitCode = exit.ExitCode()
	}
	if errors.Is(err, exec.ErrNotFound) {
		e.Err = fmt.Errorf("the git program was not found; install git %s or newer: %w", minimumGit, err)
	}
	if ctx.Err() != nil {
		e.Err, e.Stderr = context.Cause(ctx), ""
	}
	return e
}

// exitCode returns the code git exited with, or -1 for any other failure.
func exitCode(err error) int {
	if e, ok := errors.AsType[*CommandError](err); ok {
		return e.ExitCode
	}
	return -1
}

// subcommand finds the word after git's own options.
func subcommand(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-c" || args[i] == "-C":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}

// tail keeps the last part of what git says on stderr: a hook can talk without
// end, and the reason of a failure comes last.
type tail struct{ buf []byte }

const tailLimit = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailLimit; over > tailLimit {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	if over := len(t.buf) - tailLimit; over > 0 {
		return "…" + string(t.buf[over:])
	}
	return string(t.buf)
}

var (
	httpUserinfo = lazyregexp.New(`(?i)(https?://)[^/\s'"]+@`)
	anyPassword  = lazyregexp.New(`(?i)([a-z][a-z0-9+.-]*://[^/\s:@'"]*):[^/\s'"]+@`)
	queryToken   = lazyregexp.New(`(?i)([?&][a-z_]*(?:token|key|secret|password)=)[^&\s'"]+`)
)

// scrub removes credentials from the URLs in text.
func scrub(text string) string {
	text = httpUserinfo.ReplaceAllString(text, "$1***@")
	text = anyPassword.ReplaceAllString(text, "$1:***@")
	return queryToken.ReplaceAllString(text, "$1***")
}
