package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra/doc"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/schema"
)

//go:generate go test -run TestReference -update .

var update = flag.Bool("update", false, "rewrite docs/reference")

const referenceDir = "../../docs/reference"

func testEnv(t *testing.T) *Env {
	t.Helper()
	return &Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Dir: t.TempDir(), Version: "devel",
		Clock: func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }, Random: strings.NewReader("")}
}

// TestReference holds the reference pages to what the program says of itself.
// `go generate ./...` rewrites them.
func TestReference(t *testing.T) {
	pages := map[string][]byte{"policy.md": policyPage(t)}
	pages["audit-checks.md"] = auditPage()
	codePages(t, pages)
	if t.Failed() {
		return // a page of what went wrong is none
	}
	for _, k := range record.Builtin().All() {
		pages["kind-"+k.Name+".md"] = kindPage(k.Schema)
	}
	pages["kind-config.md"] = kindPage("config")
	commandPages(t, pages)
	if *update {
		if err := os.RemoveAll(referenceDir); err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			file := filepath.Join(referenceDir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	err := fs.WalkDir(os.DirFS(referenceDir), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && pages[name] == nil {
			t.Errorf("docs/reference/%s is of nothing any more: run go generate ./...", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(referenceDir, filepath.FromSlash(name)))
		if err != nil {
			t.Errorf("run go generate ./...: %v", err)
			continue
		}
		got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n"))
		if d := cmp.Diff(string(got), string(want)); d != "" {
			t.Errorf("docs/reference/%s is out of date, run go generate ./... (-file +program):\n%s", name, d)
		}
	}
}

func commandPages(t *testing.T, pages map[string][]byte) {
	t.Helper()
	root := newRootCmd(testEnv(t), nil)
	root.DisableAutoGenTag = true
	dir := t.TempDir()
	if err := doc.GenMarkdownTree(root, dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[e.Name()] = b
	}
}

func auditPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Checks of the audit\n\nWhat [gitsm audit verify](gitsm_audit_verify.md) asks of every change. Each verdict is pass, fail,\nnot-applicable or cannot-verify, with its reason and what it rests on.\n\n| code | | asks |\n|---|---|---|\n")
	for _, c := range audit.Codes() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.ID, c.Title, c.Asks)
	}
	return b.Bytes()
}

func policyPage(t *testing.T) []byte {
	t.Helper()
	rules, err := testEnv(t).rules(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# Rules of the default policy\n\nWhat `gitsm init` copies into a store, which then owns it. The examples of a rule are run\nin the store of [findings](findings.md) with this policy.\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "\n## %s %s\n\n%s\n\n`%s` in `%s`", r.ID, r.Title, strings.TrimSpace(r.Description), r.Name, r.Package)
		if denies(r) {
			fmt.Fprintf(&b, ", [what fails and what passes](policy/%s.md)", r.ID)
		}
		if len(r.Controls) > 0 {
			fmt.Fprintf(&b, ", controls: %s", strings.Join(r.Controls, ", "))
		}
		b.WriteString("\n")
		if r.Fix != "" {
			fmt.Fprintf(&b, "\nFix: %s\n", r.Fix)
		}
	}
	return b.Bytes()
}

func kindPage(kind string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\nThe fields of a %s record, in canonical order. `gitsm schema %s` prints the JSON Schema.\n\n| field | type | meaning |\n|---|---|---|\n", kind, kind, kind)
	fieldRows(&b, kind)
	return b.Bytes()
}

func fieldRows(b *bytes.Buffer, kind string, path ...string) {
	for _, name := range schema.Properties(kind, path...) {
		at := append(path[:len(path):len(path)], name)
		f, ok := schema.FieldOf(kind, at...)
		if !ok {
			continue
		}
		typ := f.Type
		if f.Items != "" {
			typ = "list of " + f.Items
		}
		if len(f.Enum) > 0 {
			typ = strings.Join(f.Enum, ", ")
		}
		if f.Required {
			typ += " (required)"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.Join(at, "."), typ, strings.ReplaceAll(f.Description, "|", "\\|"))
		fieldRows(b, kind, at...)
	}
}
