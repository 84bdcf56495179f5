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
	"github.com/gitsm/gitsm/internal/evidence"
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

func TestTamperedEvidence(t *testing.T) {
	s := healthy(t)
	id := s.ids["closed"]
	approval := s.statement(id, "-approval-")
	t.Run("byte flipped", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.file(evidenceRef, approval)
		at := s.tamper(map[string]string{approval: strings.Replace(text, `"person":"bob"`, `"person":"bab"`, 1)})
		r := s.verify()
		c := s.expect(r, audit.TMP1, id, audit.Fail, "was modified by commit "+at[:12], "was renamed or changed")
		if c.RestsOn[0] != at {
			t.Errorf("rests on %v", c.RestsOn)
		}
	})
	t.Run("signature replaced", func(t *testing.T) {
		s := s.copyOf(t)
		sig, err := keyOf(s, "mallory").Sign(s.ctx, evidence.Namespace, []byte(s.file(evidenceRef, approval)))
		s.must(err)
		s.tamper(map[string]string{approval + ".sig": string(sig)})
		s.expect(s.verify(), audit.TMP1, id, audit.Fail, approval+".sig was modified")
	})
	t.Run("signature by another", func(t *testing.T) {
		s := s.copyOf(t)
		sig, err := keyOf(s, "dave").Sign(s.ctx, evidence.Namespace, []byte(s.file(evidenceRef, approval)))
		s.must(err)
		s.tamper(map[string]string{approval + ".sig": string(sig)})
		s.expect(s.verify(), audit.TMP1, id, audit.Fail, "key of dave")
	})
	t.Run("signature bit flipped", func(t *testing.T) {
		s := s.copyOf(t)
		sig := []byte(s.file(evidenceRef, approval+".sig"))
		sig[len(sig)/2] ^= 1
		s.tamper(map[string]string{approval + ".sig": string(sig)})
		s.expect(s.verify(), audit.TMP1, id, audit.Fail, "is bad")
	})
	t.Run("deleted", func(t *testing.T) {
		s := s.copyOf(t)
		last := s.statement(id, "-approval-")
		for _, p := range s.all(id, "-approval-") {
			last = p
		}
		at := s.tamper(map[string]string{last: "-", last + ".sig": "-"})
		r := s.verify()
		s.expect(r, audit.TMP1, id, audit.Fail, "was deleted or renamed by commit "+at[:12])
		s.expect(r, audit.APR1, id, audit.Fail)
		s.expect(r, audit.APR3, id, audit.Fail, "that is not in the evidence")
	})
	t.Run("something that is no statement", func(t *testing.T) {
		s := s.copyOf(t)
		s.tamper(map[string]string{"evidence/notes.txt": "hello\n"})
		s.expect(s.verify(), audit.TMP1, "", audit.Fail, "evidence/notes.txt")
	})
	t.Run("rewound", func(t *testing.T) {
		s := s.copyOf(t)
		s.move(evidenceRef, s.git("rev-parse", "gitsm-evidence~4"))
		r := s.verify()
		s.expect(r, audit.POP2, s.ids["scheduled"], audit.Fail, "no evidence says so")
		s.expect(r, audit.TMP1, s.ids["scheduled"], audit.Fail, "rewritten or rewound")
	})
	t.Run("rewritten without a trace", func(t *testing.T) {
		s := s.copyOf(t)
		tree := s.git("rev-parse", "gitsm-evidence^{tree}")
		root := s.git("rev-list", "--max-parents=0", "gitsm-evidence")
		s.move(evidenceRef, s.git("commit-tree", tree, "-p", root, "-m", "all of it"))
		r := s.verify()
		s.expect(r, audit.TMP1, id, audit.Fail, "rewritten or rewound")
		s.expect(r, audit.APR1, id, audit.Fail)
	})
	t.Run("about a landing as it was not", func(t *testing.T) {
		s := s.copyOf(t)
		fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
		s.must(err)
		list, err := evidence.Read(fsys, s.ids["scheduled"])
		s.must(err)
		p := list[len(list)-1].Statement.Predicate
		p.Merge.Base = s.git("rev-parse", "main~3")
		s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(p, "")))
		s.expect(s.verify(), audit.TMP1, s.ids["scheduled"], audit.Fail, "does not describe commit "+s.ref(mainRef)[:12])
	})
	t.Run("of another store", func(t *testing.T) {
		s := s.copyOf(t)
		s.tamper(map[string]string{"README.md": "# Evidence\n"})
		s.expect(s.verify(), audit.TMP1, "", audit.Fail, "is not that of the store")
	})
}

func (s *scene) all(id, part string) []string {
	s.Helper()
	fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	s.must(err)
	files, err := fs.ReadDir(fsys, path.Join("evidence", id))
	s.must(err)
	var out []string
	for _, f := range files {
		if strings.Contains(f.Name(), part) && strings.HasSuffix(f.Name(), ".json") {
			out = append(out, path.Join("evidence", id, f.Name()))
		}
	}
	return out
}

func TestMainRewound(t *testing.T) {
	s := healthy(t)
	s.move(mainRef, s.git("rev-parse", "main~1"))
	s.expect(s.verify(), audit.TMP1, s.ids["scheduled"], audit.Fail, "main does not have it")
}

func TestMergeThatWasEdited(t *testing.T) {
	s := healthy(t)
	id := s.filler()
	other := "changes/2026/11/" + s.ids["scheduled"] + ".yaml"
	s.merge(s.as("alice"), id)
	landing, err := s.repo.Commit(s.ctx, s.ref(mainRef))
	s.must(err)
	text := s.file(mainRef, other)
	evil := s.write(git.CommitSpec{Base: landing.OID, Parents: landing.Parents, Message: landing.Message, Author: landing.Author, Committer: landing.Committer,
		Files: []git.FileEdit{{Path: other, Content: []byte(strings.Replace(text, "Rotate the certificates", "Rotate nothing", 1))}}})
	s.renamed(id, evil)
	r := s.verify()
	s.expect(r, audit.POP2, id, audit.Pass)
	s.expect(r, audit.TMP1, id, audit.Fail, "neither main nor its proposal had: "+other)
	s.expect(r, audit.APR1, id, audit.Fail, "stale")
	s.expect(r, audit.TMP1, s.ids["scheduled"], audit.Fail, evil[:12])
}

func TestMainWithParentsSwapped(t *testing.T) {
	s := healthy(t)
	side := s.commit("mallory", map[string]string{"notes.txt": "x\n"}, s.git("rev-parse", "main~2"))
	tree := s.git("rev-parse", "main^{tree}")
	s.move(mainRef, s.git("commit-tree", tree, "-p", side, "-p", "main", "-m", "Merge main"))
	r := s.verify()
	s.expect(r, audit.TMP1, s.ids["scheduled"], audit.Fail, "main does not have it")
	s.expect(r, audit.POP2, s.ids["scheduled"], audit.Fail)
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

func TestOtherGenesisThanExpected(t *testing.T) {
	s := healthy(t)
	a := s.auditor()
	a.Root = strings.Repeat("1", 40)
	r, err := a.Verify(s.ctx, audit.Scope{})
	s.must(err)
	s.expect(r, audit.TMP1, "", audit.Fail, "the store began with")
	a.Root = r.Genesis
	if r, err = a.Verify(s.ctx, audit.Scope{}); err != nil || r.Worst() != audit.Pass {
		t.Errorf("the right root: %v, %v", r.Worst(), err)
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
func (s *scene) clone(t *testing.T, args ...string) *scene {
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
