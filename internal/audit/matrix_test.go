package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
)

// attack is a row of the tamper matrix: what somebody with every right on the
// repository does to a healthy store, what has to be found, and a twin that
// looks like it and is as it should be.
type attack struct {
	name string
	// do returns the commit or file that the finding has to rest on, "" where
	// it rests on none.
	do     func(*scene) string
	check  string
	record string        // a key of ids, or the id itself
	says   []string      // words of the reason
	twin   string        // a key of twins
	ends   audit.Verdict // of the whole report; Fail where ""
	refuse error         // instead of a report
	note   string        // what is flagged instead of failed; ends is then Pass
}

// given is what an attack or twin leaves for the auditor, besides the store.
type given struct {
	checkpoint *evidence.Entry
	root       string
}

func matrix() []attack {
	return slices.Concat(onMain(), onHistory(), onEvidence(), onApprovals(), onTime())
}

func TestTamperMatrix(t *testing.T) {
	s := healthy(t)
	rows := matrix()
	if len(rows) < 60 {
		t.Errorf("the matrix has %d rows", len(rows))
	}
	used := map[string]bool{}
	for _, a := range rows {
		used[a.twin] = true
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.run(s.copyOf(t))
		})
	}
	for name, do := range twins() {
		t.Run("twin/"+name, func(t *testing.T) {
			t.Parallel()
			s := s.copyOf(t)
			do(s)
			r, err := s.audit()
			s.must(err)
			s.onlyFails(r)
			if r.Worst() != audit.Pass {
				t.Errorf("the report ends %s: %+v", r.Worst(), slices.DeleteFunc(r.Checks, func(c audit.Check) bool { return c.Verdict == audit.Pass || c.Verdict == audit.NotApplicable }))
			}
			if notes := strings.Join(r.Notes, "\n"); strings.Contains(notes, "time: ") || strings.Contains(notes, "policy: ") || strings.Contains(notes, "replace: ") {
				t.Errorf("flagged: %s", notes)
			}
		})
		if !used[name] {
			t.Errorf("no attack has the twin %q", name)
		}
		delete(used, name)
	}
	for name := range used {
		t.Errorf("there is no twin %q", name)
	}
}

// audit verifies the scene with what was given.
func (s *scene) audit() (*audit.Report, error) {
	a := s.auditor()
	a.Checkpoint, a.Root = s.with.checkpoint, s.with.root
	return a.Verify(s.ctx, audit.Scope{})
}

func (a attack) run(s *scene) {
	s.Helper()
	at := a.do(s)
	r, err := s.audit()
	if a.refuse != nil {
		if !errors.Is(err, a.refuse) {
			s.Errorf("the audit ends with %v, want %v", err, a.refuse)
		}
		return
	}
	s.must(err)
	ends := a.ends
	if ends == "" {
		ends = audit.Fail
	}
	if r.Worst() != ends {
		s.Errorf("the report ends %s, want %s", r.Worst(), ends)
	}
	if a.note != "" {
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, a.note) || !strings.Contains(notes, short(at)) {
			s.Errorf("no note says %q of %s: %s", a.note, at, notes)
		}
		return
	}
	id := a.record
	if known := s.ids[id]; known != "" {
		id = known
	}
	c := s.expect(r, a.check, id, ends, a.says...)
	if at != "" && !slices.ContainsFunc(c.RestsOn, func(x string) bool { return strings.HasPrefix(x, at) }) {
		s.Errorf("%s of %s rests on %v, not on %s", a.check, id, c.RestsOn, at)
	}
}

func short(id string) string { return id[:min(len(id), 12)] }

// onHistory are attacks on what cannot be told from main and evidence alone, or
// on what a clone shows of them.
func onHistory() []attack {
	tmp := func(name string, do func(*scene) string, twin string, says ...string) attack {
		return attack{name: name, do: do, check: audit.TMP1, twin: twin, says: says}
	}
	return []attack{
		tmp("main was rewound since a checkpoint", func(s *scene) string {
			s.checkpoint()
			was := s.ref(mainRef)
			s.move(mainRef, s.git("rev-parse", "main~1"))
			return was
		}, "more landed since a checkpoint", "main does not descend from", "Lost: "),
		tmp("main and evidence were rewritten, and a checkpoint is kept elsewhere", func(s *scene) string {
			s.with.checkpoint = s.checkpoint()
			was := s.with.checkpoint.Statement.Predicate.Checkpoint.Main
			s.move(mainRef, s.git("rev-parse", "main~2"))
			s.move(evidenceRef, s.git("rev-parse", s.trailer(mainRef)+"~0"))
			return was
		}, "a checkpoint kept elsewhere", "main does not descend from", "Lost: "),
		tmp("the evidence was rewritten, and a checkpoint is kept elsewhere", func(s *scene) string {
			s.with.checkpoint = s.checkpoint()
			was := s.with.checkpoint.Statement.Predicate.Checkpoint.Evidence
			tree, root := s.git("rev-parse", "gitsm-evidence^{tree}"), s.git("rev-list", "--max-parents=0", "gitsm-evidence")
			s.move(evidenceRef, s.git("commit-tree", tree, "-p", root, "-m", "all of it"))
			return was
		}, "a checkpoint kept elsewhere", "the evidence does not descend from"),
		tmp("a checkpoint of another store", func(s *scene) string {
			other := newScene(s)
			other.found("bootstrap: true\ntimezone: Europe/Berlin\n")
			other.push("alice", map[string]string{"x.txt": "x\n"})
			s.with.checkpoint = other.checkpoint()
			return other.git("rev-list", "--max-parents=0", "main")
		}, "a checkpoint kept elsewhere", "is of a store that began with"),
		tmp("a checkpoint signed with another's key", func(s *scene) string {
			d := s.desk("alice", "bob")
			e, _, err := d.Checkpoint(s.ctx)
			s.must(err)
			return e.SigPath()
		}, "more landed since a checkpoint", "the signature of the checkpoint", "key of bob"),
		tmp("another beginning than expected", func(s *scene) string {
			s.with.root = strings.Repeat("1", 40)
			return s.with.root
		}, "the beginning that is expected", "the store began with"),
		{name: "the history of a clone is cut off", do: func(s *scene) string {
			s.enter(s.clone(s.TB, "--depth=2", "--no-single-branch"))
			return ""
		}, refuse: history.ErrShallow, twin: "a whole clone"},
		{name: "the evidence was not cloned", do: func(s *scene) string {
			s.enter(s.clone(s.TB, "--single-branch"))
			return ""
		}, check: audit.TMP1, ends: audit.CannotVerify, says: []string{"git fetch origin gitsm-evidence:gitsm-evidence"}, twin: "a whole clone"},
		{name: "a push is hidden by refs/replace", do: func(s *scene) string {
			at := s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
			s.git("replace", at, s.git("rev-parse", at+"~1"))
			return at
		}, check: audit.POP2, record: forged, says: []string{"added " + forgedPath}, twin: "as it was"},
		{name: "a push is hidden by a graft", do: func(s *scene) string {
			at := s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
			on := s.push("alice", map[string]string{"notes.txt": "x\n"})
			s.graft(on + " " + s.git("rev-parse", at+"~1"))
			return at
		}, check: audit.POP2, record: forged, says: []string{"added " + forgedPath}, twin: "as it was"},
		{name: "objects are replaced", do: func(s *scene) string {
			s.git("replace", s.git("rev-parse", "main~1"), s.git("rev-parse", "main~2"))
			return ""
		}, ends: audit.Pass, note: "replace: this clone has 1 ref under refs/replace/", twin: "as it was"},
	}
}

// onTime are dates that cannot be right: flagged, since dates prove nothing.
func onTime() []attack {
	dated := func(date string) func(*scene) string {
		return func(s *scene) string {
			tree := s.git("rev-parse", "main^{tree}")
			cmd := s.gitAt(date, "commit-tree", tree, "-p", "main", "-m", "Nothing")
			s.move(mainRef, cmd)
			return cmd
		}
	}
	return []attack{
		{name: "a commit is backdated", do: dated("2026-01-01T00:00:00Z"), ends: audit.Pass, note: "one of them is backdated or wrong", twin: "a push of what is no record"},
		{name: "a commit is from the future", do: dated("2031-01-01T00:00:00Z"), ends: audit.Pass, note: "which has yet to come", twin: "a push of what is no record"},
		{name: "policy is rolled back with consent", do: func(s *scene) string {
			old := s.file(mainRef, "policy/approvals.rego")
			s.policy(old + "\n# a remark\n")
			return s.policy(old)
		}, ends: audit.Pass, note: "put policy/approvals.rego back to what it was with", twin: "policy with its owners' consent"},
	}
}
