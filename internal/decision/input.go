package decision

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

// surroundings are what a record touches, and what is in its way.
type surroundings struct {
	impact    []graph.Impact
	conflicts []calendar.Conflict
}

// base is what a Judge derived from the snapshot that judges.
type base struct {
	store *store.Store
	valid *validate.Validator
	graph *graph.Graph
	dir   *store.Directory
	past  *pasts
	plan  *Plan
	data  map[string]any // policy's `config`
	book  *book

	teamed  sync.Once
	teamsBy map[string][]string // by person:<id>, the teams that the person is in

	waivers func() ([]record.Waiver, error) // of the snapshot, see readWaivers
}

// book is data.catalog of one version of the catalogue, as values and as policy
// reads it.
type book struct {
	values map[string]any
	byID   map[string]map[string]map[string]any // kind → id → fields, of records with an id of the kind
	mu     sync.Mutex                           // guards pol and done
	pol    *engine.Policy
	done   *engine.Catalog
}

// derived remembers what is derived of parts of snapshots by the content of
// these parts: from one commit to the next nearly all of it stays the same.
type derived struct {
	graphs *memo.Memo[*graph.Graph]
	books  *memo.Memo[*book]
	pages  *memo.Memo[*page] // of one directory of changes or incidents
	some   *memo.Memo[*page] // of a few records of one

	waivers *memo.Memo[[]record.Waiver]
}

func newDerived() derived {
	return derived{memo.New[*graph.Graph](16), memo.New[*book](16), memo.New[*page](1 << 10), memo.New[*page](1 << 12), memo.New[[]record.Waiver](16)}
}

// maxBases bounds the snapshots a Judge remembers as a whole. More than a few
// are never in use at once.
const maxBases = 16

func (j *Judge) base(s *store.Store) (*base, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if b := j.bases[s]; b != nil {
		return b, nil
	}
	b := &base{store: s, valid: j.Validator}
	var err error
	if b.graph, err = j.derived.graphs.Get(s.Key("service", "asset"), func() (*graph.Graph, error) { return graph.FromStore(s) }); err != nil {
		return nil, err
	}
	if b.dir, err = s.Directory(); err != nil {
		return nil, err
	}
	b.waivers = func() ([]record.Waiver, error) { return j.derived.waivers.Get(s.Key("waiver"), b.readWaivers) }
	b.past = &pasts{make: func() (*past, error) { return j.history(s) }}
	p, err := s.Policy()
	if err != nil {
		return nil, err
	}
	b.data, _ = record.Value(p.Data, "config").(map[string]any)
	if b.book, err = j.derived.books.Get(s.Key("service", "asset", "team", "person"), func() (*book, error) { return newBook(s, b.dir) }); err != nil {
		return nil, err
	}
	if b.plan, err = newPlan(s, b); err != nil {
		return nil, err
	}
	if len(j.bases) >= maxBases {
		clear(j.bases)
	}
	j.bases[s] = b
	return b, nil
}

// Forget drops what was remembered of a snapshot; an audit calls it once a
// base is behind it.
func (j *Judge) Forget(s *store.Store) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.bases, s)
}

// newBook collects data.catalog: what policies may look up. People appear by
// id, name and whether they are active; nothing else of them is policy's.
func newBook(s *store.Store, dir *store.Directory) (*book, error) {
	values, found := map[string]any{}, map[string]map[string]map[string]any{}
	for _, kind := range []string{"service", "asset", "team"} {
		recs, err := s.List(kind)
		if err != nil {
			return nil, err
		}
		byID := map[string]any{}
		found[kind] = map[string]map[string]any{}
		for _, r := range recs {
			byID[r.ID] = r.Fields
			if _, twice := found[kind][r.ID]; !twice && record.CheckID(r.Kind, r.ID) == nil {
				found[kind][r.ID] = r.Fields
			}
		}
		values[kind+"s"] = byID
	}
	people := map[string]any{}
	for id, p := range dir.People {
		people[id] = map[string]any{"id": id, "name": p.Name, "active": p.IsActive()}
	}
	values["people"] = people
	return &book{values: values, byID: found}, nil
}

func (b *base) catalog(p *engine.Policy) *engine.Catalog {
	b.book.mu.Lock()
	defer b.book.mu.Unlock()
	if b.book.pol != p {
		b.book.pol, b.book.done = p, p.NewCatalog(b.book.values)
	}
	return b.book.done
}

// immaterial returns the fields of a kind that policy data calls immaterial.
func (b *base) immaterial(kind string) []string {
	return record.Strs(b.data, "immaterial", kind)
}

// step is the transition policy is told of.
type step struct{ From, To, Verb string }

// transitionOf names the step. A material edit that stays in a state is
// "reschedule" (re-authorisation); any other is "edit".
func transitionOf(c Change, immaterial []string) step {
	s := step{To: c.After.State()}
	if c.Before != nil {
		s.From = c.Before.State()
	}
	s.Verb = record.VerbOf(c.Kind, c.After.Str("type"), s.From, s.To)
	if c.Before == nil {
		s.From, s.Verb = "", "new"
		return s
	}
	if s.Verb == "new" { // a record that says no state looks like none
		s.Verb = "edit"
	}
	if s.Verb == "edit" && s.From == "scheduled" && slices.ContainsFunc(record.Changed(c.Before.Fields, c.After.Fields), func(f string) bool {
		return !slices.Contains(immaterial, f)
	}) {
		s.Verb = "reschedule"
	}
	return s
}

// input builds what policy sees, from the base's snapshot alone but for the
// record itself. Lists are sorted, so that equal facts give equal bytes.
func (b *base) input(f *Facts, c Change, s step) (map[string]any, *surroundings, error) {
	in, impact := b.immediate(f, c, s)
	near := &surroundings{impact: impact}
	var err error
	if near.conflicts, err = b.plan.Conflicts(c.After, f.Now); err != nil {
		return nil, nil, err
	}
	if in["windows"], err = b.plan.windows(c.After, period.At(f.Now)); err != nil {
		return nil, nil, err
	}
	in["conflicts"] = conflictsInput(near.conflicts)
	past, err := b.past.get()
	if err != nil {
		return nil, nil, err
	}
	services := affected(c)
	in["history"] = b.history(past, c.After, services, period.At(f.Now))
	if in["incidents"], err = past.incidents(services); err != nil {
		return nil, nil, err
	}
	if err := b.cited(in, c); err != nil {
		return nil, nil, err
	}
	model, err := b.modelOf(c.After)
	if err != nil {
		return nil, nil, err
	}
	if model != nil {
		if in["model"], err = b.modelInput(model, c.After, past, period.At(f.Now)); err != nil {
			return nil, nil, err
		}
	}
	return in, near, nil
}

// lazyInput builds the same, but for what takes reading every change: that is
// read when policy asks for it.
func (b *base) lazyInput(f *Facts, c Change, s step) (map[string]any, error) {
	in, _ := b.immediate(f, c, s)
	clock := cmp.Or(f.clock, period.At(f.Now))
	services := affected(c)
	if err := b.cited(in, c); err != nil {
		return nil, err
	}
	model, err := b.modelOf(c.After)
	if err != nil {
		return nil, err
	}
	later := func(make func(*past) (any, error)) engine.Lazy {
		return func() (any, error) {
			past, err := b.past.get()
			if err != nil {
				return nil, err
			}
			return make(past)
		}
	}
	in["history"] = later(func(p *past) (any, error) { return b.history(p, c.After, services, clock), nil })
	in["incidents"] = later(func(p *past) (any, error) { return p.incidents(services) })
	in["windows"] = engine.Lazy(func() (any, error) { return b.plan.windows(c.After, clock) })
	in["conflicts"] = engine.Lazy(func() (any, error) {
		found, err := b.plan.conflicts(c.After, clock)
		return conflictsInput(found), err
	})
	if model != nil {
		in["model"] = later(func(p *past) (any, error) { return b.modelInput(model, c.After, p, clock) })
	}
	return in, nil
}

// affected are the services that a record names or is.
func affected(c Change) []string {
	services := c.After.Strs("services")
	if c.Kind.Name == "service" || c.Kind.Name == "asset" {
		services = append(services, c.ID)
	}
	return services
}

// immediate is what policy sees but for what happened before.
func (b *base) immediate(f *Facts, c Change, s step) (map[string]any, []graph.Impact) {
	services, assets := affected(c), c.After.Strs("assets")
	impact := b.graph.Impact(slices.Concat(services, assets)...)
	resolved := b.resolve("service", services, "id", "title", "owner", "tier", "state", "environments", "data_classification")
	touched := b.resolve("asset", assets, "id", "title", "type", "owner", "environment", "state")
	in := map[string]any{
		"now":        f.Now.UTC().Format(time.RFC3339),
		"record":     c.After.Fields,
		"transition": map[string]any{"from": s.From, "to": s.To, "verb": s.Verb},
		"actor":      map[string]any{"id": f.Actor.ID, "known": f.Actor.Known},
		"services":   resolved,
		"assets":     touched,
		"impact":     impactInput(impact),
		"files":      filesInput(f),
	}
	if c.Before != nil {
		in["before"] = c.Before.Fields
	}
	return in, impact
}

// resolve looks ids up in the base's catalogue; what is not there, cannot be
// read, or is nothing that its field may say, is left out and the policy sees
// that it is missing: a tier that is a text would be less than none.
func (b *base) resolve(kind string, ids []string, fields ...string) []any {
	out := []any{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		rec, ok := b.book.byID[kind][id]
		if !ok {
			continue
		}
		m := map[string]any{}
		for _, f := range fields {
			if v, ok := rec[f]; ok && b.valid.Conforms(kind, f, v) {
				m[f] = v
			}
		}
		out = append(out, m)
	}
	return out
}

func impactInput(impact []graph.Impact) []any {
	out := []any{}
	for _, i := range impact {
		m := map[string]any{"id": i.ID, "kind": i.Kind, "depth": i.Depth, "via": i.Via}
		if i.Tier >= 0 {
			m["tier"] = i.Tier
		}
		out = append(out, m)
	}
	return out
}

func filesInput(f *Facts) []any {
	type row struct{ path, status string }
	var rows []row
	for _, c := range f.Changes {
		status := "modified"
		switch {
		case c.Before == nil:
			status = "added"
		case c.After == nil && len(c.Broken) == 0:
			status = "deleted"
		}
		rows = append(rows, row{f.Head.Display(c.Path), status})
	}
	for _, x := range f.Files {
		rows = append(rows, row{x.Path, x.Status})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.path, b.path) })
	out := []any{}
	for _, r := range rows {
		out = append(out, map[string]any{"path": r.path, "status": r.status})
	}
	return out
}

// place is where a rule is written, for people.
func place(file string, line int) string {
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", file, line)
}
