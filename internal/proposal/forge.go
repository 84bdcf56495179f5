package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// ForgeReader reads pull requests.
type ForgeReader interface {
	Pull(ctx context.Context, number int) (*forge.Pull, error)
	// Pulls lists the open pull requests and, with a branch, all of that one,
	// newest first.
	Pulls(ctx context.Context, branch string) ([]forge.Pull, error)
	// Facts reads all that a decision rests on; commits are those of the pull
	// request, as git has them.
	Facts(ctx context.Context, number int, commits []string) (*forge.Facts, error)
	// PullsOf lists the pull requests that a commit belongs to.
	PullsOf(ctx context.Context, commit string) ([]forge.Pull, error)
	// Recent lists the pull requests that something happened to since a time.
	Recent(ctx context.Context, since time.Time) ([]forge.Pull, error)
	// Closer is who closed a pull request.
	Closer(ctx context.Context, number int) (forge.Account, error)
	// Landed is where the base branch stood before a pull request landed on it, ""
	// where the forge does not say.
	Landed(ctx context.Context, p *forge.Pull) (before string, err error)
	// Where is the repository: host/owner/name.
	Where() string
	Viewer(ctx context.Context) (who forge.Account, scopes []string, err error)
}

// ForgeWriter writes what people want of a pull request, in their name.
type ForgeWriter interface {
	OpenPull(ctx context.Context, branch, base string, t forge.Text) (*forge.Pull, error)
	EditPull(ctx context.Context, number int, t forge.Text) error
	RequestReviews(ctx context.Context, number int, logins []string) error
	SubmitReview(ctx context.Context, number int, commit, state, body string) (*forge.Review, error)
}

// ForgeSwitch changes what a pull request waits for.
type ForgeSwitch interface {
	// ReadyPull has a draft reviewed.
	ReadyPull(ctx context.Context, number int) error
	// ClosePull ends a pull request that has not landed.
	ClosePull(ctx context.Context, number int) error
}

// ForgeLander lands pull requests.
type ForgeLander interface {
	Methods(ctx context.Context) ([]string, error)
	// Merge lands a pull request, or queues it, and then returns "".
	Merge(ctx context.Context, p *forge.Pull, l forge.Landing, queue bool) (commit string, err error)
}

// ForgeReporter tells a pull request what the gate found.
type ForgeReporter interface {
	PostStatus(ctx context.Context, commit string, s forge.Status) error
	// Statuses lists every status of a commit, newest first.
	Statuses(ctx context.Context, commit string) ([]forge.Check, error)
	Comments(ctx context.Context, number int) ([]forge.Comment, error)
	// Say writes a comment, or writes one anew where id is not 0.
	Say(ctx context.Context, number int, id int64, body string) error
}

// Forge is where proposals are reviewed, where that is not git alone.
type Forge interface {
	ForgeReader
	ForgeWriter
	ForgeSwitch
	ForgeLander
	ForgeReporter
}

// reviewed reports whether proposals are reviewed on a forge: main says so.
func (w *World) reviewed() bool { return w.Base.Config.Forge == "github" }

// forge reaches the forge, which takes a token, and so not before it is needed.
func (d *Desk) forge(ctx context.Context) (Forge, error) {
	if d.reached == nil {
		if d.Connect == nil {
			return nil, &UsageError{What: "the store's proposals are reviewed on github, which cannot be reached from here"}
		}
		f, err := d.Connect(ctx)
		if err != nil {
			return nil, err
		}
		d.reached = f
	}
	return d.reached, nil
}

// hear asks the forge about a proposal and puts what it says in the place of
// what commits and evidence alone had said. A head that moves meanwhile is read
// again: reviews of one head must not be taken for those of another.
func (d *Desk) hear(ctx context.Context, w *World, l *Loaded) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		p, err := l.given, error(nil)
		if l.given = nil; p == nil {
			p, err = d.pullOf(ctx, f, l)
		}
		if err != nil || p == nil {
			return err
		}
		if err := d.have(ctx, w, p.Head.OID, pullRef(p.Number)); err != nil {
			return err
		}
		commits, err := d.Repo.Range(ctx, w.Main, p.Head.OID)
		if err != nil {
			return fmt.Errorf("reading the commits of pull request %d: %w", p.Number, err)
		}
		ids := make([]string, len(commits))
		for i, c := range commits {
			ids[i] = c.OID
		}
		said, err := f.Facts(ctx, p.Number, ids)
		if err != nil {
			return err
		}
		if said.Pull.Head.OID == p.Head.OID {
			l.Said = said
			return d.listen(ctx, w, l)
		}
	}
	return fmt.Errorf("the head of %s moves while it is read; try again", l.Branch)
}

// pullOf finds the open pull request of a proposal, nil where there is none.
func (d *Desk) pullOf(ctx context.Context, f Forge, l *Loaded) (*forge.Pull, error) {
	if l.number != 0 {
		return f.Pull(ctx, l.number)
	}
	pulls, err := f.Pulls(ctx, l.Branch)
	if err != nil {
		return nil, err
	}
	for i, p := range pulls {
		if p.Open && !p.Fork() && p.Base.Name == d.Main {
			return &pulls[i], nil
		}
	}
	return nil, nil
}

func pullRef(number int) string { return fmt.Sprintf("refs/pull/%d/head", number) }

// have makes sure that this clone has a commit, and fetches it by a ref or by
// itself where it has not.
func (d *Desk) have(ctx context.Context, w *World, id git.OID, refs ...string) error {
	if _, err := d.Repo.Commit(ctx, id); err == nil {
		return nil
	}
	var last error
	for _, ref := range append(refs, id) {
		if last = d.Repo.Fetch(ctx, w.remote, ref); last != nil {
			continue
		}
		if _, last = d.Repo.Commit(ctx, id); last == nil {
			return nil
		}
	}
	return fmt.Errorf("fetching commit %.10s: %w", id, last)
}

// listen restates what the forge said as facts of the decision.
func (d *Desk) listen(ctx context.Context, w *World, l *Loaded) error {
	keys, err := Keyring(w.Base)
	if err != nil {
		return err
	}
	digests := map[string]record.Digest{}
	h := decision.Hearing{
		Said: l.Said, Work: l.work, Until: l.Said.Pull.MergedAt, Recorded: l.recorded, Asked: d.Now(), Vouched: l.vouched,
		Refused: l.refusals(keys, d.Now(), func(p evidence.Predicate) bool {
			return p.Forge != nil && p.Forge.Pull != l.Said.Pull.Number || p.Forge == nil && p.Proposal.Branch != l.Branch
		}),
		Brought: func(p forge.Push) bool { return d.brought(ctx, w, l, p) },
		Material: func(commit string) (record.Digest, error) {
			if m, ok := digests[commit]; ok {
				return m, nil
			}
			m, err := d.materialAt(ctx, w, l, commit)
			if err == nil {
				digests[commit] = m
			}
			return m, err
		},
		Signed: func(r forge.Review, person string) (record.Digest, bool) {
			e := l.statement(r, person, keys, d.Now())
			if e == nil {
				return record.Digest{}, false
			}
			m := e.Statement.Predicate.Material
			return record.Digest{SHA256: m.SHA256, Excluded: m.Excluded}, true
		},
	}
	if err := l.Facts.Hear(h); err != nil {
		return err
	}
	l.late, err = h.Late(w.Base)
	return err
}

// brought reports whether a push brought work that approvals cover, or might
// have: what was pushed and is gone cannot be looked at.
func (d *Desk) brought(ctx context.Context, w *World, l *Loaded, p forge.Push) bool {
	if strings.Trim(p.After, "0") == "" {
		return false // it removed the branch
	}
	before := p.Before
	if strings.Trim(before, "0") == "" {
		before = w.Main
	}
	commits, err := d.Repo.Range(ctx, before, p.After)
	if err != nil {
		return true
	}
	for _, c := range commits {
		i := slices.IndexFunc(l.work, func(x decision.Work) bool { return x.OID == c.OID })
		if i >= 0 && l.work[i].Bound {
			return true
		}
		if i < 0 {
			if landed, err := d.Repo.IsAncestor(ctx, c.OID, w.Main); err != nil || !landed {
				return true // it was replaced since
			}
		}
	}
	return false
}

// materialAt is what an approval of a commit of the proposal covers: what the
// proposal changed until then, as that commit has it.
func (d *Desk) materialAt(ctx context.Context, w *World, l *Loaded, commit git.OID) (record.Digest, error) {
	_, dec, err := d.decideAt(ctx, w, l, commit)
	if err != nil {
		return record.Digest{}, err
	}
	return dec.Material, nil
}

// decideAt decides about a proposal as one of its commits has it, which says
// what an approval of that commit covers.
func (d *Desk) decideAt(ctx context.Context, w *World, l *Loaded, commit git.OID) (*decision.Facts, *decision.Decision, error) {
	if err := d.have(ctx, w, commit); err != nil {
		return nil, nil, err
	}
	head, err := d.open(ctx, commit)
	if err != nil {
		return nil, nil, err
	}
	changes, err := d.since(ctx, w.Main, commit)
	if err != nil {
		return nil, nil, err
	}
	f := decision.Facts{Base: w.Base, Head: head, ID: l.Facts.ID, Now: l.Facts.Now}
	if err := f.Classify(changes); err != nil {
		return nil, nil, err
	}
	dec, err := d.Judge.Decide(ctx, f)
	return &f, dec, err
}

// hold keeps a decision from allowing what the pull request itself does not yet
// ask for.
func hold(dec *decision.Decision, l *Loaded, main string) {
	why := ""
	switch {
	case l.Said == nil:
		why = "there is no pull request yet: gitsm change submit opens one"
	case l.Said.Pull.Base.Name != main:
		dec.Verdict, dec.Reasons = approval.Error, []string{fmt.Sprintf("the pull request goes into %s, and only %s is gated", l.Said.Pull.Base.Name, main)}
	case l.Said.Pull.Head.OID != l.Head:
		why = "the pull request does not have the newest commits: gitsm change submit sends them"
	case l.Said.Pull.Draft:
		why = "the pull request is a draft"
	case !l.Said.Pull.Open && !l.Said.Pull.Merged:
		why = "the pull request was closed"
	case !l.Said.Pull.Merged && l.passesForLanding() != "":
		why = l.passesForLanding() + ", which only the message of a landing says, and a squash would bring to " + main + ": reword it"
	case !l.Said.Pull.Merged && l.unrecorded():
		why = "the evidence does not have the landing that it starts on the strength of: gitsm evidence record, or wait for the workflow that does"
	}
	if why != "" && dec.Verdict == approval.Allow {
		dec.Verdict, dec.Reasons = approval.Pending, []string{why}
	} else if why != "" {
		dec.Reasons = append(dec.Reasons, why)
	}
}

// passesForLanding says which text says what only the message of a landing says,
// "" where none does. A squash takes its message from the commits, or from the
// pull request. Main would name evidence that there is not, which stops every
// decision after it, or another record than it is about.
func (l *Loaded) passesForLanding() string {
	texts := []string{l.Said.Pull.Body}
	for _, w := range l.work {
		texts = append(texts, w.Message)
	}
	for i, text := range texts {
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(line, ":")
			key, value = strings.TrimSpace(key), strings.TrimSpace(value)
			_, id := record.Builtin().OfID(value)
			if !strings.EqualFold(key, EvidenceHeadTrailer) && !(strings.EqualFold(key, ChangeIDTrailer) && id && value != l.ID) {
				continue
			}
			if i == 0 {
				return "the text of the pull request has a line " + key
			}
			return fmt.Sprintf("the message of commit %.10s has a line %s", l.work[i-1].OID, key)
		}
	}
	return ""
}

// unrecorded reports whether planned work begins of which no evidence says how
// it was authorised: whoever approved it could be the one who begins.
func (l *Loaded) unrecorded() bool {
	return slices.ContainsFunc(l.Facts.Changes, func(c decision.Change) bool {
		return decision.Starts(&c) && !emergency(c.After) && l.Facts.Authority[c.ID].At.IsZero()
	})
}

// recordedReviews is what the evidence says that each review was about, and which
// review each signed statement came in, by its path.
func recordedReviews(entries []*evidence.Entry) (about map[int64]string, carried map[string]int64) {
	about, carried = map[int64]string{}, map[string]int64{}
	for _, e := range entries {
		p := e.Statement.Predicate
		if p.Forge == nil || p.Forge.Review == 0 {
			continue
		}
		if about[p.Forge.Review] == "" {
			about[p.Forge.Review] = p.Material.SHA256
		}
		if p.Forge.Statement != "" && carried[p.Forge.Statement] == 0 {
			carried[p.Forge.Statement] = p.Forge.Review
		}
	}
	return about, carried
}
