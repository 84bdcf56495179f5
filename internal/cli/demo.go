package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/demo"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/render"
)

type demoOptions struct {
	changes int
	seed    uint64
	noTour  bool
}

func newDemoCmd(env *Env) *cobra.Command {
	o := &demoOptions{}
	cmd := &cobra.Command{
		Use: "demo [DIR]", Short: "Build a store with a history to play in, and show a change go through it", Args: args(cobra.MaximumNArgs(1)),
		Long: `Build the store of a made-up online shop: 12 services, 60 assets, 5 teams, 20
people with throw-away SSH keys, and eighteen months of changes and incidents.
Then take one more change through every step, as two people, printing each
command before what it prints. Nothing but git is needed, and no network.

The store is an ordinary one afterwards, in DIR or else in a new temporary
directory. It is a simulation: commands take --now there, and every audit says
so. Its own today is 20 November 2026, 09:00 UTC. The same seed makes the same
commits, whenever and wherever it is run.

Of more than 1000 changes, the last 1000 are made by the verbs, as above. The
others are from years before the store began: closed records, four plain commits
each, that no audit judges because they lie before its first commit.`,
		Example: "  $ gitsm demo\n\n  # as large as yours\n  $ gitsm demo shop --changes 10000 --no-tour",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runDemo(cmd.Context(), env, o, append(list, "")[0])
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.changes, "changes", demo.DefaultChanges, "how many changes there are (`N`)")
	f.Uint64Var(&o.seed, "seed", demo.DefaultSeed, "seed of everything that looks like chance")
	f.BoolVar(&o.noTour, "no-tour", false, "build the store and stop there")
	return cmd
}

func runDemo(ctx context.Context, env *Env, o *demoOptions, dir string) error {
	if err := env.readOnly(); err != nil {
		return err
	}
	if o.changes < 10 {
		return usage("--changes %d is too few: a history needs at least 10", o.changes)
	}
	dir, undo, err := env.emptyDir(dir)
	if err != nil {
		return err
	}
	percent := smallDemoGC
	if o.changes > smallDemo {
		percent = largeDemoGC
	}
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	own := env.detached(dir)
	h, err := own.buildDemo(ctx, o, dir)
	if err != nil {
		return errors.Join(err, undo())
	}
	if err := describe(env.Out, h, dir); err != nil || o.noTour {
		return err
	}
	if err := demo.Tour(ctx, env.Out, own.guide(dir, h, o.seed, env.style())); err != nil {
		return err
	}
	return suggest(env.Out, h, dir)
}

// A demo lives on little memory for what it throws away: collecting garbage at
// the usual rate would take a fifth of the time.
const (
	smallDemo   = 1000 // changes
	smallDemoGC = 400  // percent
	largeDemoGC = 200
)

// emptyDir makes the directory of the demo; undo leaves things as they were.
func (env *Env) emptyDir(dir string) (path string, undo func() error, err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "gitsm-demo-"); err != nil {
			return "", nil, fmt.Errorf("making a directory for the demo: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.workDir(), dir)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", nil, fmt.Errorf("making a directory for the demo: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	case err != nil:
		return "", nil, usage("%s cannot be read: %v", dir, err)
	case len(entries) > 0:
		return "", nil, usage("%s is not empty", dir).hint("name a directory that is, or none: gitsm demo makes one")
	}
	return dir, func() error { return os.RemoveAll(filepath.Join(dir, ".git")) }, nil
}

// detached is an environment in which neither another repository nor whoever
// sits at the keyboard plays a part.
func (env *Env) detached(dir string) *Env {
	own := &Env{In: strings.NewReader(""), Out: env.Out, Err: env.Err, Dir: dir, Clock: env.Clock, Random: env.Random, Version: env.Version,
		judge: env.judges(), cache: env.snapshots(), noInput: true}
	for _, kv := range env.Environ {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "GIT_") || slices.Contains(ofTheMachine, name) {
			own.Environ = append(own.Environ, kv)
		}
	}
	return own
}

// ofTheMachine are the variables of git that say how it works here rather than
// on what, or for whom.
var ofTheMachine = []string{"GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "GIT_TEMPLATE_DIR"}

// buildDemo builds the store: objects in one pack, then the refs with the work
// tree, then who the user is.
func (env *Env) buildDemo(ctx context.Context, o *demoOptions, dir string) (*demo.History, error) {
	repo, bulk, err := env.workshop(ctx, dir)
	if err != nil {
		return nil, err
	}
	progress, done := env.progress("changes")
	h, err := demo.Build(ctx, bulk, demo.Options{Changes: o.changes, Seed: o.seed, Tool: env.Version, Judge: env.judge, Progress: progress})
	done()
	if err = errors.Join(err, bulk.Close()); err != nil {
		return nil, err
	}
	var updates []git.RefUpdate
	for _, r := range h.Refs {
		updates = append(updates, git.RefUpdate{Name: r.Name, New: r.OID})
	}
	if err := repo.UpdateRefs(ctx, "gitsm: demo", updates); err != nil {
		return nil, err
	}
	return h, settle(repo.GitDir(), h.Keys)
}

// settle writes the keys of the people into the git directory, what git has to
// know to take its user for each of them, and takes it for one.
func settle(gitDir string, keys []demo.Key) error {
	home := filepath.Join(gitDir, "gitsm-demo")
	for _, sub := range []string{"keys", "people"} {
		if err := os.MkdirAll(filepath.Join(home, sub), 0o700); err != nil {
			return fmt.Errorf("keeping the demo's keys: %w", err)
		}
	}
	for _, k := range keys {
		private := filepath.Join(home, "keys", k.Person)
		for path, text := range map[string][]byte{
			private: k.Private, private + ".pub": []byte(k.Public), filepath.Join(home, "people", k.Person): identityOf(k, private),
		} {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				return fmt.Errorf("keeping the demo's keys: %w", err)
			}
		}
	}
	f, err := os.OpenFile(filepath.Join(gitDir, "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configuring the demo's user: %w", err)
	}
	_, err = fmt.Fprintf(f, "[include]\n\tpath = gitsm-demo/people/%s\n", demo.Actor)
	return errors.Join(err, f.Close())
}

// identityOf is the part of git's configuration that says who somebody is.
func identityOf(k demo.Key, private string) []byte {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filepath.ToSlash(private))
	return fmt.Appendf(nil, "[user]\n\tname = %s\n\temail = %s\n\tsigningkey = \"%s\"\n[gpg]\n\tformat = ssh\n", k.Name, k.Email, quoted)
}

// guide runs the commands of the tour as gitsm runs any command line, in this
// process, for the person of each.
func (env *Env) guide(dir string, h *demo.History, seed uint64, s render.Style) demo.Runner {
	random := demo.TourRandom(seed)
	return func(ctx context.Context, step demo.Step, stdout, stderr io.Writer) int {
		as := env.detached(dir)
		as.In, as.Out, as.Err, as.Random = bytes.NewReader(nil), stdout, stderr, random
		i := slices.IndexFunc(h.Keys, func(k demo.Key) bool { return k.Person == step.As })
		as.Environ = append(as.Environ, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=include.path",
			"GIT_CONFIG_VALUE_0="+filepath.Join(dir, ".git", "gitsm-demo", "people", h.Keys[i].Person))
		as.shown = &render.Style{TTY: true, Color: s.Color, Width: s.Width} // the tour shows what a terminal shows
		return Main(ctx, step.Args, as)
	}
}

// describe says what was built.
func describe(w io.Writer, h *demo.History, dir string) error {
	_, err := fmt.Fprintf(w, `Harbour & Lane is an online shop that does not exist. Its store is in
  %s
with 12 services, 60 assets, 5 teams and 20 people, and with %d changes and %d incidents
of eighteen months in %d commits. Its today is Friday, 20 November 2026, 09:00 UTC.
`, dir, h.Changes-h.Archived, h.Incidents, h.Commits-h.Archive)
	if err != nil || h.Archived == 0 {
		return err
	}
	_, err = fmt.Fprintf(w, "Before them lie %d changes of earlier years in %d commits, which no audit judges.\n", h.Archived, h.Archive)
	return err
}

// suggest ends the tour with what to try next.
func suggest(w io.Writer, h *demo.History, dir string) error {
	story := "gitsm change list --state scheduled   # what is authorised and has not begun"
	if h.Story != "" {
		story = fmt.Sprintf("gitsm audit show %s   # a change that went wrong and caused an incident", h.Story)
	}
	_, err := fmt.Fprintf(w, `
You are Priya in this store. Five things to try:

  cd %s
  gitsm inbox   # %s waits for the payments team: read it, approve it
  gitsm gate %s   # why policy denies this one, and what would help
  %s
  git config include.path gitsm-demo/people/ines   # be Inês, who manages changes; the others' names work too
`, demo.Quote(dir), h.Waiting, h.Denied, story)
	return err
}
