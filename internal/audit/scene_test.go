package audit_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/policy"
)

const (
	mainRef     = "refs/heads/main"
	evidenceRef = "refs/heads/" + evidence.Branch
	tool        = "1.2.3"
)

// judge is shared by all tests, since compiling the policy takes longer than
// everything else.
var judge = decision.NewJudge()

// scene is a store in a real repository, with people who act through the same
// verbs as users.
type scene struct {
	testing.TB
	ctx   context.Context
	dir   string
	repo  *gitrepo.Repo
	now   time.Time
	rand  *rand.ChaCha8
	cache *store.Cache
	ids   map[string]string // of the changes of the template
	in    string            // the store's directory, with a slash
	with  given             // what else the auditor gets
}

func keyOf(tb testing.TB, name string) sshsig.Signer {
	tb.Helper()
	seed := sha256.Sum256([]byte("audit test " + name))
	s, err := sshsig.FromSeed(seed[:])
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func environ(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_AUTHOR_NAME=Mallory", "GIT_AUTHOR_EMAIL=mallory@example.org", "GIT_COMMITTER_NAME=Mallory", "GIT_COMMITTER_EMAIL=mallory@example.org"}
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	s := &scene{TB: tb, ctx: context.Background(), dir: tb.TempDir(), now: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC),
		rand: rand.NewChaCha8([32]byte{1}), ids: map[string]string{}}
	r, err := gitrepo.Init(s.ctx, s.dir, "main", environ(s.dir))
	if err != nil {
		tb.Fatal(err)
	}
	s.use(r)
	return s
}

func (s *scene) use(r *gitrepo.Repo) {
	s.repo, s.cache = r, store.NewCache()
	s.Cleanup(func() { _ = r.Close() })
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// tick moves the clock: everything happens at a time of its own.
func (s *scene) tick() time.Time {
	s.now = s.now.Add(time.Minute)
	return s.now
}

func (s *scene) at(t time.Time) { s.now = t }

func signature(name string, at time.Time) git.Signature {
	return git.Signature{Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.org", When: at}
}

// desk is what a person acts through; it signs with the key given, none where
// that is "".
func (s *scene) desk(name, key string) *proposal.Desk {
	at := s.tick()
	sig := signature(name, at)
	d := &proposal.Desk{Repo: s.repo, Judge: judge, Cache: s.cache, Dir: strings.TrimSuffix(s.in, "/"), Main: "main", Now: func() time.Time { return at },
		Random: s.rand, User: proposal.User{Name: sig.Name, Email: sig.Email}, Tool: tool}
	if key != "" {
		d.Signer = keyOf(s, key)
	}
	return d
}

// as is a person with their own key.
func (s *scene) as(name string) *proposal.Desk { return s.desk(name, name) }

func (s *scene) ref(name string) git.OID {
	s.Helper()
	id, err := s.repo.Ref(s.ctx, name)
	s.must(err)
	return id
}

func (s *scene) move(ref string, to git.OID) {
	s.Helper()
	s.must(s.repo.UpdateRefs(s.ctx, "test", []git.RefUpdate{{Name: ref, Old: s.ref(ref), New: to}}))
}

// commit writes a commit on top of parents; files map a path to its content,
// "-" to remove it.
func (s *scene) commit(who string, files map[string]string, parents ...git.OID) git.OID {
	s.Helper()
	spec := git.CommitSpec{Parents: parents, Message: "Work\n", Author: signature(who, s.tick())}
	spec.Committer = spec.Author
	if len(parents) > 0 {
		spec.Base = parents[0]
	}
	spec.Files = edits(files)
	return s.write(spec)
}

func (s *scene) write(spec git.CommitSpec) git.OID {
	s.Helper()
	id, err := s.repo.WriteCommit(s.ctx, spec)
	s.must(err)
	return id
}

// push commits straight to main.
func (s *scene) push(who string, files map[string]string) git.OID {
	s.Helper()
	id := s.commit(who, files, s.ref(mainRef))
	s.move(mainRef, id)
	return id
}

// tree is what a branch holds.
func (s *scene) tree(ref string) fs.FS {
	s.Helper()
	fsys, err := s.repo.FS(s.ctx, s.ref(ref))
	s.must(err)
	return fsys
}

func (s *scene) file(ref, p string) string {
	s.Helper()
	b, err := fs.ReadFile(s.tree(ref), p)
	s.must(err)
	return string(b)
}

// git runs the git program, as somebody who goes around gitsm would.
func (s *scene) git(args ...string) string {
	s.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = s.dir, append(environ(s.dir), "GIT_AUTHOR_DATE="+s.tick().Format(time.RFC3339), "GIT_COMMITTER_DATE="+s.now.Format(time.RFC3339))
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// found writes genesis: people with keys, teams, a service, the default policy.
func (s *scene) found(config string) {
	s.Helper()
	files := map[string]string{
		"gitsm.yaml":                 "apiVersion: gitsm/v1\nkind: config\nmain_branch: main\nowners:\n  policy: [team:change-managers]\n  people: [team:change-managers]\n  waivers: [team:change-managers]\n  config: [team:change-managers]\n" + config,
		"services/checkout.yaml":     "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:payments\ntier: 3\ndata_classification: public\n",
		"teams/payments.yaml":        "apiVersion: gitsm/v1\nkind: team\nid: payments\ntitle: Payments\nmembers: [alice, bob, dave, alix, rob]\n",
		"teams/change-managers.yaml": "apiVersion: gitsm/v1\nkind: team\nid: change-managers\ntitle: Change managers\nmembers: [carol, erin]\n",
	}
	for i, name := range []string{"alice", "bob", "carol", "dave", "erin"} {
		files["people/"+name+".yaml"] = s.person(name, name) + fmt.Sprintf("github: {login: %s, id: %d}\n", name, i+1)
	}
	// Two people who have a second record each.
	files["people/alix.yaml"] = s.person("alix", "alix") + "github: {login: alix, id: 1}\n"
	files["people/rob.yaml"] = s.person("rob", "rob") + "github: {login: rob, id: 2}\n"
	s.must(fs.WalkDir(policy.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(policy.FS, p)
		files["policy/"+p] = string(b)
		return err
	}))
	if s.in != "" {
		inside := map[string]string{}
		for p, text := range files {
			inside[s.in+p] = text
		}
		files = inside
	}
	id := s.commit("alice", files)
	s.must(s.repo.UpdateRefs(s.ctx, "genesis", []git.RefUpdate{{Name: mainRef, New: id}}))
}

func (s *scene) person(name, key string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: person\nid: %s\nname: %s\nemails: [%s@example.org]\nsigning_keys:\n  - key: %s\n",
		name, name, name, strings.TrimSpace(sshsig.Authorized(keyOf(s, key).PublicKey())))
}

// change is a low-risk change with everything policy asks for; more adds or
// replaces fields.
func (s *scene) change(more map[string]any) map[string]any {
	f := map[string]any{
		"title": "Upgrade the database", "type": "normal", "owner": "team:payments", "services": []any{"checkout"},
		"reason": "version 14 is out of support", "impact": "none that users notice",
		"environment":   "production",
		"window":        map[string]any{"start": s.now.Add(2 * time.Hour).Format(time.RFC3339), "end": s.now.Add(6 * time.Hour).Format(time.RFC3339)},
		"plan":          map[string]any{"implement": "run the playbook", "test": "rehearsed on staging", "backout": "restore the snapshot", "verify": "orders are placed"},
		"questionnaire": map[string]any{"done_before": "often", "backout_tested": true, "tested": "fully"},
	}
	maps.Copy(f, more)
	return f
}

func (s *scene) kind(name string) *record.Kind {
	k, _ := record.Builtin().ByName(name)
	return k
}

// propose files a new record and returns its id.
func (s *scene) propose(d *proposal.Desk, kind, id string, fields map[string]any) string {
	s.Helper()
	dr, err := d.NewDraft(s.ctx, s.kind(kind), id, fields)
	s.must(err)
	out, err := d.Propose(s.ctx, dr)
	s.must(err)
	return out.ID
}

func (s *scene) approve(d *proposal.Desk, id string) *proposal.Opinion {
	s.Helper()
	op, err := d.Approve(s.ctx, id)
	s.must(err)
	return op
}

// merge lands an open proposal and returns the landing.
func (s *scene) merge(d *proposal.Desk, id string) git.OID {
	s.Helper()
	out, err := d.Merge(s.ctx, id)
	s.must(err)
	if !out.Landed {
		s.Fatalf("%s did not land: %v", id, out.Decision.Reasons)
	}
	return out.Main
}

func (s *scene) advance(d *proposal.Desk, kind, id string, step proposal.Step) git.OID {
	s.Helper()
	out, err := d.Advance(s.ctx, kind, id, step)
	s.must(err)
	if !out.Landed {
		s.Fatalf("%s of %s did not land: %v", step.Verb, id, out.Decision.Reasons)
	}
	return out.Main
}

// edit changes fields of a record in its open proposal, or proposes to.
func (s *scene) edit(d *proposal.Desk, kind, id string, edits ...yamldoc.Edit) *proposal.Outcome {
	s.Helper()
	w, err := d.Look(s.ctx)
	s.must(err)
	t, err := d.Resolve(s.ctx, w, id, kind)
	s.must(err)
	content, err := t.Current().Doc.Apply(edits...)
	s.must(err)
	out, err := d.Propose(s.ctx, proposal.Draft{Kind: t.Kind, ID: id, Path: t.Current().Path, Verb: "edit", Content: content, Title: t.Current().Title(), Target: t})
	s.must(err)
	return out
}

// auditor audits the scene as it stands.
func (s *scene) auditor() *audit.Auditor {
	return &audit.Auditor{Repo: s.repo, Judge: judge, Cache: store.NewCache(), Dir: strings.TrimSuffix(s.in, "/"), Main: "main", Now: s.now, Tool: tool}
}

func (s *scene) verify() *audit.Report {
	s.Helper()
	r, err := s.auditor().Verify(s.ctx, audit.Scope{})
	s.must(err)
	return r
}

// verifyOf looks at some records alone.
func (s *scene) verifyOf(ids ...string) *audit.Report {
	s.Helper()
	r, err := s.auditor().Verify(s.ctx, audit.Scope{Records: ids})
	s.must(err)
	return r
}

// verdict finds one check of a report.
func verdict(r *audit.Report, code, id string) (audit.Check, bool) {
	for _, c := range r.Checks {
		if c.Check == code && c.Record == id {
			return c, true
		}
	}
	return audit.Check{}, false
}

// expect demands a verdict whose reason holds every word given.
func (s *scene) expect(r *audit.Report, code, id string, want audit.Verdict, words ...string) audit.Check {
	s.Helper()
	c, ok := verdict(r, code, id)
	if !ok {
		s.Errorf("%s of %q: no verdict", code, id)
		return c
	}
	if c.Verdict != want {
		s.Errorf("%s of %s: %s, want %s: %s", code, id, c.Verdict, want, c.Reason)
	}
	for _, w := range words {
		if !strings.Contains(c.Reason, w) {
			s.Errorf("%s of %s: %q does not hold %q", code, id, c.Reason, w)
		}
	}
	if want != audit.NotApplicable && len(c.RestsOn) == 0 {
		s.Errorf("%s of %s rests on nothing: %s", code, id, c.Reason)
	}
	return c
}

// onlyFails demands that nothing but the given checks ("POP-2 ID") fails.
func (s *scene) onlyFails(r *audit.Report, want ...string) {
	s.Helper()
	for _, c := range r.Checks {
		name := c.Check + " " + c.Record
		if c.Verdict == audit.Fail && !slices.Contains(want, name) {
			s.Errorf("%s fails as well: %s", name, c.Reason)
		}
	}
}

// copyOf returns the scene in a repository of its own.
func (s *scene) copyOf(tb testing.TB) *scene {
	tb.Helper()
	c := &scene{TB: tb, ctx: s.ctx, dir: filepath.Join(tb.TempDir(), "copy"), now: s.now, rand: rand.NewChaCha8([32]byte{2}), ids: s.ids}
	c.must(os.CopyFS(c.dir, os.DirFS(s.dir)))
	r, err := gitrepo.Open(c.ctx, c.dir, environ(c.dir))
	c.must(err)
	c.use(r)
	return c
}
