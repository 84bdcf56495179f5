package audit_test

import (
	"errors"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// statement finds a file of a record's evidence by a part of its name.
func (s *scene) statement(id, part string) string {
	s.Helper()
	fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	s.must(err)
	files, err := fs.ReadDir(fsys, path.Join("evidence", id))
	s.must(err)
	for _, f := range files {
		if strings.Contains(f.Name(), part) {
			return path.Join("evidence", id, f.Name())
		}
	}
	s.Fatalf("%s has no %s", id, part)
	return ""
}

// tamper commits files to the evidence branch.
func (s *scene) tamper(files map[string]string) git.OID {
	s.Helper()
	id := s.commit("mallory", files, s.ref(evidenceRef))
	s.move(evidenceRef, id)
	return id
}

func TestShowReadsOnlyWhatItNeeds(t *testing.T) {
	s := healthy(t)
	whole := s.verify()
	for _, id := range []string{s.ids["closed"], s.ids["emergency"], s.ids["withdrawn"], "dave", "checkout", "store"} {
		p, err := s.auditor().Show(s.ctx, id)
		s.must(err)
		for _, c := range p.Checks {
			want, ok := verdict(whole, c.Check, c.Record)
			if diff := cmp.Diff(want, c); ok && c.Check+c.Record != audit.TMP1 && diff != "" {
				t.Errorf("show %s says otherwise than verify:\n%s", id, diff)
			}
		}
		if len(p.Checks) == 0 || len(p.Events) == 0 {
			t.Errorf("%s: %d checks, %d events", id, len(p.Checks), len(p.Events))
		}
	}
}

// A fresh store has nothing wrong with it, and says that there was nothing to
// test.
func TestNothingHasLanded(t *testing.T) {
	s := newScene(t)
	s.found("bootstrap: true\n")
	s.expectFresh(s.verify())
	s.push("alice", map[string]string{"services/search.yaml": "apiVersion: gitsm/v1\nkind: service\nid: search\ntitle: Search\nowner: team:payments\ntier: 4\n"})
	s.propose(s.as("alice"), "change", "", s.change(nil)) // an open proposal counts nowhere
	s.expectFresh(s.verify())
	r, err := s.auditor().Verify(s.ctx, audit.Scope{Checks: []string{audit.APR1}})
	s.must(err)
	if r.Worst() != audit.CannotVerify {
		t.Errorf("whether nothing was approved ends %s", r.Worst())
	}
	s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
	if r := s.verify(); r.Worst() != audit.Fail || r.Summary.Population != 1 {
		t.Errorf("a push ends %s, %+v", r.Worst(), r.Summary)
	}
}

func (s *scene) expectFresh(r *audit.Report) {
	s.Helper()
	if r.Worst() != audit.Pass || r.Summary.Population != 0 {
		s.Errorf("a fresh store ends %s: %+v", r.Worst(), r.Summary)
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "no change was tested") {
		s.Errorf("no note says that nothing was tested: %q", r.Notes)
	}
	s.expect(r, audit.TMP1, "", audit.Pass)
}

// clone returns the scene as git clones it.
func (s *scene) clone(t testing.TB, args ...string) *scene {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	cmd := exec.Command("git", append(append([]string{"clone", "-q"}, args...), "file://"+filepath.ToSlash(s.dir), dir)...)
	cmd.Env = environ(s.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	r, err := gitrepo.Open(s.ctx, dir, environ(dir))
	s.must(err)
	c := &scene{TB: t, ctx: s.ctx, dir: dir, now: s.now, ids: s.ids}
	c.use(r)
	return c
}

func TestClones(t *testing.T) {
	s := healthy(t)
	want := s.verify().Summary
	t.Run("remote-tracking evidence", func(t *testing.T) {
		if got := s.clone(t).verify().Summary; got.Pass != want.Pass || got.Fail != 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
	t.Run("bare", func(t *testing.T) {
		if got := s.clone(t, "--bare").verify().Summary; got.Pass != want.Pass || got.Fail != 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
	t.Run("without evidence", func(t *testing.T) {
		c := s.clone(t, "--single-branch")
		r := c.verify()
		const remedy = "git fetch origin gitsm-evidence:gitsm-evidence"
		c.expect(r, audit.TMP1, "", audit.CannotVerify, remedy)
		for _, code := range []string{audit.POP2, audit.APR1, audit.APR2, audit.APR3, audit.SOD1} {
			c.expect(r, code, s.ids["closed"], audit.CannotVerify, remedy)
		}
		c.expect(r, audit.EMG1, s.ids["emergency"], audit.CannotVerify, remedy)
		c.expect(r, audit.POL1, "dave", audit.CannotVerify, remedy)
		c.onlyFails(r)
		if r.Worst() != audit.CannotVerify {
			t.Errorf("the report ends %s", r.Worst())
		}
		c.git("fetch", "-q", "origin", "gitsm-evidence:gitsm-evidence")
		if r := c.verify(); r.Worst() != audit.Pass {
			t.Errorf("with the evidence it ends %s", r.Worst())
		}
		c.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
		c.git("branch", "-D", "gitsm-evidence")
		c.expect(c.verify(), audit.POP2, forged, audit.Fail, "straight on main")
	})
	t.Run("behind", func(t *testing.T) {
		c := s.clone(t)
		c.git("update-ref", mainRef, "main~3")
		r := c.verify()
		if r.Worst() != audit.Pass || !strings.Contains(strings.Join(r.Notes, "\n"), "main is behind origin/main") {
			t.Errorf("%s, notes %v", r.Worst(), r.Notes)
		}
	})
	t.Run("shallow", func(t *testing.T) {
		c := s.clone(t, "--depth=2", "--no-single-branch")
		for name, do := range map[string]func() error{
			"verify": func() error { _, err := c.auditor().Verify(c.ctx, audit.Scope{}); return err },
			"show":   func() error { _, err := c.auditor().Show(c.ctx, s.ids["closed"]); return err },
			"log":    func() error { _, err := c.auditor().Log(c.ctx, history.Filter{}); return err },
		} {
			if err := do(); !errors.Is(err, history.ErrShallow) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("no main", func(t *testing.T) {
		a := s.auditor()
		a.Main = "trunk"
		var missing *audit.NoMainError
		if _, err := a.Verify(s.ctx, audit.Scope{}); !errors.As(err, &missing) {
			t.Errorf("%v", err)
		}
	})
}

func TestStoreInADirectory(t *testing.T) {
	s := newScene(t)
	s.in = "ops/"
	s.found("bootstrap: true\n")
	id := s.propose(s.as("alice"), "change", "", s.change(nil))
	s.approve(s.as("bob"), id)
	s.merge(s.as("alice"), id)
	s.push("mallory", map[string]string{"ops/" + forgedPath: s.normal("scheduled"), forgedPath: "x\n", "policy/x.rego": "package x\n"})
	r := s.verify()
	s.expect(r, audit.POP2, forged, audit.Fail, "ops/"+forgedPath)
	s.expect(r, audit.APR1, id, audit.Pass)
	for _, c := range r.Checks {
		if c.Verdict == audit.Fail && c.Record != forged {
			t.Errorf("%s of %q fails: %s", c.Check, c.Record, c.Reason)
		}
	}
}

func TestSameBytesWhateverTheCores(t *testing.T) {
	s := healthy(t)
	s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
	var first *audit.Report
	for _, workers := range []int{1, 2, 7} {
		a := s.auditor()
		a.Workers, a.Cache = workers, store.NewCache()
		r, err := a.Verify(s.ctx, audit.Scope{})
		s.must(err)
		if first == nil {
			first = r
		} else if diff := cmp.Diff(first, r); diff != "" {
			t.Errorf("with %d workers:\n%s", workers, diff)
		}
	}
}
