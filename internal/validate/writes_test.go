package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/schema"
)

// A step of a kind that has a field for the moment the step is taken writes it,
// so that one taken by hand is held to it.
func TestStepsWriteTheirMoment(t *testing.T) {
	found := 0
	for _, name := range []string{"incident", "problem", "request", "model", "window"} {
		k, _ := record.Builtin().ByName(name)
		for _, tr := range k.Transitions {
			field := strings.ReplaceAll(tr.To, "-", "_") + "_at"
			if _, has := schema.FieldOf(k.Schema, field); !has || tr.From == "" {
				continue
			}
			if found++; !slices.Contains(tr.Writes, field) {
				t.Errorf("%s %s does not say that it writes %s", name, tr.Verb, field)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d steps have a moment", found)
	}
}
