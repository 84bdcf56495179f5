package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"

	"github.com/cli/go-gh/v2/pkg/browser"
)

// run runs a signing program and returns what it printed.
func (env *Env) run(ctx context.Context, name string, args []string, stdin []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = env.Environ, env.workDir()
	cmd.Stdin = bytes.NewReader(stdin)
	if stdin == nil {
		cmd.Stdin = env.In
	}
	var stderr bytes.Buffer
	cmd.Stderr = io.MultiWriter(&stderr, env.Err) // "touch your key" must be seen
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// browse opens a page in the user's browser: that of GH_BROWSER, of gh's own
// configuration or of BROWSER, else the one the desktop has.
func (env *Env) browse(page string) error {
	shown := env.getenv("DISPLAY") != "" || env.getenv("WAYLAND_DISPLAY") != "" || runtime.GOOS != "linux"
	if named := env.either("GH_BROWSER", "BROWSER"); named == "" && !shown {
		return errors.New("there is no display, and neither GH_BROWSER nor BROWSER is set")
	}
	return browser.New(env.getenv("GH_BROWSER"), env.Err, env.Err).Browse(page)
}

// editor is the command that edits a file, where somebody is there who could.
func (env *Env) editor(ctx context.Context) (string, error) {
	if env.noInput {
		return "", usage("--no-input asks nothing, so no editor is opened").hint("set fields with their flags, or with --set path=value")
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	editor, err := repo.Editor(ctx)
	if err != nil {
		return "", err
	}
	_, set, err := repo.Config(ctx, "core.editor")
	if err == nil && !set && !isTerminal(env.In) && env.either("GITSM_EDITOR", "GIT_EDITOR", "VISUAL", "EDITOR") == "" {
		err = usage("there is no terminal for the editor %s", editor).hint("set fields with their flags, or with --set path=value; or name an editor that needs none: EDITOR")
	}
	return editor, err
}

// edit opens a file in an editor, attached to the terminal.
func (env *Env) edit(ctx context.Context, editor, path string) error {
	// As git does it: the shell splits the setting, the path stays one word.
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$@"`, editor, path)
	cmd.Env, cmd.Dir = env.Environ, env.workDir()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.In, env.Err, env.Err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running the editor %s: %w", editor, err)
	}
	return nil
}
