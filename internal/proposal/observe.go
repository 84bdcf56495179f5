package proposal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
)

// Recorded is what was recorded about a pull request.
type Recorded struct {
	Pull  int      `json:"pull"`
	Paths []string `json:"paths"` // of the new statements, none where all was there
	Notes []string `json:"-"`
}

// RecordPull records what the forge says of a pull request: its reviews as they
// arrive and, once it is over, how it ended. What is recorded already is passed
// over, so that it may be run as often as one likes.
func (d *Desk) RecordPull(ctx context.Context, number int) (*Recorded, error) {
	w, f, p, err := d.pulled(ctx, number)
	if err != nil {
		return nil, err
	}
	out := &Recorded{Pull: number, Paths: []string{}}
	if p.Base.Name != d.Main {
		out.Notes = append(out.Notes, fmt.Sprintf("pull request %d goes into %s: nothing is recorded", number, p.Base.Name))
		return out, nil
	}
	if err := d.have(ctx, w, p.Head.OID, pullRef(number)); err != nil {
		return nil, err
	}
	o := &observation{d: d, w: w, p: p, repository: f.Where()}
	entries, err := o.entries(ctx)
	out.Notes = o.notes
	if err != nil || len(entries) == 0 || d.DryRun {
		return out, err
	}
	for _, e := range entries {
		out.Paths = append(out.Paths, e.Path)
	}
	if out.Notes, err = d.appendEvidence(ctx, w, out.Notes, entries...); err != nil {
		return out, err
	}
	now, err := d.Look(ctx)
	if err == nil && now.remote != "" && now.Evidence != now.remoteEvidence {
		// A workflow's clone is gone once it has run.
		err = &IncompleteError{What: fmt.Sprintf("what was said of pull request %d is recorded in this clone alone", number),
			Fix: "git push " + now.remote + " " + evidence.Branch + ", or record it again"}
	}
	return out, err
}

// observation is a pull request on its way into evidence.
type observation struct {
	d          *Desk
	w          *World // as it was before the landing, for one that landed
	p          *forge.Pull
	repository string

	l    *Loaded
	dec  *decision.Decision
	way  string // method of the landing
	have []*evidence.Entry
	over bool // how it ended is recorded

	notes []string // what is not recorded, and why
}

// entries are the statements that are missing.
func (o *observation) entries(ctx context.Context) ([]*evidence.Entry, error) {
	if err := o.load(ctx); err != nil {
		return nil, err
	}
	var err error
	if o.have, err = o.d.recordedOf(ctx, o.w, o.l); err != nil {
		return nil, err
	}
	o.over = o.has(evidence.Merge, 0) || o.has(evidence.Withdrawal, 0)
	out, err := o.reviews(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case o.p.Merged && !o.has(evidence.Merge, 0):
		more, err := o.landed(ctx, out)
		return append(out, more...), err
	case !o.p.Merged && !o.p.Open && !o.has(evidence.Withdrawal, 0):
		e, err := o.closed(ctx)
		if err != nil || e == nil {
			return out, err
		}
		return append(out, e), nil
	}
	return out, nil
}

// has reports whether a statement of the pull request is recorded. What was said
// while the repository was called something else is recorded again before it ends:
// an audit takes it for said of another repository than the landing.
func (o *observation) has(kind evidence.Type, review int64) bool {
	return slices.ContainsFunc(o.have, func(e *evidence.Entry) bool {
		p := e.Statement.Predicate
		return p.Kind == kind && p.Proposal.Branch == o.l.Branch && p.Forge != nil && p.Forge.Pull == o.p.Number && p.Forge.Review == review &&
			(p.Forge.Repository == o.repository || review == 0 || o.over)
	})
}

// recordedOf reads the evidence about a proposal's record.
func (d *Desk) recordedOf(ctx context.Context, w *World, l *Loaded) ([]*evidence.Entry, error) {
	if w.Evidence == "" {
		return nil, nil
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return nil, err
	}
	return d.Said.Read(fsys, l.topic())
}

// load loads the proposal against main: as it is now, or as it was before the
// proposal landed.
func (o *observation) load(ctx context.Context) error {
	var trial *git.Commit
	if o.p.Merged {
		c, err := o.d.Repo.Commit(ctx, o.p.MergeCommit)
		if err != nil {
			return fmt.Errorf("reading the landing %.10s: %w", o.p.MergeCommit, err)
		}
		before, err := o.before(ctx, c)
		if err != nil {
			return err
		}
		w := *o.w
		w.Main = before
		if w.Base, err = o.d.open(ctx, before); err != nil {
			return err
		}
		o.w, trial = &w, c
	}
	var err error
	o.l, err = o.d.load(ctx, o.w, proposalOf(o.p), trial)
	if _, conflict := errors.AsType[*git.ConflictError](err); conflict {
		// What people said of it stands, whatever main has become since.
		w := *o.w
		if w.Main, err = o.d.Repo.MergeBase(ctx, o.w.Main, o.p.Head.OID); err == nil {
			o.w = &w
			o.l, err = o.d.load(ctx, o.w, proposalOf(o.p), nil)
		}
	}
	if err != nil {
		return err
	}
	o.l.number, o.l.given = o.p.Number, o.p
	if o.p.Merged {
		o.l.Facts.Now = o.p.MergedAt
	}
	if o.dec, err = o.d.Decide(ctx, o.l); err != nil {
		return err
	}
	if at := o.l.Said.Passed(StatusContext, o.p.MergedAt); o.p.Merged && !o.dec.Allowed() && !at.IsZero() {
		err = o.trust(ctx, at)
	}
	return cmp.Or(err, ctx.Err())
}

// trust decides once more about a landing that the gate let pass, and that would
// not pass today: who approved it may have left since, or been given the right to
// since. What the gate said then is its word for what they might do then.
func (o *observation) trust(ctx context.Context, until time.Time) error {
	o.l.vouched = until
	if err := o.d.listen(ctx, o.w, o.l); err != nil {
		return err
	}
	dec, err := o.d.Decide(ctx, o.l)
	if err != nil {
		return err
	}
	if dec.Allowed() {
		o.dec = dec
		return nil
	}
	o.l.vouched = time.Time{} // it would not have passed with them either
	return o.d.listen(ctx, o.w, o.l)
}

// before is main before a landing, and settles by which method it came about. A
// rebase lands the proposal's commits one by one, under their own messages, and
// leaves out merges and what main has already.
func (o *observation) before(ctx context.Context, c *git.Commit) (git.OID, error) {
	switch len(c.Parents) {
	case 2:
		o.way = forge.MergeCommit
		return c.Parents[0], nil
	case 1:
	default:
		return "", fmt.Errorf("%.10s is no landing", c.OID)
	}
	fork, err := o.d.Repo.MergeBase(ctx, c.Parents[0], o.p.Head.OID)
	if err != nil {
		return "", err
	}
	own, err := o.d.Repo.Range(ctx, fork, o.p.Head.OID)
	if err != nil {
		return "", err
	}
	own = slices.DeleteFunc(own, func(x *git.Commit) bool { return len(x.Parents) > 1 })
	if !slices.ContainsFunc(own, func(x *git.Commit) bool { return replays(c, x) }) {
		o.way = forge.Squash
		return c.Parents[0], nil
	}
	o.way = forge.Rebase
	if len(own) == 1 {
		return c.Parents[0], nil
	}
	f, err := o.d.forge(ctx)
	if err != nil {
		return "", err
	}
	said, err := f.Landed(ctx, o.p)
	if err != nil {
		return "", err
	}
	return o.replayed(ctx, c, own, said)
}

// replays reports whether a commit of main is what a rebase makes of another.
func replays(c, of *git.Commit) bool {
	return c.Message == of.Message && c.Author.Name == of.Author.Name && c.Author.Email == of.Author.Email && c.Author.When.Equal(of.Author.When)
}

// replayed is main before a rebase that ended with c, where the forge says what that
// was. Where it does not, that is certain only where the commit before c is none of
// the proposal's: a copy of one may have been pushed to main before anybody approved
// it, and looks like what the rebase landed.
func (o *observation) replayed(ctx context.Context, c *git.Commit, own []*git.Commit, said git.OID) (git.OID, error) {
	at, i := c, slices.IndexFunc(own, func(x *git.Commit) bool { return replays(c, x) })
	for range own {
		if len(at.Parents) != 1 {
			break
		}
		before := at.Parents[0]
		if before == said {
			return before, nil
		}
		var err error
		if at, err = o.d.Repo.Commit(ctx, before); err != nil {
			return "", err
		}
		switch {
		case said != "":
		case !slices.ContainsFunc(own[:i], func(x *git.Commit) bool { return replays(at, x) }):
			return before, nil
		default:
			return "", &IncompleteError{
				What:   fmt.Sprintf("pull request %d was rebased onto %s as several commits up to %.10s, and the forge does not say where %s stood before: nobody can tell which of them came through the gate", o.p.Number, o.d.Main, c.OID, o.d.Main),
				Fix:    fmt.Sprintf("gitsm evidence record --pr %d, once the forge lists that push; until then audits take them for pushed past the gate", o.p.Number),
				Landed: o.p.MergedAt}
		}
	}
	return "", fmt.Errorf("%.10s is no landing of pull request %d", c.OID, o.p.Number)
}

// RecordCommit records what the forge says of the pull request that a commit of
// main came from.
func (d *Desk) RecordCommit(ctx context.Context, commit git.OID) (*Recorded, error) {
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	pulls, err := f.PullsOf(ctx, commit)
	if err != nil {
		return nil, err
	}
	for _, p := range pulls {
		if p.Merged && p.Base.Name == d.Main {
			return d.RecordPull(ctx, p.Number)
		}
	}
	return nil, &RefusedError{What: fmt.Sprintf("commit %.10s came from no pull request into %s", commit, d.Main),
		Fix: "it was pushed past the gate, and audit says so; if it was merged just now, try again in a minute"}
}

// RecentPulls lists the pull requests into main that something happened to since a
// time, and that there may be something to record of.
func (d *Desk) RecentPulls(ctx context.Context, since time.Time) ([]int, error) {
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	pulls, err := f.Recent(ctx, since)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, p := range pulls {
		if p.Base.Name != d.Main {
			continue
		}
		done, err := d.quiet(ctx, w, f.Where(), p)
		if err != nil {
			return nil, err
		}
		if !done {
			out = append(out, p.Number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// quiet reports whether the end of a pull request is recorded, with all that was said
// until then, and nothing has happened to it since. A sweep then needs to ask nothing
// more of it: a workflow may ask GitHub a thousand times an hour.
func (d *Desk) quiet(ctx context.Context, w *World, repository string, p forge.Pull) (bool, error) {
	const settling = 5 * time.Second // what closing it brings along
	if p.Open || w.Evidence == "" || p.Updated.IsZero() || p.Updated.Sub(p.ClosedAt) > settling {
		return false, nil
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return false, err
	}
	for _, topic := range []string{proposalOf(&p).ID, evidence.StoreID} {
		if topic == "" {
			continue
		}
		entries, err := d.Said.Read(fsys, topic)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(entries, func(e *evidence.Entry) bool {
			s := e.Statement.Predicate
			end := s.Kind == evidence.Merge && p.Merged || s.Kind == evidence.Withdrawal && s.Forge != nil && s.Forge.Review == 0 && !p.Merged
			return end && s.Forge != nil && s.Forge.Pull == p.Number && s.Forge.Repository == repository
		}) {
			return true, nil
		}
	}
	return false, nil
}
