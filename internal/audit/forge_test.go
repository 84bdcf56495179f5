package audit_test

import (
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// forgery lands whatever it is told with evidence that says that the gate let
// it pass: what somebody with write access to both branches could make.
type forgery struct {
	id      string
	path    string
	content string        // of the record, as it lands
	commits []git.OID     // of the proposal; one is made where none is given
	by      string        // who proposes and lands; alice where ""
	key     string        // what the commits are signed with; by's where "", nothing where "-"
	from    []string      // who is said to have been asked, none for nobody
	given   []*forgedWord // approvals
	decided bool          // whether a decision is recorded at all
}

// forgedWord is an approval, made by one person and signed by another.
type forgedWord struct {
	person, key string // key "" leaves it unsigned
	head        git.OID
	content     string // of the record that was approved
}

func (s *scene) sign(key, namespace string) func([]byte) ([]byte, error) {
	if key == "" {
		return nil
	}
	k := keyOf(s, key)
	return func(b []byte) ([]byte, error) { return k.Sign(s.ctx, namespace, b) }
}

func (s *scene) fields(p, content string) map[string]any {
	s.Helper()
	doc, findings := yamldoc.Parse(p, []byte(content))
	if doc == nil || len(findings) > 0 {
		s.Fatalf("%s: %v", p, findings)
	}
	return doc.Value()
}

// excluded is the exclusion list of the default policy.
var excluded = record.ImmaterialFields(&record.Kind{}, []string{"title", "links"})

func (s *scene) material(p, content string) evidence.Material {
	s.Helper()
	d, err := record.Material(s.fields(p, content), excluded, nil)
	s.must(err)
	return evidence.Material{SHA256: d.SHA256, Excluded: d.Excluded}
}

// propose1 writes a signed commit of a proposal.
func (s *scene) proposalCommit(by, key, p, content string, parent git.OID) git.OID {
	s.Helper()
	sig := signature(by, s.tick())
	return s.write(git.CommitSpec{Base: parent, Parents: []git.OID{parent}, Files: []git.FileEdit{{Path: p, Content: []byte(content)}},
		Message: "Propose\n", Author: sig, Committer: sig, Sign: s.sign(key, evidence.CommitNamespace)})
}

// record appends statements to the evidence branch.
func (s *scene) record(head git.OID, entries ...*evidence.Entry) git.OID {
	s.Helper()
	sig := signature("alice", s.tick())
	spec := git.CommitSpec{Base: head, Parents: []git.OID{head}, Message: "Record\n", Author: sig, Committer: sig}
	for _, e := range entries {
		spec.Files = append(spec.Files, git.FileEdit{Path: e.Path, Content: e.Raw})
		if e.Sig != nil {
			spec.Files = append(spec.Files, git.FileEdit{Path: e.SigPath(), Content: e.Sig})
		}
	}
	return s.write(spec)
}

func (s *scene) entry(p evidence.Predicate, key string) *evidence.Entry {
	s.Helper()
	p.Time, p.Tool = s.tick(), evidence.Tool{Gitsm: tool, OPA: opa(s)}
	e, err := evidence.NewEntry(evidence.Statement{Predicate: p}, s.sign(key, evidence.Namespace))
	s.must(err)
	return e
}

// opa is the engine's version, as recorded decisions name it.
func opa(s *scene) string {
	st, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	s.must(err)
	list, err := evidence.Read(st, s.ids["closed"])
	s.must(err)
	return list[0].Statement.Predicate.Tool.OPA
}

// forge lands a forgery and returns the landing.
func (s *scene) forge(f forgery) git.OID {
	s.Helper()
	if f.by == "" {
		f.by = "alice"
	}
	key := f.key
	switch key {
	case "":
		key = f.by
	case "-":
		key = ""
	}
	base := s.ref(mainRef)
	if len(f.commits) == 0 {
		f.commits = []git.OID{s.proposalCommit(f.by, key, f.path, f.content, base)}
	}
	head := f.commits[len(f.commits)-1]
	blob := s.git("rev-parse", head+":"+f.path)
	about := evidence.Predicate{
		Record:   evidence.RecordContent{ID: f.id, Kind: "change", Path: f.path, Blob: blob, Content: f.content},
		Material: s.material(f.path, f.content), Person: f.by,
		Proposal: evidence.Proposal{Branch: "gitsm/" + f.id + "/forged-0000", Base: base, Head: head},
	}
	var entries []*evidence.Entry
	req := evidence.Requirement{ID: "owner-team-payments", From: f.from, Need: 1}
	for _, g := range f.given {
		e := s.approval(about, g, f.path)
		entries = append(entries, e)
		req.Given++
		req.Approvers = append(req.Approvers, evidence.Approver{Person: g.person, Evidence: e.Path})
	}
	if f.decided {
		d := about
		d.Kind, d.Decision = evidence.Decision, &evidence.DecisionFacts{Verdict: "allow"}
		if len(f.from) > 0 {
			d.Decision.Requirements = []evidence.Requirement{req}
		}
		entries = append(entries, s.entry(d, ""))
	}
	return s.landing(about, entries)
}

func (s *scene) approval(about evidence.Predicate, g *forgedWord, p string) *evidence.Entry {
	s.Helper()
	a := about
	a.Kind, a.Person = evidence.Approval, g.person
	if g.head != "" {
		a.Proposal.Head = g.head
	}
	if g.content != "" {
		a.Material = s.material(p, g.content)
		a.Record.Content, a.Record.Blob = g.content, s.git("rev-parse", a.Proposal.Head+":"+p)
	}
	return s.entry(a, g.key)
}

// landing writes the merge commit, its statement, and moves both branches.
func (s *scene) landing(about evidence.Predicate, entries []*evidence.Entry) git.OID {
	s.Helper()
	before := s.ref(evidenceRef)
	if len(entries) > 0 {
		before = s.record(before, entries...)
	}
	sig := signature(about.Person, s.tick())
	p := about.Proposal
	main := s.write(git.CommitSpec{Base: p.Head, Parents: []git.OID{p.Base, p.Head}, Author: sig, Committer: sig,
		Message: "land\n\nChange-Id: " + about.Record.ID + "\nEvidence-Head: " + before + "\n", Sign: s.sign(about.Person, evidence.CommitNamespace)})
	m := about
	m.Kind, m.Record.Content = evidence.Merge, ""
	m.Merge = &evidence.MergeFacts{Commit: main, Base: p.Base, Head: p.Head, Method: "merge",
		ApprovedMaterial: about.Material.SHA256, LandedMaterial: about.Material.SHA256, Identical: true}
	s.move(evidenceRef, s.record(before, s.entry(m, "")))
	s.move(mainRef, main)
	return main
}

const forged = "CHG-20261103-F0RGED"

const forgedPath = "changes/2026/11/" + forged + ".yaml"

// normal is the text of a change that policy has nothing against but that it
// is not approved.
func (s *scene) normal(state string, more ...string) string {
	start, end := s.now.Add(-time.Hour).Format(time.RFC3339), s.now.Add(8*time.Hour).Format(time.RFC3339)
	return "apiVersion: gitsm/v1\nkind: change\nid: " + forged + "\ntitle: Forged\ntype: normal\nstate: " + state + "\nrequester: alice\n" +
		"services: [checkout]\nreason: because it is needed\nwindow: {start: \"" + start + "\", end: \"" + end + "\"}\n" +
		"plan: {implement: run the playbook, test: rehearsed, backout: restore the snapshot, verify: orders are placed}\n" +
		"questionnaire: {done_before: often, backout_tested: true}\n" + strings.Join(more, "")
}
