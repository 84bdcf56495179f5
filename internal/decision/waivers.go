package decision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// cover is what the waivers of the snapshot that judges say at a moment. It is
// the one place that knows whether a finding is waived.
type cover struct {
	base   *base
	clock  *period.Clock
	byRule map[string][]record.Waiver // those that may be waived, active, begun and sound, by id
	hands  []string                   // who brings what is judged, where that is known
}

// cover reads the waivers of a base.
func (b *base) cover(pol *engine.Policy, clock *period.Clock) (*cover, error) {
	all, err := b.waivers()
	if err != nil {
		return nil, err
	}
	c := &cover{base: b, clock: clock, byRule: map[string][]record.Waiver{}}
	for _, w := range all {
		if _, _, ok := waivable(pol, w.Rule); !ok || !b.answers(w) {
			continue
		}
		if from, ok := moment(w.ValidFrom); ok {
			clock.Meet(from)
			if clock.Now().Before(from) {
				continue
			}
		}
		c.byRule[w.Rule] = append(c.byRule[w.Rule], w)
	}
	return c, nil
}

// readWaivers reads those that are valid by their schema and not revoked, by
// id. One that is neither covers nothing; its own findings say so.
func (b *base) readWaivers() ([]record.Waiver, error) {
	recs, err := b.store.List("waiver")
	if err != nil {
		return nil, err
	}
	var out []record.Waiver
	for _, rec := range recs {
		found, err := b.valid.Schema(b.store, rec)
		if err != nil {
			return nil, err
		}
		var w record.Waiver
		if finding.Worst(found) == finding.Error || rec.Decode(&w) != nil || w.State != "active" {
			continue
		}
		w.ID = rec.ID
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b record.Waiver) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// answers reports whether somebody answers for a waiver: a person who is active
// and another human than the one who asks for it.
func (b *base) answers(w record.Waiver) bool {
	p, ok := b.dir.People[w.Approver]
	return ok && p.IsActive() && b.dir.Human(w.Approver) != b.dir.Human(w.RequestedBy)
}

// waivable says whether findings of a code can be waived at all, and whether
// there is such a code. Whatever an approval or an audit rests on cannot: what
// gitsm itself finds only where it says so, what policy denies or warns about
// unless it says otherwise, and what policy asks for in no case.
func waivable(pol *engine.Policy, code string) (known bool, why string, ok bool) {
	if c, found := finding.Lookup(code); found {
		return true, "what decisions and their proof rest on holds for everybody", c.Waivable
	}
	for _, r := range pol.Rules() {
		switch {
		case r.ID != code:
		case r.Name != "deny" && r.Name != "warn":
			return true, fmt.Sprintf("it is a rule of %s: a waiver covers findings, and does without nobody's approval", r.Name), false
		default:
			return true, "its METADATA says waivable: false", r.Waivable
		}
	}
	return false, "", false
}

// subject is whom a finding is about, as far as waivers are concerned.
type subject struct {
	kind, id string
	services []string
	hands    []string // who gains by a waiver: they asked for the work or carry it out
}

func subjectOf(kind, id string, fields map[string]any) subject {
	s := subject{kind: kind, id: id, services: record.Strs(fields, "services")}
	for _, path := range [][]string{{"requester"}, {"implementation", "implementer"}} {
		if who := record.Str(fields, path...); who != "" {
			s.hands = append(s.hands, who)
		}
	}
	return s
}

// waived says how the waivers of a rule stand to a finding.
type waived struct {
	by      string          // id of the waiver that covers it, "" where none does
	own     []record.Waiver // that would, if they were not the approver's own
	expired []record.Waiver // that did
}

func (c *cover) of(rule string, s subject) waived {
	var out waived
	for _, w := range c.byRule[rule] {
		if !w.Scope.Covers(s.kind, s.id, s.services) {
			continue
		}
		end, _ := moment(w.Expires)
		c.clock.Meet(end)
		switch {
		case !c.clock.Now().Before(end):
			out.expired = append(out.expired, w)
		case slices.ContainsFunc(slices.Concat(s.hands, c.hands), func(who string) bool { return c.base.dir.Human(who) == c.base.dir.Human(w.Approver) }):
			out.own = append(out.own, w)
		case out.by == "":
			out.by = w.ID
		}
	}
	return out
}

// sustained is what policy says of a record without what is waived.
func (c *cover) sustained(res *engine.Result, rec *record.Record) *engine.Result {
	if len(c.byRule) == 0 {
		return res
	}
	s := subjectOf(rec.Kind.Name, rec.ID, rec.Fields)
	gone := func(m engine.Message) bool { return c.of(m.Rule, s).by != "" }
	out := *res
	out.Deny = slices.DeleteFunc(slices.Clone(res.Deny), gone)
	out.Warn = slices.DeleteFunc(slices.Clone(res.Warn), gone)
	return &out
}

// split parts findings into those that count and those that are waived, which
// name their waiver. A finding that somebody meant to waive for themselves
// counts, and is joined by one that says so.
func (c *cover) split(fs []finding.Finding, find func(f finding.Finding) *record.Record) (kept, waived []finding.Finding) {
	if len(c.byRule) == 0 {
		return fs, nil
	}
	said := map[string]bool{}
	for _, f := range fs {
		if len(c.byRule[f.Code]) == 0 {
			kept = append(kept, f)
			continue
		}
		rec := find(f)
		if rec == nil {
			kept = append(kept, f) // not in anything that a scope could name
			continue
		}
		w := c.of(f.Code, subjectOf(rec.Kind.Name, rec.ID, rec.Fields))
		if w.by != "" {
			f.Waiver = w.by
			waived = append(waived, f)
			continue
		}
		for _, x := range w.expired {
			f.Why = strings.TrimPrefix(fmt.Sprintf("%s; waiver %s expired at %s", f.Why, x.ID, x.Expires), "; ")
		}
		kept = append(kept, f)
		for _, x := range w.own {
			if key := x.ID + " " + rec.ID; !said[key] {
				said[key] = true
				kept = append(kept, ownWaiver(rec, x))
			}
		}
	}
	return kept, waived
}

func ownWaiver(rec *record.Record, w record.Waiver) finding.Finding {
	path := []string{"requester"}
	if rec.Str("requester") == "" {
		path = []string{"implementation", "implementer"}
	}
	return coursed(rec, "WAV002", fmt.Sprintf("waiver %s of %s does not count here: %s, who answers for it, has a hand in %s", w.ID, w.Rule, w.Approver, rec.ID), path...)
}

// finder looks up the records that findings are in, among those of a snapshot
// or what a proposal makes of them.
func finder(head *store.Store, changes []Change) func(f finding.Finding) *record.Record {
	return func(f finding.Finding) *record.Record {
		for i := range changes {
			c := &changes[i]
			if c.file() != f.File {
				continue
			}
			if c.After != nil {
				return c.After
			}
			return c.Before
		}
		rel, ok := head.Relative(f.File)
		if !ok {
			return nil
		}
		rec, _, err := head.At(rel)
		if err != nil {
			return nil // what cannot be read is not waived
		}
		return rec
	}
}

// ofWaiver judges a waiver itself, by the policy in force.
func ofWaiver(pol *engine.Policy, rec *record.Record, clock *period.Clock) []finding.Finding {
	if rec.Kind.Name != "waiver" || rec.State() != "active" {
		return nil
	}
	var out []finding.Finding
	rule := rec.Str("rule")
	known, why, ok := waivable(pol, rule)
	switch {
	case rule == "" || ok:
	case known:
		out = append(out, waiverFinding(rec, "WAV004", fmt.Sprintf("%s cannot be waived: %s", rule, why), "rule"))
	default:
		f := waiverFinding(rec, "WAV003", fmt.Sprintf("no rule and no finding is called %q", rule), "rule")
		if near := finding.NearMiss(rule, codes(pol)); near != "" {
			f.Message += fmt.Sprintf(", did you mean %s?", near)
			f.Fix = fmt.Sprintf("gitsm waiver edit %s --set rule=%s", rec.ID, near)
		}
		out = append(out, f)
	}
	end, ok := rec.Time("expires")
	if ok {
		clock.Meet(end)
	}
	if ok && !clock.Now().Before(end) {
		f := waiverFinding(rec, "WAV001", fmt.Sprintf("the waiver expired at %s, so %s holds again", rec.Str("expires"), rule), "expires")
		f.Fix = fmt.Sprintf("gitsm waiver revoke %s, or have it extended", rec.ID)
		out = append(out, f)
	}
	return out
}

// codes lists what a waiver may name.
func codes(pol *engine.Policy) []string {
	var out []string
	for _, c := range finding.Codes() {
		if c.Waivable {
			out = append(out, c.ID)
		}
	}
	for _, r := range pol.Rules() {
		if r.Waivable {
			out = append(out, r.ID)
		}
	}
	return out
}

func waiverFinding(rec *record.Record, code, message, field string) finding.Finding {
	c, _ := finding.Lookup(code)
	f := finding.Finding{Code: code, Severity: c.Severity, File: rec.Doc.Name, Record: rec.ID, Message: message, Why: c.Explain, Fix: c.Fix}
	f.Line, f.Column, f.EndLine, f.EndColumn = rec.Doc.Span(yamldoc.Pointer(field))
	f.Frame = rec.Doc.Line(f.Line)
	return f
}

func moment(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}
