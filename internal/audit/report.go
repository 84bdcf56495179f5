package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Verdict is what a check found. Missing evidence is never a pass.
type Verdict string

// The verdicts, from the least to the worst.
const (
	NotApplicable Verdict = "not-applicable"
	Pass          Verdict = "pass"
	Accepted      Verdict = "accepted" // failed, and settled by the register of exceptions
	CannotVerify  Verdict = "cannot-verify"
	Fail          Verdict = "fail"
)

func (v Verdict) rank() int {
	return slices.Index([]Verdict{NotApplicable, Pass, Accepted, CannotVerify, Fail}, v)
}

// Check is the verdict of one check on one record. Record is "" for what is
// about the store as a whole: its policy, its config, its evidence branch.
type Check struct {
	Check   string   `json:"check"`
	Record  string   `json:"record"`
	Kind    string   `json:"kind"`
	Verdict Verdict  `json:"verdict"`
	Reason  string   `json:"reason"`
	RestsOn []string `json:"rests_on"` // commits, evidence paths, file:line
}

// Report is the result of Verify.
type Report struct {
	Genesis  git.OID   `json:"genesis"`
	Main     git.OID   `json:"main"`
	Evidence []git.OID `json:"evidence"` // heads of the evidence branch; two where clones diverged
	Notes    []string  `json:"notes"`    // what every reader must know: genesis, bootstrap, simulation
	Checks   []Check   `json:"checks"`
	Summary  Summary   `json:"summary"`
}

// Summary counts what was looked at and what came of it.
type Summary struct {
	Records       int     `json:"records"`
	Population    int     `json:"population"` // records of work that landed after genesis: what there was to test
	Landings      int     `json:"landings"`
	Commits       int     `json:"commits"`
	Statements    int     `json:"statements"`
	Pass          int     `json:"pass"`
	Accepted      int     `json:"accepted"`
	Fail          int     `json:"fail"`
	NotApplicable int     `json:"not_applicable"`
	CannotVerify  int     `json:"cannot_verify"`
	ByCheck       []Tally `json:"by_check"`
}

// Tally counts the verdicts of one check.
type Tally struct {
	Check         string `json:"check"`
	Title         string `json:"title"`
	Pass          int    `json:"pass"`
	Accepted      int    `json:"accepted"`
	Fail          int    `json:"fail"`
	NotApplicable int    `json:"not_applicable"`
	CannotVerify  int    `json:"cannot_verify"`
}

// Packet is everything about one record.
type Packet struct {
	Record string          `json:"record"`
	Kind   string          `json:"kind"`
	Title  string          `json:"title"`
	State  string          `json:"state"`
	Events []history.Event `json:"events"`
	Checks []Check         `json:"checks"`
	Notes  []string        `json:"notes"`
}

// Worst is the verdict that decides how a command ends: Fail, CannotVerify,
// Accepted or Pass. A report in which nothing applied is CannotVerify: nothing was found
// out about the store.
func (r *Report) Worst() Verdict {
	if w := worst(r.Checks); w != NotApplicable {
		return w
	}
	return CannotVerify
}

// Worst is as for a Report, but that one record may well owe nothing.
func (p *Packet) Worst() Verdict {
	if w := worst(p.Checks); w != NotApplicable {
		return w
	}
	return Pass
}

func worst(checks []Check) Verdict {
	out := NotApplicable
	for _, c := range checks {
		if c.Verdict.rank() > out.rank() {
			out = c.Verdict
		}
	}
	return out
}

// count fills in the verdicts of a summary.
func (s *Summary) count(checks []Check) {
	by := map[string]*Tally{}
	for _, row := range Codes() {
		by[row.ID] = &Tally{Check: row.ID, Title: row.Title}
	}
	for _, c := range checks {
		t := by[c.Check]
		switch c.Verdict {
		case Pass:
			s.Pass++
			t.Pass++
		case Accepted:
			s.Accepted++
			t.Accepted++
		case Fail:
			s.Fail++
			t.Fail++
		case NotApplicable:
			s.NotApplicable++
			t.NotApplicable++
		case CannotVerify:
			s.CannotVerify++
			t.CannotVerify++
		}
	}
	for _, row := range Codes() {
		s.ByCheck = append(s.ByCheck, *by[row.ID])
	}
}

// answer is what a check says of one step of a record; those of all steps
// make up one Check.
type answer struct {
	verdict Verdict
	reason  string
	rests   []string
}

func passed(rests []string, format string, args ...any) answer {
	return answer{Pass, fmt.Sprintf(format, args...), rests}
}

func failed(rests []string, format string, args ...any) answer {
	return answer{Fail, fmt.Sprintf(format, args...), rests}
}

func unverifiable(rests []string, format string, args ...any) answer {
	return answer{CannotVerify, fmt.Sprintf(format, args...), rests}
}

func inapplicable(format string, args ...any) answer {
	return answer{NotApplicable, fmt.Sprintf(format, args...), nil}
}

// mostReasons bounds how many reasons one verdict lists in words.
const mostReasons = 5

// fold makes one Check of the answers of all steps: the worst verdict, with
// every reason for it.
func fold(code, kind, id string, answers []answer) Check {
	c := Check{Check: code, Record: id, Kind: kind, Verdict: NotApplicable, RestsOn: []string{}}
	for _, f := range answers {
		if f.verdict.rank() > c.Verdict.rank() {
			c.Verdict = f.verdict
		}
	}
	var reasons []string
	for _, f := range answers {
		if f.verdict != c.Verdict {
			continue
		}
		if !slices.Contains(reasons, f.reason) {
			reasons = append(reasons, f.reason)
		}
		for _, r := range f.rests {
			if r != "" && !slices.Contains(c.RestsOn, r) {
				c.RestsOn = append(c.RestsOn, r)
			}
		}
	}
	if more := len(reasons) - mostReasons; more > 0 {
		reasons = append(reasons[:mostReasons], fmt.Sprintf("and %d more", more))
	}
	c.Reason = strings.Join(reasons, "; ")
	return c
}

func sortChecks(checks []Check) {
	slices.SortStableFunc(checks, func(a, b Check) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Check, b.Check))
	})
}

// short is a commit id as people read it.
func short(id git.OID) string { return id[:min(len(id), 12)] }

// were words a count as the subject of a sentence.
func were(n int, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return fmt.Sprintf("%d %ss were", n, what)
}
