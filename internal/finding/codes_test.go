package finding

import (
	"regexp"
	"testing"
)

// TestCodes demands of every code what `gitsm explain` and the reference page
// say of it.
func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z]{3}[0-9]{3}$`)
	seen := map[string]bool{}
	for _, c := range Codes() {
		switch {
		case !form.MatchString(c.ID):
			t.Errorf("%q is no code", c.ID)
		case seen[c.ID]:
			t.Errorf("%s stands twice in the tables", c.ID)
		case c.Title == "" || c.Explain == "" || c.Example == "" || c.Fix == "":
			t.Errorf("%s lacks a title, an explanation, an example or a fix", c.ID)
		case c.Severity != Error && c.Severity != Warning:
			t.Errorf("%s has the severity %q", c.ID, c.Severity)
		}
		seen[c.ID] = true
		if got, ok := Lookup(c.ID); !ok || got.ID != c.ID {
			t.Errorf("%s cannot be looked up", c.ID)
		}
	}
	if _, ok := Lookup("ZZZ999"); ok {
		t.Error("a code that nobody has is found")
	}
}

// An unknown severity is never less than an error.
func TestCount(t *testing.T) {
	errors, warnings := Count([]Finding{{Severity: Error}, {Severity: Warning}, {Severity: "whatever"}})
	if errors != 2 || warnings != 1 {
		t.Errorf("got %d errors and %d warnings", errors, warnings)
	}
	if Worst(nil) != "" || Worst([]Finding{{Severity: Warning}}) != Warning || Worst([]Finding{{Severity: Warning}, {Severity: ""}}) != Error {
		t.Error("the worst of findings is not what it should be")
	}
}
