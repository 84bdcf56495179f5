package history_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/history"
)

// scene is a repository whose commits are written one by one.
type scene struct {
	testing.TB
	repo *gitrepo.Repo
	now  time.Time
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	dir := tb.TempDir()
	r, err := gitrepo.Init(context.Background(), dir, "main", []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir,
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return &scene{TB: tb, repo: r, now: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
}

// commit writes a commit by who on top of parents; files map a path to its
// content, "-" to remove it.
func (s *scene) commit(who, message string, files map[string]string, parents ...git.OID) git.OID {
	s.Helper()
	s.now = s.now.Add(time.Minute)
	sig := git.Signature{Name: who, Email: strings.ToLower(who) + "@example.org", When: s.now}
	spec := git.CommitSpec{Parents: parents, Message: message, Author: sig, Committer: sig}
	if len(parents) > 0 {
		spec.Base = parents[0]
	}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		spec.Files = append(spec.Files, git.FileEdit{Path: p, Content: []byte(files[p]), Delete: files[p] == "-"})
	}
	id, err := s.repo.WriteCommit(context.Background(), spec)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

func (s *scene) walk(main git.OID, evidence ...history.Statement) *history.History {
	s.Helper()
	h, err := history.Walk(context.Background(), s.repo, history.Options{Main: main})
	if err != nil {
		s.Fatal(err)
	}
	h.Attest(evidence)
	return h
}

// events lists what happened to records, as "type actor detail".
func (s *scene) events(h *history.History, f history.Filter) []string {
	s.Helper()
	list, err := h.Events(context.Background(), f)
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Type+" "+e.Actor+" "+e.Detail)
	}
	return out
}

const (
	config  = "apiVersion: gitsm/v1\nkind: config\n"
	person  = "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\nemails: [alice@example.org]\n"
	service = "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: person:alice\ntier: 2\n"
	chg     = "CHG-20261102-AAAAAA"
	chgPath = "changes/2026/11/" + chg + ".yaml"
)

func change(state string, more ...string) string {
	return "apiVersion: gitsm/v1\nkind: change\nid: " + chg + "\ntitle: T\ntype: normal\nstate: " + state + "\nservices: [checkout]\n" + strings.Join(more, "")
}

func genesis(s *scene) git.OID {
	return s.commit("Alice", "begin\n", map[string]string{"gitsm.yaml": config, "people/alice.yaml": person, "services/checkout.yaml": service})
}

// land merges head into main and says in evidence that the gate let it pass.
func (s *scene) land(main, head git.OID, id string) (git.OID, history.Statement) {
	s.Helper()
	files := map[string]string{}
	fsys, err := s.repo.FS(context.Background(), head)
	if err != nil {
		s.Fatal(err)
	}
	f, err := fsys.Open(chgPath)
	if err == nil {
		b := make([]byte, 1<<16)
		n, _ := f.Read(b)
		files[chgPath] = string(b[:n])
	}
	c := s.commit("Alice", "land\n\nChange-Id: "+id+"\nEvidence-Head: "+strings.Repeat("e", 40)+"\n", files, main, head)
	return c, history.Statement{Path: "evidence/" + id + "/merge.json", Type: "merge", Kind: "change", Record: id, Base: main, Head: head, Commit: c, Branch: "gitsm/" + id + "/x"}
}

func TestLifeOfAChange(t *testing.T) {
	s := newScene(t)
	g := genesis(s)
	p1 := s.commit("Bob", "Propose it\n", map[string]string{chgPath: change("scheduled")}, g)
	p2 := s.commit("Bob", "Mend it\n", map[string]string{chgPath: change("scheduled", "reason: good\n")}, p1)
	l1, m1 := s.land(g, p2, chg)
	p3 := s.commit("Alice", "start\n", map[string]string{chgPath: change("implementing", "reason: good\n")}, l1)
	l2, m2 := s.land(l1, p3, chg)
	p4 := s.commit("Alice", "finish\n", map[string]string{chgPath: change("review", "reason: good\n", "implementation: {outcome: failed}\n")}, l2)
	l3, m3 := s.land(l2, p4, chg)
	push := s.commit("Mallory", "quick fix\n", map[string]string{chgPath: change("review", "reason: better\n", "implementation: {outcome: failed}\n")}, l3)
	back := s.commit("Mallory", "and back\n", map[string]string{chgPath: change("review", "reason: good\n", "implementation: {outcome: failed}\n")}, push)
	approval := history.Statement{Path: "evidence/a.json", Type: "approval", Kind: "change", Record: chg, Person: "carol", Branch: "gitsm/" + chg + "/x", Head: p1, Time: s.now}
	loose := history.Statement{Path: "evidence/w.json", Type: "withdrawal", Kind: "change", Record: chg, Person: "dave", Branch: "gitsm/" + chg + "/y", Head: strings.Repeat("a", 40), Anchor: 2}
	later := history.Statement{Path: "evidence/r.json", Type: "approval", Kind: "change", Record: chg, Person: "erin", Head: l3, Anchor: history.Unanchored}
	h := s.walk(back, m1, m2, m3, approval, loose, later)

	want := []string{
		"proposed Bob Propose it",
		"approved carol gitsm/" + chg + "/x",
		"edited Bob Mend it",
		"landed alice new, scheduled",
		"withdrawn dave gitsm/" + chg + "/y",
		"started alice scheduled → implementing",
		"finished alice implementing → review, failed",
		"direct-push Mallory " + chgPath + ": reason",
		"direct-push Mallory " + chgPath + ": as an earlier version: reason",
		"approved erin after it had landed",
	}
	if diff := cmp.Diff(want, s.events(h, history.Filter{Records: []string{chg}})); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if l, ok := h.Landing(l2); !ok || l.Index != 2 || l.Base != l1 || l.Head != p3 || l.Way(l.Touches[0]) != history.Gated {
		t.Errorf("the second landing is %+v", l)
	}
	if _, ok := h.Landing(p1); ok {
		t.Error("a commit of a proposal is taken for a landing")
	}
}

func TestMergeStatementsThatProveNothing(t *testing.T) {
	s := newScene(t)
	g := genesis(s)
	p := s.commit("Bob", "Propose\n", map[string]string{chgPath: change("scheduled")}, g)
	l, m := s.land(g, p, chg)
	for name, change := range map[string]func(*history.Statement){
		"other commit": func(m *history.Statement) { m.Commit = p },
		"other base":   func(m *history.Statement) { m.Base = p },
		"other head":   func(m *history.Statement) { m.Head = g },
		"other type":   func(m *history.Statement) { m.Type = "decision" },
	} {
		t.Run(name, func(t *testing.T) {
			bad := m
			change(&bad)
			if got := s.walk(l, bad).Head(); got.Merge != nil || got.Way(got.Touches[0]) != history.Pushed {
				t.Errorf("it counts as %s", got.Way(got.Touches[0]))
			}
		})
	}
	if got := s.walk(l, m).Head(); got.Merge == nil {
		t.Error("the right statement does not count")
	}
}

func TestWays(t *testing.T) {
	s := newScene(t)
	g := s.commit("Alice", "begin\n", map[string]string{"gitsm.yaml": config + "bootstrap: true\n", "people/alice.yaml": person})
	a := s.commit("Alice", "catalogue\n", map[string]string{"services/checkout.yaml": service, chgPath: change("scheduled"), "policy/x.rego": "package x\n"}, g)
	end := s.commit("Alice", "end\n", map[string]string{"gitsm.yaml": config}, a)
	b := s.commit("Alice", "late\n", map[string]string{"services/checkout.yaml": service + "description: x\n"}, end)
	h := s.walk(b)
	var got []string
	for _, l := range h.Line {
		for _, x := range l.Touches {
			got = append(got, x.ID+" "+string(l.Way(x)))
		}
		if len(l.Rules) > 0 {
			got = append(got, "rules "+string(l.RulesWay()))
		}
	}
	want := []string{"alice genesis", "rules genesis", chg + " direct-push", "checkout bootstrap", "rules bootstrap", "rules bootstrap", "checkout direct-push"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ways (-want +got):\n%s", diff)
	}
}

func TestBeforeGenesis(t *testing.T) {
	s := newScene(t)
	old := s.commit("Old", "code\n", map[string]string{"main.go": "package main\n"})
	side := s.commit("Old", "side\n", map[string]string{"x.go": "package main\n"}, old)
	merged := s.commit("Old", "merge\n", map[string]string{"x.go": "package main\n"}, old, side)
	g := s.commit("Alice", "begin\n", map[string]string{"gitsm.yaml": config}, merged)
	h := s.walk(g)
	if len(h.Line) != 1 || h.Genesis().OID != g || len(h.Commits) != 4 || h.Commits[side].Landing != nil {
		t.Errorf("line %d, commits %d", len(h.Line), len(h.Commits))
	}
	_, err := history.Walk(context.Background(), s.repo, history.Options{Main: merged})
	if !errors.Is(err, history.ErrNoGenesis) {
		t.Errorf("without a store: %v", err)
	}
}

func TestMovedRecordIsNoDeletion(t *testing.T) {
	s := newScene(t)
	asset := "apiVersion: gitsm/v1\nkind: asset\nid: db-1\ntitle: D\ntype: host\nowner: person:alice\n"
	g := genesis(s)
	a := s.commit("Alice", "add\n", map[string]string{"assets/eu/db-1.yaml": asset}, g)
	b := s.commit("Alice", "move\n", map[string]string{"assets/eu/db-1.yaml": "-", "assets/us/db-1.yaml": asset}, a)
	c := s.commit("Alice", "remove\n", map[string]string{"assets/us/db-1.yaml": "-"}, b)
	h := s.walk(c)
	if n := len(h.Line[2].Touches); n != 1 || h.Line[2].Touches[0].Moved != "assets/eu/db-1.yaml" {
		t.Errorf("the move is %+v", h.Line[2].Touches)
	}
	got := s.events(h, history.Filter{Kinds: []string{"asset"}})
	want := []string{
		"direct-push alice assets/eu/db-1.yaml: new",
		"direct-push alice assets/us/db-1.yaml: moved from assets/eu/db-1.yaml",
		"direct-push alice assets/us/db-1.yaml: removed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestDeclaredKinds(t *testing.T) {
	s := newScene(t)
	with := config + "kinds:\n  - {name: advisory, plural: advisories, path: \"advisories/{id}.yaml\", states: [draft, published], transitions: [{from: draft, to: published, verb: publish}]}\n"
	text := "id: adv-1\nkind: advisory\nstate: draft\ntitle: A\n"
	g := s.commit("Alice", "begin\n", map[string]string{"gitsm.yaml": config})
	a := s.commit("Alice", "declare and add\n", map[string]string{"gitsm.yaml": with, "advisories/adv-1.yaml": text}, g)
	p := s.commit("Alice", "publish\n", map[string]string{"advisories/adv-1.yaml": strings.Replace(text, "draft", "published", 1)}, a)
	l := s.commit("Alice", "land\n", map[string]string{"advisories/adv-1.yaml": strings.Replace(text, "draft", "published", 1)}, a, p)
	h := s.walk(l, history.Statement{Path: "m", Type: "merge", Kind: "advisory", Record: "adv-1", Base: a, Head: p, Commit: l})
	want := []string{"direct-push Alice advisories/adv-1.yaml: new, draft", "moved Alice draft → published"}
	if diff := cmp.Diff(want, s.events(h, history.Filter{Kinds: []string{"advisory"}})); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestBrokenConfigKeepsWhatWasKnown(t *testing.T) {
	s := newScene(t)
	g := genesis(s)
	a := s.commit("Alice", "break\n", map[string]string{"gitsm.yaml": "apiVersion: gitsm/v1\nkind: config\nbootstrap: true\nbootsrap: true\n"}, g)
	b := s.commit("Alice", "use it\n", map[string]string{"services/checkout.yaml": service + "description: x\n"}, a)
	h := s.walk(b)
	l := h.Head()
	if l.Before.Err == nil || l.Before.Bootstrap() || l.Way(l.Touches[0]) != history.Pushed {
		t.Errorf("a broken config counts as %v, %s", l.Before.Config, l.Way(l.Touches[0]))
	}
	if id, ok := l.Before.Person("ALICE@example.org"); !ok || id != "alice" {
		t.Errorf("alice is %q", id)
	}
}

func TestUnreadableRecord(t *testing.T) {
	s := newScene(t)
	g := genesis(s)
	a := s.commit("Alice", "bad\n", map[string]string{chgPath: "a: &x 1\nb: *x\n"}, g)
	b := s.commit("Alice", "good\n", map[string]string{chgPath: change("scheduled")}, a)
	want := []string{"direct-push alice " + chgPath + ": what is there cannot be read as a record: " + chgPath + ":1:4: YML014 anchor &x", "direct-push alice " + chgPath + ": new, scheduled"}
	if diff := cmp.Diff(want, s.events(s.walk(b), history.Filter{Records: []string{chg}})); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestTrailer(t *testing.T) {
	tests := map[string]struct{ message, want string }{
		"usual":           {"subject\n\nEvidence-Head: abc\n", "abc"},
		"among others":    {"subject\n\nbody\n\nChange-Id: X\nEvidence-Head:  abc \nSigned-off-by: A <a@b>\n", "abc"},
		"last wins":       {"s\n\nEvidence-Head: a\nEvidence-Head: b\n", "b"},
		"CRLF":            {"s\r\n\r\nEvidence-Head: abc\r\n", "abc"},
		"in the subject":  {"Evidence-Head: abc\n", ""},
		"in the body":     {"s\n\nEvidence-Head: abc\n\nmore\n", ""},
		"other case":      {"s\n\nevidence-head: abc\n", "abc"},
		"prefix of a key": {"s\n\nX-Evidence-Head: abc\n", ""},
		"none":            {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := history.Trailer(tt.message, "Evidence-Head"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// refs is a set of branches, each a path of letters: "ab" descends from "a".
type refs map[string]string

func (r refs) Ref(_ context.Context, name string) (git.OID, error) { return r[name], nil }
func (r refs) IsAncestor(_ context.Context, a, b git.OID) (bool, error) {
	return strings.HasPrefix(b, a), nil
}

func TestFindTip(t *testing.T) {
	tests := map[string]struct {
		ours, theirs string
		want         []string
		noted        bool
	}{
		"nowhere":     {"", "", nil, false},
		"ours":        {"a", "", []string{"a"}, false},
		"theirs":      {"", "a", []string{"a"}, false},
		"the same":    {"a", "a", []string{"a"}, false},
		"ours ahead":  {"ab", "a", []string{"ab"}, false},
		"ours behind": {"a", "ab", []string{"ab"}, true},
		"diverged":    {"ab", "ac", []string{"ab", "ac"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := history.FindTip(context.Background(), refs{"refs/heads/main": tt.ours, "refs/remotes/origin/main": tt.theirs}, "main", "origin")
			if err != nil || !slices.Equal(got.Heads, tt.want) || (got.Note != "") != tt.noted {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
