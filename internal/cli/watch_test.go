package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWatch plays what people do while a check watches: each rest is one thing
// that happens to the files, and the rest after it shows what was printed.
func TestWatch(t *testing.T) {
	const team = "apiVersion: gitsm/v1\nkind: team\nid: ops\ntitle: Ops\nmembers: [alice]\n"
	const rule = "package gitsm.team\n\n# METADATA\n# title: nobody is called so\n# custom: {id: TEA001}\ndeny contains \"no name\" if input.record.title == \"Nobody\"\n"
	dir := shelf(t, map[string]string{
		"gitsm.yaml":        "apiVersion: gitsm/v1\nkind: config\n",
		"people/alice.yaml": "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\n",
		"teams/ops.yaml":    team,
		"policy/team.rego":  rule,
	})
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	events := []struct {
		happens func()
		out     string // printed meanwhile, "" for nothing at all
	}{
		{func() {}, "2 records, 1 rule: 0 errors, 0 warnings"},
		{func() { put("teams/ops.yaml", team+"titel: x\n") }, ""},
		{func() { put("notes.txt", "no record") }, `teams/ops.yaml:6:1: error SCH001 unknown key "titel"`},
		{func() { put("gitsm.yaml", "kind: config\n") }, ""},
		{func() { put("gitsm.yaml", "apiVersion: gitsm/v1\nkind: config\n") }, "STO001"},
		{func() { put("policy/team.rego", rule+"deny contains x\n") }, "2 records"},
		{func() { put("policy/team.rego", rule); put("teams/ops.yaml", team) }, "POL002"},
		{func() {}, "0 errors"},
	}
	env := testEnv(t)
	var out bytes.Buffer
	env.Dir, env.Out, env.Err = dir, &out, &out
	ctx, interrupt := context.WithCancel(context.Background())
	rests := 0
	env.Sleep = func(ctx context.Context, d time.Duration) error {
		if d < watchLeast {
			t.Errorf("it rests for %v, and looks for ever", d)
		}
		if rests == len(events) {
			interrupt()
			return ctx.Err()
		}
		e := events[rests]
		if got := out.String(); e.out == "" && got != "" || !strings.Contains(got, e.out) {
			t.Errorf("before rest %d: %q is not in\n%s", rests, e.out, got)
		}
		out.Reset()
		e.happens()
		rests++
		return nil
	}
	if code := Main(ctx, []string{"check", "--watch"}, env); code != ExitInterrupted || rests != len(events) || !strings.HasSuffix(out.String(), "gitsm: watching ended\n") {
		t.Errorf("it ended with %d after %d rests", code, rests)
	}
	for _, flags := range [][]string{{"--at", "main"}, {"--fix"}, {"--base", "main"}, {"--staged"}, {"-o", "pdf"}} {
		env.Sleep = func(context.Context, time.Duration) error { t.Error("it watches"); return context.Canceled }
		if code := Main(context.Background(), append([]string{"check", "--watch"}, flags...), env); code != ExitUsage {
			t.Errorf("%q: exit %d", flags, code)
		}
	}
}
