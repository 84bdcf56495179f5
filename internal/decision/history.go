package decision

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// past is what a snapshot knows of other changes and of incidents. It is kept
// by directory: from one commit to the next nearly all of them are the same.
type past struct {
	store *store.Store // that the pages are of
	pages []*page
}

// pasts makes a past when it is first asked for: that takes reading every
// change, and nobody asks who judges none.
type pasts struct {
	once sync.Once
	make func() (*past, error)
	past *past
	err  error
}

func (p *pasts) get() (*past, error) {
	p.once.Do(func() { p.past, p.err = p.make() })
	return p.past, p.err
}

// set gives the past instead of making it, unless that was done.
func (p *pasts) set(known *past) {
	p.once.Do(func() { p.past = known })
}

// survey collects a past from records that somebody else reads, in any order
// and from several goroutines.
type survey struct {
	mu   sync.Mutex
	page *page

	glances sync.Pool // of *yamldoc.Glance
}

func newSurvey() *survey {
	return &survey{page: newPage(), glances: sync.Pool{New: func() any { return &yamldoc.Glance{} }}}
}

func (s *survey) see(rec *record.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page.see(rec)
}

func (s *survey) past() *past { return &past{pages: []*page{s.page}} }

// glimpse is shown a file before it is parsed, and reports whether that was
// enough: because see takes no notice of what it holds, or because what it does
// take notice of was told without parsing. Of changes that ended it is not, since
// they are parsed once anyway, while others wait to be judged until all were seen.
func (s *survey) glimpse(sp store.Spot, src []byte) bool {
	if !matters(sp.Kind, src) {
		return true
	}
	if sp.Kind.Name != "change" || !bytes.Contains(src, []byte("\nstate: scheduled\n")) && !bytes.Contains(src, []byte("\nstate: implementing\n")) {
		return false
	}
	file := s.glances.Get().(*yamldoc.Glance)
	defer s.glances.Put(file)
	if !file.Look(src) {
		return false
	}
	rec := &record.Record{Kind: sp.Kind, ID: sp.ID, Path: sp.Path, Fields: gist(sp.Kind, file)}
	if !takesTime(rec) {
		return false
	}
	s.see(rec)
	return true
}

// matters reports whether a file can be one that see takes notice of: of
// changes, those that ended, take up time or were made from a model. A name is
// written as it is read, but for escapes in a quoted key.
func matters(k *record.Kind, src []byte) bool {
	if k.Name != "change" {
		return true
	}
	for _, word := range []string{"outcome", "scheduled", "implementing", "model"} {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return bytes.IndexByte(src, '\\') >= 0
}

// chapter is how the changes of one directory ended, by service:<id> and
// team:<id>. Where the owner is no team it is by that owner, if there is one, a
// space and the services: whose team's they are is for the snapshot that judges
// to say.
type chapter map[string]*tally

// tally counts how earlier changes of a service or team ended.
type tally struct {
	total, successful, failed, backedOut int
	ends                                 []end
}

// end is how a change ended.
type end struct {
	at  time.Time
	bad bool
}

// history reads how earlier changes ended, which take up time, and which
// incidents are not over, in the snapshot that judges. Directories that were
// seen before are not read again.
func (j *Judge) history(s *store.Store) (*past, error) {
	out, making := &past{store: s}, paging
	making.Some = j.derived.some
	for _, kind := range []string{"change", "incident"} {
		parts, err := s.Parts(kind)
		if err != nil {
			return nil, err
		}
		known := make([]*page, len(parts))
		var unknown []store.Part
		var at []int
		for i, part := range parts {
			if p, ok := j.derived.pages.Lookup(part.Key); ok {
				known[i] = p
				continue
			}
			unknown, at = append(unknown, part), append(at, i)
		}
		pages, err := store.Derive(unknown, making)
		if err != nil {
			return nil, err
		}
		for i, p := range pages {
			if known[at[i]], err = j.derived.pages.Get(unknown[i].Key, func() (*page, error) { return p, nil }); err != nil {
				return nil, err
			}
		}
		out.pages = append(out.pages, known...)
	}
	return out, nil
}

func impairs(incident *record.Record) bool {
	return slices.Contains([]string{"open", "acknowledged"}, incident.State())
}

// add counts a change, if it has ended.
func (c chapter) add(change *record.Record) {
	outcome := change.Str("implementation", "outcome")
	if outcome == "" {
		return
	}
	at, _ := change.Time("implementation", "finished_at")
	services := slices.Compact(slices.Sorted(slices.Values(change.Strs("services"))))
	for _, s := range services {
		c.count("service:"+s, outcome, at)
	}
	owner := change.Str("owner")
	if strings.HasPrefix(owner, "team:") {
		c.count(owner, outcome, at)
		return
	}
	c.count(owner+" "+strings.Join(services, " "), outcome, at)
}

// nobodys is the key of the changes that ended and that no team can be found for.
const nobodys = "no-team:"

// of are the tallies of a service or a team. Changes without a team of their own
// count for those that teams finds, or else are nobody's.
func (c chapter) of(key string, teams func(owner string, services []string) []string) []*tally {
	var out []*tally
	if t := c[key]; t != nil {
		out = append(out, t)
	}
	if !strings.HasPrefix(key, "team:") && key != nobodys {
		return out
	}
	for k, t := range c {
		owner, services, loose := strings.Cut(k, " ")
		if !loose {
			continue
		}
		if found := teams(owner, strings.Fields(services)); slices.Contains(found, key) || key == nobodys && len(found) == 0 {
			out = append(out, t)
		}
	}
	return out
}

func (c chapter) count(key, outcome string, at time.Time) {
	t := c[key]
	if t == nil {
		t = &tally{}
		c[key] = t
	}
	t.total++
	bad := false
	switch outcome {
	case "successful", "successful-with-issues":
		t.successful++
	case "backed-out":
		t.backedOut, bad = t.backedOut+1, true
	default:
		t.failed, bad = t.failed+1, true
	}
	t.ends = append(t.ends, end{at, bad})
}

// defaultRecent is how many days count as recent where policy data does not say.
const defaultRecent = 90

// recent is for how many days an ending counts as recent: policy data says so.
func (b *base) recent() int {
	days := int64(defaultRecent)
	if n, ok := record.Value(b.data, "history", "recent_days").(json.Number); ok {
		if d, err := n.Int64(); err == nil && d > 0 {
			days = d
		}
	}
	return int(min(days, 100_000))
}

// teams are those whose record a change has: of its owner or, where that names
// no team, of the owners of its services. None means that nobody can tell.
func (b *base) teams(owner string, services []string) []string {
	if of := b.teamsOf(owner); len(of) > 0 {
		return of
	}
	var out []string
	for _, s := range services {
		owner, _ := b.book.byID["service"][s]["owner"].(string)
		out = append(out, b.teamsOf(owner)...)
	}
	return out
}

// teamsOf is a team itself, or the teams of a person.
func (b *base) teamsOf(owner string) []string {
	if strings.HasPrefix(owner, "team:") {
		return []string{owner}
	}
	b.teamed.Do(func() {
		b.teamsBy = map[string][]string{}
		for name, t := range b.dir.Teams {
			if t.Active != nil && !*t.Active {
				continue
			}
			for _, id := range slices.Compact(slices.Sorted(slices.Values(t.Members))) {
				b.teamsBy["person:"+id] = append(b.teamsBy["person:"+id], "team:"+name)
			}
		}
	})
	return b.teamsBy[owner]
}

// history is how earlier changes to the same services, and by the same teams,
// ended; what nobody has changed yet has a row of zeros. Changes that no team can
// be found for have a row too, where there are any: they may be anybody's.
func (b *base) history(past *past, rec *record.Record, services []string, clock *period.Clock) []any {
	keys := []string{}
	for _, s := range services {
		keys = append(keys, "service:"+s)
	}
	keys = append(append(keys, b.teams(rec.Str("owner"), services)...), nobodys)
	// Days are those of UTC: the zone of a machine decides nothing.
	now, days := clock.Now().UTC(), b.recent()
	since := now.AddDate(0, 0, -days)
	out := []any{}
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		var sum tally
		recent, bad := 0, 0
		for _, t := range past.tallies(key, b.teams) {
			sum.total, sum.successful = sum.total+t.total, sum.successful+t.successful
			sum.failed, sum.backedOut = sum.failed+t.failed, sum.backedOut+t.backedOut
			for _, e := range t.ends {
				clock.Meet(e.at)
				clock.Meet(e.at.UTC().AddDate(0, 0, days))
				if e.at.After(since) && !e.at.After(now) {
					recent++
					if e.bad {
						bad++
					}
				}
			}
		}
		if key == nobodys && sum.total == 0 {
			continue
		}
		kind, id, _ := strings.Cut(key, ":")
		out = append(out, map[string]any{"kind": kind, "id": id, "total": sum.total, "successful": sum.successful, "failed": sum.failed,
			"backed_out": sum.backedOut, "recent_total": recent, "recent_failed": bad})
	}
	return out
}

func (past *past) tallies(key string, teams func(owner string, services []string) []string) []*tally {
	var out []*tally
	for _, p := range past.pages {
		out = append(out, p.ends.of(key, teams)...)
	}
	return out
}

// incidents are those that impair the services of a record.
func (past *past) incidents(services []string) ([]any, error) {
	open, err := past.records(func(p *page) *shown { return &p.open })
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, r := range open {
		hit := slices.DeleteFunc(r.Strs("services"), func(s string) bool { return !slices.Contains(services, s) })
		if len(hit) == 0 {
			continue
		}
		out = append(out, map[string]any{"id": r.ID, "title": r.Title(), "state": r.State(), "services": anys(slices.Sorted(slices.Values(hit)))})
	}
	slices.SortFunc(out, func(x, y any) int {
		return strings.Compare(record.Str(x.(map[string]any), "id"), record.Str(y.(map[string]any), "id"))
	})
	return out, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
