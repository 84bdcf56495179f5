package record

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

// What does not count as filled in is the same for gitsm and for the default
// policy, word for word.
func TestPlaceholdersAreThoseOfPolicy(t *testing.T) {
	src, err := os.ReadFile("../../policy/data.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, findings := yamldoc.Parse("policy/data.yaml", src)
	if doc == nil {
		t.Fatal(findings)
	}
	config, _ := doc.Value()["config"].(map[string]any)
	if diff := cmp.Diff(Strs(config, "placeholders"), placeholders); diff != "" {
		t.Errorf("-policy/data.yaml +lifecycle.go:\n%s", diff)
	}
}
