package cli

import (
	"context"
	"errors"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/sshsig"
)

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
	env.keepParts(repo.CommonDir())
	d := &proposal.Desk{Repo: reader{repo, env}, Judge: env.judges(), Cache: env.snapshots(), Dir: dir, Random: env.Random, Tool: env.Version}
	d.Now = func() time.Time { return now }
	d.Connect = func(ctx context.Context) (proposal.Forge, error) { return env.gitHub(ctx, d) }
	d.Sleep, d.Wait, d.Describe = env.Sleep, gateWait, pullText
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

// writingDesk is a desk for a command that writes, unless dryRun is set, and
// whose --now is one that may be written.
func (env *Env) writingDesk(ctx context.Context, dryRun bool) (*proposal.Desk, error) {
	d, err := env.desk(ctx, true)
	if err != nil {
		return nil, err
	}
	d.DryRun = dryRun
	if err := env.mayMove(ctx, d); err != nil {
		return nil, err
	}
	return d, nil
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

// configured is a repository that says how git is set up there.
type configured interface {
	Config(ctx context.Context, key string) (value string, ok bool, err error)
	Root() string
}

// signer is the key git signs with; nil where none is configured.
func (env *Env) signer(ctx context.Context, repo configured) (proposal.Signer, error) {
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
func (env *Env) signingKey(ctx context.Context, repo configured) (sshsig.Signer, error) {
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
