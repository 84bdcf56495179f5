// Package decision owns the one answer everything else asks for: what policy,
// lifecycle and approvals say of a proposal, given the snapshot that judges it.
// check, assess, gate, landing and audit all come through Judge.Decide, so
// they cannot disagree.
//
// It may import approval, calendar, engine, graph, validate, store, record and git's
// values. It never reads a repository, a clock or the environment: facts and
// snapshots come in, a Decision comes out, and the same facts give the same
// bytes.
package decision

import (
	"encoding/json"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Actor is whoever asks for the transition.
type Actor struct {
	ID    string // person id, "" where nobody in people/ is meant
	Known bool
}

// Change is what a proposal does to one record.
type Change struct {
	Kind   *record.Kind
	ID     string
	Path   string         // in the store
	Before *record.Record // nil for a new record
	After  *record.Record // nil where it was deleted or cannot be read
	Broken []finding.Finding
	// Unread says that main has a file there which cannot be read, so that Before
	// is nil although the record is not new.
	Unread bool
	// OldMode and NewMode are the file's in git, "" where it is absent or where
	// no trees are compared.
	OldMode, NewMode string
	// Landed says that the record is in force and is looked at as if it were
	// filed today, whatever its state is by now: no step is judged.
	Landed bool
}

// Stays reports whether main has the record already as the proposal leaves it, so
// that nothing of it lands.
func (c *Change) Stays() bool {
	return c.Before != nil && c.After != nil && c.Before.Blob != "" && c.Before.Blob == c.After.Blob && c.Before.Path == c.After.Path && c.OldMode == c.NewMode
}

// File is any other file the proposal changes.
type File struct {
	Path       string // in the repository
	Mode, Blob string // "" where deleted
	Status     string // added, modified, deleted
}

// Facts is everything a decision rests on besides policy.
type Facts struct {
	Base *store.Store // what judges: policy, people, teams, config and catalogue
	Head *store.Store // what would be true after landing

	ID      string // the record the proposal is about, "" for policy and config
	Changes []Change
	Files   []File
	Actor   Actor
	Now     time.Time
	clock   *period.Clock // stands at Now; nil where nobody asks how long that holds

	// Retro asks for the approval an emergency owes after it landed, instead
	// of those that landing would need.
	Retro bool

	// Authority is how each change was put into force of which the proposal says
	// how the work goes, by id. An audit leaves it empty: it holds the same
	// against the commits themselves (APR-2, SOD-1).
	Authority map[string]Authority

	Opener       string // person id
	Contributors []approval.Contributor
	work         []Work // what was attributed, and approvals cover
	Reviews      []approval.Review
}

// Decision says whether a proposal may land, and why.
type Decision struct {
	Record  string           `json:"record"`
	Verdict approval.Verdict `json:"verdict"`
	Verb    string           `json:"verb"`
	From    string           `json:"from"`
	To      string           `json:"to"`

	Risk         Risk                `json:"risk"`
	Signals      []Signal            `json:"signals"`
	Impact       []graph.Impact      `json:"impact"`
	Conflicts    []calendar.Conflict `json:"conflicts"` // with what has landed
	Requirements []approval.Node     `json:"requirements"`
	Findings     []finding.Finding   `json:"findings"`
	Waived       []finding.Finding   `json:"waived"` // what waivers cover; none of it is in Findings

	Blockers []approval.Ignored `json:"blockers"`
	Reasons  []string           `json:"reasons"`

	MinimumTrust string        `json:"minimum_trust"`
	Material     record.Digest `json:"material"`

	PolicyDigest string          `json:"policy_digest"`
	InputDigest  string          `json:"input_digest"`
	OPA          string          `json:"opa"`
	Rules        int             `json:"rules"`
	Input        json.RawMessage `json:"-"` // what policy saw, canonical
}

// Risk is policy's judgement; Band is "" where policy gives none.
type Risk struct {
	Score int    `json:"score"`
	Band  string `json:"band"`
}

// Signal is one reason for the score.
type Signal struct {
	ID         string `json:"id"`
	Points     int    `json:"points"`
	Message    string `json:"message"`
	Mitigation string `json:"mitigation"`
	Path       string `json:"path"`
	Rule       string `json:"rule"` // file:line
}

// Allowed reports whether the proposal may land now.
func (d *Decision) Allowed() bool { return d.Verdict == approval.Allow }

// Owed reports whether the decision is about the approval that an emergency
// owes after it landed.
func (d *Decision) Owed() bool { return d.Verb == RetroApproval }

// RetroApproval is the verb of such a decision.
const RetroApproval = "retro-approval"

// Primary returns the change of the record the proposal is about.
func (f *Facts) Primary() *Change {
	for i := range f.Changes {
		if f.Changes[i].ID == f.ID {
			return &f.Changes[i]
		}
	}
	return nil
}

// Bound returns every file an approval covers besides the record it is about.
// Of two records of one id the first is what it is about, and the other one of
// these files.
func (f *Facts) Bound() []record.File {
	var out []record.File
	for _, file := range f.Files {
		out = append(out, record.File{Path: file.Path, Mode: file.Mode, Blob: file.Blob})
	}
	primary := f.Primary()
	for i := range f.Changes {
		c := &f.Changes[i]
		if c == primary {
			continue
		}
		file := record.File{Path: c.file()}
		if c.After != nil {
			file.Mode, file.Blob = "100644", c.After.Blob
		}
		out = append(out, file)
	}
	return out
}

// file is the record's path in the repository, as far as either side knows it.
func (c *Change) file() string {
	for _, r := range []*record.Record{c.After, c.Before} {
		if r != nil {
			return r.Doc.Name
		}
	}
	if len(c.Broken) > 0 {
		return c.Broken[0].File
	}
	return c.Path
}
