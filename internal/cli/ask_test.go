package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/record"
)

// askedOf is a store in a repository, at a branch that changes a file of search,
// seen from a directory of checkout; whoever is asked answers line by line.
func askedOf(t *testing.T, answers ...string) (*Env, *bytes.Buffer) {
	t.Helper()
	const owned = "owner: team:ops\ntier: 2\n"
	dir := shelf(t, map[string]string{
		"gitsm.yaml":                   "apiVersion: gitsm/v1\nkind: config\n",
		"people/alice.yaml":            "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\nemails: [alice@example.org]\n",
		"teams/ops.yaml":               "apiVersion: gitsm/v1\nkind: team\nid: ops\ntitle: Ops\nmembers: [alice]\n",
		"services/checkout.yaml":       "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\n" + owned,
		"services/mail.yaml":           "apiVersion: gitsm/v1\nkind: service\nid: mail\ntitle: Mail\n" + owned,
		"services/search.yaml":         "apiVersion: gitsm/v1\nkind: service\nid: search\ntitle: Search\naliases: [finder]\n" + owned,
		"windows/freeze.yaml":          "apiVersion: gitsm/v1\nkind: window\nid: freeze\ntitle: Freeze\ntype: freeze\nstrength: hard\nstate: active\nstart: 2026-11-20T08:00:00Z\nend: 2026-11-21T06:00:00Z\nscope: {all: true}\nowner: team:ops\n",
		"policy/change.rego":           "package gitsm.change\n\n# METADATA\n# title: ops approves\n# custom: {id: CHG201}\napprovals contains {\"id\": \"ops\", \"from\": [\"team:ops\"], \"count\": 1, \"msg\": \"ops runs it\"}\n",
		"apps/checkout/src/main.txt":   "",
		"libs/finder/README.md":        "",
		"libs/checkout-old/README.md":  "",
		"services-of-mail/mailbox.txt": "",
	})
	env := testEnv(t)
	env.Environ = append(os.Environ(), "HOME="+dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "NO_COLOR=1", "TZ=UTC",
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.org",
		"GIT_AUTHOR_DATE=2026-11-20T09:00:00Z", "GIT_COMMITTER_DATE=2026-11-20T09:00:00Z")
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, env.Environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "--template=", "-b", "main")
	git("add", "-A")
	git("commit", "-q", "-m", "Begin")
	git("switch", "-q", "-c", "topic")
	if err := os.WriteFile(filepath.Join(dir, "libs/finder/README.md"), []byte("x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	git("commit", "-q", "-a", "-m", "Explain")
	var said bytes.Buffer
	env.Err, env.Dir = &said, filepath.Join(dir, "apps", "checkout", "src")
	env.In = &typed{answers}
	return env, &said
}

// typed gives a line to each who reads, as a terminal does.
type typed struct{ lines []string }

func (in *typed) Read(p []byte) (int, error) {
	if len(in.lines) == 0 {
		return 0, io.EOF
	}
	line := in.lines[0] + "\n"
	in.lines = in.lines[1:]
	return copy(p, line), nil
}

// TestAskChange: a change is six questions, and the rest is told and not asked.
func TestAskChange(t *testing.T) {
	for name, tc := range map[string]struct {
		given     map[string]any
		answers   []string
		questions int
		want      map[string]any
	}{
		"everything": {map[string]any{"type": "normal"}, []string{"Upgrade", "0", "Out of support", "Restore", "", ""}, 6, map[string]any{
			"type": "normal", "title": "Upgrade", "services": []any{"checkout", "search"}, "reason": "Out of support", "plan": map[string]any{"backout": "Restore"},
			"owner": "team:ops", "window": map[string]any{"start": "2026-11-21T06:00:00Z", "end": "2026-11-21T07:00:00Z"}}},
		"later": {map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "team:ops", "reason": "x", "plan": map[string]any{"backout": "x"}}, []string{"later", "2h"}, 2,
			map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "team:ops", "reason": "x", "plan": map[string]any{"backout": "x"}}},
		"a time": {map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "team:ops", "reason": "x", "plan": map[string]any{"backout": "x"}}, []string{"2026-11-24T22:00:00Z", "90m"}, 2,
			map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "team:ops", "reason": "x", "plan": map[string]any{"backout": "x"},
				"window": map[string]any{"start": "2026-11-24T22:00:00Z", "end": "2026-11-24T23:30:00Z"}}},
		"the rest": {map[string]any{"title": "Upgrade", "services": []any{"mail"}, "window": map[string]any{"start": "x"}}, []string{"Because", "Restore"}, 2, map[string]any{
			"title": "Upgrade", "services": []any{"mail"}, "window": map[string]any{"start": "x"}, "owner": "team:ops", "reason": "Because", "plan": map[string]any{"backout": "Restore"}}},
		"nothing": {map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "person:alice", "reason": "x", "plan": map[string]any{"backout": "x"}, "window": map[string]any{}}, nil, 0,
			map[string]any{"title": "Upgrade", "services": []any{"mail"}, "owner": "person:alice", "reason": "x", "plan": map[string]any{"backout": "x"}, "window": map[string]any{}}},
	} {
		env, said := askedOf(t, tc.answers...)
		d, err := env.desk(context.Background(), false)
		if err != nil {
			t.Fatal(err)
		}
		a := &asker{env: env, accessible: true}
		if err := a.change(context.Background(), d, tc.given); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, said)
		}
		if diff := cmp.Diff(tc.want, tc.given); diff != "" {
			t.Errorf("%s: -want +got:\n%s\n%s", name, diff, said)
		}
		if n := strings.Count(said.String(), "?"); n != tc.questions {
			t.Errorf("%s: %d questions, not %d:\n%s", name, n, tc.questions, said)
		}
	}
}

// TestSayApprovers: who has to approve a change is said once it is filed.
func TestSayApprovers(t *testing.T) {
	env, said := askedOf(t)
	env.Random = strings.NewReader(strings.Repeat("seed", 100))
	if code := Main(context.Background(), []string{"change", "new", "--title", "Upgrade", "--service", "mail"}, env); code != ExitOK {
		t.Fatalf("exit %d\n%s", code, said)
	}
	env.repo, env.judge, env.cache = nil, nil, nil // that command is over
	d, err := env.desk(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Look(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	open, err := d.Open(context.Background(), w)
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open, %v", len(open), err)
	}
	said.Reset()
	if err := env.sayApprovers(context.Background(), open[0].ID); err != nil || said.String() != "needs 1 of team:ops: ops runs it\n" {
		t.Errorf("%v: %s", err, said)
	}
}

func TestNamedAfter(t *testing.T) {
	var services []*record.Record
	k, _ := record.Builtin().ByName("service")
	for _, id := range []string{"checkout", "mail"} {
		services = append(services, &record.Record{Kind: k, ID: id, Fields: map[string]any{"aliases": []any{id + "-2"}}})
	}
	for place, want := range map[string]string{
		"apps/checkout/src": "checkout", "services/checkout.yaml": "checkout", "mail": "mail", "x/mail-2/y": "mail", "": "", "checkout-old/x": "", "lib/mailbox.go": "",
	} {
		if got := strings.Join(namedAfter(services, []string{place}), " "); got != want {
			t.Errorf("%q: %q, want %q", place, got, want)
		}
	}
}

// Somebody whose change would be refused for who they are is told so before the
// first question, not after the last.
func TestAskNobodyInVain(t *testing.T) {
	env, said := askedOf(t, "Upgrade")
	cmd := exec.Command("sh", "-c", "git switch -q main && cd ../../.. && echo 'active: false' >> people/alice.yaml && git commit -qam 'Alice left'")
	cmd.Dir, cmd.Env = env.Dir, env.Environ
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d, err := env.desk(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := record.Builtin().ByName("change")
	err = ask(context.Background(), env, d, &newOptions{kind: k}, map[string]any{})
	if err == nil || !strings.Contains(err.Error(), "inactive") || strings.Contains(said.String(), "What changes?") {
		t.Errorf("%v\n%s", err, said.String())
	}
}
