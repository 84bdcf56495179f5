package proposal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

const (
	heads        = "refs/heads/"
	evidenceRef  = heads + evidence.Branch
	branchPrefix = "gitsm/"
)

// World is where the branches stand at one moment: what a decision is made on
// and what the transaction that follows compares against.
type World struct {
	Main     git.OID // what judges: the newest main known
	Evidence git.OID // "" before the first statement
	Base     *store.Store

	localMain, remoteMain         git.OID
	localEvidence, remoteEvidence git.OID
	remote                        string // "" without an upstream
	genesis                       git.OID
	lacks                         *error // what whole said, once it was asked
	fetched                       bool   // the upstream was asked when this was looked at
}

// Look reads where the branches stand, from this clone alone. Within one verb
// it looks once: what is decided and what is written rest on the same moment.
func (d *Desk) Look(ctx context.Context) (*World, error) {
	if d.seen != nil {
		return d.seen, nil
	}
	return d.look(ctx, false)
}

// Unasked is the upstream where what this clone knows of it dates from an
// earlier fetch, and "" where it was asked just now or there is none.
func (d *Desk) Unasked(ctx context.Context) (string, error) {
	w, err := d.Look(ctx)
	if err != nil || w.fetched {
		return "", err
	}
	return w.remote, nil
}

// Sync fetches first where there is an upstream, so that a decision rests on
// what everybody else has landed.
func (d *Desk) Sync(ctx context.Context) (*World, error) { return d.look(ctx, true) }

func (d *Desk) look(ctx context.Context, fetch bool) (*World, error) {
	d.seen = nil
	w := &World{}
	remote, err := d.upstream(ctx)
	if err != nil {
		return nil, err
	}
	if w.remote = remote; remote != "" && fetch {
		if err := d.fetch(ctx, remote); err != nil {
			return nil, err
		}
	}
	w.fetched = fetch && remote != ""
	if err := d.readRefs(ctx, w); err != nil {
		return nil, err
	}
	if w.Main == "" {
		return nil, &UsageError{What: fmt.Sprintf("branch %s does not exist here", d.Main), Fix: "gitsm init"}
	}
	if w.Base, err = d.open(ctx, w.Main); err != nil {
		return nil, fmt.Errorf("reading the store on %s: %w", d.Main, err)
	}
	if w.reviewed() && w.remoteMain != "" && w.Main != w.remoteMain {
		// What a clone has on top of the forge's main is in force nowhere.
		w.Main = w.remoteMain
		if w.Base, err = d.open(ctx, w.Main); err != nil {
			return nil, fmt.Errorf("reading the store on %s/%s: %w", w.remote, d.Main, err)
		}
	}
	d.seen = w
	return w, nil
}

// upstream is where main comes from, "" where it is this clone's own: what git is
// told; origin, where this is a checkout without a main of its own; and origin as
// well where its store is reviewed on a forge, as workflows check it out.
func (d *Desk) upstream(ctx context.Context) (string, error) {
	remote, ok, err := d.Repo.Upstream(ctx, d.Main)
	if ok || err != nil {
		return remote, err
	}
	there, err := d.Repo.Ref(ctx, "refs/remotes/origin/"+d.Main)
	if err != nil || there == "" {
		return "", err
	}
	if here, err := d.Repo.Ref(ctx, heads+d.Main); err != nil || here == "" {
		return "origin", err
	}
	s, err := d.open(ctx, there)
	if d.Connect == nil || err != nil || s.Config.Forge != "github" {
		return "", nil // whatever is wrong with it, nothing here asks for it
	}
	return "origin", nil
}

func (d *Desk) fetch(ctx context.Context, remote string) error {
	track := "refs/remotes/" + remote + "/"
	return d.Repo.Fetch(ctx, remote,
		"+"+heads+d.Main+"*:"+track+d.Main+"*", // a pattern, so that an empty remote is no error
		"+"+heads+"gitsm*:"+track+"gitsm*")
}

func (d *Desk) readRefs(ctx context.Context, w *World) error {
	var err error
	read := func(name string) (id git.OID) {
		if err == nil {
			id, err = d.Repo.Ref(ctx, name)
		}
		return id
	}
	w.localMain, w.localEvidence = read(heads+d.Main), read(evidenceRef)
	if w.remote != "" {
		w.remoteMain, w.remoteEvidence = read("refs/remotes/"+w.remote+"/"+d.Main), read("refs/remotes/"+w.remote+"/"+evidence.Branch)
	}
	if err != nil {
		return err
	}
	if w.Main, err = d.newer(ctx, w.localMain, w.remoteMain); errors.Is(err, errDiverged) {
		return &UsageError{What: fmt.Sprintf("%s and %s/%s have diverged", d.Main, w.remote, d.Main),
			Fix: fmt.Sprintf("git switch %s && git pull --rebase", d.Main)}
	}
	if err != nil {
		return err
	}
	w.Evidence, err = d.newer(ctx, w.localEvidence, w.remoteEvidence)
	if errors.Is(err, errDiverged) {
		w.Evidence, err = d.ledger(w).Union(ctx, w.remoteEvidence, w.localEvidence)
	}
	return err
}

var errDiverged = errors.New("diverged")

// newer returns whichever of two commits descends from the other.
func (d *Desk) newer(ctx context.Context, a, b git.OID) (git.OID, error) {
	switch {
	case a == b || b == "":
		return a, nil
	case a == "":
		return b, nil
	}
	if ok, err := d.Repo.IsAncestor(ctx, a, b); ok || err != nil {
		return b, err
	}
	if ok, err := d.Repo.IsAncestor(ctx, b, a); ok || err != nil {
		return a, err
	}
	return "", errDiverged
}

// move publishes updates of the world: to the upstream first where there is
// one, since it says who won, then here. ErrStale means: decide again.
func (d *Desk) move(ctx context.Context, w *World, reason string, updates []git.RefUpdate) error {
	if d.DryRun {
		return nil
	}
	if w.remote == "" {
		return d.update(ctx, reason, updates...)
	}
	push, err := d.forRemote(ctx, w, updates)
	if err != nil {
		return err
	}
	err = d.Repo.Push(ctx, w.remote, push)
	if errors.Is(err, git.ErrRejected) {
		return fmt.Errorf("%w: %w", git.ErrStale, err)
	}
	if err != nil {
		return err
	}
	// It is done. What this clone cannot do now, the next fetch does.
	if err := d.update(ctx, reason, updates...); err != nil {
		d.warn(fmt.Sprintf("done at %s, and not yet in this clone: %v", w.remote, err))
	}
	return nil
}

func (d *Desk) warn(msg string) {
	if d.Warn != nil {
		d.Warn(msg)
	}
}

// update moves refs in this clone.
func (d *Desk) update(ctx context.Context, reason string, updates ...git.RefUpdate) error {
	d.seen = nil
	err := d.Repo.UpdateRefs(ctx, reason, updates)
	var behind interface{ RefsMoved() bool }
	if errors.As(err, &behind) && behind.RefsMoved() {
		d.warn(err.Error()) // it is done; only a work tree stayed behind
		return nil
	}
	return err
}

// forRemote restates updates against what the upstream has. A branch that
// follows main here, because somebody has it checked out, goes there.
func (d *Desk) forRemote(ctx context.Context, w *World, updates []git.RefUpdate) ([]git.RefUpdate, error) {
	main := ""
	for _, u := range updates {
		if u.Name == heads+d.Main {
			main = u.New
		}
	}
	var out []git.RefUpdate
	for _, u := range updates {
		switch u.Name {
		case heads + d.Main:
			u.Old = w.remoteMain
		case evidenceRef:
			u.Old = w.remoteEvidence
		default:
			if main != "" && u.New == main {
				u.New = ""
			}
			var err error
			if u.Old, err = d.Repo.Ref(ctx, "refs/remotes/"+w.remote+"/"+u.Name[len(heads):]); err != nil {
				return nil, err
			}
		}
		if u.Old != u.New {
			out = append(out, u)
		}
	}
	return out, nil
}

// ledger is the evidence branch on top of this repository. It needs to know
// where the store began only while there is no evidence yet.
func (d *Desk) ledger(w *World) evidence.Ledger {
	return evidence.Ledger{Repo: ledgerRepo{d}, Genesis: w.genesis}
}

// record appends entries to the evidence w knows and returns the new head.
func (d *Desk) record(ctx context.Context, w *World, head git.OID, entries ...*evidence.Entry) (git.OID, error) {
	if head == w.Evidence {
		if err := d.whole(ctx, w); err != nil {
			return "", err
		}
	}
	if head == "" && w.genesis == "" {
		g, err := Genesis(ctx, d.Repo, d.Dir, w.Main)
		if err != nil {
			return "", err
		}
		w.genesis = g
	}
	return d.ledger(w).Append(ctx, head, entries...)
}

// whole makes sure that this clone has the evidence which main's last landing
// names: evidence that began a second time would contradict it for ever.
func (d *Desk) whole(ctx context.Context, w *World) error {
	if w.lacks == nil {
		err := d.lacking(ctx, w)
		w.lacks = &err
	}
	return *w.lacks
}

func (d *Desk) lacking(ctx context.Context, w *World) error {
	c, err := d.Repo.Commit(ctx, w.Main)
	if err != nil {
		return err
	}
	named := NamedEvidence(c)
	if named == "" {
		return nil
	}
	if w.Evidence != "" {
		if ok, err := d.Repo.IsAncestor(ctx, named, w.Evidence); err == nil && ok {
			return nil
		}
	}
	at := evidence.Branch
	if w.remote != "" {
		at = "refs/remotes/" + w.remote + "/" + evidence.Branch
	}
	return &IncompleteError{What: fmt.Sprintf("main names evidence %s, which this clone does not have", named[:min(10, len(named))]),
		Fix: fmt.Sprintf("git fetch origin %[1]s:%[2]s; where the upstream lacks it, whoever landed last runs git push origin %[1]s", evidence.Branch, at)}
}

// NamedEvidence is the commit of the evidence branch that a landing names as its
// own, "" for a commit that is none.
func NamedEvidence(landing *git.Commit) (id git.OID) {
	for line := range strings.Lines(landing.Message) {
		if v, ok := strings.CutPrefix(line, EvidenceHeadTrailer+": "); ok {
			id = strings.TrimSpace(v)
		}
	}
	return id
}

// Genesis finds the commit a store began with: the first on main's own line
// that holds gitsm.yaml.
func Genesis(ctx context.Context, repo Historian, dir string, main git.OID) (git.OID, error) {
	opts := git.LogOptions{From: []git.OID{main}, Paths: []string{path.Join(dir, store.ConfigFile)}, FirstParent: true, Reverse: true}
	for e, err := range repo.Log(ctx, opts) {
		if err != nil {
			return "", fmt.Errorf("looking for the store's first commit: %w", err)
		}
		return e.OID, nil
	}
	return "", fmt.Errorf("no commit of main holds %s", path.Join(dir, store.ConfigFile))
}

type ledgerRepo struct{ *Desk }

func (l ledgerRepo) FS(ctx context.Context, commit string) (fs.FS, error) {
	return l.Repo.FS(ctx, commit)
}

func (l ledgerRepo) IsAncestor(ctx context.Context, a, b string) (bool, error) {
	return l.Repo.IsAncestor(ctx, a, b)
}

func (l ledgerRepo) WriteEvidence(ctx context.Context, c evidence.CommitSpec) (string, error) {
	spec := git.CommitSpec{Parents: c.Parents, Message: c.Message, Author: l.signature(), Committer: l.signature()}
	if len(c.Parents) > 0 {
		spec.Base = c.Parents[0]
	}
	if c.By != nil {
		spec.Author = git.Signature{Name: c.By.Name, Email: c.By.Email, When: c.By.When}
		spec.Committer = spec.Author
	}
	for p, content := range c.Files {
		spec.Files = append(spec.Files, git.FileEdit{Path: p, Content: content})
	}
	return l.Repo.WriteCommit(ctx, spec)
}
