package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// exception is a record of the register of what failed and is accepted.
type exception struct {
	d          *dossier
	last       *step // that brought it to what it is now
	check      string
	kind, id   string // of the record it is about; kind "" for any, id "" for the store
	restsOn    []string
	acceptedBy string
	until      time.Time
	void       string // why it does not count, "" where it does
}

// file is where the exception stands.
func (x *exception) file() string { return x.last.file(x.d.t.Dir) }

// registerKind is the kind of the records that make up the register.
const registerKind = "exception"

// register reads the exceptions that main holds now, and asks every check of
// them: what accepts a failure must not be one.
func (t *trail) register(ctx context.Context) ([]*exception, error) {
	ds := t.dossiers(func(kind, _ string) bool { return kind == registerKind })
	found, err := t.examine(ctx, ds, Scope{})
	if err != nil {
		return nil, err
	}
	var out []*exception
	for _, d := range ds {
		if len(d.steps) == 0 || d.steps[len(d.steps)-1].after == nil {
			continue // never landed, removed, or no record: it accepts nothing
		}
		last := &d.steps[len(d.steps)-1]
		x := &exception{d: d, last: last, check: last.after.Str("check"), acceptedBy: last.after.Str("accepted_by"), restsOn: last.after.Strs("rests_on")}
		x.id = last.after.Str("record")
		if kind, id, ok := strings.Cut(x.id, ":"); ok {
			x.kind, x.id = kind, id
		}
		until, ok := last.after.Time("until")
		x.until = until
		switch {
		case !ok || !t.Now.Before(until):
			x.void = "it ended at " + utc(until)
		case slices.ContainsFunc(found, func(c Check) bool {
			return c.Record == d.id && (c.Verdict == Fail || c.Verdict == CannotVerify)
		}):
			x.void = "its own checks do not pass"
		default:
			x.void = x.unaccepted()
		}
		out = append(out, x)
	}
	return out, nil
}

// unaccepted says why nobody's acceptance counts, "" where it does: whoever is
// named has to have approved the exception that landed.
func (x *exception) unaccepted() string {
	r := x.last.ruling
	switch {
	case x.last.way != history.Gated || r == nil || r.err != nil:
		return "it did not come through the gate"
	case !slices.ContainsFunc(r.relied, func(y reliance) bool { return y.person == x.acceptedBy && y.counts }):
		return x.acceptedBy + ", who is said to have accepted it, did not approve it"
	}
	return ""
}

// own says what part whoever accepted had in what failed, "" where none: in the
// record, and in each commit of main or of the evidence that the failure rests on.
func (x *exception) own(ctx context.Context, c Check, ds []*dossier) (string, error) {
	var parts []part
	for _, d := range ds {
		if d.kind != nil && d.id == x.id && (x.kind == "" || d.kind.Name == x.kind) {
			parts = append(parts, d.everybody()...)
		}
	}
	for _, id := range commitsOf(c) {
		made, err := x.makers(ctx, id)
		if err != nil {
			return "", err
		}
		parts = append(parts, made...)
	}
	people := x.last.Before.People
	for _, p := range parts {
		if people.Human(p.person) == people.Human(x.acceptedBy) {
			return p.did, nil
		}
	}
	return "", nil
}

// everybody is whoever had a part in any version of a record.
func (d *dossier) everybody() []part {
	var out []part
	for i := range d.steps {
		s := &d.steps[i]
		if s.ruling != nil && s.ruling.err == nil {
			out = append(out, d.hands(s.ruling)...)
		}
		if who, ok := s.Before.Person(s.Author.Email); ok {
			out = append(out, part{who, "made " + short(s.OID), s.OID})
		}
	}
	return out
}

// makers are who made a commit, by the people who were to judge of it, nobody
// where it is not in this clone.
func (x *exception) makers(ctx context.Context, id string) ([]part, error) {
	t, people := x.d.t, x.last.Before
	if c := t.h.Commits[id]; c != nil && c.Landing != nil {
		people = c.Landing.Before
	}
	c, err := t.Repo.Commit(ctx, id)
	if err != nil {
		return nil, ctx.Err()
	}
	var out []part
	for _, who := range []git.Signature{c.Author, c.Committer} {
		if p, ok := people.Person(who.Email); ok {
			out = append(out, part{p, "made " + short(id), id})
		}
	}
	return out, nil
}

var commitID = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// settles reports whether the exception is about a failed check and all that
// made it fail: what fails for another commit later is not accepted.
func (x *exception) settles(c Check) bool {
	if x.check != c.Check || x.id != c.Record || x.kind != "" && x.kind != c.Kind {
		return false
	}
	commits := commitsOf(c)
	return len(commits) > 0 && !slices.ContainsFunc(commits, func(r string) bool { return !slices.Contains(x.restsOn, r) })
}

// commitsOf are the commits that a verdict rests on.
func commitsOf(c Check) []string {
	return slices.DeleteFunc(slices.Clone(c.RestsOn), func(r string) bool { return !commitID.MatchString(r) })
}

// settle turns failed checks that the register accepts into accepted ones, and
// says of the others whose exception does not count.
func (t *trail) settle(ctx context.Context, found []Check, ds []*dossier) error {
	if !slices.ContainsFunc(found, func(c Check) bool { return c.Verdict == Fail }) {
		return nil
	}
	list, err := t.register(ctx)
	if err != nil {
		return err
	}
	for i := range found {
		c := &found[i]
		if c.Verdict != Fail {
			continue
		}
		for _, x := range list {
			if !x.settles(*c) {
				continue
			}
			why := x.void
			did, err := x.own(ctx, *c, ds)
			if err != nil {
				return err
			}
			if why == "" && did != "" {
				why = x.acceptedBy + ", who accepted it, " + did
			}
			if why != "" {
				c.Reason += fmt.Sprintf(" (exception %s does not count: %s)", x.d.id, why)
				continue
			}
			c.Verdict = Accepted
			c.Reason = fmt.Sprintf("accepted by %s until %s (%s): %s", x.acceptedBy, utc(x.until), x.file(), c.Reason)
			c.RestsOn = append(c.RestsOn, x.file(), x.last.OID)
			break
		}
	}
	return nil
}
