// Package check owns the review of a tree: parse, schema, references,
// lifecycle and policy, as findings in one deterministic order.
//
// It may import validate, graph, store, record, yamldoc, memo, period and finding. Policy is
// reached through an interface it declares. It never prints, never reads a
// clock or git, and never turns what it could not look at into a finding or a
// pass: that is an error.
package check

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

// Policy judges records by the rules that an organisation wrote. It is called
// from several goroutines, and only for records that conform to their schema.
type Policy interface {
	// Judge returns what policy finds in after, which was before (nil for a new
	// record, or where no base is compared), and how many rules judged it. The
	// lifecycle, references and schema are not policy's to report here.
	Judge(ctx context.Context, before, after *record.Record) (found []finding.Finding, rules int, err error)
}

// Surveyor is a Policy that judges a record by what others hold as well. Where
// the whole of the snapshot that judges is checked, it is shown all records as
// they are read, and asked only once it has seen them.
type Surveyor interface {
	Policy
	// Survey begins to show all records; surveyed ends it.
	Survey() (surveyed func())
	// Glimpse is shown the bytes of a record before they are parsed, which is most
	// of the work. It reports whether that was enough, so that See need not be
	// called: because nothing in them bears on other records, or because what does
	// can be told without parsing.
	Glimpse(sp store.Spot, src []byte) bool
	// See shows a record. It is called from several goroutines.
	See(rec *record.Record)
	// Key identifies the rules, and with them what Judged says.
	Key() string
	// Judged reports whether Judge has anything to say on a record without a
	// past.
	Judged(rec *record.Record) bool
}

// Timed is a Policy that knows for how long what it said holds.
type Timed interface {
	Policy
	// Period is that of everything said so far; ok is false where nobody can tell.
	Period() (span period.Span, ok bool)
}

// Options says what is checked, and against what.
type Options struct {
	// Head is the tree that is checked.
	Head *store.Store
	// Base is what is in force, where the tree is a proposal: transitions are
	// judged from it, and schemas of declared kinds are read from it. Nil is
	// advice: everything comes from Head and no transition is judged.
	Base *store.Store

	// Only limits the check to files, directories (paths relative to the
	// repository) and ids or unique suffixes of ids.
	Only []string
	// Changed are the paths a proposal changes, relative to the repository:
	// those records are checked, and references to a changed catalogue record.
	// Nil with a Base means every record.
	Changed []string

	// Policy may be nil: then no rule judges, and Rules is 0.
	Policy Policy
	// Waive parts findings into those that count and those that a waiver covers;
	// nil where nothing is waived.
	Waive func([]finding.Finding) (kept, waived []finding.Finding)
	// Beside finds what is wrong with a proposal besides its records; it may be
	// nil. What it finds that this package finds as well is reported once.
	Beside func(ctx context.Context) ([]finding.Finding, error)
	// Immaterial returns the fields of a kind that approvals are not bound to;
	// nil means those no policy can make material.
	Immaterial func(k *record.Kind) []string
	// Law, where it is given, is asked for Policy, Immaterial and Waive, while it
	// is found out what there is to check.
	Law func(ctx context.Context) (Law, error)
	// Validator may be nil; one that is shared compiles each schema once.
	Validator *validate.Validator
	// Cache, where there is one, remembers the sound files of a work tree from
	// one check of all of it to the next.
	Cache *Cache
	// Chosen, where it is given, is told how many records will be judged before
	// the first of them is.
	Chosen func(records int)
	// Workers is how many records are judged at a time, 0 for one per core.
	Workers int
}

// Law is what records are judged by besides what holds in every store; see
// Options for its fields.
type Law struct {
	Policy     Policy
	Waive      func([]finding.Finding) (kept, waived []finding.Finding)
	Immaterial func(k *record.Kind) []string
}

// Summary counts what was looked at and found.
type Summary struct {
	Records  int `json:"records"` // files of records that were judged, readable or not
	Rules    int `json:"rules"`   // policy rules that judged at least one of them
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Waived   int `json:"waived"`
}

// Report is the result of a check.
type Report struct {
	Findings []finding.Finding `json:"findings"`
	Covered  []finding.Finding `json:"waived"` // what waivers cover; none of it is in Findings
	Sound    []string          `json:"-"`      // files of records that were judged and about which there is neither, sorted
	Summary  `json:"summary"`

	// Period is when all of this holds as far as it depends on the moment. Lasting
	// is false where nobody can tell.
	Period  period.Span `json:"-"`
	Lasting bool        `json:"-"`
}

// Run checks. An error means that it could not look, which is never a pass.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Head == nil {
		return nil, errors.New("checking: no tree to check")
	}
	if o.Validator == nil {
		o.Validator = validate.New()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	p, err := prepare(ctx, &o)
	if err != nil {
		return nil, err
	}
	if o.Immaterial == nil {
		o.Immaterial = func(k *record.Kind) []string { return record.ImmaterialFields(k, nil) }
	}
	if o.Chosen != nil {
		o.Chosen(len(p.jobs))
	}
	j := judge{Options: &o}
	if err := j.records(ctx, p); err != nil {
		return nil, err
	}
	if err := j.snapshot(ctx, p); err != nil {
		return nil, err
	}
	rep := j.report(p)
	if timed, ok := o.Policy.(Timed); ok {
		rep.Period, rep.Lasting = timed.Period()
	}
	return rep, nil
}

// prepare finds out what to check, and by which law. What is wrong with the law
// is said first.
func prepare(ctx context.Context, o *Options) (*plan, error) {
	if o.Law == nil {
		return choose(o)
	}
	var law Law
	var wrong error
	var wg sync.WaitGroup
	wg.Go(func() { law, wrong = o.Law(ctx) })
	p, err := choose(o)
	wg.Wait()
	if wrong != nil {
		return nil, wrong
	}
	o.Policy, o.Waive, o.Immaterial = law.Policy, law.Waive, law.Immaterial
	return p, err
}

// in wraps an error with the record it was met in.
func in(rec *record.Record, err error) error {
	return fmt.Errorf("checking %s: %w", rec.Doc.Name, err)
}
