package audit_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

const (
	forged     = "CHG-20261103-F0RGED"
	forgedPath = "changes/2026/11/" + forged + ".yaml"
)

// forgery lands whatever it is told with evidence that says that the gate let
// it pass: what somebody with write access to both branches could make.
type forgery struct {
	kind    string // change where ""
	id      string // forged where ""; "-" for policy and config
	path    string // forgedPath where ""
	content string // of the record; "-" removes it
	also    map[string]string
	commits []git.OID // of the proposal; one is made where none is given
	branch  string    // of the proposal; one of its own where ""
	by      string    // who proposes and lands; alice where ""
	key     string    // what the commits are signed with; by's where "", nothing where "-"

	asked    []string                // who is said to have been asked; none for nobody
	require  string                  // id of the requirement
	given    []forgedWord            // approvals
	decision bool                    // whether a decision is recorded at all
	verdict  string                  // allow where ""
	tool     string                  // that decided
	opa      string                  // its engine, the one there is where ""
	now      time.Time               // when, in the decision's input
	facts    *evidence.DecisionFacts // what else it recorded

	landed   map[string]string // what the landing changes besides
	changeID string            // trailer, id where ""
	headless bool              // no Evidence-Head
	late     bool              // evidence is recorded after the landing
	lateWord bool              // only the approvals are
	onto     git.OID           // evidence the landing builds on, the newest where ""
	digest   string            // of the landed content, in the merge statement
	on       string            // repository of a forge whose word decision and landing repeat
}

// forgedWord is an approval, in one person's name and signed by another.
type forgedWord struct {
	person, key string // key "" leaves it unsigned
	head        git.OID
	content     string   // of the record that was approved
	without     []string // fields left out besides the immaterial ones
	on          string   // repository of a forge where it was a review
}

func (f *forgery) complete() {
	f.kind, f.by = cmp.Or(f.kind, "change"), cmp.Or(f.by, "alice")
	f.id, f.path = cmp.Or(f.id, forged), cmp.Or(f.path, forgedPath)
	f.key, f.require = cmp.Or(f.key, f.by), cmp.Or(f.require, "owner-team-payments")
	f.tool, f.verdict = cmp.Or(f.tool, tool), cmp.Or(f.verdict, "allow")
	if f.changeID = cmp.Or(f.changeID, f.id); f.id == "-" {
		f.id, f.changeID = "", ""
	}
	if f.key == "-" {
		f.key = ""
	}
	f.branch = cmp.Or(f.branch, "gitsm/"+cmp.Or(f.id, "store")+"/new-f0rg")
}

func (s *scene) sign(key, namespace string) func([]byte) ([]byte, error) {
	if key == "" {
		return nil
	}
	k := keyOf(s, key)
	return func(b []byte) ([]byte, error) { return k.Sign(s.ctx, namespace, b) }
}

// material is the digest of a record under the default policy.
func (s *scene) material(f *forgery, content string, without ...string) evidence.Material {
	s.Helper()
	excluded := slices.Concat(record.AlwaysImmaterial(), without)
	if f.kind == "change" {
		excluded = append(excluded, "links")
	}
	if k, ok := record.Builtin().ByName(f.kind); ok && k.Catalogue {
		excluded = slices.DeleteFunc(excluded, func(f string) bool { return f == "state" })
	}
	slices.Sort(excluded)
	if f.id == "" || content == "-" {
		return s.digest(f, nil, nil)
	}
	doc, findings := yamldoc.Parse(f.path, []byte(content))
	if doc == nil || len(findings) > 0 {
		s.Fatalf("%s: %v", f.path, findings)
	}
	return s.digest(f, doc.Value(), excluded)
}

func (s *scene) digest(f *forgery, fields map[string]any, excluded []string) evidence.Material {
	var files []record.File
	for _, x := range s.files(f) {
		files = append(files, record.File(x))
	}
	d, err := record.Material(fields, excluded, files)
	s.must(err)
	return evidence.Material{SHA256: d.SHA256, Excluded: d.Excluded}
}

// files are what the proposal changes besides its record.
func (s *scene) files(f *forgery) []evidence.File {
	var out []evidence.File
	for _, p := range slices.Sorted(maps.Keys(f.also)) {
		out = append(out, evidence.File{Path: p, Mode: "100644", Blob: s.git("rev-parse", f.commits[len(f.commits)-1]+":"+p)})
	}
	return out
}

// proposalCommit writes a commit of a proposal.
func (s *scene) proposalCommit(by, key string, files map[string]string, parent git.OID) git.OID {
	s.Helper()
	sig := signature(by, s.tick())
	return s.write(git.CommitSpec{Base: parent, Parents: []git.OID{parent}, Files: edits(files),
		Message: "Propose\n", Author: sig, Committer: sig, Sign: s.sign(key, evidence.CommitNamespace)})
}

func edits(files map[string]string) []git.FileEdit {
	var out []git.FileEdit
	for _, p := range slices.Sorted(maps.Keys(files)) {
		out = append(out, git.FileEdit{Path: p, Content: []byte(files[p]), Delete: files[p] == "-"})
	}
	return out
}

// record appends statements to the evidence branch.
func (s *scene) record(head git.OID, entries ...*evidence.Entry) git.OID {
	s.Helper()
	files := map[string]string{}
	for _, e := range entries {
		files[e.Path] = string(e.Raw)
		if e.Sig != nil {
			files[e.SigPath()] = string(e.Sig)
		}
	}
	return s.commit("alice", files, head)
}

func (s *scene) entry(p evidence.Predicate, key string) *evidence.Entry {
	s.Helper()
	p.Time, p.Tool.OPA = s.tick(), cmp.Or(p.Tool.OPA, s.opa())
	p.Tool.Gitsm = cmp.Or(p.Tool.Gitsm, tool)
	e, err := evidence.NewEntry(evidence.Statement{Predicate: p}, s.sign(key, evidence.Namespace))
	s.must(err)
	return e
}

// said is the word of a forge on pull request 1 of a repository, nil for none.
func (s *scene) said(on, state string) *evidence.ForgeFacts {
	if on == "" {
		return nil
	}
	return &evidence.ForgeFacts{Repository: on, Pull: 1, At: s.now, State: state, Account: "github:2"}
}

// opa is the engine's version, as the healthy store's decisions name it; another
// where there is no such store.
func (s *scene) opa() string {
	if s.ids["closed"] == "" {
		return "1"
	}
	fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	s.must(err)
	list, err := evidence.Read(fsys, s.ids["closed"])
	s.must(err)
	return list[0].Statement.Predicate.Tool.OPA
}

// forge lands a forgery and returns the landing.
func (s *scene) forge(f forgery) git.OID {
	s.Helper()
	about := s.proposed(&f)
	return s.landing(&f, about, s.words(&f, about))
}

// proposed writes the commits of a forgery, where it has none, and returns what
// every statement says of it.
func (s *scene) proposed(f *forgery) evidence.Predicate {
	s.Helper()
	f.complete()
	base := s.ref(mainRef)
	if len(f.commits) == 0 {
		files := map[string]string{}
		maps.Copy(files, f.also)
		if f.id != "" {
			files[f.path] = f.content
		}
		f.commits = []git.OID{s.proposalCommit(f.by, f.key, files, base)}
	}
	head := f.commits[len(f.commits)-1]
	about := evidence.Predicate{
		Material: s.material(f, f.content), Person: f.by, Files: s.files(f),
		Proposal: evidence.Proposal{Branch: f.branch, Base: base, Head: head},
	}
	if f.id != "" {
		about.Record = s.content(f, f.content, head)
	}
	return about
}

func (s *scene) content(f *forgery, content string, head git.OID) evidence.RecordContent {
	rc := evidence.RecordContent{ID: f.id, Kind: f.kind, Path: f.path}
	if content != "-" {
		rc.Blob = s.git("rev-parse", head+":"+f.path)
		if f.kind != "person" {
			rc.Content = content
		}
	}
	return rc
}

// words are the approvals and the decision of a forgery.
func (s *scene) words(f *forgery, about evidence.Predicate) []*evidence.Entry {
	s.Helper()
	entries := s.given(f, about)
	if !f.decision {
		return entries
	}
	return append(entries, s.decided(f, about, entries))
}

// given are the approvals of a forgery.
func (s *scene) given(f *forgery, about evidence.Predicate) []*evidence.Entry {
	s.Helper()
	var entries []*evidence.Entry
	for _, g := range f.given {
		a := about
		a.Kind, a.Person = evidence.Approval, g.person
		a.Proposal.Head = cmp.Or(g.head, a.Proposal.Head)
		if g.content != "" {
			a.Record = s.content(f, g.content, a.Proposal.Head)
		}
		a.Material = s.material(f, cmp.Or(g.content, f.content), g.without...)
		if a.Forge = s.said(g.on, "approved"); a.Forge != nil {
			a.Forge.Review = 7
		}
		entries = append(entries, s.entry(a, g.key))
	}
	return entries
}

// decided is the decision of a forgery, which counts every approval given.
func (s *scene) decided(f *forgery, about evidence.Predicate, given []*evidence.Entry) *evidence.Entry {
	s.Helper()
	d := about
	d.Tool.OPA, d.Forge = f.opa, s.said(f.on, "merged")
	d.Kind, d.Tool.Gitsm, d.Decision = evidence.Decision, f.tool, &evidence.DecisionFacts{Verdict: f.verdict}
	if f.facts != nil {
		d.Decision = f.facts
	}
	if len(f.asked) > 0 {
		req := evidence.Requirement{ID: f.require, From: f.asked, Need: 1, Given: len(given)}
		for _, e := range given {
			req.Approvers = append(req.Approvers, evidence.Approver{Person: e.Statement.Predicate.Person, Evidence: e.Path})
		}
		d.Decision.Requirements = []evidence.Requirement{req}
	}
	if !f.now.IsZero() {
		in, err := json.Marshal(map[string]string{"now": f.now.Format(time.RFC3339)})
		s.must(err)
		d.Decision.Input = in
	}
	return s.entry(d, "")
}

// landing writes the merge commit and its statement, and moves both branches.
func (s *scene) landing(f *forgery, about evidence.Predicate, entries []*evidence.Entry) git.OID {
	s.Helper()
	newest := s.ref(evidenceRef)
	before := cmp.Or(f.onto, newest)
	early, late := entries, []*evidence.Entry{}
	switch {
	case f.late:
		early, late = nil, entries
	case f.lateWord:
		early, late = entries[len(entries)-1:], entries[:len(entries)-1]
	}
	if len(early) > 0 {
		before = s.record(before, early...)
	}
	sig := signature(f.by, s.tick())
	p := about.Proposal
	message := "land\n\n"
	if f.changeID != "" {
		message += "Change-Id: " + f.changeID + "\n"
	}
	if !f.headless {
		message += "Evidence-Head: " + before + "\n"
	}
	main := s.write(git.CommitSpec{Base: p.Head, Parents: []git.OID{p.Base, p.Head}, Files: edits(f.landed), Author: sig, Committer: sig,
		Message: message, Sign: s.sign(f.by, evidence.CommitNamespace)})
	m := about
	m.Kind, m.Record.Content, m.Forge = evidence.Merge, "", s.said(f.on, "merged")
	digest := cmp.Or(f.digest, about.Material.SHA256)
	m.Merge = &evidence.MergeFacts{Commit: main, Base: p.Base, Head: p.Head, Method: "merge", ApprovedMaterial: digest, LandedMaterial: digest, Identical: true}
	end := s.record(before, append(late, s.entry(m, ""))...)
	if f.onto != "" {
		end = s.join(newest, end)
	}
	s.move(evidenceRef, end)
	s.move(mainRef, main)
	return main
}

// join merges two lines of the evidence branch, as clones do that recorded
// apart.
func (s *scene) join(ours, theirs git.OID) git.OID {
	s.Helper()
	tree := s.git("merge-tree", "--write-tree", ours, theirs)
	return s.git("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "Join")
}

// normal is the text of a change that policy has nothing against but that it
// is not approved.
func (s *scene) normal(state string, more ...string) string {
	start, end := s.now.Add(-time.Hour).Format(time.RFC3339), s.now.Add(8*time.Hour).Format(time.RFC3339)
	return "apiVersion: gitsm/v1\nkind: change\nid: " + forged + "\ntitle: Forged\ntype: normal\nstate: " + state + "\nrequester: alice\n" +
		"services: [checkout]\nenvironment: staging\nreason: because it is needed\nwindow: {start: \"" + start + "\", end: \"" + end + "\"}\n" +
		"plan: {implement: run the playbook, test: rehearsed, backout: restore the snapshot, verify: orders are placed}\n" +
		"questionnaire: {done_before: often, backout_tested: true}\n" + strings.Join(more, "")
}

// approved is a forgery in which bob, who was asked, approved.
func approved(content string) forgery {
	return forgery{content: content, asked: owners, given: []forgedWord{{person: "bob", key: "bob"}}, decision: true}
}

var owners = []string{"team:payments"}
