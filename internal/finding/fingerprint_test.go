package finding

import (
	"slices"
	"testing"
)

// A fingerprint survives what does not change the finding, and tells apart
// what is another one.
func TestFingerprints(t *testing.T) {
	one := Finding{Code: "YML018", File: "services/a.yaml", Line: 7, Column: 1, Message: `key "tier" is already on line 6`, Frame: "tier: 4"}
	of := func(change func(f *Finding)) string {
		f := one
		change(&f)
		return Fingerprints([]Finding{f})[0]
	}
	want := Fingerprints([]Finding{one})[0]
	for name, change := range map[string]func(f *Finding){
		"lines above":  func(f *Finding) { f.Line, f.Message = 9, `key "tier" is already on line 8` },
		"indented":     func(f *Finding) { f.Column, f.Frame = 3, "  tier:  4" },
		"another fix":  func(f *Finding) { f.Fix = "remove it" },
		"other places": func(f *Finding) { f.EndLine, f.EndColumn = 7, 5 },
	} {
		if got := of(change); got != want {
			t.Errorf("%s: %s is not %s", name, got, want)
		}
	}
	for name, change := range map[string]func(f *Finding){
		"code":    func(f *Finding) { f.Code = "YML019" },
		"file":    func(f *Finding) { f.File = "services/b.yaml" },
		"record":  func(f *Finding) { f.Record = "a" },
		"text":    func(f *Finding) { f.Frame = "tier: 3" },
		"message": func(f *Finding) { f.Message = `key "title" is already on line 6` },
	} {
		if got := of(change); got == want {
			t.Errorf("another %s: still %s", name, got)
		}
	}
	moved := one
	moved.Record, moved.File = "CHG-20261120-7K3F2M", "changes/b.yaml"
	was := moved
	was.File = "changes/a.yaml"
	if got := Fingerprints([]Finding{moved}); !slices.Equal(got, Fingerprints([]Finding{was})) {
		t.Errorf("a record that moved is another finding: %s", got)
	}
	if twice := Fingerprints([]Finding{one, one}); twice[0] != want || twice[1] == twice[0] {
		t.Errorf("equal findings are named %v", twice)
	}
}
