package decision

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// past is what a snapshot knows of earlier changes and of incidents. It is kept
// by directory: from one commit to the next nearly all of them are the same.
type past struct {
	chapters []*chapter
	open     []*record.Record // incidents that are not over
}

// chapter is how the changes of one directory ended, by service:<id> and
// team:<id>.
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

// history reads how earlier changes ended, and which incidents are not over, in
// the snapshot that judges.
func (j *Judge) history(s *store.Store) (*past, error) {
	out := &past{}
	changes, err := s.Parts("change")
	if err != nil {
		return nil, err
	}
	for _, p := range changes {
		c, err := j.derived.chapters.Get(p.Key, func() (*chapter, error) { return chapterOf(p.Records), nil })
		if err != nil {
			return nil, err
		}
		out.chapters = append(out.chapters, c)
	}
	incidents, err := s.Parts("incident")
	if err != nil {
		return nil, err
	}
	for _, p := range incidents {
		open, err := j.derived.openings.Get(p.Key, func() ([]*record.Record, error) { return ongoing(p.Records), nil })
		if err != nil {
			return nil, err
		}
		out.open = append(out.open, open...)
	}
	return out, nil
}

// ongoing are the incidents that still impair something.
func ongoing(incidents []*record.Record) []*record.Record {
	return slices.DeleteFunc(slices.Clone(incidents), func(r *record.Record) bool {
		return !slices.Contains([]string{"open", "acknowledged"}, r.State())
	})
}

func chapterOf(changes []*record.Record) *chapter {
	out := chapter{}
	for _, c := range changes {
		outcome := c.Str("implementation", "outcome")
		if outcome == "" {
			continue
		}
		at, _ := c.Time("implementation", "finished_at")
		for _, s := range c.Strs("services") {
			out.count("service:"+s, outcome, at)
		}
		if owner := c.Str("owner"); strings.HasPrefix(owner, "team:") {
			out.count(owner, outcome, at)
		}
	}
	return &out
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

// recent is since when an ending counts as recent: policy data says for how
// many days.
func (b *base) recent(now time.Time) time.Time {
	days := int64(defaultRecent)
	if n, ok := record.Value(b.data, "history", "recent_days").(json.Number); ok {
		if d, err := n.Int64(); err == nil && d > 0 {
			days = d
		}
	}
	return now.AddDate(0, 0, -int(min(days, 100_000)))
}

// history is how earlier changes to the same services, and by the same team,
// ended; what nobody has changed yet has a row of zeros.
func (b *base) history(rec *record.Record, services []string, now time.Time) []any {
	keys := []string{}
	for _, s := range services {
		keys = append(keys, "service:"+s)
	}
	if owner := rec.Str("owner"); strings.HasPrefix(owner, "team:") {
		keys = append(keys, owner)
	}
	since := b.recent(now)
	out := []any{}
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		var sum tally
		recent, bad := 0, 0
		for _, c := range b.past.chapters {
			t := (*c)[key]
			if t == nil {
				continue
			}
			sum.total, sum.successful = sum.total+t.total, sum.successful+t.successful
			sum.failed, sum.backedOut = sum.failed+t.failed, sum.backedOut+t.backedOut
			for _, e := range t.ends {
				if e.at.After(since) && !e.at.After(now) {
					recent++
					if e.bad {
						bad++
					}
				}
			}
		}
		kind, id, _ := strings.Cut(key, ":")
		out = append(out, map[string]any{"kind": kind, "id": id, "total": sum.total, "successful": sum.successful, "failed": sum.failed,
			"backed_out": sum.backedOut, "recent_total": recent, "recent_failed": bad})
	}
	return out
}

// incidents are those that impair the services of a record.
func (b *base) incidents(services []string) []any {
	out := []any{}
	for _, r := range b.past.open {
		hit := slices.DeleteFunc(r.Strs("services"), func(s string) bool { return !slices.Contains(services, s) })
		if len(hit) == 0 {
			continue
		}
		out = append(out, map[string]any{"id": r.ID, "title": r.Title(), "state": r.State(), "services": anys(slices.Sorted(slices.Values(hit)))})
	}
	slices.SortFunc(out, func(x, y any) int {
		return strings.Compare(record.Str(x.(map[string]any), "id"), record.Str(y.(map[string]any), "id"))
	})
	return out
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
