package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/doctor"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
)

// clone is what doctor asks a repository about itself, besides what every
// command asks.
type clone interface {
	proposal.Repo
	Setup(ctx context.Context) (*git.Setup, error)
	Config(ctx context.Context, key string) (string, bool, error)
	Identity(ctx context.Context) (name, email string, err error)
	FreeLineEnds(ctx context.Context, paths ...string) ([]string, error)
	Root() string
	Shallow() bool
}

// localFacts gathers what can be seen in this clone. What goes wrong is in the
// facts, too, but for what makes all of them doubtful.
func (env *Env) localFacts(ctx context.Context, d *proposal.Desk) (*doctor.Local, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	f := &doctor.Local{Shallow: repo.Shallow(), Now: d.Now(), Unseen: map[string]error{}}
	f.Store.Dir, f.Store.MainBranch, f.Evidence.Branch = d.Dir, d.Main, evidence.Branch
	setup, err := repo.Setup(ctx)
	if err != nil {
		return nil, err
	}
	f.Setup = *setup
	var w *proposal.World
	in := func(check string, look func() error) {
		if err := look(); err != nil {
			f.Unseen[check] = err
		}
	}
	in(doctor.CheckUpstream, func() error { return upstreamFacts(ctx, f, repo) })
	in(doctor.CheckStore, func() error {
		if w, err = d.Look(ctx); err != nil {
			return err
		}
		if err := storeFacts(f, w); err != nil {
			return err
		}
		if _, err = d.Judge.Policy(ctx, w.Base); errors.Is(err, errNoPolicy) {
			return nil // a store of records that nothing but their schemas judge
		}
		return err
	})
	in(doctor.CheckIdentity, func() error { return env.userFacts(ctx, f, repo, w) })
	in(doctor.CheckSigning, func() error { return env.keyFacts(ctx, f, w) })
	in(doctor.CheckEvidence, func() error { return evidenceFacts(ctx, f, repo, w) })
	in(doctor.CheckLineEnds, func() error { return lineEndFacts(ctx, f, repo) })
	in(doctor.CheckClock, func() error { return clockFacts(ctx, f, repo, w) })
	return f, nil
}

// errNoMain is why a check that needs the store says nothing.
var errNoMain = fmt.Errorf("the store on main could not be read: see %s", doctor.CheckStore)

func upstreamFacts(ctx context.Context, f *doctor.Local, repo clone) error {
	remote, _, err := repo.Upstream(ctx, f.Store.MainBranch)
	if err != nil {
		return err
	}
	f.Upstream.Remote = remote
	for _, name := range f.Setup.Remotes {
		id, err := repo.Ref(ctx, "refs/remotes/"+name+"/"+f.Store.MainBranch)
		if err != nil {
			return err
		}
		if id != "" {
			f.Upstream.Tracked = name
			return nil
		}
	}
	return nil
}

func storeFacts(f *doctor.Local, w *proposal.World) error {
	c := w.Base.Config
	f.Store.OnGitHub, f.Store.Bootstrap, f.Store.Simulation = c.Forge == "github", c.Bootstrap, c.Simulation
	p, err := w.Base.Policy()
	if err != nil {
		return err
	}
	f.Store.Trust = decision.StrictestTrust(p)
	return nil
}

func (env *Env) userFacts(ctx context.Context, f *doctor.Local, repo clone, w *proposal.World) error {
	var err error
	if f.User.Name, f.User.Email, err = repo.Identity(ctx); err != nil {
		f.User.Unnamed = err.Error()
		return nil
	}
	if w == nil {
		return errNoMain
	}
	dir, err := w.Base.Directory()
	if err != nil {
		return err
	}
	f.User.Slug = scaffold.Slug(f.User.Name, f.User.Email)
	id, ok := dir.ByEmail(f.User.Email)
	if !ok {
		f.User.Claimed = claimed(dir, f.User.Email)
		return nil
	}
	f.User.Person = id
	p := dir.People[id]
	f.User.Active, f.Key.Others = p.IsActive(), len(p.SigningKeys)
	return nil
}

// claimed reports whether people have an address that therefore is nobody's.
func claimed(dir *store.Directory, email string) bool {
	for _, p := range dir.People {
		if slices.ContainsFunc(p.Emails, func(e string) bool { return strings.EqualFold(strings.TrimSpace(e), email) }) {
			return true
		}
	}
	return false
}

func (env *Env) keyFacts(ctx context.Context, f *doctor.Local, w *proposal.World) error {
	repo, err := env.repository(ctx)
	if err != nil {
		return err
	}
	key, err := env.signingKey(ctx, repo)
	switch {
	case errors.Is(err, sshsig.ErrNoKey):
		f.Key.Missing = err.Error()
		return nil
	case err != nil:
		f.Key.Unusable = err.Error()
		return nil
	case w == nil:
		return errNoMain
	}
	ring, err := proposal.Keyring(w.Base)
	if err != nil {
		return err
	}
	j := ring.Standing(key.PublicKey(), f.Now)
	f.Key.Public, f.Key.Fingerprint, f.Key.Owner = sshsig.Authorized(key.PublicKey()), j.Fingerprint, j.Person
	if j.Person != "" && j.Verdict != evidence.Good {
		f.Key.Invalid = j.Reason
	}
	return nil
}

func evidenceFacts(ctx context.Context, f *doctor.Local, repo clone, w *proposal.World) error {
	id, err := repo.Ref(ctx, headRef(evidence.Branch))
	if err != nil {
		return err
	}
	f.Evidence.Local = id != ""
	if remote := cmp.Or(f.Upstream.Remote, f.Upstream.Tracked); remote != "" {
		if id, err = repo.Ref(ctx, "refs/remotes/"+remote+"/"+evidence.Branch); err != nil {
			return err
		}
		f.Evidence.Remote = id != ""
	}
	if w == nil {
		return errNoMain
	}
	c, err := repo.Commit(ctx, w.Main)
	if err != nil {
		return err
	}
	if f.Evidence.Named = proposal.NamedEvidence(c); f.Evidence.Named == "" || w.Evidence == "" {
		return nil
	}
	held, err := repo.IsAncestor(ctx, f.Evidence.Named, w.Evidence)
	f.Evidence.Held = err == nil && held // a commit that is not here is an error of git's
	return nil
}

// lineEndFacts asks about a file of each place where a store keeps text.
func lineEndFacts(ctx context.Context, f *doctor.Local, repo clone) error {
	if repo.Root() == "" {
		return nil // nothing is checked out
	}
	probes := []string{path.Join(f.Store.Dir, store.ConfigFile), path.Join(f.Store.Dir, store.PolicyDir, "data.yaml"), path.Join(f.Store.Dir, store.PolicyDir, "change.rego")}
	for _, k := range record.Builtin().All() {
		probes = append(probes, path.Join(f.Store.Dir, k.Dir(), "x.yaml"))
	}
	var err error
	if f.FreeLineEnds, err = repo.FreeLineEnds(ctx, probes...); err != nil {
		return err
	}
	for key, crlf := range map[string]string{"core.autocrlf": "true", "core.eol": "crlf"} {
		v, _, err := repo.Config(ctx, key)
		if err != nil {
			return err
		}
		f.AutoCRLF = f.AutoCRLF || strings.EqualFold(v, crlf)
	}
	return nil
}

func clockFacts(ctx context.Context, f *doctor.Local, repo clone, w *proposal.World) error {
	if w == nil {
		return errNoMain
	}
	c, err := repo.Commit(ctx, w.Main)
	if err != nil {
		return err
	}
	f.Newest = c.Committer.When
	return nil
}
