package demo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"github.com/gitsm/gitsm/internal/calendar"
	"math/rand/v2"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
)

// DefaultChanges and DefaultSeed are what `gitsm demo` builds when it is told
// nothing else.
const (
	DefaultChanges = 300
	DefaultSeed    = 1
)

const timeFormat = time.RFC3339

// Options say which demo is built.
type Options struct {
	Changes int    // how many changes are filed
	Recent  int    // how many of them in the eighteen months, the others earlier; 0 for DefaultRecent
	Seed    uint64 // of everything that looks like chance
	Tool    string // version of gitsm, for statements
	Judge   *decision.Judge
	// Progress is told how many changes of all have been filed, after each.
	Progress func(filed, all int)
}

// History is what was built: refs to set, the keys of its people, and what is
// worth a look.
type History struct {
	Refs []git.Ref
	Keys []Key

	Changes, Incidents, Commits int // in all
	Archived, Archive           int // changes and commits among them that lie before the store's first commit

	Waiting string // a change that waits for an approval
	Denied  string // one that policy denies
	Story   string // one that went wrong and caused an incident; "" where none did
}

// Key is the throw-away key of one of the people.
type Key struct {
	Person, Name, Email string
	Private             []byte // OpenSSH form, without a passphrase
	Public              string // one line, as in a .pub file
}

// Actor is who the demo's store takes its user for.
const Actor = engineer

// Build makes the organisation and its eighteen months with the verbs that
// users have, in the order of time, and returns where its branches stand.
func Build(ctx context.Context, objects Objects, o Options) (*History, error) {
	b, err := newBuilder(ctx, objects, o)
	if err != nil {
		return nil, err
	}
	archived := max(0, o.Changes-b.opts.Recent)
	before, err := b.archive(archived)
	if err != nil {
		return nil, err
	}
	if err := b.found(before); err != nil {
		return nil, err
	}
	b.planAll()
	if err := b.run(); err != nil {
		return nil, err
	}
	if err := b.plant(); err != nil {
		return nil, err
	}
	h := &History{Refs: b.repo.open(), Changes: b.filed, Archived: archived, Archive: b.remembered, Incidents: b.outages,
		Commits: b.remembered + len(b.repo.commits),
		Waiting: b.waiting, Denied: b.denied, Story: b.story}
	for _, p := range people() {
		h.Keys = append(h.Keys, b.staff[p.id].key)
	}
	return h, nil
}

// employee is a person with what they sign with.
type employee struct {
	person
	signer sshsig.Signer
	public string
	key    Key
}

// builder makes one history.
type builder struct {
	ctx   context.Context //nolint:containedctx // lives for one Build
	repo  *repository
	judge *decision.Judge
	cache *store.Cache
	said  *evidence.Cache
	kinds *record.Kinds
	opts  Options

	chance *rand.Rand
	bytes  *rand.ChaCha8 // what chance draws from; also of ids
	staff  map[string]*employee
	jobs   []job
	owners map[string]string // of services
	uses   map[string]string // asset → the service that is told of work on it

	agenda                 agenda
	planned                []calendar.Booking // windows that were chosen
	drawn                  int
	now                    time.Time
	filed, outages         int
	remembered             int                  // commits of the archive
	waiting, denied, story string               // ids, see History
	left                   map[string]time.Time // people who left, and when
}

func newBuilder(ctx context.Context, objects Objects, o Options) (*builder, error) {
	seed := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("gitsm demo"), o.Seed))
	b := &builder{
		ctx: ctx, repo: newRepository(objects), judge: o.Judge, cache: store.NewCache(), said: evidence.NewCache(), kinds: record.Builtin(), opts: o,
		bytes: rand.NewChaCha8(seed), staff: map[string]*employee{}, jobs: jobs(), owners: map[string]string{}, uses: map[string]string{},
		left: map[string]time.Time{},
	}
	b.chance = rand.New(b.bytes)
	if b.opts.Recent == 0 {
		b.opts.Recent = DefaultRecent
	}
	for _, p := range people() {
		e, err := newEmployee(p, seed)
		if err != nil {
			return nil, err
		}
		b.staff[p.id] = e
	}
	for _, s := range services() {
		b.owners[s.id] = s.owner
		for _, id := range s.runsOn() {
			if _, taken := b.uses[id]; !taken {
				b.uses[id] = s.id
			}
		}
	}
	return b, nil
}

// newEmployee derives a person's key from the demo's seed.
func newEmployee(p person, seed [32]byte) (*employee, error) {
	own := sha256.Sum256(append(seed[:], p.id...))
	signer, err := sshsig.FromSeed(own[:])
	if err != nil {
		return nil, err
	}
	private, err := sshsig.PrivateFile(own[:], p.email())
	if err != nil {
		return nil, err
	}
	e := &employee{person: p, signer: signer, public: sshsig.Authorized(signer.PublicKey())}
	e.key = Key{Person: p.id, Name: p.name, Email: p.email(), Private: private, Public: e.public + " " + p.email() + "\n"}
	return e, nil
}

// desk is the desk as one person sits at it now.
func (b *builder) desk(who string) *proposal.Desk {
	e := b.staff[who]
	now := b.now
	return &proposal.Desk{
		Repo: b.repo, Judge: b.judge, Cache: b.cache, Said: b.said, Main: mainBranch, Now: func() time.Time { return now }, Random: b.bytes,
		User: proposal.User{Name: e.name, Email: e.email()}, Signer: e.signer, Tool: b.opts.Tool,
	}
}

// run lets everything happen that was planned, and what follows from it, up to
// today. What would happen later stays open.
func (b *builder) run() error {
	for b.agenda.Len() > 0 {
		t := b.agenda.next()
		if !t.at.Before(Today.Add(-time.Hour)) {
			return nil
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		b.now = t.at
		if err := t.do(); err != nil {
			return fmt.Errorf("acting as %s at %s: %w", t.who, t.at.Format(timeFormat), explain(err))
		}
	}
	return nil
}

// explain adds what a decision found to the error it became.
func explain(err error) error {
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && refused.Decision != nil {
		for _, f := range refused.Decision.Findings {
			err = fmt.Errorf("%w\n%s %s:%d %s", err, f.Code, f.File, f.Line, f.Message)
		}
	}
	return err
}

// kind is a row of the kind table.
func (b *builder) kind(name string) *record.Kind {
	k, _ := b.kinds.ByName(name)
	return k
}

// after returns a moment between least and most after now.
func (b *builder) after(least, most time.Duration) time.Time {
	return b.now.Add(b.between(least, most))
}

// between draws a length of time, in whole seconds.
func (b *builder) between(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return (least + time.Duration(b.chance.Int64N(int64(most-least)))).Round(time.Second)
}

// percent is true so many times of a hundred.
func (b *builder) percent(n int) bool { return b.chance.IntN(100) < n }

// pick draws one of a list.
func pick[T any](b *builder, list []T) T { return list[b.chance.IntN(len(list))] }

// active leaves out the people who have left.
func (b *builder) active(list []string) []string {
	var out []string
	for _, id := range list {
		if at, gone := b.left[id]; !gone || b.now.Before(at) {
			out = append(out, id)
		}
	}
	return out
}
