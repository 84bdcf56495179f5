package check

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// judge holds what a run has found so far.
type judge struct {
	*Options
	results  []result
	tree     []finding.Finding // of no single job
	affected int               // records looked at for what they refer to
	survey   Surveyor          // while it is shown records
}

// result is what came of one job.
type result struct {
	found []finding.Finding
	rules int
	later bool // not judged yet: policy has to see others first
	went  bool // somebody removed it meanwhile
	err   error
}

// records judges the jobs, several at a time. Results keep the order of the
// jobs, so that neither findings nor the error that ends a run depend on which
// worker was faster.
func (j *judge) records(ctx context.Context, p *plan) error {
	j.results = make([]result, len(p.jobs))
	all := make([]int, len(p.jobs))
	for i := range all {
		all[i] = i
	}
	if j.Base != nil || !p.whole {
		j.Cache = nil
	}
	if j.Cache != nil {
		if err := j.Cache.begin(j.Options); err != nil {
			return err
		}
	}
	if s, ok := j.Policy.(Surveyor); ok && j.Base == nil && p.whole {
		j.survey = s
		surveyed := s.Survey()
		if err := j.each(ctx, p, all); err != nil {
			return err
		}
		if j.Cache == nil || !j.Cache.skipped.Load() {
			surveyed()
		}
		j.survey = nil
		all = slices.DeleteFunc(all, func(i int) bool { return !j.results[i].later })
	}
	if err := j.each(ctx, p, all); err != nil {
		return err
	}
	for _, r := range j.results {
		if r.err != nil {
			return r.err
		}
	}
	return nil
}

// each judges the jobs of these numbers.
func (j *judge) each(ctx context.Context, p *plan, numbers []int) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(j.Workers, len(numbers)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(numbers) || ctx.Err() != nil {
					return
				}
				n := numbers[i]
				if j.results[n] = j.one(ctx, &p.jobs[n]); j.results[n].err != nil {
					next.Store(int64(len(numbers))) // all before it have been taken up, so the error is the first
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// one judges one record.
func (j *judge) one(ctx context.Context, job *job) (r result) {
	if j.Cache != nil && job.spot != nil && j.Cache.sound(j.Head, job.spot) {
		return r
	}
	after, found, later, err := j.read(job)
	if errors.Is(err, store.ErrWent) {
		return result{went: true}
	}
	if err != nil || later {
		r.err, r.later = err, later
		return r
	}
	r.found = slices.Clone(found)
	before, err := j.before(job)
	if err != nil {
		r.err = err
		return r
	}
	if job.gone {
		r.found = append(r.found, j.Validator.Transition(before, nil, nil)...)
		return r
	}
	if after == nil {
		return r // why it cannot be read is among the findings
	}
	if j.survey != nil {
		j.survey.See(after)
		if r.later = j.survey.Judged(after); r.later {
			return result{later: true} // once everything has been seen
		}
	}
	conforms, err := j.conform(after, before, &r)
	if err == nil && len(r.found) == 0 && j.Cache != nil && job.spot != nil && !j.judged(after) {
		j.Cache.note(j.Head, job.spot, after)
	}
	if err == nil && conforms && j.Policy != nil {
		err = j.policy(ctx, after, before, &r)
	}
	if err != nil {
		r.err = in(after, err)
	}
	return r
}

// judged reports whether policy may have anything to say on a record.
func (j *judge) judged(rec *record.Record) bool {
	if s, ok := j.Policy.(Surveyor); ok {
		return s.Judged(rec)
	}
	return j.Policy != nil
}

// read returns the record of a job with what reading it said. While records are
// shown to the policy, one of which it has seen enough before it is parsed is left
// for later: parsing is what a check spends most of its time on.
func (j *judge) read(job *job) (rec *record.Record, found []finding.Finding, later bool, err error) {
	if job.spot == nil {
		return job.after, job.found, false, nil
	}
	src, found, err := j.Head.Source(job.spot.Spot)
	if err != nil || len(found) > 0 {
		return nil, found, false, err
	}
	if j.survey != nil && j.survey.Glimpse(job.spot.Spot, src) {
		return nil, nil, true, nil
	}
	rec, found = j.Head.Parse(job.spot.Spot, src)
	return rec, found, false, nil
}

// conform judges everything but policy. conforms is false for a record policy
// must not see, because its fields are not what policy was compiled for.
func (j *judge) conform(after, before *record.Record, r *result) (conforms bool, err error) {
	schema, err := j.Validator.Schema(j.schemaStore(after.Kind), after)
	if err != nil {
		return false, err
	}
	refs, err := j.Validator.References(j.Head, after)
	if err != nil {
		return false, err
	}
	r.found = append(append(r.found, schema...), refs...)
	if j.Base == nil {
		r.found = append(r.found, j.Validator.Times(after)...)
	} else {
		r.found = append(r.found, j.Validator.Transition(before, after, j.Immaterial(after.Kind))...)
	}
	return len(schema) == 0, nil
}

// schemaStore is the snapshot whose schema judges a kind: what is in force, or
// for a kind the proposal declares, the proposal.
func (j *judge) schemaStore(k *record.Kind) *store.Store {
	if j.Base != nil {
		if _, known := j.Base.Kinds.ByName(k.Name); known {
			return j.Base
		}
	}
	return j.Head
}

func (j *judge) policy(ctx context.Context, after, before *record.Record, r *result) error {
	found, rules, err := j.Policy.Judge(ctx, before, after)
	if err != nil {
		return err
	}
	r.rules = rules
	for _, f := range found {
		r.found = append(r.found, placed(after, f))
	}
	return nil
}

// placed gives a finding that names no place that of its record.
func placed(rec *record.Record, f finding.Finding) finding.Finding {
	if f.File == "" {
		f.File = rec.Doc.Name
	}
	if f.Line == 0 {
		f.Line, f.Column = 1, 1
	}
	if f.Record == "" {
		f.Record = rec.ID
	}
	if f.File == rec.Doc.Name && f.Frame == "" {
		f.Frame = rec.Doc.Line(f.Line)
	}
	return f
}

// before returns what a record was in the base. One that is there but cannot
// be read is treated as new, so that mending it passes the gate of a new
// record; one that is gone is a deletion either way.
func (j *judge) before(job *job) (*record.Record, error) {
	if j.Base == nil {
		return nil, nil
	}
	k, known := j.Base.Kinds.ByName(job.kind.Name)
	if !known {
		return nil, nil
	}
	rec, err := j.Base.Get(k.Name, job.id)
	var broken *store.InvalidError
	switch {
	case err == nil:
		return rec, nil
	case job.gone:
		return &record.Record{Kind: job.kind, ID: job.id, Doc: &yamldoc.Doc{Name: job.file}}, nil
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &broken):
		return nil, nil
	}
	return nil, err
}

// snapshot judges what no chosen record can be blamed for alone: gitsm.yaml,
// records that refer to what changes, and dependencies.
func (j *judge) snapshot(ctx context.Context, p *plan) error {
	if j.Beside != nil {
		found, err := j.Beside(ctx)
		if err != nil {
			return err
		}
		j.tree = append(j.tree, found...)
	}
	if p.config {
		owners, err := j.Validator.ConfigReferences(j.Head)
		if err != nil {
			return err
		}
		j.tree = append(append(j.tree, j.Validator.Config(j.Head.Doc)...), owners...)
	}
	n, found, err := j.Validator.Affected(j.Base, j.Head, p.targets, p.files)
	if err != nil {
		return err
	}
	j.affected, j.tree = n, append(j.tree, found...)
	return j.catalogue(p)
}

// catalogue reports the circles that one of the chosen records is on, and which
// of them nothing uses.
func (j *judge) catalogue(p *plan) error {
	chosen := map[string]bool{}
	for _, job := range p.jobs {
		if job.kind.Name == "service" || job.kind.Name == "asset" {
			chosen[job.id] = true
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	g, err := graph.FromStore(j.Head)
	if err != nil {
		return err
	}
	cycles := slices.DeleteFunc(g.Cycles(), func(cycle []string) bool {
		return !slices.ContainsFunc(cycle, func(id string) bool { return chosen[id] })
	})
	found, err := j.Validator.Cycles(j.Head, cycles)
	if err != nil {
		return err
	}
	unused, err := j.Validator.Unused(j.Head, chosen)
	j.tree = append(append(j.tree, found...), unused...)
	return err
}

// report puts everything in order and counts it.
func (j *judge) report(p *plan) *Report {
	rep := &Report{Findings: []finding.Finding{}, Covered: []finding.Finding{}}
	rules := map[string]int{}
	for i, r := range j.results {
		if !r.went {
			rep.Records++
		}
		rep.Findings = append(rep.Findings, r.found...)
		kind := p.jobs[i].kind.Name
		rules[kind] = max(rules[kind], r.rules)
	}
	unread := map[string]bool{}
	for _, f := range p.found {
		if rel, ok := j.Head.Relative(f.File); ok && !p.files[f.File] {
			if _, _, isRecord := j.Head.Kinds.ByPath(rel); isRecord {
				unread[f.File] = true
			}
		}
	}
	rep.Findings = append(append(rep.Findings, p.found...), j.tree...)
	finding.Sort(rep.Findings)
	rep.Findings = slices.Compact(rep.Findings)
	if j.Waive != nil {
		rep.Findings, rep.Covered = j.Waive(rep.Findings)
		finding.Sort(rep.Findings) // what is said of waivers of one's own is among them
		rep.Waived = len(rep.Covered)
	}
	rep.Sound = j.sound(p, rep)
	rep.Records += len(unread) + j.affected
	for _, n := range rules {
		rep.Rules += n
	}
	rep.Errors, rep.Warnings = finding.Count(rep.Findings)
	return rep
}

// sound lists the files of jobs about which nothing was found.
func (j *judge) sound(p *plan, rep *Report) []string {
	hit := map[string]bool{}
	for _, list := range [][]finding.Finding{rep.Findings, rep.Covered} {
		for _, f := range list {
			hit[f.File] = true
		}
	}
	var out []string
	for i, r := range j.results {
		if job := &p.jobs[i]; !r.went && !job.gone && !hit[job.file] {
			out = append(out, job.file)
		}
	}
	slices.Sort(out)
	return out
}
