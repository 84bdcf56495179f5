package replay

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Report is what a candidate would have changed.
type Report struct {
	From  *time.Time `json:"from,omitempty"`
	To    *time.Time `json:"to,omitempty"`
	Notes []string   `json:"notes"`

	Summary Summary   `json:"summary"`
	Flips   []Case    `json:"flips"` // decisions that differ, oldest first
	Undone  []Case    `json:"undecided"`
	Failure []Failure `json:"failures"`
	Work    []Work    `json:"approval_work"`
	Capture []Capture `json:"capture"`
}

// Summary counts decisions.
type Summary struct {
	Decisions        int `json:"decisions"`
	Undecided        int `json:"undecided"`
	Unchanged        int `json:"unchanged"`
	NewlyDenied      int `json:"newly_denied"`
	NewlyAllowed     int `json:"newly_allowed"`
	ApprovalsAdded   int `json:"approvals_added"`
	ApprovalsDropped int `json:"approvals_dropped"`
	BandUp           int `json:"band_up"`
	BandDown         int `json:"band_down"`
	Failures         int `json:"failures"`
	Caught           int `json:"caught"`  // failures that the candidate denies and the policy of then did not
	Flagged          int `json:"flagged"` // failures that it does not deny, but asks more for or rates higher
	Missed           int `json:"missed"`  // all other failures
}

// Failure is a change that failed, was backed out or caused an incident, with
// what the candidate would have done about it.
type Failure struct {
	Record    string   `json:"record"`
	Title     string   `json:"title"`
	Incidents []string `json:"incidents"`
	Verdict   string   `json:"verdict"` // caught, flagged or missed
}

// Work is how many approvals the candidate asks of somebody, more or fewer.
type Work struct {
	From    string `json:"from"` // team:…, person:…, or several
	Then    int    `json:"then"`
	New     int    `json:"candidate"`
	Changed int    `json:"changed"`
}

// Capture is the share of failures among the riskiest changes, by several ways
// of ranking them. Changes of one score share their place: a share may be of
// expected failures. Where nothing failed all shares are 0.
type Capture struct {
	Percent   int     `json:"percent"` // of the changes that ended
	Changes   int     `json:"changes"`
	Candidate float64 `json:"candidate"`
	Then      float64 `json:"then"`
	Size      float64 `json:"size"` // by number of services and assets alone
	Random    float64 `json:"random"`
}

// outcomes adds what became of the changes, as main knows today.
func (r *run) outcomes() error {
	incidents, err := r.head.List("incident")
	if err != nil {
		return err
	}
	caused := map[string][]string{}
	for _, i := range incidents {
		if c := i.Str("caused_by"); c != "" {
			caused[c] = append(caused[c], i.ID)
		}
	}
	changes, err := r.head.List(kind)
	if err != nil {
		return err
	}
	outcome := map[string]string{}
	for _, c := range changes {
		outcome[c.ID] = c.Str("implementation", "outcome")
	}
	for _, j := range r.jobs {
		j.Incidents = append([]string{}, caused[j.Record]...)
		j.outcome = outcome[j.Record]
		j.Failed = len(j.Incidents) > 0 || j.outcome == "failed" || j.outcome == "backed-out"
	}
	return nil
}

func (r *run) report() *Report {
	rep := &Report{Notes: r.notes, Flips: []Case{}, Undone: []Case{}, Failure: []Failure{}, Work: []Work{}}
	if rep.Notes == nil {
		rep.Notes = []string{}
	}
	if !r.From.IsZero() {
		rep.From = &r.From
	}
	if !r.To.IsZero() {
		rep.To = &r.To
	}
	s := &rep.Summary
	counts := map[string]*int{NewlyDenied: &s.NewlyDenied, NewlyAllowed: &s.NewlyAllowed, ApprovalsAdded: &s.ApprovalsAdded,
		ApprovalsDropped: &s.ApprovalsDropped, BandUp: &s.BandUp, BandDown: &s.BandDown}
	last := map[string]*job{} // the last decision on a change is what it was carried out by
	for _, j := range r.jobs {
		s.Decisions++
		switch {
		case j.Undecided != "":
			s.Undecided++
			j.settle(verdict{Title: j.Title, Answer: silent()}, verdict{Answer: silent()})
			rep.Undone = append(rep.Undone, j.Case)
			continue
		case len(j.Flips) == 0:
			s.Unchanged++
		default:
			rep.Flips = append(rep.Flips, j.Case)
		}
		for _, f := range j.Flips {
			*counts[f]++
		}
		last[j.Record] = j
	}
	rep.failures(r.jobs, last)
	rep.work(r.jobs)
	rep.Capture = capture(r.jobs, last)
	return rep
}

func (rep *Report) failures(jobs []*job, last map[string]*job) {
	s := &rep.Summary
	for _, j := range jobs {
		if !j.Failed || last[j.Record] != j {
			continue
		}
		s.Failures++
		f := Failure{Record: j.Record, Title: j.Title, Incidents: j.Incidents}
		switch {
		case slices.Contains(j.Flips, NewlyDenied):
			f.Verdict = "caught"
			s.Caught++
		case slices.Contains(j.Flips, ApprovalsAdded) || slices.Contains(j.Flips, BandUp):
			f.Verdict = "flagged"
			s.Flagged++
		default:
			f.Verdict = "missed"
			s.Missed++
		}
		rep.Failure = append(rep.Failure, f)
	}
}

// work counts approvals by whom they are asked of; those that did not change
// are left out.
func (rep *Report) work(jobs []*job) {
	all := map[string]*Work{}
	of := func(from string) *Work {
		if all[from] == nil {
			all[from] = &Work{From: from}
		}
		return all[from]
	}
	for _, j := range jobs {
		for _, f := range j.Then.from {
			of(f).Then++
		}
		for _, f := range j.New.from {
			of(f).New++
		}
	}
	for _, w := range all {
		if w.Changed = w.New - w.Then; w.Changed != 0 {
			rep.Work = append(rep.Work, *w)
		}
	}
	slices.SortFunc(rep.Work, func(a, b Work) int { return cmp.Or(cmp.Compare(b.Changed, a.Changed), cmp.Compare(a.From, b.From)) })
}

// capture ranks the changes that ended.
func capture(jobs []*job, last map[string]*job) []Capture {
	var ended []*job
	failures := 0
	for _, j := range jobs {
		if last[j.Record] == j && (j.outcome != "" || j.Failed) {
			ended = append(ended, j)
			if j.Failed {
				failures++
			}
		}
	}
	out := []Capture{}
	for _, percent := range []int{5, 10, 20, 50} {
		n := int(math.Ceil(float64(len(ended)) * float64(percent) / 100))
		c := Capture{Percent: percent, Changes: n}
		if failures > 0 {
			by := func(score func(*job) int) float64 { return share(ended, n, failures, score) }
			c.Candidate = by(func(j *job) int { return j.New.Risk.Score })
			c.Then = by(func(j *job) int { return j.Then.Risk.Score })
			c.Size = by(func(j *job) int { return j.size })
			c.Random = by(func(*job) int { return 0 })
		}
		out = append(out, c)
	}
	return out
}

// share is how much of the failures the n highest scores hold, rounded to a
// thousandth. Of those that share the last score as many count as chance would
// choose.
func share(ended []*job, n, failures int, score func(*job) int) float64 {
	sorted := slices.Clone(ended)
	slices.SortStableFunc(sorted, func(a, b *job) int { return cmp.Compare(score(b), score(a)) })
	found := 0.0
	for i := 0; i < n; {
		end, bad := i, 0
		for ; end < len(sorted) && score(sorted[end]) == score(sorted[i]); end++ {
			if sorted[end].Failed {
				bad++
			}
		}
		taken := min(end, n) - i
		found += float64(bad) * float64(taken) / float64(end-i)
		i = end
	}
	return math.Round(found/float64(failures)*1000) / 1000
}
