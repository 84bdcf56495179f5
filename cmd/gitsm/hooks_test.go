package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gitsm/gitsm/internal/cli"
)

// TestPreCommitHooks holds the hooks that pre-commit reads to what it demands
// of them, and their commands to the flags there are.
func TestPreCommitHooks(t *testing.T) {
	src, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID, Name, Description, Entry, Language, Files string
		PassFilenames                                 *bool `yaml:"pass_filenames"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&hooks); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range hooks {
		ids = append(ids, h.ID)
		if h.Name == "" || h.Description == "" || h.Language != "golang" || h.PassFilenames == nil || *h.PassFilenames {
			t.Errorf("%s: %+v", h.ID, h)
		}
		files, err := regexp.Compile(h.Files)
		if err != nil || !files.MatchString("services/checkout.yaml") || files.MatchString("main.go") {
			t.Errorf("%s: files %q: %v", h.ID, h.Files, err)
		}
		words := strings.Fields(h.Entry)
		var out bytes.Buffer
		env := &cli.Env{In: strings.NewReader(""), Out: &out, Err: &out, Dir: t.TempDir()}
		if code := cli.Main(context.Background(), append(words[1:], "--help"), env); words[0] != "gitsm" || code != cli.ExitOK {
			t.Errorf("%s: %s: exit code %d\n%s", h.ID, h.Entry, code, out.String())
		}
	}
	if !slices.Equal(ids, []string{"gitsm-check", "gitsm-fmt"}) {
		t.Errorf("hooks %q", ids)
	}
}
