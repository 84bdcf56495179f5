package architecture

import (
	"os"
	"strings"
	"testing"
)

// TestPictureNamesEveryPackage keeps docs/architecture.md complete.
func TestPictureNamesEveryPackage(t *testing.T) {
	const page = "../../docs/architecture.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range sortedKeys(gitsm().packages) {
		if !strings.Contains(string(text), "| `"+pkg+"` |") {
			t.Errorf("%s: no line for %s in its table", page, pkg)
		}
	}
}
