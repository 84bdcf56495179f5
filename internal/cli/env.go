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
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
)

// Env is the world a command runs in. It is the one place where the
// environment, the clock, git and the policy engine are taken hold of.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	Dir      string // working directory
	Clock    func() time.Time
	Random   io.Reader
	Version  string

	now     string // --now
	quiet   bool   // --quiet
	color   string // --color
	dir     string // --C
	noInput bool   // --no-input
	tuned   bool   // the process is this environment's own

	shown *render.Style // what Out can show, where that is not to be found out

	config   string        // --config
	beside   fs.FS         // the directory it is in
	table    *record.Kinds // where the commands are made from the store's kinds
	kindsErr error         // why the store's kinds are not known

	repo  *gitrepo.Repo
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
		Clock: time.Now, Random: rand.Reader, Version: buildVersion()}
}

// TuneMemory trades memory for time, since most commands are over before their
// heap is worth collecting: a store of 360 changes is audited in three quarters
// of the time with 400. The limit keeps that from costing more than a gigabyte.
// What GOGC and GOMEMLIMIT say goes first.
func (env *Env) TuneMemory() {
	env.tuned = true
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if env.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(1 << 30)
	}
}

// limitMemory is for a check of so many records, of which only what was found and
// where each lies is kept. Of a store of 100,000 it takes 230 MB instead of 375, for
// a tenth more time.
func (env *Env) limitMemory(records int) {
	if env.getenv("GOMEMLIMIT") == "" && env.tuned {
		debug.SetMemoryLimit(min(1<<30, 210<<20+int64(max(0, records-100_000))<<10))
	}
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
	r, err := gitrepo.Open(ctx, env.workDir(), env.Environ)
	if err != nil {
		return nil, err
	}
	env.repo = r
	return r, nil
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
	env.repo, err = gitrepo.Open(ctx, top, env.Environ)
	if !errors.Is(err, git.ErrNotRepository) {
		return false, func() error { return nil }, err
	}
	if dryRun {
		if dir, err = os.MkdirTemp("", "gitsm-"); err != nil {
			return false, nil, fmt.Errorf("making a directory for the dry run: %w", err)
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

// desk opens the store around the working directory for the user git names.
// Only commands that write need an identity and the user's key.
func (env *Env) desk(ctx context.Context, write bool) (*proposal.Desk, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	if write {
		if err := env.readOnly(); err != nil {
			return nil, err
		}
	}
	dir, err := env.storeDir(repo)
	if err != nil {
		return nil, err
	}
	now, err := env.at()
	if err != nil {
		return nil, err
	}
	d := &proposal.Desk{Repo: reader{repo, env}, Judge: env.judges(), Cache: env.snapshots(), Dir: dir, Random: env.Random, Tool: env.Version}
	d.Now = func() time.Time { return now }
	d.Warn = func(msg string) { env.say("warning: %s", msg) }
	if env.now == "" {
		d.Now = env.Clock // a race that is lost and decided again is decided now
	}
	if d.Main, err = env.mainBranch(ctx, reader{repo, env}, dir); err != nil {
		return nil, err
	}
	d.User.Name, d.User.Email, err = repo.Identity(ctx)
	if err != nil && write {
		return nil, &Error{Msg: err.Error(), Code: ExitUsage, Hints: []string{"git config --global user.email you@example.org", "git config --global user.name 'Your Name'"}}
	}
	if !write {
		return d, nil
	}
	d.Signer, err = env.signer(ctx, repo)
	return d, err
}

// mayMove refuses --now where it would let somebody make up the time of what
// they do: it is for reading, for --dry-run and for simulations.
func (env *Env) mayMove(ctx context.Context, d *proposal.Desk) error {
	if env.now == "" || d.DryRun {
		return nil
	}
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	if !w.Base.Config.Simulation {
		return usage("--now cannot be given to a command that writes: times are what they are").hint("add --dry-run, or try it in a simulation: gitsm demo")
	}
	return nil
}

// signer is the key git signs with; nil where none is configured.
func (env *Env) signer(ctx context.Context, repo *gitrepo.Repo) (proposal.Signer, error) {
	s, err := env.signingKey(ctx, repo)
	if errors.Is(err, sshsig.ErrNoKey) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Msg: err.Error(), Code: ExitFailure, Hints: []string{"git config user.signingkey names the key; git config --unset it to go on unsigned"}}
	}
	return s, nil
}

// signingKey is the key git signs with, or why there is none.
func (env *Env) signingKey(ctx context.Context, repo *gitrepo.Repo) (sshsig.Signer, error) {
	cfg := sshsig.Config{Home: env.home(), Dir: repo.Root()}
	for key, into := range map[string]*string{"gpg.format": &cfg.Format, "user.signingkey": &cfg.Key, "gpg.ssh.program": &cfg.Program} {
		v, _, err := repo.Config(ctx, key)
		if err != nil {
			return nil, err
		}
		*into = v
	}
	return sshsig.Load(cfg, env.run)
}

func (env *Env) home() string {
	if h := env.getenv("HOME"); h != "" {
		return h
	}
	return env.getenv("USERPROFILE")
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

// rule, testReport and ruleCoverage are what the policy engine says of a policy.
type (
	rule         = engine.Rule
	testReport   = engine.TestReport
	ruleCoverage = engine.RuleCoverage
)

// compiled is the policy of the work tree's store, or of the default pack
// where there is no store.
func (env *Env) compiled(ctx context.Context, dir string) (*engine.Policy, error) {
	if dir == "" {
		s, err := env.workTree(ctx)
		if err == nil {
			return env.judges().Policy(ctx, s)
		}
		if !errors.Is(err, store.ErrNoStore) {
			return nil, err
		}
	}
	var fsys fs.FS = policy.FS
	name := store.PolicyDir
	if dir != "" {
		if !filepath.IsAbs(dir) {
			name, dir = filepath.ToSlash(dir), filepath.Join(env.workDir(), dir)
		}
		if _, err := os.Stat(dir); err != nil {
			return nil, usage("%v", err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", dir, err)
		}
		fsys = root.FS()
	}
	src, err := store.ReadPolicy(fsys, name)
	if err != nil {
		return nil, err
	}
	es, err := decision.Source(src, record.Builtin())
	if err != nil {
		return nil, err
	}
	return engine.Compile(ctx, es)
}

func (env *Env) rules(ctx context.Context) ([]rule, error) {
	p, err := env.compiled(ctx, "")
	if err != nil {
		return nil, err
	}
	return p.Rules(), nil
}

// defaultRules are the rules of the pack that init copies.
func (env *Env) defaultRules(ctx context.Context) ([]rule, error) {
	src, err := store.ReadPolicy(policy.FS, store.PolicyDir)
	if err != nil {
		return nil, err
	}
	es, err := decision.Source(src, record.Builtin())
	if err != nil {
		return nil, err
	}
	p, err := engine.Compile(ctx, es)
	if err != nil {
		return nil, err
	}
	return p.Rules(), nil
}

func (env *Env) testPolicy(ctx context.Context, list []string, run string, coverage bool) (*testReport, error) {
	dir := ""
	if len(list) == 1 {
		dir = list[0]
	}
	p, err := env.compiled(ctx, dir)
	if err != nil {
		return nil, err
	}
	return p.Test(ctx, engine.TestOptions{Run: run, Coverage: coverage})
}
