package proposal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// rules is a policy small enough to be known by heart: a normal change that is
// scheduled, and not merely retitled, needs the owner of each service.
const rules = `package gitsm.change

# METADATA
# title: back-out plan missing
# custom: {id: CHG012}
deny contains {"msg": "back-out plan missing", "path": "/plan/backout"} if not input.record.plan.backout

# METADATA
# title: owners approve
# custom: {id: CHG201}
approvals contains {"id": sprintf("owner-%s", [replace(s.owner, ":", "-")]), "from": [s.owner], "count": 1, "msg": "owns it"} if {
	input.record.type == "normal"
	input.transition.to == "scheduled"
	some s in input.services
}

# METADATA
# title: retro
# custom: {id: CHG203}
approvals contains {"id": "retro", "from": [sprintf("person:%s", [input.record.authoriser])], "count": 1, "retro": true, "msg": "authorised it"} if {
	input.record.type == "emergency"
}

# METADATA
# title: risk
# custom: {id: CHG100}
risk := {"score": 10, "band": "medium"}
`

const data = `config:
  immaterial: {change: [title]}
  minimum_trust: {low: claimed, medium: signed, high: signed}
`

const config = `apiVersion: gitsm/v1
kind: config
owners: {policy: ["team:platform"], people: ["team:platform"], config: ["team:platform"]}
`

var names = []string{"alice", "bob", "carol", "dave"}

// signer makes the same key for the same name each time.
func signer(name string) sshsig.Signer {
	seed := sha256.Sum256([]byte(name))
	s, err := sshsig.FromSeed(seed[:])
	if err != nil {
		panic(err)
	}
	return s
}

func person(id string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: person\nid: %s\nname: %[1]s\nemails: [%[1]s@example.org]\nsigning_keys:\n  - key: %s\n",
		id, strings.TrimSpace(sshsig.Authorized(signer(id).PublicKey())))
}

func service(id, owner string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: service\nid: %s\ntitle: %[1]s\nowner: %s\ntier: 2\n", id, owner)
}

func team(id, members string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: team\nid: %s\ntitle: %[1]s\nmembers: [%s]\n", id, members)
}

// genesis is the store everything begins with.
func genesis() map[string]string {
	out := map[string]string{
		"gitsm.yaml": config, "policy/change.rego": rules, "policy/data.yaml": data,
		"services/checkout.yaml": service("checkout", "team:payments"), "services/search.yaml": service("search", "team:discovery"),
		"teams/payments.yaml": team("payments", "alice, bob"), "teams/discovery.yaml": team("discovery", "carol, dave"), "teams/platform.yaml": team("platform", "carol, dave"),
		"README.md": "notes\n",
	}
	for _, n := range names {
		out["people/"+n+".yaml"] = person(n)
	}
	return out
}

// environ is the environment of a user without configuration.
func environ(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "TMPDIR=" + os.TempDir(), "GIT_CEILING_DIRECTORIES=" + os.TempDir(),
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Git", "GIT_AUTHOR_EMAIL=git@example.org", "GIT_COMMITTER_NAME=Git", "GIT_COMMITTER_EMAIL=git@example.org",
		"GIT_AUTHOR_DATE=1790000000 +0000", "GIT_COMMITTER_DATE=1790000000 +0000",
	}
}

// shop is one repository and the people who work in it.
type shop struct {
	tb      testing.TB
	root    string // work tree
	dir     string // of the store in it
	environ []string
	clock   *clock
	random  *random
	opened  *gitrepo.Repo
}

// clock gives out one second after the other, so that what happened later says
// so and every run says the same.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

// random is chance that is the same in every run, and never gives out an id
// twice.
type random struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}

// judge compiles the policy once for all tests.
var judge = decision.NewJudge()

func newShop(tb testing.TB, dir string) *shop {
	tb.Helper()
	return &shop{tb: tb, root: tb.TempDir(), dir: dir, environ: environ(tb.TempDir()), clock: &clock{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)},
		random: &random{from: rand.NewChaCha8([32]byte{7})}}
}

// open returns a shop with the genesis of files in a directory of a repository.
func open(tb testing.TB, dir string, files map[string]string) *shop {
	tb.Helper()
	s := newShop(tb, dir)
	r, err := gitrepo.Init(tb.Context(), s.root, "main", s.environ)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	inDir := map[string]string{}
	for name, text := range files {
		inDir[s.path(name)] = text
	}
	s.move(r, "refs/heads/main", "", s.commitBy(r, "git", "", inDir, ""))
	return s
}

// begin is open with the usual store at the top: a copy of one that was made
// once, which takes no git at all.
func begin(tb testing.TB) *shop {
	tb.Helper()
	usual.Do(func() {
		s := open(tb, "", genesis())
		if err := os.CopyFS(filepath.Join(scratch, "usual"), os.DirFS(s.root)); err != nil {
			tb.Fatal(err)
		}
	})
	s := newShop(tb, "")
	if err := os.CopyFS(s.root, os.DirFS(filepath.Join(scratch, "usual"))); err != nil {
		tb.Fatal(err)
	}
	return s
}

var usual sync.Once

// scratch outlives each test.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "proposal"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}

func (s *shop) path(name string) string {
	if s.dir == "" {
		return name
	}
	return s.dir + "/" + name
}

func (s *shop) repo() *gitrepo.Repo {
	s.tb.Helper()
	if s.opened != nil {
		return s.opened
	}
	r, err := gitrepo.Open(s.tb.Context(), s.root, s.environ)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { _ = r.Close() })
	return r
}

// desk is where a person works, with their own key.
func (s *shop) desk(name string) *proposal.Desk { return s.deskOn(s.repo(), name) }

func (s *shop) deskOn(r proposal.Repo, name string) *proposal.Desk {
	return &proposal.Desk{Repo: r, Judge: judge, Cache: store.NewCache(), Dir: s.dir, Main: "main", Now: s.clock.read, Random: s.random,
		User: proposal.User{Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.org"}, Signer: signer(name), Tool: "v0.0.0"}
}

// git runs the git program as somebody past gitsm would.
func (s *shop) git(args ...string) string {
	s.tb.Helper()
	return runGit(s.tb, s.environ, s.root, args...)
}

func runGit(tb testing.TB, env []string, dir string, args ...string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), "git", args...)
	cmd.Dir, cmd.Env = dir, env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// by is who writes a commit by hand.
func (s *shop) by(name string) git.Signature {
	return git.Signature{Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.org", When: s.clock.read()}
}

// commitBy writes a commit by hand; "" deletes a file.
func (s *shop) commitBy(r *gitrepo.Repo, author, message string, files map[string]string, parents ...git.OID) git.OID {
	s.tb.Helper()
	spec := git.CommitSpec{Base: parents[0], Parents: parents, Message: "by hand\n\n" + message, Author: s.by(author), Committer: s.by(author)}
	if parents[0] == "" {
		spec.Parents = nil
	}
	if slices.Contains(names, author) {
		spec.Sign = func(payload []byte) ([]byte, error) {
			return signer(author).Sign(s.tb.Context(), evidence.CommitNamespace, payload)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		spec.Files = append(spec.Files, git.FileEdit{Path: name, Content: []byte(files[name]), Delete: files[name] == ""})
	}
	id, err := r.WriteCommit(s.tb.Context(), spec)
	if err != nil {
		s.tb.Fatal(err)
	}
	return id
}

func (s *shop) move(r *gitrepo.Repo, ref string, old, id git.OID) {
	s.tb.Helper()
	if err := r.UpdateRefs(s.tb.Context(), "by hand", []git.RefUpdate{{Name: ref, Old: old, New: id}}); err != nil {
		s.tb.Fatal(err)
	}
}

// push writes files to a branch by hand, as author.
func (s *shop) push(branch, author string, files map[string]string) git.OID {
	s.tb.Helper()
	r := s.repo()
	old := s.ref("refs/heads/" + branch)
	id := s.commitBy(r, author, "", files, old)
	s.move(r, "refs/heads/"+branch, old, id)
	return id
}

func (s *shop) ref(name string) git.OID {
	s.tb.Helper()
	return refOf(s.tb, s.repo(), name)
}

func refOf(tb testing.TB, r *gitrepo.Repo, name string) git.OID {
	tb.Helper()
	id, err := r.Ref(tb.Context(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// refs is every branch with what it stands at.
func (s *shop) refs() map[string]string {
	s.tb.Helper()
	list, err := s.repo().Refs(s.tb.Context(), "refs/")
	if err != nil {
		s.tb.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range list {
		out[r.Name] = r.OID
	}
	return out
}

// proposals lists the branches of open and landed proposals.
func (s *shop) proposals() []string {
	s.tb.Helper()
	var out []string
	for name := range s.refs() {
		if b, ok := strings.CutPrefix(name, "refs/heads/gitsm/"); ok {
			out = append(out, b)
		}
	}
	slices.Sort(out)
	return out
}

// on reads a file of a branch, "" where it is not there.
func (s *shop) on(rev, name string) string {
	s.tb.Helper()
	r := s.repo()
	id, err := r.Resolve(s.tb.Context(), rev)
	if err != nil {
		s.tb.Fatal(err)
	}
	fsys, err := r.FS(s.tb.Context(), id)
	if err != nil {
		s.tb.Fatal(err)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.tb.Fatal(err)
	}
	return string(text)
}

// evidence reads all statements about an id, oldest first.
func (s *shop) evidence(id string) []*evidence.Entry {
	s.tb.Helper()
	r := s.repo()
	head := refOf(s.tb, r, "refs/heads/"+evidence.Branch)
	if head == "" {
		return nil
	}
	fsys, err := r.FS(s.tb.Context(), head)
	if err != nil {
		s.tb.Fatal(err)
	}
	entries, err := evidence.Read(fsys, id)
	if err != nil {
		s.tb.Fatal(err)
	}
	return entries
}

// said lists the statements about an id, as type and person.
func (s *shop) said(id string) []string {
	s.tb.Helper()
	out := []string{}
	for _, e := range s.evidence(id) {
		out = append(out, string(e.Statement.Predicate.Kind)+" "+e.Statement.Predicate.Person)
	}
	return out
}

// fields of a change that lacks nothing.
func fields(service string) map[string]any {
	return map[string]any{"title": "Upgrade", "type": "normal", "services": []any{service}, "reason": "support ends", "plan": map[string]any{"backout": "restore the snapshot"}}
}

func kindOf(tb testing.TB, name string) *record.Kind {
	tb.Helper()
	k, ok := record.Builtin().ByName(name)
	if !ok {
		tb.Fatalf("no kind %s", name)
	}
	return k
}

// file files a change of a service and returns what came of it.
func file(tb testing.TB, d *proposal.Desk, service string) *proposal.Outcome {
	tb.Helper()
	dr, err := d.NewDraft(tb.Context(), kindOf(tb, "change"), "", fields(service))
	if err != nil {
		tb.Fatal(err)
	}
	out, err := d.Propose(tb.Context(), dr)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// target finds what an id means now.
func target(tb testing.TB, d *proposal.Desk, id string) *proposal.Target {
	tb.Helper()
	w, err := d.Sync(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	t, err := d.Resolve(tb.Context(), w, id)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// draftOf is an edit of one field, made anew on whatever main has.
func draftOf(tb testing.TB, d *proposal.Desk, id string, edits ...yamldoc.Edit) proposal.Draft {
	tb.Helper()
	t := target(tb, d, id)
	rec := t.Current()
	dr := proposal.Draft{Kind: t.Kind, ID: t.ID, Path: rec.Path, Verb: "edit", Title: rec.Title(), Target: t}
	dr.Remake = func(rec *record.Record) ([]byte, error) { return proposal.Apply(rec, edits) }
	var err error
	if dr.Content, err = dr.Remake(rec); err != nil {
		tb.Fatal(err)
	}
	return dr
}

func set(pointer string, value any) yamldoc.Edit { return yamldoc.Edit{Pointer: pointer, Value: value} }

// edit changes one field through the desk.
func edit(tb testing.TB, d *proposal.Desk, id, pointer, value string) *proposal.Outcome {
	tb.Helper()
	out, err := d.Propose(tb.Context(), draftOf(tb, d, id, set(pointer, value)))
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// gate asks whether the open proposal of an id may land.
func gate(tb testing.TB, d *proposal.Desk, id string) *decision.Decision {
	tb.Helper()
	dec, err := d.Gate(tb.Context(), target(tb, d, id))
	if err != nil {
		tb.Fatal(err)
	}
	return dec
}

// approve records an approval that has to count.
func approve(tb testing.TB, d *proposal.Desk, id string) *proposal.Opinion {
	tb.Helper()
	op, err := d.Approve(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return op
}

// merge lands a proposal that has to land.
func merge(tb testing.TB, d *proposal.Desk, id string) *proposal.Outcome {
	tb.Helper()
	out, err := d.Merge(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	if !out.Landed {
		tb.Fatalf("%s did not land: %s %q", id, out.Decision.Verdict, out.Decision.Reasons)
	}
	return out
}

// scheduled files, approves and lands a change of checkout.
func scheduled(tb testing.TB, s *shop) string {
	tb.Helper()
	alice := s.desk("alice")
	id := file(tb, alice, "checkout").ID
	approve(tb, s.desk("bob"), id)
	merge(tb, alice, id)
	return id
}

// why says what the gate says of somebody whose word was not counted.
func why(d *decision.Decision, person string) string {
	for _, n := range d.Requirements {
		for _, i := range n.Ignored {
			if i.Who == person {
				return i.Why
			}
		}
	}
	return ""
}

// refused wants a RefusedError that holds a text, and returns it.
func refused(tb testing.TB, err error, want string) *proposal.RefusedError {
	tb.Helper()
	var r *proposal.RefusedError
	if !errors.As(err, &r) || !strings.Contains(err.Error(), want) {
		tb.Fatalf("error %v, want a refusal that says %q", err, want)
	}
	return r
}

// usage wants a UsageError that holds a text.
func usage(tb testing.TB, err error, want string) {
	tb.Helper()
	var u *proposal.UsageError
	if !errors.As(err, &u) || !strings.Contains(err.Error(), want) {
		tb.Fatalf("error %v, want a usage error that says %q", err, want)
	}
}

// fsck fails the test for any complaint of git about what is stored.
func (s *shop) fsck() {
	s.tb.Helper()
	if out := s.git("fsck", "--strict", "--no-dangling", "--full"); out != "" {
		s.tb.Fatalf("git fsck: %s", out)
	}
}

// clones returns a bare upstream with what s holds, and shops of clones of it.
func (s *shop) clones(names ...string) (upstream *shop, clones []*shop) {
	s.tb.Helper()
	bare := filepath.Join(s.tb.TempDir(), "upstream.git")
	s.git("clone", "-q", "--bare", ".", bare)
	at := func(root string) *shop {
		c := *s
		c.root, c.opened = root, nil
		return &c
	}
	for _, name := range names {
		root := filepath.Join(s.tb.TempDir(), name)
		runGit(s.tb, s.environ, filepath.Dir(root), "clone", "-q", bare, root)
		clones = append(clones, at(root))
	}
	return at(bare), clones
}

// meddled is a repository in which something happens right before a call.
type meddled struct {
	proposal.Repo
	before map[string]func() // by the call's name; each happens once
}

func meddle(r proposal.Repo, call string, happens func()) *meddled {
	return &meddled{Repo: r, before: map[string]func(){call: happens}}
}

func (m *meddled) happen(call string) {
	if f := m.before[call]; f != nil {
		delete(m.before, call)
		f()
	}
}

func (m *meddled) UpdateRefs(ctx context.Context, reason string, updates []git.RefUpdate) error {
	m.happen("UpdateRefs")
	return m.Repo.UpdateRefs(ctx, reason, updates)
}

func (m *meddled) Push(ctx context.Context, remote string, updates []git.RefUpdate) error {
	m.happen("Push")
	return m.Repo.Push(ctx, remote, updates)
}

func (m *meddled) WriteCommit(ctx context.Context, spec git.CommitSpec) (git.OID, error) {
	m.happen("WriteCommit")
	return m.Repo.WriteCommit(ctx, spec)
}
