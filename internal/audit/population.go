package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// population is POP-2: everything came through the gate, and is still there.
func population(d *dossier) []answer {
	out := d.twice()
	for _, s := range d.steps {
		switch {
		case s.way == history.AtGenesis:
			out = append(out, inapplicable("in the genesis commit %s, which nothing gates", short(s.OID)))
		case s.way == history.Bootstrap:
			out = append(out, inapplicable("bootstrap: landed without approval with %s", short(s.OID)))
		case s.way == history.Pushed:
			out = append(out, d.pushed(s))
		case d.kind != nil && s.touch.NewBlob == "":
			out = append(out, failed([]string{s.OID, s.file(d.t.Dir)}, "%s was removed by landing %s", s.file(d.t.Dir), short(s.OID)))
		default:
			out = append(out, passed([]string{s.OID, s.Merge.Path}, "every version landed through the gate"))
		}
	}
	return out
}

// twice reports that main came to have two files of one record: git merges
// what two branches filed under one id without a word.
func (d *dossier) twice() []answer {
	files := map[string]bool{}
	var out []answer
	for _, s := range d.steps {
		if d.kind == nil {
			return nil
		}
		delete(files, s.touch.Moved)
		if files[s.touch.Path] = true; s.touch.NewBlob == "" {
			delete(files, s.touch.Path)
		}
		if len(files) > 1 {
			list := slices.Sorted(maps.Keys(files))
			out = append(out, failed(append([]string{s.OID}, list...), "with commit %s main has it twice: %s", short(s.OID), strings.Join(list, ", ")))
		}
	}
	return out
}

// pushed words a step past the gate: which commit, which file, what it did.
func (d *dossier) pushed(s step) answer {
	files, did := d.what(s)
	rests := append([]string{s.OID}, files...)
	names := strings.Join(bare(files), ", ")
	switch {
	case s.EvidenceHead == "":
		return failed(rests, "commit %s by %s %s straight on main", short(s.OID), s.Author.Name, fmt.Sprintf(did, names))
	case d.t.unattested(s.Landing):
		return unverifiable(rests, "commit %s says that it came through the gate, and %v", short(s.OID), errNoEvidence)
	}
	return failed(rests, "commit %s by %s %s; it says that it came through the gate, and no evidence says so", short(s.OID), s.Author.Name, fmt.Sprintf(did, names))
}

// what words a step's change as file:line and a phrase with one place for the
// files' names.
func (d *dossier) what(s step) (files []string, did string) {
	if d.kind == nil {
		for _, c := range s.Rules {
			files = append(files, c.Path)
		}
		return files, "changed %s"
	}
	file := s.file(d.t.Dir)
	switch {
	case s.touch.NewBlob == "":
		return []string{file}, "removed %s"
	case s.touch.OldBlob == "":
		return []string{file + ":1"}, "added %s"
	case s.before == nil || s.after == nil:
		return []string{file + ":1"}, "changed %s"
	}
	fields := record.Changed(s.before.Fields, s.after.Fields)
	if len(fields) == 0 {
		return []string{file + ":1"}, "changed the form of %s"
	}
	line, _ := s.after.Doc.KeyPosition("/" + fields[0])
	return []string{fmt.Sprintf("%s:%d", file, line)}, "changed " + strings.ReplaceAll(strings.Join(fields, ", "), "%", "%%") + " of %s"
}

// bare drops the lines of file:line.
func bare(files []string) []string {
	var out []string
	for _, f := range files {
		if i := strings.LastIndexByte(f, ':'); i > 0 {
			f = f[:i]
		}
		out = append(out, f)
	}
	return out
}

// rules is POL-1: changes of policy, people and config had their owners'
// approval.
func rules(d *dossier) []answer {
	var out []answer
	for _, s := range d.steps {
		r := s.ruling
		switch {
		case s.way == history.AtGenesis:
			out = append(out, inapplicable("in the genesis commit %s, which nothing gates", short(s.OID)))
		case s.Before.Bootstrap() && (d.kind == nil || d.kind.Owner != "waivers"): // as the gate: these are asked for from the beginning
			out = append(out, inapplicable("bootstrap: %s needed nobody's approval", short(s.OID)))
		case r == nil || r.err != nil:
			out = append(out, r.unjudged())
		case s.way == history.Pushed:
			out = append(out, failed([]string{s.OID}, "commit %s changed it past the gate, so its owners were not asked", short(s.OID)))
		default:
			out = append(out, d.owned(s))
		}
	}
	return out
}

// ownersRequirement begins the ids of the approvals that the gate itself asks
// for, whatever policy says.
const ownersRequirement = "owners-"

// owned looks for the owners' approval among the requirements of a landing.
func (d *dossier) owned(s step) answer {
	rests := []string{s.OID}
	asked := false
	for _, n := range s.ruling.decision.Requirements {
		if !strings.HasPrefix(n.ID, ownersRequirement) {
			continue
		}
		asked = true
		if !n.Met {
			return failed(rests, "landing %s: %s", short(s.OID), n.Reason)
		}
		for _, x := range s.ruling.relied {
			if slices.Contains(n.Approvers, x.person) {
				rests = append(rests, x.path)
			}
		}
	}
	if !asked {
		return failed(rests, "landing %s: nobody owns it, so nobody was asked", short(s.OID))
	}
	return passed(rests, "its owners approved every landing since bootstrap")
}

// unjudged words that a landing could not be judged again.
func (r *ruling) unjudged() answer {
	if r == nil {
		return unverifiable(nil, "it was not judged again")
	}
	return unverifiable([]string{r.landing.OID}, "landing %s cannot be judged again: %v", short(r.landing.OID), r.err)
}
