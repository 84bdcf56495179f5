package demo

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/store"
)

// built is a demo that was made.
type built struct {
	repo *gitrepo.Repo
	*History
}

// build makes a demo in dir, as `gitsm demo` does.
func build(tb testing.TB, dir string, o Options) built {
	tb.Helper()
	ctx := context.Background()
	environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull}
	r, err := gitrepo.Init(ctx, dir, "main", environ)
	if err != nil {
		tb.Fatal(err)
	}
	bulk := gitrepo.NewBulk(ctx, r)
	o.Judge, o.Tool = decision.NewJudge(), "test"
	h, err := Build(ctx, bulk, o)
	if cerr := bulk.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		tb.Fatal(err)
	}
	var updates []git.RefUpdate
	for _, ref := range h.Refs {
		updates = append(updates, git.RefUpdate{Name: ref.Name, New: ref.OID})
	}
	if err := r.UpdateRefs(ctx, "demo", updates); err != nil {
		tb.Fatal(err)
	}
	return built{r, h}
}

// shared is one demo that several tests look at.
var shared struct {
	sync.Once
	dir string
	built
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.dir != "" {
		_ = shared.repo.Close()
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

func look(t *testing.T) built {
	t.Helper()
	shared.Do(func() {
		dir, err := os.MkdirTemp("", "gitsm-demo-test-")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
		shared.built = build(t, dir, Options{Changes: 100, Seed: DefaultSeed})
	})
	if shared.repo == nil {
		t.Fatal("the demo could not be built")
	}
	return shared.built
}

func (b built) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = b.repo.Root()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (b built) open(t *testing.T, ref string) *store.Store {
	t.Helper()
	fsys, err := b.repo.FS(t.Context(), b.ref(ref))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b built) ref(name string) git.OID {
	for _, r := range b.Refs {
		if r.Name == name {
			return r.OID
		}
	}
	return ""
}

// TestGitAcceptsIt holds that git finds nothing wrong with what was written,
// and that the work tree is main.
func TestGitAcceptsIt(t *testing.T) {
	b := look(t)
	if out := b.git(t, "fsck", "--strict", "--full", "--no-dangling"); out != "" {
		t.Errorf("git fsck: %s", out)
	}
	if out := b.git(t, "status", "--porcelain"); out != "" {
		t.Errorf("git status: %s", out)
	}
	if head := strings.TrimSpace(b.git(t, "symbolic-ref", "HEAD")); head != "refs/heads/main" {
		t.Errorf("%s is checked out", head)
	}
}

// TestCommitDates holds that time never runs backwards on any branch, and that
// nothing happens after the demo's own today.
func TestCommitDates(t *testing.T) {
	b := look(t)
	for _, branch := range []string{"main", evidence.Branch} {
		last := ""
		for line := range strings.Lines(b.git(t, "log", "--first-parent", "--reverse", "--format=%cI %aI %h", branch)) {
			if strings.HasPrefix(line, "2000-01-01") {
				continue // the first commit of evidence, which nobody made
			}
			if line[:25] < last || line[:19] >= Today.Format("2006-01-02T15:04:05") || line[:25] != line[26:51] {
				t.Errorf("%s: %sfollows %s", branch, line, last)
			}
			last = line[:25]
		}
	}
}

// TestCheckPasses holds every record against schema, references, lifecycle and
// policy, as `gitsm check --all` does.
func TestCheckPasses(t *testing.T) {
	s := look(t).open(t, "refs/heads/main")
	advice, err := decision.NewJudge().Advise(t.Context(), s, s, decision.Actor{}, Today)
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(t.Context(), check.Options{Head: s, Policy: advice, Immaterial: advice.Immaterial})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Errorf("%s:%d: %s %s", f.File, f.Line, f.Code, f.Message)
	}
	for kind, want := range map[string]int{"service": 12, "asset": 60, "team": 5, "person": 20} {
		if list, err := s.List(kind); err != nil || len(list) != want {
			t.Errorf("%d records of kind %s, want %d (%v)", len(list), kind, want, err)
		}
	}
}

// TestAuditPasses holds that everything was approved, signed and recorded as
// the policy of its time demanded.
func TestAuditPasses(t *testing.T) {
	b := look(t)
	a := audit.Auditor{Repo: b.repo, Judge: decision.NewJudge(), Cache: store.NewCache(), Main: "main", Now: Today, Tool: "test"}
	r, err := a.Verify(t.Context(), audit.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Verdict == audit.Fail || c.Verdict == audit.CannotVerify {
			t.Errorf("%s %s %s: %s", c.Verdict, c.Check, c.Record, c.Reason)
		}
	}
	if r.Summary.Pass < 500 {
		t.Errorf("only %d checks passed", r.Summary.Pass)
	}
}

// TestVariety holds that the history has what a reader may want to look at.
func TestVariety(t *testing.T) {
	b := look(t)
	s := b.open(t, "refs/heads/main")
	have := map[string]int{}
	changes, err := s.List("change")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		for _, v := range []string{c.State(), c.Str("type"), c.Str("implementation", "outcome")} {
			have[v]++
		}
	}
	incidents, err := s.List("incident")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range incidents {
		if i.Str("caused_by") != "" {
			have["caused by a change"]++
		}
	}
	fsys, err := b.repo.FS(t.Context(), b.ref("refs/heads/"+evidence.Branch))
	if err != nil {
		t.Fatal(err)
	}
	statements, err := evidence.ReadAll(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range statements {
		for _, e := range list {
			have[string(e.Statement.Predicate.Kind)]++
		}
	}
	for _, want := range []string{"normal", "emergency", "closed", "cancelled", "successful", "successful-with-issues", "failed", "backed-out",
		"caused by a change", "approval", "rejection", "withdrawal", "decision", "merge"} {
		if have[want] == 0 {
			t.Errorf("nothing is %s", want)
		}
	}
	if b.Changes != 100 || b.Incidents < 8 || b.Story == "" {
		t.Errorf("%d changes, %d incidents, story %q", b.Changes, b.Incidents, b.Story)
	}
	for _, id := range []string{b.Waiting, b.Denied} {
		if !slices.ContainsFunc(b.Refs, func(r git.Ref) bool { return strings.HasPrefix(r.Name, "refs/heads/gitsm/"+id+"/") }) {
			t.Errorf("%s is not open", id)
		}
	}
}

// TestSameSeed holds that a seed settles every byte, and that it settles
// something.
func TestSameSeed(t *testing.T) {
	refs := func(seed uint64) []git.Ref {
		t.Helper()
		b := build(t, t.TempDir(), Options{Changes: 12, Seed: seed})
		defer b.repo.Close()
		return b.Refs
	}
	first := refs(7)
	if diff := cmp.Diff(first, refs(7)); diff != "" {
		t.Errorf("the same seed made other commits:\n%s", diff)
	}
	if cmp.Equal(first, refs(8)) {
		t.Error("another seed made the same commits")
	}
}

// TestArchive holds that changes of earlier years are ordinary records of an
// ordinary history, that the store begins after them, and that an audit says so
// by judging none of them.
func TestArchive(t *testing.T) {
	b := build(t, t.TempDir(), Options{Changes: 60, Recent: 20, Seed: DefaultSeed})
	defer b.repo.Close()
	if b.Changes != 60 || b.Archived != 40 || b.Archive < 100 {
		t.Errorf("%d changes, %d of them archived in %d commits", b.Changes, b.Archived, b.Archive)
	}
	if out := b.git(t, "fsck", "--strict", "--full", "--no-dangling"); out != "" {
		t.Errorf("git fsck: %s", out)
	}
	genesis, _, _ := strings.Cut(b.git(t, "log", "--first-parent", "--reverse", "--format=%H", "main", "--", "gitsm.yaml"), "\n")
	if n := strings.TrimSpace(b.git(t, "rev-list", "--count", genesis+"^")); n != fmt.Sprint(b.Archive) {
		t.Errorf("%s commits lie before genesis, want %d", n, b.Archive)
	}
	last := ""
	for line := range strings.Lines(b.git(t, "log", "--first-parent", "--reverse", "--format=%cI", "main")) {
		if line < last {
			t.Errorf("%sfollows %s", line, last)
		}
		last = line
	}
	s := b.open(t, "refs/heads/main")
	advice, err := decision.NewJudge().Advise(t.Context(), s, s, decision.Actor{}, Today)
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(t.Context(), check.Options{Head: s, Policy: advice, Immaterial: advice.Immaterial})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Errorf("%s:%d: %s %s", f.File, f.Line, f.Code, f.Message)
	}
	states := map[string]int{}
	changes, err := s.List("change")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.ID[4:12] < opening.Format("20060102") {
			states[c.State()]++
		}
	}
	if states["closed"] == 0 || states["closed"]+states["cancelled"] != 40 {
		t.Errorf("the archive holds %v", states)
	}
	a := audit.Auditor{Repo: b.repo, Judge: decision.NewJudge(), Cache: store.NewCache(), Main: "main", Now: Today, Tool: "test"}
	v, err := a.Verify(t.Context(), audit.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Checks {
		if c.Verdict == audit.Fail || c.Verdict == audit.CannotVerify {
			t.Errorf("%s %s %s: %s", c.Verdict, c.Check, c.Record, c.Reason)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		_ = build(b, b.TempDir(), Options{Changes: 60, Seed: DefaultSeed}).repo.Close()
	}
}
