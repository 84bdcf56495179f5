package audit

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/history"
)

// NotFoundError says that main and the evidence know no record of an id.
type NotFoundError struct{ Short string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("no record is called %q, in main's history or in the evidence", e.Short)
}

// AmbiguousError says that an id means several records.
type AmbiguousError struct {
	Short   string
	Records []string // "kind id"
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q means several records: %s", e.Short, strings.Join(e.Records, ", "))
}

// StoreTopic is what policy and config are shown as, unless a record has that id.
const StoreTopic = "store"

// Show puts together everything about one record, named by its id or by any
// end of it that no other record has, among kinds (all where none is given).
func (a *Auditor) Show(ctx context.Context, id string, kinds ...string) (*Packet, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	ids := t.matching(id)
	reads := t.concerning(func(k dossierKey) bool { return slices.Contains(ids, k.id) || k.kind == registerKind })
	named := func(id string) bool { return slices.ContainsFunc(ids, func(i string) bool { return topic(i) == id }) }
	if err := t.attest(ctx, func(id string) bool { return named(id) || reads(id) }); err != nil {
		return nil, err
	}
	key, err := t.find(id, ids, kinds)
	if err != nil {
		return nil, err
	}
	p := &Packet{Record: key.id, Kind: key.kind, Notes: t.notes}
	ds := t.dossiers(func(kind, id string) bool { return kind == key.kind && id == key.id })
	if p.Checks, err = t.examine(ctx, ds, Scope{}); err != nil {
		return nil, err
	}
	if err := t.settle(ctx, p.Checks, ds); err != nil {
		return nil, err
	}
	for _, d := range ds {
		if last := d.newest(); last != nil {
			p.Title, p.State = last.Title(), last.State()
		}
	}
	p.Events, err = t.events(ctx, history.Filter{Records: []string{key.id}, Kinds: []string{key.kind}})
	return p, err
}

// everKnown are the ids of records that main or the evidence branch was ever about.
func (t *trail) everKnown() map[string]bool {
	known := t.ledger.ids()
	for key := range t.ever {
		known[key.id] = true
	}
	return known
}

func (t *trail) matching(text string) []string { return matching(maps.Keys(t.everKnown()), text) }

// matching lists the ids that a person may mean: that very one, else every one
// that ends so.
func matching(known iter.Seq[string], text string) []string {
	var exact, ends []string
	for id := range known {
		switch {
		case strings.EqualFold(id, text):
			exact = append(exact, id)
		case text != "" && dated(id) && strings.HasSuffix(id, strings.ToUpper(text)):
			ends = append(ends, id)
		}
	}
	switch {
	case len(exact) > 0:
		return exact
	case text == StoreTopic:
		return []string{""}
	}
	return ends
}

// dated reports whether an id has a random end by which people call it.
func dated(id string) bool { return strings.Count(id, "-") == 2 && id == strings.ToUpper(id) }

// find settles which record of the matching ids is meant.
func (t *trail) find(text string, ids, kinds []string) (dossierKey, error) {
	hits := map[dossierKey]bool{}
	add := func(k dossierKey) {
		if slices.Contains(ids, k.id) && (len(kinds) == 0 || slices.Contains(kinds, k.kind)) {
			hits[k] = true
		}
	}
	add(dossierKey{})
	for key := range t.ever {
		add(key)
	}
	for _, it := range t.ledger.items {
		r := it.Statement.Predicate.Record
		add(dossierKey{r.Kind, r.ID})
	}
	e := &AmbiguousError{Short: text}
	var last dossierKey
	for h := range hits {
		last = h
		e.Records = append(e.Records, h.kind+" "+h.id)
	}
	switch len(e.Records) {
	case 0:
		return last, &NotFoundError{text}
	case 1:
		return last, nil
	}
	slices.Sort(e.Records)
	return last, e
}

// Section is one part of a page: a title and a table.
type Section struct {
	Title   string
	Columns []string
	Rows    [][]string
	Lines   []string // instead of a table
}

// Page lays a packet out for a person: what the record is, what happened, and
// what that proves, the worst first.
func (p *Packet) Page() []Section {
	head := Section{Title: strings.TrimSpace(p.Kind + " " + p.Record)}
	if p.Title != "" {
		head.Lines = append(head.Lines, p.Title)
	}
	if p.State != "" {
		head.Lines = append(head.Lines, "state: "+p.State)
	}
	columns, rows := EventRows(p.Events)
	events := Section{Title: "What happened", Columns: columns[:len(columns)-1], Rows: make([][]string, len(rows))}
	for i, r := range rows {
		events.Rows[i] = r[:len(r)-1]
	}
	columns, rows = CheckRows(p.Checks)
	checks := Section{Title: "What that proves", Columns: columns[1:], Rows: make([][]string, len(rows))}
	for i, r := range rows {
		checks.Rows[i] = r[1:]
	}
	return []Section{head, events, checks, {Title: "To be known", Lines: p.Notes}}
}

// EventRows is the table of events, the record last.
func EventRows(events []history.Event) (columns []string, rows [][]string) {
	for _, e := range events {
		rows = append(rows, []string{e.Time.Format("2006-01-02 15:04"), e.Type, e.Actor, e.Trust, short(e.Commit), e.Detail, e.Record})
	}
	return []string{"TIME", "EVENT", "ACTOR", "TRUST", "COMMIT", "DETAIL", "RECORD"}, rows
}

// CheckRows is the table of verdicts, the worst first, the record in front.
func CheckRows(checks []Check) (columns []string, rows [][]string) {
	sorted := slices.SortedStableFunc(slices.Values(checks), func(a, b Check) int { return cmp.Compare(b.Verdict.rank(), a.Verdict.rank()) })
	for _, c := range sorted {
		rows = append(rows, []string{c.Record, c.Check, string(c.Verdict), c.Reason})
	}
	return []string{"RECORD", "CHECK", "VERDICT", "REASON"}, rows
}
