package main

import (
	"bytes"
	"context"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gitsm/gitsm/internal/cli"
	"github.com/gitsm/gitsm/internal/record"
)

// hook is one of those that pre-commit reads.
type hook struct {
	ID, Name, Description, Entry, Language, Files string
	PassFilenames                                 *bool `yaml:"pass_filenames"`
}

// hooks are those of this repository, by their ids.
func hooks(t *testing.T) map[string]hook {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list []hook
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	out := map[string]hook{}
	for _, h := range list {
		out[h.ID] = h
	}
	if len(list) != 2 || len(out) != 2 {
		t.Fatalf("hooks %v", list)
	}
	return out
}

// TestPreCommitHooks holds the hooks that pre-commit reads to what it demands
// of them, their commands to the flags there are, and the files they are run for
// to those that matter.
func TestPreCommitHooks(t *testing.T) {
	matters := []string{"gitsm.yaml", "policy/data.yaml", "docs/proposals/0001-x.md", "vulns/x/ADV-1.json"}
	for _, k := range record.Builtin().All() {
		matters = append(matters, k.PathOf("CHG-20261120-7K3F2M"))
	}
	for id, h := range hooks(t) {
		if h.Name == "" || h.Description == "" || h.Language != "golang" || h.PassFilenames == nil || *h.PassFilenames {
			t.Errorf("%s: %+v", id, h)
		}
		files, err := regexp.Compile(h.Files)
		if err != nil || files.MatchString("main.go") {
			t.Errorf("%s: files %q: %v", id, h.Files, err)
			continue
		}
		if id == "gitsm-check" != files.MatchString("policy/change.rego") {
			t.Errorf("%s is run for policy: %t", id, id != "gitsm-check")
		}
		for _, name := range matters {
			if !files.MatchString(name) {
				t.Errorf("%s is not run for %s", id, name)
			}
		}
		words := strings.Fields(h.Entry)
		var out bytes.Buffer
		env := &cli.Env{In: strings.NewReader(""), Out: &out, Err: &out, Dir: t.TempDir()}
		if code := cli.Main(context.Background(), append(words[1:], "--help"), env); words[0] != "gitsm" || code != cli.ExitOK {
			t.Errorf("%s: %s: exit code %d\n%s", id, h.Entry, code, out.String())
		}
	}
}

// For language golang, pre-commit runs `go install ./...` in a clone and then an
// entry by its name: there is one command to install, and it has that name.
func TestPreCommitInstalls(t *testing.T) {
	mains := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		base := d.Name()
		if err == nil && d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.PackageClauseOnly)
		if err == nil && file.Name.Name == "main" {
			mains[path.Base(path.Dir(name))] = true
		}
		return err
	})
	if err != nil || len(mains) != 1 || !mains["gitsm"] {
		t.Errorf("commands %v, %v", mains, err)
	}
}

// TestPreCommitRun does what pre-commit does with what is staged: each entry as
// it stands, in the repository, and then a look at whether files have changed.
func TestPreCommitRun(t *testing.T) {
	term := newTerminal(t, t.Name(), "minimal", filepath.Join(root, "examples", "minimal"))
	list := hooks(t)
	runs := func(id string, code int, changed string) {
		t.Helper()
		o, err := term.run(step{cmd: list[id].Entry})
		if err != nil || o.code != code {
			t.Errorf("%s exits with %d, not %d (%v):\n%s", list[id].Entry, o.code, code, err, strings.Join(o.got, "\n"))
		}
		diff, err := term.run(step{cmd: "git diff --name-only"})
		if got := strings.Join(diff.got, " "); err != nil || got != changed {
			t.Errorf("%s changes %q, not %q (%v)", list[id].Entry, got, changed, err)
		}
	}
	runs("gitsm-check", 0, "")
	runs("gitsm-fmt", 0, "")

	// Sound, and not in the usual order.
	passes(t, term, "printf 'kind: team\\napiVersion: gitsm/v1\\nid: ops\\ntitle: Operations\\nmembers: [alice]\\n' > teams/ops.yaml && git add teams")
	runs("gitsm-check", 0, "")
	runs("gitsm-fmt", 0, "teams/ops.yaml")
	passes(t, term, "git add teams")
	runs("gitsm-fmt", 0, "")

	// Not sound.
	passes(t, term, "printf 'lead: nobody\\n' >> teams/ops.yaml && git add teams")
	runs("gitsm-check", 1, "")
}
