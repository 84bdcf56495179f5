package audit

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/history"
)

// tamper is TMP-1 for one record: its evidence is as it was recorded, its
// landings are what evidence says they are, and no signature is bad.
func tamper(ctx context.Context, d *dossier) ([]answer, error) {
	out := d.evidenceOf()
	signed := 0
	for _, it := range d.items {
		switch s := d.t.keys.statement(it); s.Verdict {
		case evidence.BadSignature:
			out = append(out, failed([]string{it.SigPath()}, "the signature of %s is bad: %s", it.Path, s.Reason))
		case evidence.Good:
			signed++
		}
	}
	commits := 0
	for _, s := range d.steps {
		f, n, err := d.landing(ctx, s)
		if err != nil {
			return nil, err
		}
		out, commits = append(out, f...), commits+n
	}
	switch {
	case len(out) > 0:
	case len(d.items) == 0:
		out = append(out, inapplicable("no evidence is about it"))
	default:
		out = append(out, passed(d.paths(), "%s (%d signed) and %s are as they were recorded", finding.Counted(len(d.items), "statement"), signed, finding.Counted(commits, "commit")))
	}
	return out, nil
}

func (d *dossier) paths() []string {
	var out []string
	for _, it := range d.items {
		out = append(out, it.Path)
	}
	return out
}

// evidenceOf reports what was done to the record's statements, and statements
// about landings that main does not have.
func (d *dossier) evidenceOf() []answer {
	var out []answer
	for _, x := range d.t.ledger.tampers {
		if d.owns(x.Path) {
			out = append(out, tampered(x))
		}
	}
	for _, p := range d.t.ledger.problems {
		if d.owns(p.path) {
			out = append(out, failed([]string{p.path}, "%s: %v", evidence.Shown(p.path), p.err))
		}
	}
	for _, it := range d.items {
		m := it.Statement.Predicate.Merge
		if m == nil {
			continue
		}
		s := it.statement()
		switch l, ok := d.t.h.Landing(m.Commit); {
		case !ok:
			out = append(out, failed([]string{it.Path, m.Commit}, "%s says that %s landed, and main does not have it: main was rewritten or rewound", it.Path, short(m.Commit)))
		case !l.Matches(&s):
			out = append(out, failed([]string{it.Path, m.Commit}, "%s does not describe commit %s: main before it and the proposal were others", it.Path, short(m.Commit)))
		case l.Merge != nil && it.tells() != d.t.ledger.byPath[l.Merge.Path].tells():
			out = append(out, failed([]string{it.Path, l.Merge.Path, m.Commit}, "%s and %s say otherwise of commit %s: it landed once", it.Path, l.Merge.Path, short(m.Commit)))
		}
	}
	return out
}

// landingTold is what a statement tells of a landing, which whoever else recorded
// it would have told alike.
type landingTold struct {
	kind, record string
	proposal     evidence.Proposal
	facts        evidence.MergeFacts
	repository   string
	pull         int
	at           time.Time
}

func (it *item) tells() landingTold {
	p := it.Statement.Predicate
	out := landingTold{kind: p.Record.Kind, record: p.Record.ID, proposal: p.Proposal, facts: *p.Merge}
	out.facts.ApprovedMaterial, out.facts.Identical = "", false // depends on whose approval was seen
	if p.Forge != nil {
		out.repository, out.pull, out.at = p.Forge.Repository, p.Forge.Pull, p.Forge.At
	}
	return out
}

func tampered(x evidence.Tamper) answer {
	return failed([]string{x.Commit, x.Path}, "%s %s by commit %s of the evidence branch", evidence.Shown(x.Path), x.What, short(x.Commit))
}

// owns reports whether a path of the evidence branch is the record's. Records
// of two kinds may share an id, and then share what happened to its directory.
func (d *dossier) owns(p string) bool {
	return strings.HasPrefix(p, path.Join("evidence", topic(d.id))+"/")
}

// landing looks at the commits of one landing and at what it commits to.
func (d *dossier) landing(ctx context.Context, s step) (out []answer, commits int, err error) {
	for _, c := range append(slices.Clone(s.Brought), s.Commit) {
		if c.Landing == nil || c.Landing.Index == 0 {
			continue
		}
		commits++
		seal, err := d.t.keys.commit(ctx, c)
		if err != nil {
			return nil, 0, err
		}
		if seal.Verdict == evidence.BadSignature {
			out = append(out, failed([]string{c.OID}, "the signature of commit %s is bad: %s", short(c.OID), seal.Reason))
		}
	}
	if r := s.ruling; r != nil && s.way == history.Gated && len(r.foreign) > 0 {
		out = append(out, failed(append([]string{s.OID}, r.foreign...), "landing %s holds what neither main nor its proposal had: %s", short(s.OID), strings.Join(r.foreign, ", ")))
	}
	return append(out, d.t.commitment(s.Landing)...), commits, nil
}

// commitment holds what a landing says of itself against the evidence.
func (t *trail) commitment(l *history.Landing) []answer {
	var out []answer
	if l.Merge != nil && l.EvidenceHead == "" && !onForge(l) {
		out = append(out, failed([]string{l.OID, l.Merge.Path}, "landing %s does not say what evidence it knew", short(l.OID)))
	}
	if l.Merge != nil && l.ChangeID != l.Merge.Record && (l.ChangeID != "" || !onForge(l)) {
		out = append(out, failed([]string{l.OID, l.Merge.Path}, "landing %s says that it is about %s, and its evidence is about %s", short(l.OID), orNone(l.ChangeID), orNone(l.Merge.Record)))
	}
	if head, ok := t.ledger.lost[l.Index]; ok {
		out = append(out, failed([]string{l.OID, head}, "landing %s names evidence %s, which is gone: the evidence branch was rewritten or rewound", short(l.OID), short(head)))
	}
	if last, ok := t.ledger.unordered[l.Index]; ok {
		out = append(out, failed([]string{l.OID, l.EvidenceHead}, "landing %s names evidence %s, which lacks %s that an earlier landing knew", short(l.OID), short(l.EvidenceHead), short(last)))
	}
	return out
}

// whole are the verdicts on the store as such: its evidence branch, how main
// was protected, and whether its changes are all there were.
func (t *trail) whole(ctx context.Context, ds []*dossier, scope Scope) ([]Check, error) {
	var out []Check
	if len(scope.Checks) == 0 || slices.Contains(scope.Checks, TMP1) {
		answers, err := t.branch(ctx, ds)
		if err != nil {
			return nil, err
		}
		out = append(out, fold(TMP1, "", "", answers))
	}
	if len(scope.Checks) == 0 || slices.Contains(scope.Checks, CFG1) {
		out = append(out, fold(CFG1, "", "", []answer{protected(t)}))
	}
	if len(scope.Checks) == 0 || slices.Contains(scope.Checks, POP1) {
		out = append(out, fold(POP1, "", "", t.complete(ds)))
	}
	return out, nil
}

// population reports whether the record is work that landed: a change, an
// incident, a request; not what says how others are judged.
func (d *dossier) population() bool {
	return d.work() && !d.guarded() && slices.ContainsFunc(d.steps, func(s step) bool { return s.way != history.AtGenesis })
}

// branch is TMP-1 for the evidence branch and main as such, with the evidence
// about policy and config.
func (t *trail) branch(ctx context.Context, ds []*dossier) ([]answer, error) {
	var out []answer
	if root := t.h.Genesis().OID; t.Root != "" && t.Root != root {
		out = append(out, failed([]string{root, t.Root}, "the store began with %s, and not with %s as was expected", short(root), short(t.Root)))
	}
	if len(t.main.Heads) > 1 {
		out = append(out, unverifiable(t.main.Heads, "%s: %s was looked at; bring them together first", t.main.Note, short(t.main.Heads[0])))
	}
	held, err := t.checkpoints(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, held...)
	if len(t.ledger.heads) == 0 {
		return append(out, t.absent()...), nil
	}
	out = append(out, t.roots()...)
	out = append(out, t.unowned(ds)...)
	for _, d := range ds {
		if d.kind != nil {
			continue
		}
		more, err := tamper(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(more, func(a answer) bool { return a.verdict == Pass || a.verdict == NotApplicable })...)
	}
	if len(out) == 0 {
		out = append(out, passed(t.ledger.heads, "the evidence branch only ever grew, by %s; what main says it knew is in it", finding.Counted(len(t.ledger.items), "statement")))
	}
	return out, nil
}

// unowned is what no record's own verdict reports.
func (t *trail) unowned(ds []*dossier) []answer {
	var out []answer
	owned := func(p string) bool {
		return slices.ContainsFunc(ds, func(d *dossier) bool { return d.kind != nil && d.gated() && d.owns(p) })
	}
	for _, x := range t.ledger.tampers {
		if !owned(x.Path) {
			out = append(out, tampered(x))
		}
	}
	for _, p := range t.ledger.problems {
		if !owned(p.path) {
			out = append(out, failed([]string{p.path}, "%s: %v", evidence.Shown(p.path), p.err))
		}
	}
	for _, l := range t.h.Line {
		if l.Merge == nil || len(l.Touches)+len(l.Rules) == 0 {
			out = append(out, t.commitment(l)...)
		}
	}
	return out
}

// absent judges a clone without an evidence branch.
func (t *trail) absent() []answer {
	for _, l := range t.h.Line {
		if t.unattested(l) {
			return []answer{unverifiable([]string{l.OID}, "commit %s names evidence, and %v", short(l.OID), errNoEvidence)}
		}
	}
	return []answer{passed([]string{t.h.Head().OID}, "there is no evidence yet, and no commit of main names any")}
}

// roots makes sure that the branch is the one that began with this store.
func (t *trail) roots() []answer {
	want := evidence.Root(t.h.Genesis().OID)
	switch {
	case len(t.ledger.roots) != 1:
		return []answer{failed(t.ledger.roots, "the evidence branch has %s where it has one", finding.Counted(len(t.ledger.roots), "beginning"))}
	case !bytes.Equal(t.ledger.readme, want.Files["README.md"]):
		return []answer{failed([]string{t.ledger.roots[0]}, "the evidence is not that of the store that began with %s", short(t.h.Genesis().OID))}
	}
	return nil
}

// at is a place in a file.
func at(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
