package proposal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/canonical"
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
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	p, err := f.Pull(ctx, number)
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
	if err != nil || len(entries) == 0 || d.DryRun {
		return out, err
	}
	for _, e := range entries {
		out.Paths = append(out.Paths, e.Path)
	}
	out.Notes, err = d.appendEvidence(ctx, w, nil, entries...)
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
	out, err := o.reviews(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case o.p.Merged && !o.has(evidence.Merge, 0):
		more, err := o.landed(ctx, out)
		return append(out, more...), err
	case !o.p.Merged && !o.p.Open && !o.has(evidence.Withdrawal, 0):
		e, err := o.closed()
		if err != nil || e == nil {
			return out, err
		}
		return append(out, e), nil
	}
	return out, nil
}

// has reports whether a statement of the pull request is recorded.
func (o *observation) has(kind evidence.Type, review int64) bool {
	return slices.ContainsFunc(o.have, func(e *evidence.Entry) bool {
		p := e.Statement.Predicate
		return p.Kind == kind && p.Proposal.Branch == o.l.Branch && p.Forge != nil && p.Forge.Review == review
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
	o.l.number = o.p.Number
	if o.p.Merged {
		o.l.Facts.Now = o.p.MergedAt
	}
	if o.dec, err = o.d.Decide(ctx, o.l); err != nil {
		return err
	}
	return ctx.Err()
}

// before is main before a landing, and settles by which method it came about. A
// rebase lands the proposal's commits one by one, under their own messages.
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
	at := c
	for i := len(own) - 1; i >= 0; i-- {
		if at.Message != own[i].Message {
			o.way = forge.Squash
			return c.Parents[0], nil
		}
		if at, err = o.d.Repo.Commit(ctx, at.Parents[0]); err != nil {
			return "", err
		}
	}
	o.way = forge.Rebase
	return at.OID, nil
}

// said is the forge's word that a statement repeats.
func (o *observation) said(at time.Time, state string, who forge.Account) *evidence.ForgeFacts {
	return &evidence.ForgeFacts{Repository: o.repository, Pull: o.p.Number, At: at, State: state, Account: accountName(who)}
}

func accountName(who forge.Account) string {
	switch {
	case who.Ghost():
		return ""
	case who.Bot:
		return fmt.Sprintf("github-app:%d", who.ID)
	}
	return fmt.Sprintf("github:%d", who.ID)
}

// reviews are the statements about reviews. What a person could not have said
// with effect, since nobody knows them or they may not write, is no approval
// and recorded with the decision that passed it over.
func (o *observation) reviews(ctx context.Context) ([]*evidence.Entry, error) {
	var out []*evidence.Entry
	kinds := map[string]evidence.Type{forge.Approved: evidence.Approval, forge.ChangesRequested: evidence.Rejection, forge.Dismissed: evidence.Withdrawal}
	for _, r := range o.l.Said.Reviews {
		kind, decisive := kinds[r.State]
		person, err := o.d.account(o.w.Base, r.By)
		if err != nil {
			return nil, err
		}
		heard := slices.IndexFunc(o.l.Facts.Reviews, func(x approval.Review) bool { return x.Ref == r.URL })
		if !decisive || person == "" || r.By.Bot || heard < 0 || o.l.Facts.Reviews[heard].Void != "" || o.has(kind, r.ID) {
			continue
		}
		p, err := o.d.predicateAt(ctx, o.w, o.l, r.Commit)
		if err != nil {
			return nil, err
		}
		p.Kind, p.Person, p.Time, p.Tool.OPA = kind, person, r.At, o.dec.OPA
		p.Forge = o.said(r.At, r.State, r.By)
		p.Forge.Review = r.ID
		e, err := evidence.NewEntry(evidence.Statement{Predicate: p}, o.d.sign(ctx, evidence.Namespace))
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if s, err := statementIn(r.Body); err == nil && s != nil && s.Statement.Predicate.Person == person && s.Statement.Predicate.Proposal.Branch == o.l.Branch {
			out = append(out, s)
		}
	}
	return out, nil
}

// predicateAt says what a commit of the proposal would land.
func (d *Desk) predicateAt(ctx context.Context, w *World, l *Loaded, commit git.OID) (evidence.Predicate, error) {
	f, dec, err := d.decideAt(ctx, w, l, commit)
	if err != nil {
		return evidence.Predicate{}, err
	}
	then := *l
	then.Facts, then.Head = *f, commit
	if then.Base, err = d.Repo.MergeBase(ctx, w.Main, commit); err != nil {
		return evidence.Predicate{}, err
	}
	return d.predicate(evidence.Approval, &then, dec, ""), nil
}

// closed says that a pull request was closed without having landed.
func (o *observation) closed() (*evidence.Entry, error) {
	person := o.l.Facts.Opener
	if person == "" {
		return nil, nil // nobody in people/ opened it, so nobody could say so
	}
	p := o.d.predicate(evidence.Withdrawal, o.l, o.dec, person)
	p.Time, p.Forge = o.p.ClosedAt, o.said(o.p.ClosedAt, "closed", o.p.Author)
	return evidence.NewEntry(evidence.Statement{Predicate: p}, nil)
}

// landed are the decision that the landing rests on, made again with what was
// known when it landed, and the landing itself.
func (o *observation) landed(ctx context.Context, given []*evidence.Entry) ([]*evidence.Entry, error) {
	l := o.l
	l.Base = o.w.Main
	o.cite(given)
	at := o.p.MergedAt
	sign := o.d.sign(ctx, evidence.Namespace)
	e, err := o.d.decisionEntry(l, o.dec)
	if err != nil {
		return nil, err
	}
	p := e.Statement.Predicate
	p.Time, p.Forge = at, o.said(at, "merged", o.p.MergedBy)
	p.Contributors = o.contributors()
	o.circumstances(p.Forge)
	decided, err := evidence.NewEntry(evidence.Statement{Predicate: p}, sign)
	if err != nil {
		return nil, err
	}
	if e, err = o.d.mergeEntry(l, o.dec, o.dec.Material, o.p.MergeCommit); err != nil {
		return nil, err
	}
	m := e.Statement.Predicate
	m.Time, m.Forge, m.Merge.Method = at, o.said(at, "merged", o.p.MergedBy), o.way
	if given := approvedMaterial(o.dec, l.Facts.Reviews); given != "" {
		m.Merge.ApprovedMaterial, m.Merge.Identical = given, given == m.Merge.LandedMaterial
	}
	merged, err := evidence.NewEntry(evidence.Statement{Predicate: m}, sign)
	return []*evidence.Entry{decided, merged}, err
}

// cite names the statements of the reviews in the place of their addresses, so
// that the decision says which of the evidence it rests on.
func (o *observation) cite(given []*evidence.Entry) {
	at := map[string]string{} // path by the review's address
	for _, r := range o.l.Said.Reviews {
		for _, e := range slices.Concat(o.have, given) {
			if f := e.Statement.Predicate.Forge; f != nil && f.Review == r.ID {
				at[r.URL] = e.Path
			}
		}
	}
	for i, r := range o.l.Facts.Reviews {
		if p := at[r.Ref]; p != "" {
			o.l.Facts.Reviews[i].Ref = p
		}
	}
}

// approvedMaterial is what those approved whose approval counted, "" where
// nobody's did.
func approvedMaterial(dec *decision.Decision, reviews []approval.Review) string {
	for _, n := range dec.Requirements {
		for _, r := range slices.Backward(reviews) {
			if r.State == approval.Approved && slices.Contains(n.Approvers, r.Person) && len(r.Excluded) == len(dec.Material.Excluded) {
				return r.Material
			}
		}
	}
	return ""
}

// contributors are who had a hand in it, by person and account.
func (o *observation) contributors() []evidence.Contributor {
	accounts := map[string]forge.Account{o.p.Author.Login: o.p.Author}
	for _, x := range o.l.Said.Pushes {
		accounts[x.By.Login] = x.By
	}
	var out []evidence.Contributor
	if o.l.Facts.Opener != "" {
		out = append(out, evidence.Contributor{Person: o.l.Facts.Opener, Account: accountName(o.p.Author), Role: "opener"})
	}
	for _, c := range o.l.Facts.Contributors {
		e := evidence.Contributor{Person: c.Person, Role: c.Role, Commit: c.Commit, Account: accountName(accounts[c.Who])}
		if c.Bot && e.Account == "" {
			e.Account = "github-app:0"
		}
		out = append(out, e)
	}
	return out
}

// circumstances are the checks of the head and the rules of main.
func (o *observation) circumstances(f *evidence.ForgeFacts) {
	for _, c := range o.l.Said.Checks {
		f.Checks = append(f.Checks, evidence.CheckFact{Name: plainName(c.Name), State: c.State, Source: plainName(c.Source)})
	}
	for _, r := range o.l.Said.Rules {
		fact := evidence.RuleFact{Type: r.Type, Ruleset: r.Ruleset}
		for _, name := range demanded(r) {
			fact.Checks = append(fact.Checks, plainName(name))
		}
		var v any
		if json.Unmarshal(r.Parameters, &v) == nil && v != nil {
			if text, err := canonical.Marshal(v); err == nil {
				sum := sha256.Sum256(text)
				fact.Parameters = hex.EncodeToString(sum[:])
			}
		}
		f.Rules = append(f.Rules, fact)
	}
	f.Unknown = o.l.Said.Unknown
}

// plainName takes addresses and line breaks out of a name that others gave.
func plainName(s string) string {
	words := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return strings.Contains(w, "@") })
	s = strings.Join(words, " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
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

// RecentPulls lists the pull requests into main that something happened to
// since a time, and all that are open.
func (d *Desk) RecentPulls(ctx context.Context, since time.Time) ([]int, error) {
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	pulls, err := f.Recent(ctx, since)
	if err != nil {
		return nil, err
	}
	open, err := f.Pulls(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, p := range append(pulls, open...) {
		if p.Base.Name == d.Main {
			out = append(out, p.Number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Difference is a statement that the forge says otherwise about today.
type Difference struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// CompareRemote holds what was recorded of a forge's word against what it says
// today: reviews that are not there, or are somebody else's or of another
// state, and pull requests that ended otherwise. A review that was dismissed
// since is said where that is not recorded.
func (d *Desk) CompareRemote(ctx context.Context) (checked int, out []Difference, err error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return 0, nil, err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return 0, nil, err
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return 0, nil, err
	}
	byRecord, err := evidence.ReadAll(fsys)
	if err != nil {
		return 0, nil, err
	}
	var entries []*evidence.Entry
	for _, id := range slices.Sorted(maps.Keys(byRecord)) {
		entries = append(entries, byRecord[id]...)
	}
	said := map[int]*forge.Facts{}
	for _, e := range entries {
		p := e.Statement.Predicate.Forge
		if p == nil || p.Repository != f.Where() {
			continue
		}
		if said[p.Pull] == nil {
			if said[p.Pull], err = f.Facts(ctx, p.Pull, nil); err != nil {
				return checked, out, err
			}
		}
		checked++
		if why := differs(e, said[p.Pull], entries); why != "" {
			out = append(out, Difference{e.Path, why})
		}
	}
	return checked, out, nil
}

// differs says how the forge contradicts a statement, "" where it does not.
func differs(e *evidence.Entry, now *forge.Facts, all []*evidence.Entry) string {
	p := e.Statement.Predicate
	switch {
	case p.Forge.Review != 0:
		i := slices.IndexFunc(now.Reviews, func(r forge.Review) bool { return r.ID == p.Forge.Review })
		if i < 0 {
			return "the forge has no such review"
		}
		r := now.Reviews[i]
		dismissed := func(x *evidence.Entry) bool {
			q := x.Statement.Predicate
			return q.Kind == evidence.Withdrawal && q.Forge != nil && q.Forge.Review == r.ID
		}
		switch {
		case accountName(r.By) != p.Forge.Account && !r.By.Ghost():
			return "the review is by " + accountName(r.By)
		case !r.At.Equal(p.Forge.At):
			return "the review was submitted at " + r.At.Format(time.RFC3339)
		case r.State != p.Forge.State && !(r.State == forge.Dismissed && slices.ContainsFunc(all, dismissed)):
			return "the review is " + r.State
		}
	case p.Kind == evidence.Merge && now.Pull.MergeCommit != p.Merge.Commit:
		return "the pull request did not land as " + p.Merge.Commit
	case p.Kind == evidence.Withdrawal && now.Pull.Merged:
		return "the pull request landed"
	}
	return ""
}
