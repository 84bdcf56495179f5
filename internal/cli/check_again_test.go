package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// desktop is a store in a repository that a test checks again and again.
type desktop struct {
	t       *testing.T
	dir     string
	environ []string
	version string
	now     time.Time
}

// again checks, and reports whether that was said without checking.
func (d *desktop) again(more ...string) (said string, replayed bool) {
	d.t.Helper()
	env := testEnv(d.t)
	var out, talk bytes.Buffer
	env.Out, env.Err, env.Dir, env.Environ, env.Version, env.ahead = &out, &talk, d.dir, d.environ, d.version, time.Hour
	env.Clock = func() time.Time { return d.now }
	code := Main(context.Background(), append([]string{"check"}, more...), env)
	return out.String() + "--\n" + talk.String() + string(rune('0'+code)), env.judge == nil
}

func (d *desktop) put(name, text string) {
	d.t.Helper()
	p := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// edit replaces a text in a file, and sets back when it was written.
func (d *desktop) edit(name, old, text string) {
	d.t.Helper()
	p := filepath.Join(d.dir, filepath.FromSlash(name))
	src, err := os.ReadFile(p)
	if err != nil || !strings.Contains(string(src), old) {
		d.t.Fatalf("%s has no %q: %v", name, old, err)
	}
	info, err := os.Stat(p)
	if err != nil {
		d.t.Fatal(err)
	}
	d.put(name, strings.Replace(string(src), old, text, 1))
	if err := os.Chtimes(p, info.ModTime(), info.ModTime()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desktop) git(args ...string) {
	d.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = d.dir, d.environ
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// emptyDesktop has no files yet.
func emptyDesktop(t *testing.T) *desktop {
	d := &desktop{t: t, dir: t.TempDir(), version: "devel", now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	d.environ = append(os.Environ(), "HOME="+d.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "NO_COLOR=1", "TZ=UTC",
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.org")
	return d
}

func newDesktop(t *testing.T) *desktop {
	d := emptyDesktop(t)
	for name, text := range map[string]string{
		"gitsm.yaml":             "apiVersion: gitsm/v1\nkind: config\nkinds:\n  - {name: risk, plural: risks, path: 'risks/{id}.yaml', schema: schema/risk.json}\n",
		"schema/risk.json":       `{"type": "object", "required": ["apiVersion", "kind", "id"], "properties": {"apiVersion": {}, "kind": {}, "id": {}, "note": {"type": "string"}}, "additionalProperties": false}`,
		"risks/flood.yaml":       "apiVersion: gitsm/v1\nkind: risk\nid: flood\nnote: wet\n",
		"people/alice.yaml":      "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\n",
		"teams/ops.yaml":         "apiVersion: gitsm/v1\nkind: team\nid: ops\ntitle: Ops\nmembers: [alice]\n",
		"services/checkout.yaml": "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:ops\ntier: 1\n",
		"windows/night.yaml": "apiVersion: gitsm/v1\nkind: window\nid: night\ntitle: Night\ntype: freeze\nstrength: hard\nstate: active\nowner: team:ops\n" +
			"scope: {all: true}\nstart: 2026-11-24T20:00:00Z\nend: 2026-11-24T23:00:00Z\n",
		"changes/2026/11/CHG-20261120-7K3F2M.yaml": "apiVersion: gitsm/v1\nkind: change\nid: CHG-20261120-7K3F2M\ntitle: Upgrade\ntype: normal\nstate: scheduled\n" +
			"requester: alice\nservices: [checkout]\nwindow: {start: 2026-11-24T20:00:00Z, end: 2026-11-24T22:00:00Z}\n",
		"changes/2026/10/CHG-20261020-7K3F2N.yaml": "apiVersion: gitsm/v1\nkind: change\nid: CHG-20261020-7K3F2N\ntitle: Before\ntype: normal\nstate: closed\nrequester: alice\nservices: [checkout]\n",
		"policy/change.rego": `package gitsm.change

# METADATA
# title: over
# custom: {id: CHG021}
warn contains "it is over" if time.parse_rfc3339_ns(input.now) >= time.parse_rfc3339_ns(input.record.window.end)

# METADATA
# title: frozen
# custom: {id: CHG030}
warn contains sprintf("%s is frozen", [w.id]) if some w in input.windows

# METADATA
# title: told
# custom: {id: CHG901}
warn contains sprintf("alice is called %s, and the word is %s", [data.catalog.people.alice.name, data.config.word])
`,
		"policy/data.yaml": "config: {word: one}\n",
	} {
		d.put(name, text)
	}
	d.begin()
	return d
}

// begin commits the files that there are.
func (d *desktop) begin() {
	d.git("init", "-q", "--template=", "-b", "main")
	d.git("add", "-A")
	d.git("commit", "-q", "-m", "Base")
}

// TestCheckAgain: a check of which nothing changed is said once more without
// being made, and one of which anything did is not, whatever that is.
func TestCheckAgain(t *testing.T) {
	d := newDesktop(t)
	const change = "changes/2026/11/CHG-20261120-7K3F2M.yaml"
	if _, replayed := d.again(); replayed {
		t.Fatal("the first check was not made")
	}
	changes := []struct {
		name  string
		do    func()
		never bool // what is found then can never be said without checking
	}{
		{"a record", func() { d.edit(change, "title: Upgrade", "title: Upgrade it") }, false},
		{"a record that is over, and was not read again", func() { d.edit("changes/2026/10/CHG-20261020-7K3F2N.yaml", "title: Before", "titel: Before") }, false},
		{"a record of the same size and time", func() { d.edit(change, "[checkout]", "[checkouT]") }, false},
		{"and back", func() { d.edit(change, "[checkouT]", "[checkout]") }, false},
		{"a record that it refers to", func() { d.edit("services/checkout.yaml", "tier: 1", "tier: 1\nstate: retired") }, false},
		{"a record that it refers to is gone", func() { d.git("rm", "-q", "--force", "services/checkout.yaml") }, false},
		{"it is there once more", func() {
			d.put("services/checkout.yaml", "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:ops\ntier: 1\n")
		}, false},
		{"policy", func() { d.edit("policy/change.rego", "it is over", "this is over") }, false},
		{"the data of policy", func() { d.edit("policy/data.yaml", "one", "two") }, false},
		{"a file of policy more", func() {
			d.put("policy/team.rego", "package gitsm.team\n\n# METADATA\n# title: t\n# custom: {id: TEA001}\nwarn contains \"a team\"\n")
		}, false},
		{"a person", func() { d.edit("people/alice.yaml", "name: Alice", "name: Alicia") }, false},
		{"a window", func() { d.edit("windows/night.yaml", "2026-11-24T20:00:00Z", "2026-11-24T22:30:00Z") }, false},
		{"the schema of a kind", func() { d.edit("schema/risk.json", `"note": {"type": "string"}`, `"note": {"maxLength": 2}`) }, false},
		{"gitsm.yaml, which leads to an error", func() { d.edit("gitsm.yaml", "schema: schema/risk.json", "schema: schema/other.json") }, true},
		{"a file that was missing", func() { d.put("schema/other.json", "{}") }, false},
		{"a record more", func() { d.put("people/bob.yaml", "apiVersion: gitsm/v1\nkind: person\nid: bob\nname: Bob\n") }, false},
		{"a directory more", func() { d.put("people/old/carol.yaml", "apiVersion: gitsm/v1\nkind: person\nid: carol\n") }, false},
		{"one fewer", func() { d.must(os.RemoveAll(filepath.Join(d.dir, "people", "old"))) }, false},
		{"another directory in the place of one", func() { // which may be open, and stays so
			d.must(os.Rename(filepath.Join(d.dir, "people"), filepath.Join(d.dir, "before")))
			d.must(os.CopyFS(filepath.Join(d.dir, "people"), os.DirFS(filepath.Join(d.dir, "before"))))
		}, false},
		{"a link in the place of it", func() {
			d.must(os.RemoveAll(filepath.Join(d.dir, "people")))
			d.must(os.Symlink("before", filepath.Join(d.dir, "people")))
		}, true},
		{"the directory again", func() {
			d.must(os.Remove(filepath.Join(d.dir, "people")))
			d.must(os.Rename(filepath.Join(d.dir, "before"), filepath.Join(d.dir, "people")))
		}, false},
		{"a directory of records that was missing", func() { d.put("assets/db.yaml", "apiVersion: gitsm/v1\nkind: asset\n") }, false},
		{"a lookalike of gitsm.yaml", func() { d.put("gitsm.yml", "kind: config\n") }, false},
		{"who may read a record", func() { d.must(os.Chmod(filepath.Join(d.dir, change), 0o600)) }, false},
		{"an open proposal", func() {
			d.git("branch", "gitsm/CHG-20261120-AAAAAA/new-a1b2", "main")
			d.git("update-ref", "refs/heads/gitsm/CHG-20261120-AAAAAA/new-a1b2", d.commit())
		}, false},
		{"it is gone", func() { d.git("branch", "-q", "-D", "gitsm/CHG-20261120-AAAAAA/new-a1b2") }, false},
		{"main", func() { d.git("update-ref", "refs/heads/main", d.commit()) }, false},
		{"a branch", func() { d.git("branch", "third") }, false},
		{"it is checked out", func() { d.git("symbolic-ref", "HEAD", "refs/heads/third") }, false},
		{"a branch without a commit is", func() { d.git("symbolic-ref", "HEAD", "refs/heads/other") }, true},
		{"and back", func() { d.git("symbolic-ref", "HEAD", "refs/heads/main") }, false},
		{"git's configuration", func() { d.git("config", "branch.main.remote", "origin") }, false},
		{"its own version", func() { d.version = "devel 2" }, false},
		{"the moment, at a boundary", func() { d.now = time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC) }, true},
		{"the moment, past it", func() { d.now = d.now.Add(2 * time.Second) }, false},
		{"the moment, back before a boundary", func() { d.now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }, false},
		{"a policy that uses the moment freely", func() {
			d.edit("policy/change.rego", "warn contains \"this is over\" if time", "warn contains sprintf(\"it is %s\", [input.now]) if time")
		}, true},
	}
	for _, c := range changes {
		c.do()
		want, _ := d.again("--no-cache")
		got, replayed := d.again()
		if replayed || got != want {
			t.Fatalf("%s: it was said without checking: %v\n%s\nwithout the cache it is\n%s", c.name, replayed, got, want)
		}
		if got, replayed = d.again(); got != want || replayed == c.never {
			t.Fatalf("%s, with nothing changed: it was said without checking: %v\n%s\nwithout the cache it is\n%s", c.name, replayed, got, want)
		}
	}
}

// TestCheckAgainByDefault: nothing that the default pack asks of a change, an
// incident, a model or a waiver that is open keeps a check from being said again.
func TestCheckAgainByDefault(t *testing.T) {
	d := emptyDesktop(t)
	lay(t, d.dir, packScene(t))
	for _, code := range []string{"CHG030", "INC002", "MOD010"} {
		lay(t, d.dir, readCase(t, packCases, code).trees["fail"])
	}
	d.begin()
	first, replayed := d.again()
	if replayed || !strings.Contains(first, "CHG030") || !strings.Contains(first, "INC002") || !strings.Contains(first, "MOD010") {
		t.Fatalf("the first check, said again: %v\n%s", replayed, first)
	}
	if second, replayed := d.again(); !replayed || second != first {
		t.Errorf("said again: %v\n%s", replayed, second)
	}
}

// TestCheckAgainMovedBack: what was read while a branch stood elsewhere is not
// kept, though it stands where it stood when the check is over.
func TestCheckAgainMovedBack(t *testing.T) {
	for name, meanwhile := range map[string]func(*desktop){
		"nothing": func(*desktop) {},
		"moved": func(d *desktop) {
			d.git("update-ref", "refs/heads/main", d.commit())
			d.git("update-ref", "refs/heads/main", "main~1")
		},
		"packed": func(d *desktop) {
			d.git("branch", "-q", "another")
			d.git("branch", "-q", "-D", "another")
		},
		"HEAD": func(d *desktop) {
			d.git("symbolic-ref", "HEAD", "refs/heads/other")
			d.git("symbolic-ref", "HEAD", "refs/heads/main")
		},
		"configured": func(d *desktop) {
			d.git("config", "branch.main.remote", "origin")
			d.git("config", "--unset", "branch.main.remote")
		},
	} {
		d := newDesktop(t)
		env := testEnv(t)
		env.Dir, env.Environ, env.Version, env.ahead = d.dir, d.environ, d.version, time.Hour
		env.Clock = func() time.Time { return d.now }
		l := env.lastCheck(t.Context())
		l.mark()
		s, err := env.tree(t.Context(), l.begin(env.ahead))
		d.must(err)
		rep, err := checkTreeOf(t.Context(), env, s, false, env.lookAtMain(t.Context()))
		d.must(err)
		meanwhile(d)
		l.keep(t.Context(), env, rep, nil)
		l.end()
		if _, err := os.Stat(l.file); (err == nil) != (name == "nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (d *desktop) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// commit makes a commit on top of main, which no ref stands at.
func (d *desktop) commit() string {
	d.t.Helper()
	cmd := exec.Command("git", "commit-tree", "main^{tree}", "-p", "main", "-m", "Next")
	cmd.Dir, cmd.Env = d.dir, d.environ
	out, err := cmd.Output()
	d.must(err)
	return strings.TrimSpace(string(out))
}
