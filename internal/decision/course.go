package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Authority is what evidence has of how a change was put into force. The zero
// Authority is one of which nothing is on record.
type Authority struct {
	At        time.Time // when the content in force landed, to the second; zero where not known
	Approvers []string  // person ids whose approval that rests on
	Bands     []string  // risk bands of the landings so far
	// Met are the conflicts that were in the way when it was put into force, so
	// that policy had its say about them, as Meeting names them; nil where
	// nobody looked for them.
	Met []string
}

// Meeting names a conflict with what has landed, for Authority.Met.
func Meeting(kind, other string) string { return kind + " " + other }

// Meet adds to Met that somebody would be carrying out two changes at once, where
// that was asked about when the other was put into force: whichever of the two
// lands last is the one that asks, and either may start first. of says how
// another change was put into force.
func (a *Authority) Meet(id string, conflicts []calendar.Conflict, of func(other string) (Authority, error)) error {
	for _, x := range conflicts {
		if a.Met == nil || x.Kind != calendar.Implementer || slices.Contains(a.Met, Meeting(x.Kind, x.Other)) {
			continue
		}
		other, err := of(x.Other)
		if err != nil {
			return err
		}
		if slices.Contains(other.Met, Meeting(x.Kind, id)) && !other.At.Before(a.At) {
			a.Met = append(a.Met, Meeting(x.Kind, x.Other))
		}
	}
	return nil
}

// grave are the risk bands that owe a review, as the default policy names them.
var grave = []string{"high", "critical"}

// OwesReview says why a change must not be closed without a review, given the
// risk bands of its landings; "" where it may.
func OwesReview(closed *record.Record, bands []string) string {
	switch outcome := closed.Str("implementation", "outcome"); {
	case outcome == "failed" || outcome == "backed-out":
		return "it ended " + outcome
	case closed.Str("type") == "emergency":
		return "it was an emergency"
	}
	for _, b := range bands {
		if slices.Contains(grave, b) {
			return "its risk was " + b
		}
	}
	return ""
}

// course holds what a change says of the work against what is known besides
// the record: the moment, the window and who approved. It lets nothing in that
// an audit would find wrong, or could not verify, for good.
func course(f *Facts, c *Change, res *engine.Result) ([]finding.Finding, error) {
	if c.Kind.Name != "change" || c.After == nil {
		return nil, nil
	}
	out := append(moments(f, c), began(f, c, res)...)
	dir, err := f.Base.Directory()
	if err != nil {
		return nil, err
	}
	for _, who := range f.takers(c) {
		for _, approver := range f.Authority[c.ID].Approvers {
			if dir.Human(who) == dir.Human(approver) {
				out = append(out, coursed(c.After, "LIF009", fmt.Sprintf("%s approved %s%s, so somebody else carries it out", approver, c.ID, as(who, approver)), "implementation", "implementer"))
			}
		}
	}
	if !denies(res, "/authoriser") {
		out = append(out, alone(f, c, dir)...)
	}
	return append(out, unreviewed(f, c, res)...), nil
}

// as adds by which other name somebody is meant, who has several.
func as(who, name string) string {
	if who == name {
		return ""
	}
	return ", and " + who + " is the same human"
}

// takers are the people who take a change on: whom it now names as implementer,
// and whoever says so by a commit. Sorted.
func (f *Facts) takers(c *Change) []string {
	who := c.After.Str("implementation", "implementer")
	if who == "" || who == strOf(c.Before, "implementation", "implementer") {
		return nil
	}
	return f.hands(who)
}

// hands are some people and whoever a commit or a forge names for the proposal.
// Sorted.
func (f *Facts) hands(people ...string) []string {
	out := []string{f.Opener}
	for _, who := range people {
		out = append(out, strings.TrimPrefix(who, "person:"))
	}
	for _, h := range f.Contributors {
		out = append(out, strings.TrimPrefix(h.Person, "person:"))
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(who string) bool { return who == "" })
}

// alone reports an emergency whose authoriser has a hand in it. Their word is
// its only control, and whom else it names nobody but them may have said.
func alone(f *Facts, c *Change, dir *store.Directory) []finding.Finding {
	authoriser := c.After.Str("authoriser")
	if c.Before != nil || c.Landed || c.After.Str("type") != "emergency" || authoriser == "" {
		return nil
	}
	for _, who := range f.hands(c.After.Str("requester"), c.After.Str("implementation", "implementer")) {
		if dir.Human(who) == dir.Human(authoriser) {
			return []finding.Finding{coursed(c.After, "LIF009", fmt.Sprintf("%s authorises %s and has a hand in it%s, so somebody else files it, or authorises it", authoriser, c.ID, as(who, authoriser)), "authoriser")}
		}
	}
	return nil
}

// Rests reports whether what a change says of the work is held against how it
// was put into force: whoever begins, carries out or closes it.
func Rests(c *Change) bool {
	if c.Kind.Name != "change" || c.Before == nil || c.After == nil {
		return false
	}
	return c.Before.State() != c.After.State() || c.After.Str("implementation", "implementer") != c.Before.Str("implementation", "implementer")
}

// moments are those that lie in the future although they are said to be past.
func moments(f *Facts, c *Change) []finding.Finding {
	var out []finding.Finding
	for _, path := range [][]string{{"implementation", "started_at"}, {"implementation", "finished_at"}, {"review", "reviewed_at"}} {
		at, ok := c.After.Time(path...)
		if ok {
			f.clock.Meet(at)
		}
		if ok && at.After(f.Now) && c.After.Str(path...) != strOf(c.Before, path...) {
			out = append(out, coursed(c.After, "LIF008", fmt.Sprintf("%s (%s) is in the future", strings.Join(path, "."), c.After.Str(path...)), path...))
		}
	}
	return out
}

// began holds the beginning of planned work against its window, where policy
// does not say that this is no moment for it, and what authorised it.
func began(f *Facts, c *Change, res *engine.Result) []finding.Finding {
	at, ok := c.After.Time("implementation", "started_at")
	if !ok || !Starts(c) {
		return nil
	}
	var out []finding.Finding
	say := func(format string, args ...any) {
		out = append(out, coursed(c.After, "LIF008", fmt.Sprintf("work began at %s by the record, ", c.After.Str("implementation", "started_at"))+fmt.Sprintf(format, args...), "implementation", "started_at"))
	}
	from, ok1 := c.Before.Time("window", "start")
	to, ok2 := c.Before.Time("window", "end")
	if ok1 && ok2 && !denies(res, "/window") && (at.Before(from) || !at.Before(to)) {
		say("outside its window from %s to %s", c.Before.Str("window", "start"), c.Before.Str("window", "end"))
	}
	if at.Before(f.Authority[c.ID].At) {
		say("before it was authorised at %s", f.Authority[c.ID].At.UTC().Format(time.RFC3339))
	}
	return out
}

// unreviewed reports a change that is closed without the review it owes, where
// policy does not say so in its own words.
func unreviewed(f *Facts, c *Change, res *engine.Result) []finding.Finding {
	if c.Before == nil || c.Before.State() == "closed" || c.After.State() != "closed" {
		return nil
	}
	if denies(res, "/review") {
		return nil
	}
	why := OwesReview(c.After, append(slices.Clone(f.Authority[c.ID].Bands), res.Risk.Band))
	switch {
	case why == "":
		return nil
	case record.Placeholder(c.After.Str("review", "summary")):
		return []finding.Finding{coursed(c.After, "LIF010", "review missing: "+why, "review", "summary")}
	case c.After.Str("review", "reviewer") == "":
		return []finding.Finding{coursed(c.After, "LIF010", "the review names no reviewer: "+why, "review", "reviewer")}
	}
	return nil
}

// denies reports whether policy objects to something at or below a field, in
// words that know the organisation better.
func denies(res *engine.Result, field string) bool {
	return slices.ContainsFunc(res.Deny, func(m engine.Message) bool { return strings.HasPrefix(m.Path, field) })
}

// coursed is a finding at a field of a record.
func coursed(rec *record.Record, code, message string, path ...string) finding.Finding {
	c, _ := finding.Lookup(code)
	f := finding.Finding{Code: code, Severity: c.Severity, File: rec.Doc.Name, Record: rec.ID, Message: message, Why: c.Explain, Fix: c.Fix}
	at := yamldoc.Pointer(path...)
	if _, there := rec.Doc.Node(yamldoc.Pointer(path[0])); !there {
		at = "/state" // it is missing because of the step
	}
	f.Line, f.Column, f.EndLine, f.EndColumn = rec.Doc.Span(at)
	f.Frame = rec.Doc.Line(f.Line)
	return f
}

func strOf(r *record.Record, path ...string) string {
	if r == nil {
		return ""
	}
	return r.Str(path...)
}

// Starts reports whether planned work begins.
func Starts(c *Change) bool {
	return c.Kind.Name == "change" && c.Before != nil && c.After != nil && c.Before.State() == "scheduled" && c.After.State() == "implementing"
}

// unmet holds the beginning of planned work against what has come into its way
// since it was put into force: a soft freeze or the loss of a maintenance window
// that nobody was asked about, whoever carries it out being in the middle of
// another, and a change that should have been over by now.
// A change that landed since is none of it: to land it had to be agreed on here.
// An audit asks the same of the commits (SCH-1).
func unmet(f *Facts, c *Change, conflicts []calendar.Conflict) []finding.Finding {
	met := f.Authority[c.ID].Met
	if met == nil || !Starts(c) {
		return nil
	}
	at, _ := c.After.Time("implementation", "started_at")
	var out []finding.Finding
	for _, x := range conflicts {
		if end, err := time.Parse(time.RFC3339, x.End); err != nil || !end.After(at) || slices.Contains(met, Meeting(x.Kind, x.Other)) {
			continue
		}
		switch {
		case x.Kind == calendar.InFreeze && x.Strength == calendar.Soft:
			out = append(out, coursed(c.After, "LIF011", fmt.Sprintf("soft freeze %s, from %s to %s, was not there when this was authorised", x.Other, x.Start, x.End), "window"))
		case x.Kind == calendar.OutsideMaintenance:
			out = append(out, coursed(c.After, "LIF011", fmt.Sprintf("%s; it was not when this was authorised", x.Reason), "window"))
		case x.Kind == calendar.Implementer && x.State == "implementing":
			out = append(out, coursed(c.After, "LIF011", fmt.Sprintf("%s is implementing %s, and nobody was asked about that when this was authorised", c.After.Str("implementation", "implementer"), x.Other), "implementation", "implementer"))
		case x.Overdue && x.Kind != calendar.Implementer:
			out = append(out, coursed(c.After, "LIF011", fmt.Sprintf("%s should have been over by now and is still being implemented: %s", x.Other, x.Reason), "window"))
		}
	}
	return out
}
