package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// Env is the world a command runs in. It is the one place where the
// environment, the clock, git and the policy engine are taken hold of.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	Dir      string // working directory
	Clock    func() time.Time
	Sleep    func(context.Context, time.Duration) error // until the time is over or the context is
	Random   io.Reader
	Version  string

	now     string // --now
	quiet   bool   // --quiet
	color   string // --color
	dir     string // --C
	noInput bool   // --no-input
	noIndex bool   // audit --no-index
	tuned   bool   // the process is this environment's own
	dryRun  bool   // --dry-run, of whichever command has it

	ahead time.Duration // of the file system's clock, for tests whose files are as young as they

	shown *render.Style // what Out can show, where that is not to be found out

	config   string        // --config
	beside   fs.FS         // the directory it is in
	table    *record.Kinds // where the commands are made from the store's kinds
	kindsErr error         // why the store's kinds are not known

	repo  *gitrepo.Repo
	aside string // where what a dry run writes goes, "" where nothing was opened
	judge *decision.Judge
	cache *store.Cache
}

// System is the environment of the process.
func System() *Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return &Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ(), Dir: dir,
		Clock: time.Now, Sleep: sleep, Random: rand.Reader, Version: buildVersion()}
}

// released is set by release builds.
var released string

func buildVersion() string {
	if released != "" {
		return released
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (env *Env) getenv(key string) string {
	for _, kv := range slices.Backward(env.Environ) {
		if k, v, _ := strings.Cut(kv, "="); k == key {
			return v
		}
	}
	return ""
}

// workDir is where the command runs: -C, else the working directory.
func (env *Env) workDir() string {
	switch {
	case env.dir == "":
		return env.Dir
	case filepath.IsAbs(env.dir):
		return env.dir
	}
	return filepath.Join(env.Dir, env.dir)
}

// at is the moment the command runs at.
func (env *Env) at() (time.Time, error) {
	if env.now == "" {
		return env.Clock(), nil
	}
	t, err := time.Parse(time.RFC3339, env.now)
	if err != nil {
		return t, usage("--now %q is not a time", env.now).hint("write it as 2026-11-20T14:00:00Z")
	}
	return t, nil
}

// repository opens the git repository around the working directory.
func (env *Env) repository(ctx context.Context) (*gitrepo.Repo, error) {
	if env.repo != nil {
		return env.repo, nil
	}
	r, err := env.open(ctx, env.workDir())
	if err != nil {
		return nil, err
	}
	env.repo = r
	return r, nil
}

// glance is what git says of a repository at one look.
type glance = gitrepo.Glance

// glance looks at the repository around the working directory without opening it.
func (env *Env) glance(ctx context.Context) (*glance, error) {
	return gitrepo.LookAt(ctx, env.workDir(), env.Environ)
}

// nameElsewhere says which repository is looked at where GIT_DIR names another
// than the one around the working directory.
func (env *Env) nameElsewhere(ctx context.Context, repo *gitrepo.Repo) error {
	if env.getenv("GIT_DIR") == "" {
		return nil
	}
	named := func(kv string) bool {
		return slices.ContainsFunc([]string{"GIT_DIR=", "GIT_COMMON_DIR=", "GIT_WORK_TREE="}, func(name string) bool { return strings.HasPrefix(kv, name) })
	}
	own, err := gitrepo.Open(ctx, env.workDir(), slices.DeleteFunc(slices.Clone(env.Environ), named))
	if err == nil {
		defer own.Close()
	}
	if err == nil && own.CommonDir() == repo.CommonDir() {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	env.say("looking at %s, which GIT_DIR names, and not at a repository around %s", repo.CommonDir(), env.workDir())
	return nil
}

// rehearse makes the command a dry run. A repository that was opened to learn
// the store's kinds is opened again.
func (env *Env) rehearse() {
	env.dryRun = true
	if env.repo != nil {
		env.repo.Close()
		env.repo = nil
	}
}

// open opens the repository around dir, for a dry run and with --config so that
// nothing stays in it of what is written to find out what would happen.
func (env *Env) open(ctx context.Context, dir string) (*gitrepo.Repo, error) {
	if !env.dryRun && env.config == "" {
		return gitrepo.Open(ctx, dir, env.Environ)
	}
	if env.aside == "" {
		var err error
		if env.aside, err = os.MkdirTemp("", "gitsm-"); err != nil {
			return nil, fmt.Errorf("making a directory for what is tried: %w", err)
		}
	}
	return gitrepo.OpenAside(ctx, dir, env.aside, env.Environ)
}

// reader is a repository whose trees are read as --config has it.
type reader struct {
	*gitrepo.Repo
	env *Env
}

// FS returns the tree of a commit.
func (r reader) FS(ctx context.Context, id git.OID) (fs.FS, error) {
	tree, err := r.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.env.outside(tree)
}

// begin opens the repository around dir. Where there is none it makes one in
// dir, whose first branch is branch, or, for a dry run, out of the way, so that
// git can be asked all the same; undo takes back what was made.
func (env *Env) begin(ctx context.Context, dir, branch string, dryRun bool) (made bool, undo func() error, err error) {
	top := existing(dir)
	env.repo, err = env.open(ctx, top)
	if !errors.Is(err, git.ErrNotRepository) {
		return false, func() error { return nil }, err
	}
	if dryRun {
		if dir, err = os.MkdirTemp("", "gitsm-"); err != nil {
			return false, nil, fmt.Errorf("making a directory for what is tried: %w", err)
		}
		top = filepath.Dir(dir)
	}
	if env.repo, err = gitrepo.Init(ctx, dir, branch, env.Environ); err != nil {
		return false, nil, err
	}
	return true, func() error { return env.unmake(context.WithoutCancel(ctx), dir, top) }, nil
}

// unmake removes a repository that was made in vain, and the directories made
// for it, up to top. One with a ref is somebody's by now and stays.
func (env *Env) unmake(ctx context.Context, dir, top string) error {
	refs, err := env.repo.Refs(ctx, "")
	if err != nil || len(refs) > 0 {
		return err
	}
	if err := env.repo.Close(); err != nil {
		return err
	}
	gone := env.repo.GitDir()
	env.repo = nil
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("taking the new repository back: %w", err)
	}
	for ; dir != top; dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			break // it is not empty, so it is not only ours
		}
	}
	return nil
}

// workshop makes a repository in an empty directory, whose history is written
// in bulk: with the ids that every git reads, whatever is set up here.
func (env *Env) workshop(ctx context.Context, dir string) (*gitrepo.Repo, *gitrepo.Bulk, error) {
	repo, err := gitrepo.Init(ctx, dir, "main", append(slices.Clone(env.Environ), "GIT_DEFAULT_HASH=sha1"))
	if err != nil {
		return nil, nil, err
	}
	env.repo = repo
	return repo, gitrepo.NewBulk(ctx, repo), nil
}

// scratch makes an empty repository out of the way, of the kind that a bundle
// is of. Nothing of the user's own repository or of git's variables reaches it.
func (env *Env) scratch(ctx context.Context, bundle io.ReaderAt) (repo *gitrepo.Repo, done func(), err error) {
	dir, err := os.MkdirTemp("", "gitsm-")
	if err != nil {
		return nil, nil, fmt.Errorf("making room for a history: %w", err)
	}
	clean := slices.DeleteFunc(slices.Clone(env.Environ), func(kv string) bool { return strings.HasPrefix(kv, "GIT_") })
	clean = append(clean, "GIT_DEFAULT_HASH="+gitrepo.BundleFormat(bundle), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if repo, err = gitrepo.Init(ctx, dir, "gitsm-unborn", clean); err != nil {
		_ = os.RemoveAll(dir)
		return nil, nil, err
	}
	return repo, func() { _ = repo.Close(); _ = os.RemoveAll(dir) }, nil
}

// existing is the nearest directory upward from dir that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func (env *Env) close() {
	if env.repo != nil {
		env.repo.Close()
	}
	if env.aside != "" {
		_ = os.RemoveAll(env.aside)
	}
}

func (env *Env) judges() *decision.Judge {
	if env.judge == nil {
		env.judge = decision.NewJudge()
	}
	return env.judge
}

func (env *Env) snapshots() *store.Cache {
	if env.cache == nil {
		env.cache = store.NewCache()
	}
	return env.cache
}

// gitDir is where drafts are kept that must not get lost.
func (env *Env) gitDir(ctx context.Context) (string, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	return repo.GitDir(), nil
}

// branch is the checked-out branch without refs/heads/, "" when detached.
func (env *Env) branch(ctx context.Context) (string, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	name, err := repo.HeadBranch(ctx)
	return strings.TrimPrefix(name, "refs/heads/"), err
}

// What the policy engine takes and says of a policy.
type (
	ruleset      = engine.Policy
	rule         = engine.Rule
	testOptions  = engine.TestOptions
	testReport   = engine.TestReport
	fixture      = engine.Fixture
	ruleCoverage = engine.RuleCoverage

	policyProblem = engine.Problem
	compileError  = engine.CompileError
)

// errNoPolicy says that no rule judges what should be judged.
var errNoPolicy = engine.ErrNoPolicy

// compile makes a policy out of its sources, for the kinds that every store has.
func (env *Env) compile(ctx context.Context, src *store.Policy) (*ruleset, error) {
	return env.judges().Compile(ctx, src, record.Builtin())
}
