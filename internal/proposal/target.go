package proposal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Name is what people call a target's kind; "proposal" where it is about files
// of no kind.
func (t *Target) Name() string {
	switch {
	case t.Kind != nil:
		return t.Kind.Name
	case t.Proposal != nil && configures(&t.Proposal.Facts):
		return ConfigKind().Name
	case t.Proposal != nil && ruling(&t.Proposal.Facts):
		return PolicyKind().Name
	}
	return "proposal"
}

// Arg is what names the target on a command line.
func (t *Target) Arg() string {
	if t.Proposal != nil && (t.Kind == nil || t.Proposal.shared || t.Kind.Name == ConfigKind().Name && t.Proposal.Facts.Primary() == nil) {
		return t.Proposal.Branch
	}
	return t.ID
}

// Edit is the command that goes on with a target's proposal. Files that are no
// record are edited on its branch.
func (t *Target) Edit() string {
	if name := t.Name(); t.Proposal == nil || name != PolicyKind().Name && name != "proposal" {
		return "gitsm " + name + " edit " + t.Arg()
	}
	return "git switch " + t.Proposal.Branch
}

// Target is what a person means by an id: a record on main, an open proposal,
// or both.
type Target struct {
	Kind     *record.Kind
	ID       string
	Landed   *record.Record // on main, nil where it never landed
	Proposal *Loaded        // nil without an open proposal
}

// Current is the record as its open proposal has it, else as main has it.
func (t *Target) Current() *record.Record {
	if t.Proposal != nil {
		if c := t.Proposal.Facts.Primary(); c != nil && c.After != nil {
			return c.After
		}
		if t.Kind != nil && t.Kind.Name == ConfigKind().Name {
			return config(t.Proposal.Facts.Head)
		}
	}
	return t.Landed
}

// NotFoundError says that nothing has an id.
type NotFoundError struct {
	Short, Kind string
	Upstream    string // that may know it and was not asked, "" where there is none
}

func (e *NotFoundError) Error() string {
	what := e.Kind
	if what == "" {
		what = "record"
	}
	return fmt.Sprintf("no %s is called %q, on main or in an open proposal", what, e.Short)
}

// Resolve finds what a short id means among kinds (all where none is given).
// The branch of an open proposal names what it is about, and that one among
// several proposals of a record.
func (d *Desk) Resolve(ctx context.Context, w *World, short string, kinds ...string) (*Target, error) {
	if strings.HasPrefix(short, branchPrefix) {
		t, err := d.ByBranch(ctx, w, short)
		if err != nil {
			return nil, err
		}
		return t, t.isOf(w, kinds)
	}
	t, open, err := d.find(ctx, w, short, kinds)
	if err != nil {
		return nil, err
	}
	return t, d.attach(ctx, w, t, open)
}

// find finds the record that a short id names, with the proposals that are open.
func (d *Desk) find(ctx context.Context, w *World, short string, kinds []string) (*Target, []Proposal, error) {
	if kind, id := w.Base.SplitShort(short); kind != "" && (len(kinds) == 0 || slices.Contains(kinds, kind)) {
		short, kinds = id, []string{kind}
	}
	open, closed, err := d.branches(ctx, w, "")
	if err != nil {
		return nil, nil, err
	}
	var unheard error // whether somebody has opened again what this names
	if !slices.ContainsFunc(open, w.names(short)) {
		closed = slices.DeleteFunc(closed, func(p Proposal) bool { return !w.names(short)(p) })
		var more []Proposal
		more, unheard = d.reopened(ctx, w, closed)
		open = append(open, more...)
	}
	t := &Target{}
	rec, err := w.Base.Find(short, kinds...)
	switch {
	case err == nil:
		if err := onlyOne(w, open, rec, short, kinds); err != nil {
			return nil, nil, err
		}
		t.Kind, t.ID, t.Landed = rec.Kind, rec.ID, rec
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, err
	default:
		if t.Kind, t.ID, err = d.proposed(ctx, w, open, short, kinds); err != nil {
			return nil, nil, cmp.Or(unheard, err)
		}
	}
	return t, open, nil
}

// isOf refuses the proposal of a branch that a noun is not about.
func (t *Target) isOf(w *World, kinds []string) error {
	if len(kinds) == 0 {
		return nil
	}
	branch, facts := t.Proposal.Branch, &t.Proposal.Facts
	switch {
	case t.Kind != nil && !slices.Contains(kinds, t.Kind.Name):
		return &UsageError{What: fmt.Sprintf("%s proposes a %s and no %s", branch, t.Kind.Name, strings.Join(kinds, " or "))}
	case t.Kind == nil && kinds[0] == ConfigKind().Name && !configures(facts):
		return changesNot(branch, w.Base.Display(store.ConfigFile))
	case t.Kind == nil && kinds[0] == PolicyKind().Name && !ruling(facts):
		return changesNot(branch, w.Base.Display(store.PolicyDir))
	}
	return nil
}

func changesNot(branch, what string) error {
	return &UsageError{What: fmt.Sprintf("%s does not change %s", branch, what)}
}

// names reports of a proposal whether a short id is its record's.
func (w *World) names(short string) func(Proposal) bool {
	return func(p Proposal) bool {
		_, dated := w.Base.Kinds.OfID(p.ID)
		return short != "" && (p.ID == short || dated && strings.HasSuffix(p.ID, strings.ToUpper(short)))
	}
}

// onlyOne makes sure that the end of an id which main has is not the end of one
// that is only proposed as well.
func onlyOne(w *World, open []Proposal, rec *record.Record, short string, kinds []string) error {
	ids := []string{rec.ID}
	for _, p := range open {
		k, dated := w.Base.Kinds.OfID(p.ID)
		if dated && strings.HasSuffix(p.ID, strings.ToUpper(short)) && (len(kinds) == 0 || slices.Contains(kinds, k.Name)) {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > 1 && !strings.EqualFold(rec.ID, short) {
		return &store.AmbiguousError{Short: short, IDs: ids}
	}
	return nil
}

// proposed finds a record that only open proposals know.
func (d *Desk) proposed(ctx context.Context, w *World, open []Proposal, short string, kinds []string) (*record.Kind, string, error) {
	type hit struct {
		kind *record.Kind
		id   string
	}
	var hits []hit
	if short == "" {
		open = nil // else it would be the end of every id
	}
	for _, p := range open {
		k, dated := w.Base.Kinds.OfID(p.ID)
		switch {
		case dated && strings.HasSuffix(p.ID, strings.ToUpper(short)):
		case p.ID == short:
			l, err := d.Load(ctx, w, p)
			if err != nil {
				return nil, "", err
			}
			if c := l.Facts.Primary(); c != nil {
				k = c.Kind
			}
		default:
			continue
		}
		if k != nil && (len(kinds) == 0 || slices.Contains(kinds, k.Name)) && !slices.Contains(hits, hit{k, p.ID}) {
			hits = append(hits, hit{k, p.ID})
		}
	}
	switch len(hits) {
	case 0:
		missing := &NotFoundError{Short: short, Kind: strings.Join(kinds, " or ")}
		if !w.fetched {
			missing.Upstream = w.remote
		}
		return nil, "", missing
	case 1:
		return hits[0].kind, hits[0].id, nil
	}
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return nil, "", &UsageError{What: fmt.Sprintf("%q names several records: %s", short, strings.Join(ids, ", ")), Fix: "give more of the id"}
}

// attach loads the one open proposal of t's record.
func (d *Desk) attach(ctx context.Context, w *World, t *Target, open []Proposal) error {
	var mine []*Loaded
	for _, p := range open {
		if p.ID != t.ID {
			continue
		}
		l, err := d.Load(ctx, w, p)
		if err != nil {
			return err
		}
		if c := l.Facts.Primary(); c == nil || c.Kind.Name == t.Kind.Name {
			mine = append(mine, l)
		}
	}
	if len(mine) > 1 {
		var names []string
		for _, l := range mine {
			names = append(names, l.Branch)
		}
		return &UsageError{What: fmt.Sprintf("%s has %d open proposals: %s", t.ID, len(mine), strings.Join(names, ", ")),
			Fix: "name the one that is meant instead of the id: " + strings.Join(names, " or ")}
	}
	if len(mine) == 1 {
		t.Proposal = mine[0]
	}
	return nil
}

// ByBranch loads the open proposal of a branch, for commands that run inside
// it and name no id.
func (d *Desk) ByBranch(ctx context.Context, w *World, branch string) (*Target, error) {
	p, ok := parseBranch(branch)
	if !ok {
		return nil, &UsageError{What: fmt.Sprintf("branch %s is no proposal, so an id must be given", branch), Fix: "gitsm inbox lists what waits for you"}
	}
	open, closed, err := d.branches(ctx, w, p.ID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(open, func(o Proposal) bool { return o.Branch == branch })
	if at < 0 {
		closed = slices.DeleteFunc(closed, func(o Proposal) bool { return o.Branch != branch })
		if open, err = d.reopened(ctx, w, closed); err != nil {
			return nil, err
		}
		at = len(open) - 1
	}
	if at < 0 {
		return nil, &UsageError{What: fmt.Sprintf("there is no open proposal %s", branch), Fix: "git branch --list 'gitsm/*'"}
	}
	p = open[at]
	l, err := d.Load(ctx, w, p)
	if err != nil {
		return nil, err
	}
	t := &Target{ID: p.ID, Proposal: l}
	if c := l.Facts.Primary(); c != nil {
		t.Kind, t.Landed = c.Kind, c.Before
	}
	return t, nil
}
