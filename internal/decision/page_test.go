package decision

import (
	"bytes"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// TestPageKept holds that a page which was kept says what it said before, and one
// that was made of pages of some records what one of all of them says.
func TestPageKept(t *testing.T) {
	fsys := fstest.MapFS{"gitsm.yaml": {Data: []byte("apiVersion: gitsm/v1\nkind: config\n")}}
	add := func(dir, id, text string) {
		fsys[dir+"/2026/11/"+id+".yaml"] = &fstest.MapFile{Data: []byte("apiVersion: gitsm/v1\nkind: " + dir[:len(dir)-1] + "\nid: " + id + "\ntitle: Some\n" + text)}
	}
	ended := func(outcome, at string) string {
		return "type: standard\nstate: closed\nservices: [mail, shop]\nowner: team:ops\nmodel: patch\nimplementation: {outcome: " + outcome + ", finished_at: " + at + "}\n"
	}
	add("changes", "CHG-20261101-AAAAAA", ended("successful", "2026-11-02T10:00:00Z"))
	add("changes", "CHG-20261101-BBBBBB", ended("failed", "2026-11-03T10:00:00.25+02:00"))
	add("changes", "CHG-20261101-CCCCCC", ended("backed-out", ""))
	add("changes", "CHG-20261101-DDDDDD", "type: normal\nstate: scheduled\nservices: [mail]\n")
	add("changes", "CHG-20261101-EEEEEE", "type: normal\nstate: implementing\nservices: [shop]\nowner: team:ops\n")
	add("incidents", "INC-20261104-AAAAAA", "state: open\nservices: [mail]\ncaused_by: CHG-20261101-AAAAAA\ndetected_at: 2026-11-04T09:00:00-05:00\n")
	add("incidents", "INC-20261104-BBBBBB", "state: closed\nservices: [shop]\ncaused_by: CHG-20261101-AAAAAA\n")

	s, err := store.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	fresh, kept, joined := &past{store: s}, &past{store: s}, &past{store: s}
	for _, kind := range []string{"change", "incident"} {
		recs, err := s.List(kind)
		if err != nil {
			t.Fatal(err)
		}
		p := paging.Of(recs)
		data := paging.Encode(p)
		again, err := paging.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		fresh.pages, kept.pages = append(fresh.pages, p), append(kept.pages, again)
		half := len(recs) / 2
		joined.pages = append(joined.pages, paging.Join([]*page{paging.Of(recs[:half]), paging.Of(nil), paging.Of(recs[half:])}))
		for n := range data {
			if _, err := paging.Decode(data[:n]); err == nil {
				t.Errorf("%d of %d bytes are a page", n, len(data))
			}
		}
	}
	if diff := cmp.Diff(said(t, fresh), said(t, kept)); diff != "" {
		t.Errorf("(-fresh +kept):\n%s", diff)
	}
	if diff := cmp.Diff(said(t, fresh), said(t, joined)); diff != "" {
		t.Errorf("(-fresh +joined):\n%s", diff)
	}
	if all := said(t, kept); len(all.Live) != 2 || len(all.Failures) != 4 || len(all.Incidents) != 1 || len(all.History) != 3 {
		t.Errorf("%+v", all)
	}
}

// TestPageOfGists holds that a page says the same of records that were not parsed.
func TestPageOfGists(t *testing.T) {
	const ended = "implementation:\n  outcome: failed\n  finished_at: 2026-11-03T10:00:00.25+02:00\n"
	for name, tt := range map[string]struct {
		kind, text string
		brief      bool
	}{
		"closed":         {"change", "state: closed\nservices:\n  - mail\n  - shop\nowner: team:ops\nmodel: patch\n" + ended, true},
		"by a person":    {"change", "state: closed\nservices:\n  - shop\n  - mail\n  - 1\nowner: person:kim\n" + ended, true},
		"by nobody":      {"change", "state: review\nservices:\n  - shop\n" + ended, true},
		"without a list": {"change", "state: closed\nservices: shop\nowner: 12\n" + ended, true},
		"cancelled":      {"change", "state: cancelled\nservices:\n  - mail\nmodel: patch\n", true},
		"without an end": {"change", "state: closed\nservices:\n  - mail\nimplementation:\n  outcome: backed-out\n", true},
		"a long owner":   {"change", "state: closed\nowner: |-\n  team:ops\n" + ended, false},
		"not plain":      {"change", "state: closed\nservices: [mail]\n" + ended, false},
		"scheduled": {"change", "type: normal\nstate: scheduled\nrequester: kim\nowner: team:ops\nenvironment: production\nservices:\n  - mail\nassets:\n  - db-1\n" +
			"window:\n  start: 2026-11-20T10:00:00Z\n  end: 2026-11-20T11:00:00Z\n  timezone: UTC\n", true},
		"implementing": {"change", "state: implementing\nservices:\n  - mail\n  - shop\nwindow:\n  end: 2026-11-20T11:00:00Z\n" +
			"implementation:\n  implementer: kim\n  started_at: 2026-11-20T10:00:00Z\n", true},
		"of no window":      {"change", "state: scheduled\nservices:\n  - mail\nwindow: soon\n", true},
		"of no known state": {"change", "state: done\nservices:\n  - mail\n" + ended, true},
		"resolved":          {"incident", "state: resolved\ncaused_by: CHG-20261101-AAAAAA\ndetected_at: 2026-11-04T09:00:00-05:00\n", true},
		"restored":          {"incident", "state: restored\ncaused_by: CHG-20261101-AAAAAA\nstarted_at: 2026-11-04T09:00:00Z\n", true},
		"closed, by chance": {"incident", "state: closed\n", true},
		"open":              {"incident", "state: open\nservices:\n  - mail\n  - shop\ncaused_by: CHG-20261101-AAAAAA\n", true},
		"acknowledged":      {"incident", "state: acknowledged\nservices:\n  - shop\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			k, _ := record.Builtin().ByName(tt.kind)
			src := "apiVersion: gitsm/v1\nkind: " + tt.kind + "\nid: X\ntitle: Some\n" + tt.text
			doc, found := yamldoc.Parse("x.yaml", []byte(src))
			if doc == nil || len(found) > 0 {
				t.Fatal(found)
			}
			var file yamldoc.Glance
			var fields map[string]any
			if file.Look([]byte(src)) {
				fields = gist(k, &file)
			}
			if (fields != nil) != tt.brief {
				t.Fatalf("brief: %v", fields)
			}
			if fields == nil {
				return
			}
			said := func(fields map[string]any) (kept []byte, bookings []calendar.Booking, incidents []any) {
				p := paging.Of([]*record.Record{{Kind: k, ID: "X", Path: "x.yaml", Fields: fields}})
				for _, r := range p.live.recs {
					if b, ok := calendar.BookingOf(r, time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC)); ok {
						bookings = append(bookings, b)
					}
				}
				incidents, err := (&past{pages: []*page{p}}).incidents([]string{"mail", "shop"})
				if err != nil {
					t.Fatal(err)
				}
				return paging.Encode(p), bookings, incidents
			}
			kept, bookings, incidents := said(doc.Value())
			shown := newSurvey()
			if shown.glimpse(store.Spot{Kind: k, ID: "X", Path: "x.yaml"}, []byte(src)) && !bytes.Equal(kept, paging.Encode(shown.page)) {
				t.Errorf("parsed it is\n%q, at a glimpse\n%q", kept, paging.Encode(shown.page))
			}
			brief, briefly, impairing := said(fields)
			if !bytes.Equal(kept, brief) {
				t.Errorf("parsed it is\n%q, briefly\n%q", kept, brief)
			}
			if diff := cmp.Diff(bookings, briefly) + cmp.Diff(incidents, impairing); diff != "" {
				t.Errorf("(-parsed +briefly):\n%s", diff)
			}
		})
	}
}

// everything is what a past is asked.
type everything struct {
	History, Incidents []any
	Live               []string
	Failures           []Failure
}

func said(t *testing.T, p *past) everything {
	t.Helper()
	k, _ := record.Builtin().ByName("change")
	rec := &record.Record{Kind: k, Fields: map[string]any{"owner": "team:ops"}}
	b := &base{data: map[string]any{}, book: &book{}, dir: &store.Directory{}}
	out := everything{History: b.history(p, rec, []string{"mail", "shop"}, period.At(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))), Failures: p.failures("patch")}
	var err error
	if out.Incidents, err = p.incidents([]string{"mail", "shop"}); err != nil {
		t.Fatal(err)
	}
	live, err := p.records(func(p *page) *shown { return &p.live })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range live {
		out.Live = append(out.Live, r.ID)
	}
	for _, f := range out.Failures {
		if _, err := f.At.MarshalJSON(); err != nil {
			t.Errorf("%v: %v", f, err)
		}
	}
	return out
}
