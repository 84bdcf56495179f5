package decision

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Standing is how a model of standard changes stands at a moment.
type Standing struct {
	InForce   bool      `json:"in_force"`
	Status    string    `json:"standing"`  // in a few words: in force, retired, expired at …, suspended: …
	WhyNot    []string  `json:"why_not"`   // empty where it is in force
	Suspended []Failure `json:"suspended"` // what suspends it, oldest first
}

// Failure is what went wrong with a change that was made from a model.
type Failure struct {
	Change string    `json:"change"`
	Why    string    `json:"why"` // failed, backed-out, caused INC-…
	At     time.Time `json:"at"`  // when it ended, or the incident was noticed; zero where nothing says
}

// uses is what the changes and incidents of one directory say of models.
type uses struct {
	made   map[string]string    // change → model
	failed map[string][]Failure // by change, with or without a model
}

func newUses() *uses { return &uses{map[string]string{}, map[string][]Failure{}} }

func (u *uses) add(rec *record.Record) {
	switch rec.Kind.Name {
	case "change":
		model, outcome := rec.Str("model"), rec.Str("implementation", "outcome")
		if model == "" {
			return
		}
		u.made[rec.ID] = model
		if outcome == "failed" || outcome == "backed-out" {
			at, _ := rec.Time("implementation", "finished_at")
			u.failed[rec.ID] = append(u.failed[rec.ID], Failure{Change: rec.ID, Why: outcome, At: at})
		}
	case "incident":
		if f, ok := causing(rec); ok {
			u.failed[f.Change] = append(u.failed[f.Change], f)
		}
	}
}

// failures are what went wrong with changes made from a model, oldest first.
func (p *past) failures(model string) []Failure {
	var out []Failure
	for _, page := range p.pages {
		for change, of := range page.uses.made {
			if of != model {
				continue
			}
			for _, any := range p.pages {
				out = append(out, any.uses.failed[change]...)
			}
		}
	}
	slices.SortFunc(out, func(a, b Failure) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Change, b.Change), cmp.Compare(a.Why, b.Why))
	})
	return out
}

// Standing says whether a model can be used, by a snapshot that has landed.
func (j *Judge) Standing(s *store.Store, model *record.Record, now time.Time) (Standing, error) {
	b, err := j.base(s)
	if err != nil {
		return Standing{}, err
	}
	past, err := b.past.get()
	if err != nil {
		return Standing{}, err
	}
	return b.standing(model, past, period.At(now))
}

// Outside says why a change is not one that its model allows, by a snapshot that
// has landed; it is empty where it is.
func (j *Judge) Outside(s *store.Store, model, change *record.Record, now time.Time) ([]string, error) {
	st, err := j.Standing(s, model, now)
	if err != nil {
		return nil, err
	}
	b, err := j.base(s)
	if err != nil {
		return nil, err
	}
	out := st.WhyNot
	for _, d := range Differences(model, change, b.tier) {
		out = append(out, d.Msg)
	}
	return out, nil
}

// modelOf is the model a record names, as main has it; nil where it names none
// or there is none that can be read.
func (b *base) modelOf(rec *record.Record) (*record.Record, error) {
	id := rec.Str("model")
	if id == "" || (rec.Kind.Name != "change" && rec.Kind.Name != "request") {
		return nil, nil
	}
	m, err := b.store.Get("model", id)
	var broken *store.InvalidError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &broken) {
		return nil, nil
	}
	return m, err
}

func (b *base) standing(m *record.Record, past *past, clock *period.Clock) (Standing, error) {
	out := Standing{WhyNot: []string{}, Suspended: []Failure{}}
	found, err := b.valid.Schema(b.store, m)
	if err != nil {
		return out, err
	}
	no := func(format string, args ...any) { out.WhyNot = append(out.WhyNot, fmt.Sprintf(format, args...)) }
	be := func(format string, args ...any) { out.Status = cmp.Or(out.Status, fmt.Sprintf(format, args...)) }
	for _, f := range found {
		if f.Severity == finding.Error {
			no("it is not valid: %s (%s)", f.Message, f.Code)
			be("not valid: %s", f.Code)
			break
		}
	}
	if m.State() != "active" || m.Str("use") != "change" {
		no("it is no active model of changes")
	}
	if m.State() != "active" {
		be("%s", m.State())
	}
	now := clock.Now()
	for _, bound := range []string{"valid_from", "expires", "approved_at"} {
		if t, ok := m.Time(bound); ok {
			clock.Meet(t)
		}
	}
	if from, ok := m.Time("valid_from"); ok && now.Before(from) {
		no("it may be used only from %s on", utc(from))
		be("from %s on", utc(from))
	}
	if to, ok := m.Time("expires"); ok && !now.Before(to) {
		no("it expired at %s", utc(to))
		be("expired at %s", utc(to))
	}
	approved, ok := m.Time("approved_at")
	if ok && now.Before(approved) {
		no("its approved_at, %s, lies in the future", utc(approved))
		be("unapproved until %s", utc(approved))
		ok = false
	}
	if !ok {
		approved = time.Time{}
	}
	for _, f := range past.failures(m.ID) {
		if f.since(approved) {
			out.Suspended = append(out.Suspended, f)
		}
	}
	if n := len(out.Suspended); n > 0 {
		no("it is suspended: %s", out.Suspended[n-1])
		be("suspended: %s", out.Suspended[n-1])
	}
	be("in force")
	out.InForce = len(out.WhyNot) == 0
	return out, nil
}

func (f Failure) String() string {
	what := fmt.Sprintf("%s %s", f.Change, f.Why)
	if f.Why == "backed-out" {
		what = f.Change + " was backed out"
	}
	if f.At.IsZero() {
		return what + ", and nothing says when"
	}
	return what + " at " + utc(f.At)
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// modelInput is input.model.
func (b *base) modelInput(m, rec *record.Record, past *past, clock *period.Clock) (map[string]any, error) {
	st, err := b.standing(m, past, clock)
	if err != nil {
		return nil, err
	}
	in := map[string]any{"id": m.ID, "title": m.Title(), "state": m.State(), "use": m.Str("use"), "owner": m.Str("owner"),
		"in_force": st.InForce, "why_not": anys(st.WhyNot), "open": anys(slices.Sorted(slices.Values(m.Strs("open"))))}
	for _, part := range []string{"locked", "defaults"} {
		fields, _ := m.Fields[part].(map[string]any)
		in[part] = anys(leafNames("", fields))
	}
	for _, at := range []string{"approved_at", "valid_from", "expires"} {
		if text := m.Str(at); text != "" {
			in[at] = text
		}
	}
	suspended, differs := []any{}, []any{}
	for _, f := range st.Suspended {
		row := map[string]any{"change": f.Change, "why": f.Why}
		if !f.At.IsZero() {
			row["at"] = utc(f.At)
		}
		suspended = append(suspended, row)
	}
	if rec.Kind.Name == "change" {
		for _, d := range Differences(m, rec, b.tier) {
			differs = append(differs, map[string]any{"field": d.Field, "path": d.Path, "msg": d.Msg, "locked": d.Locked, "want": d.Want})
		}
	}
	in["suspended"], in["differs"], in["approvals"] = suspended, differs, modelApprovals(m)
	return in, nil
}

// tier is that of a service in the catalogue, if it says one.
func (b *base) tier(service string) (int, bool) {
	n, ok := b.book.byID["service"][service]["tier"].(json.Number)
	if !ok || !b.valid.Conforms("service", "tier", n) {
		return 0, false
	}
	tier, err := n.Int64()
	return int(tier), err == nil
}

func modelApprovals(m *record.Record) []any {
	out := []any{}
	list, _ := m.Fields["approvals"].([]any)
	for _, e := range list {
		one, _ := e.(map[string]any)
		from, _ := one["from"].([]any)
		count := one["count"]
		if count == nil {
			count = json.Number("1")
		}
		out = append(out, map[string]any{"from": from, "count": count})
	}
	return out
}

// Difference is one thing in which a change is not what its model allows.
type Difference struct {
	Field  string // dotted name
	Path   string // JSON pointer into the change
	Msg    string
	Locked bool   // the model locks the field
	Want   string // what a locked text has to be, "" for anything but a text
}

// free are the fields that a change made from a model may always fill in, with
// those that say what it is; services, assets and environment are for the
// scope to limit.
var free = []string{"apiVersion", "kind", "id", "type", "state", "requester", "owner", "services", "assets", "environment", "model",
	"title", "window", "links", "artifacts", "implementation", "review", "corrections"}

// Differences says in what a change is not what its model allows: locked fields
// that differ, fields that are not left open, things that are out of scope.
// tier looks up a service.
func Differences(m, c *record.Record, tier func(service string) (int, bool)) []Difference {
	locked, _ := m.Fields["locked"].(map[string]any)
	defaults, _ := m.Fields["defaults"].(map[string]any)
	out := unequal(nil, locked, c.Fields)
	open := slices.Concat(free, m.Strs("open"), leafNames("", locked), leafNames("", defaults))
	for _, name := range leafNames("", c.Fields) {
		if !slices.ContainsFunc(open, func(o string) bool { return name == o || strings.HasPrefix(name, o+".") }) {
			out = append(out, Difference{Field: name, Path: yamldoc.Pointer(strings.Split(name, ".")...), Msg: name + " is not left open"})
		}
	}
	return append(out, beyondScope(m, c, tier)...)
}

// unequal lists the leaves of what a model locks that a change has otherwise.
func unequal(path []string, locked, fields map[string]any) []Difference {
	var out []Difference
	for _, k := range slices.Sorted(maps.Keys(locked)) {
		at := append(path[:len(path):len(path)], k)
		if sub, ok := locked[k].(map[string]any); ok {
			have, _ := fields[k].(map[string]any)
			out = append(out, unequal(at, sub, have)...)
			continue
		}
		if !reflect.DeepEqual(locked[k], fields[k]) {
			want, _ := locked[k].(string)
			name := strings.Join(at, ".")
			out = append(out, Difference{Field: name, Path: yamldoc.Pointer(at...), Msg: name + " differs from what it locks", Locked: true, Want: want})
		}
	}
	return out
}

// beyondScope lists what a change touches that its model is not for.
func beyondScope(m, c *record.Record, tier func(service string) (int, bool)) []Difference {
	var model record.Model
	if err := m.Decode(&model); err != nil {
		return []Difference{{Field: "model", Path: "/model", Msg: fmt.Sprintf("its scope cannot be read: %v", err)}}
	}
	scope := model.Scope
	var out []Difference
	for i, id := range c.Strs("services") {
		t, known := tier(id)
		if !scope.All && !slices.Contains(scope.Services, id) && !(known && slices.Contains(scope.Tiers, t)) {
			out = append(out, Difference{Field: "services", Path: fmt.Sprintf("/services/%d", i), Msg: "service " + id + " is not in its scope"})
		}
	}
	for i, id := range c.Strs("assets") {
		if !scope.All && !slices.Contains(scope.Assets, id) {
			out = append(out, Difference{Field: "assets", Path: fmt.Sprintf("/assets/%d", i), Msg: "asset " + id + " is not in its scope"})
		}
	}
	if env := c.Str("environment"); len(scope.Environments) > 0 && !slices.Contains(scope.Environments, env) {
		out = append(out, Difference{Field: "environment", Path: "/environment", Msg: "environment " + cmp.Or(env, "unknown") + " is not in its scope"})
	}
	return out
}

// leafNames lists the leaves of fields as names joined by dots, sorted.
func leafNames(prefix string, fields map[string]any) []string {
	var out []string
	for k, v := range fields {
		if m, ok := v.(map[string]any); ok {
			out = append(out, leafNames(prefix+k+".", m)...)
			continue
		}
		out = append(out, prefix+k)
	}
	slices.Sort(out)
	return out
}
