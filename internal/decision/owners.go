package decision

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// guarded says which key of `owners` in gitsm.yaml guards a path of the store,
// "" where none does.
func guarded(s *store.Store, p string) string {
	rel, ok := s.Relative(p)
	if !ok {
		return ""
	}
	switch {
	case rel == store.ConfigFile:
		return "config"
	case strings.HasPrefix(rel, store.PolicyDir+"/"):
		return "policy"
	}
	if k, _, ok := s.Kinds.ByPath(rel); ok {
		return k.Owner
	}
	return ""
}

// ownerRequirements asks for the owners of what judges other proposals: the
// policy, the people, the config. While a store bootstraps nobody owns these
// yet, and every audit says so.
func ownerRequirements(f *Facts) []approval.Requirement {
	if f.Base.Config.Bootstrap {
		return nil
	}
	keys := map[string]bool{}
	for _, c := range f.Changes {
		keys[c.Kind.Owner] = true
	}
	for _, file := range f.Files {
		keys[guarded(f.Base, file.Path)] = true
	}
	delete(keys, "")
	var out []approval.Requirement
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, approval.Requirement{
			ID: "owners-" + k, From: f.Base.Config.Owners[k], Count: 1,
			Msg: fmt.Sprintf("%s is changed, which %s owns (owners.%s in gitsm.yaml)", k, strings.Join(f.Base.Config.Owners[k], ", "), k),
		})
	}
	return out
}

// judgeFiles looks at files that are no records: config steps that cannot be
// taken, and files that stand where only records may.
func (j *Judge) judgeFiles(f *Facts) []finding.Finding {
	var out []finding.Finding
	for _, file := range f.Files {
		rel, ok := f.Base.Relative(file.Path)
		switch {
		case !ok:
		case rel == store.ConfigFile && file.Status == "deleted":
			out = append(out, gate("GAT003", file.Path, "gitsm.yaml is deleted: without it there is no store"))
		case rel == store.ConfigFile:
			out = append(out, j.judgeConfig(f)...)
		}
	}
	return out
}

func (j *Judge) judgeConfig(f *Facts) []finding.Finding {
	out := j.Validator.Config(f.Head.Doc)
	name := f.Head.Display(store.ConfigFile)
	was, is := f.Base.Config, f.Head.Config
	if !was.Bootstrap && is.Bootstrap {
		out = append(out, gate("GAT001", name, "bootstrap cannot be turned on again: what lands under it needs nobody's approval"))
	}
	if !was.Simulation && is.Simulation {
		out = append(out, gate("GAT002", name, "simulation cannot be turned on in a store with real history: it lets every time be made up"))
	}
	if was.Bootstrap && !is.Bootstrap {
		if n := ableToApprove(f.Head); n < 2 {
			out = append(out, gate("GAT004", name, fmt.Sprintf("ending bootstrap needs two active people who can approve, and %d can", n)))
		}
		for _, k := range []string{"policy", "people", "config"} {
			if len(is.Owners[k]) == 0 {
				out = append(out, gate("GAT005", name, fmt.Sprintf("ending bootstrap without owners.%s would leave %s to nobody", k, k)))
			}
		}
	}
	return out
}

// ableToApprove counts the active people an approval could be attributed to.
func ableToApprove(s *store.Store) int {
	dir, err := s.Directory()
	if err != nil {
		return 0
	}
	n := 0
	for _, p := range dir.People {
		if p.IsActive() && (len(p.Emails) > 0 || len(p.SigningKeys) > 0 || p.GitHub.ID != 0) {
			n++
		}
	}
	return n
}

func gate(code, file, msg string) finding.Finding {
	c, _ := finding.Lookup(code)
	return finding.Finding{Code: code, Severity: finding.Error, File: file, Line: 1, Column: 1, Message: msg, Why: c.Explain, Fix: c.Fix}
}

// count evaluates the approvals and settles the verdict.
func (j *Judge) count(b *base, f *Facts, d *Decision, reqs []approval.Requirement) error {
	p := f.Primary()
	kind := ""
	facts := approval.Facts{
		People: map[string]approval.Person{}, Teams: map[string]approval.Team{},
		Opener: f.Opener, Contributors: f.Contributors, Reviews: f.Reviews, Judged: true,
	}
	var fields map[string]any
	var allowed []string
	if p != nil && p.After != nil {
		kind, fields = p.Kind.Name, p.After.Fields
		facts.Requester = p.After.Str("requester")
		facts.Implementers = implementers(p)
		allowed = record.ImmaterialFields(p.Kind, b.immaterial(kind))
	}
	for id, person := range b.dir.People {
		facts.People[id] = approval.Person{Active: person.IsActive()}
	}
	for id, team := range b.dir.Teams {
		facts.Teams[id] = approval.Team{Members: team.Members, Active: team.IsActive()}
	}
	facts.MinimumTrust = b.minimumTrust(d.Risk.Band)
	d.MinimumTrust = facts.MinimumTrust
	bound := f.Bound()
	material, err := record.Material(fields, allowed, bound)
	if err != nil {
		return err
	}
	d.Material = material
	res := approval.Evaluate(reqs, facts, approval.Binding{Allowed: allowed, Material: func(excluded []string) (string, error) {
		m, err := record.Material(fields, excluded, bound)
		return m.SHA256, err
	}})
	d.Verdict, d.Requirements, d.Blockers, d.Reasons = res.Verdict, res.Requirements, res.Blockers, res.Reasons
	if errs, _ := finding.Count(d.Findings); errs > 0 && d.Verdict != approval.Error {
		d.Verdict = approval.Deny
	}
	return nil
}

func implementers(c *Change) []string {
	var out []string
	for _, r := range []*record.Record{c.Before, c.After} {
		if r != nil && r.Str("implementation", "implementer") != "" {
			out = append(out, r.Str("implementation", "implementer"))
		}
	}
	return out
}

// minimumTrust is what policy data demands for a risk band. Where a proposal
// has no band, or policy does not say, the strictest that is named holds, and
// a signature where nothing is.
func (b *base) minimumTrust(band string) string {
	table, _ := record.Value(b.data, "minimum_trust").(map[string]any)
	if s, ok := table[band].(string); ok {
		return s
	}
	strictest := ""
	order := []string{approval.Claimed, approval.Observed, approval.Signed}
	for _, v := range table {
		s, _ := v.(string)
		if slices.Index(order, s) > slices.Index(order, strictest) {
			strictest = s
		}
	}
	if strictest == "" {
		return approval.Signed
	}
	return strictest
}
