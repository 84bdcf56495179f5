package decision

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Candidate is work that was done well by the same steps so often that it could
// be authorised in advance.
type Candidate struct {
	Title        string         `json:"title"`    // of its latest run
	Tiers        []int          `json:"tiers"`    // of the services, sorted; -1 is unknown
	Services     []string       `json:"services"` // of all clean runs, sorted; so are the others
	Assets       []string       `json:"assets"`
	Environments []string       `json:"environments"`
	Owners       []string       `json:"owners"`
	Runs         int            `json:"runs"`    // that ended, well or not
	Clean        []Run          `json:"clean"`   // the latest, all of them good, oldest first
	Bad          []Failure      `json:"bad"`     // what went wrong before those, oldest first
	Locked       map[string]any `json:"locked"`  // fields that were the same in all clean runs
	Differs      []string       `json:"differs"` // dotted names of those that were not
}

// Run is one time that work was done.
type Run struct {
	Change   string    `json:"change"`
	Finished time.Time `json:"finished_at"`
}

// Candidates finds what the normal changes of a snapshot that has landed show to
// be routine: at least so many runs in a row that were successful and caused no
// incident. Steps are the same where their words are, whatever their spacing and
// letter case. What a model in force allows is no candidate any more.
func (j *Judge) Candidates(s *store.Store, least int, now time.Time) ([]Candidate, error) {
	b, err := j.base(s)
	if err != nil {
		return nil, err
	}
	changes, err := s.List("change")
	if err != nil {
		return nil, err
	}
	caused, err := causes(s)
	if err != nil {
		return nil, err
	}
	groups := map[string][]*record.Record{}
	for _, c := range changes {
		if key := b.routine(c); key != "" {
			groups[key] = append(groups[key], c)
		}
	}
	out := []Candidate{}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		c, clean := b.candidate(groups[key], caused)
		if len(clean) < least {
			continue
		}
		modelled, err := j.modelled(s, clean[len(clean)-1], now)
		if err != nil {
			return nil, err
		}
		if !modelled {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(len(b.Clean), len(a.Clean)), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Clean[0].Change, b.Clean[0].Change))
	})
	return out, nil
}

// causes are the incidents of a snapshot by the change that caused them.
func causes(s *store.Store) (map[string][]*record.Record, error) {
	incidents, err := s.List("incident")
	if err != nil {
		return nil, err
	}
	out := map[string][]*record.Record{}
	for _, i := range incidents {
		if c := i.Str("caused_by"); c != "" {
			out[c] = append(out[c], i)
		}
	}
	return out, nil
}

// routine is what changes share that are the same work on services of the same
// class; "" where one says nothing, or is no normal change that ended.
func (b *base) routine(c *record.Record) string {
	steps, back := c.Str("plan", "implement"), c.Str("plan", "backout")
	if c.Str("type") != "normal" || c.Str("implementation", "outcome") == "" || record.Placeholder(steps) || record.Placeholder(back) {
		return ""
	}
	key, _ := json.Marshal([]any{words(steps), words(back), c.Str("environment"), b.tiers(c)})
	return string(key)
}

func words(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// tiers are those of the services of a change, each once; -1 is unknown.
func (b *base) tiers(c *record.Record) []int {
	out := []int{}
	for _, id := range c.Strs("services") {
		tier, ok := b.tier(id)
		if !ok {
			tier = -1
		}
		out = append(out, tier)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// candidate describes changes of one routine, with those of its latest runs that
// were good.
func (b *base) candidate(group []*record.Record, caused map[string][]*record.Record) (Candidate, []*record.Record) {
	slices.SortStableFunc(group, func(x, y *record.Record) int { return cmp.Or(ended(x).Compare(ended(y)), cmp.Compare(x.ID, y.ID)) })
	out := Candidate{Tiers: b.tiers(group[0]), Runs: len(group), Bad: []Failure{}}
	var clean []*record.Record
	for _, c := range group {
		if bad := wrong(c, caused[c.ID]); len(bad) > 0 {
			out.Bad, clean = append(out.Bad, bad...), nil
			continue
		}
		clean = append(clean, c)
	}
	if len(clean) == 0 {
		return out, nil
	}
	out.Title = clean[len(clean)-1].Title()
	for _, c := range clean {
		out.Clean = append(out.Clean, Run{Change: c.ID, Finished: ended(c).UTC()})
	}
	all := func(field string) []string {
		out := []string{}
		for _, c := range clean {
			out = append(append(out, c.Strs(field)...), c.Str(field))
		}
		slices.Sort(out)
		return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
	}
	out.Services, out.Assets, out.Environments, out.Owners = all("services"), all("assets"), all("environment"), all("owner")
	out.Locked, out.Differs = shared(clean)
	return out, clean
}

func ended(c *record.Record) time.Time {
	at, _ := c.Time("implementation", "finished_at")
	return at
}

// wrong is what speaks against a run: any outcome but the best, and incidents.
func wrong(c *record.Record, incidents []*record.Record) []Failure {
	var out []Failure
	if outcome := c.Str("implementation", "outcome"); outcome != "successful" {
		out = append(out, Failure{Change: c.ID, Why: outcome, At: ended(c).UTC()})
	}
	for _, i := range incidents {
		at, _ := i.Time("detected_at")
		out = append(out, Failure{Change: c.ID, Why: "caused " + i.ID, At: at.UTC()})
	}
	return out
}

// shared parts the fields that a model could lock into those that are the same
// in all records, as a record has them, and the names of the others.
func shared(recs []*record.Record) (same map[string]any, differs []string) {
	same, differs = map[string]any{}, []string{}
	names := map[string]bool{}
	for _, r := range recs {
		for _, name := range leafNames("", r.Fields) {
			if !slices.ContainsFunc(free, func(f string) bool { return name == f || strings.HasPrefix(name, f+".") }) {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		path := strings.Split(name, ".")
		first := record.Value(recs[0].Fields, path...)
		if slices.ContainsFunc(recs, func(r *record.Record) bool { return !reflect.DeepEqual(record.Value(r.Fields, path...), first) }) {
			differs = append(differs, name)
			continue
		}
		put(same, path, first)
	}
	return same, differs
}

func put(into map[string]any, path []string, v any) {
	for _, key := range path[:len(path)-1] {
		next, ok := into[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[key] = next
		}
		into = next
	}
	into[path[len(path)-1]] = v
}

// modelled reports whether a model in force allows a change.
func (j *Judge) modelled(s *store.Store, c *record.Record, now time.Time) (bool, error) {
	models, err := s.List("model")
	if err != nil {
		return false, err
	}
	for _, m := range models {
		if m.Str("use") != "change" {
			continue
		}
		out, err := j.Outside(s, m, c, now)
		if err != nil {
			return false, err
		}
		if len(out) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// Leaves lists the leaves of fields as names joined by dots, sorted.
func Leaves(fields map[string]any) []string { return leafNames("", fields) }
