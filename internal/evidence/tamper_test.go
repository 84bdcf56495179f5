package evidence

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckAppendOnly(t *testing.T) {
	const (
		statement = "evidence/CHG-20261120-7K3F2M/20261120T120000123Z-approval-0123abcd.json"
		sig       = statement + ".sig"
		other     = "evidence/_store/20261120T120000123Z-checkpoint-0123abcd.json"
	)
	added := func(path string) FileChange { return FileChange{Path: path, NewMode: "100644", NewBlob: base} }
	changedTo := func(path, mode, blob string) FileChange {
		return FileChange{path, "100644", mode, base, blob}
	}
	step := func(parent string, changes ...FileChange) Step { return Step{head, parent, changes} }
	for _, tt := range []struct {
		name string
		step Step
		want []Tamper
	}{
		{"root", step("", added("README.md")), nil},
		{"statement", step(base, added(statement)), nil},
		{"statement and signature, in any order", step(base, added(sig), added(statement)), nil},
		{"several records", step(base, added(statement), added(other)), nil},
		{"nothing", step(base), nil},
		{"modified", step(base, changedTo(statement, "100644", head)), []Tamper{{head, statement, "was modified"}}},
		{"mode changed", step(base, changedTo(statement, "100755", base)), []Tamper{{head, statement, "was modified"}}},
		{"deleted", step(base, changedTo(statement, "", "")), []Tamper{{head, statement, "was deleted or renamed"}}},
		{"renamed", step(base, added(other), changedTo(statement, "", "")), []Tamper{{head, statement, "was deleted or renamed"}}},
		{"signature replaced", step(base, changedTo(sig, "100644", head)), []Tamper{{head, sig, "was modified"}}},
		{"signature later", step(base, added(sig)), []Tamper{{head, sig, "was added later than the statement it signs"}}},
		{"signature beside an alteration", step(base, added(sig), changedTo(statement, "100644", head)), []Tamper{
			{head, statement, "was modified"}, {head, sig, "was added later than the statement it signs"},
		}},
		{"README changed", step(base, changedTo("README.md", "100644", head)), []Tamper{{head, "README.md", "was modified"}}},
		{"README later", step(base, added("README.md")), []Tamper{{head, "README.md", "was added but is no statement"}}},
		{"symbolic link", step(base, FileChange{Path: statement, NewMode: "120000", NewBlob: base}), []Tamper{{head, statement, "was added as something other than a plain file"}}},
		{"executable", step(base, FileChange{Path: statement, NewMode: "100755", NewBlob: base}), []Tamper{{head, statement, "was added as something other than a plain file"}}},
		{"foreign file", step(base, added("evidence/x.json"), added("a.txt")), []Tamper{
			{head, "a.txt", "was added but is no statement"}, {head, "evidence/x.json", "was added but is no statement"},
		}},
		{"too deep", step(base, added("evidence/a/b/20261120T120000123Z-approval-0123abcd.json")), []Tamper{
			{head, "evidence/a/b/20261120T120000123Z-approval-0123abcd.json", "was added but is no statement"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, CheckAppendOnly([]Step{tt.step})); diff != "" {
				t.Error(diff)
			}
		})
	}
	// A merge that keeps one side alone changes nothing against that side.
	dropped := []Step{{head, base, nil}, {head, landing, []FileChange{changedTo(statement, "", "")}}}
	if got := CheckAppendOnly(dropped); len(got) != 1 || got[0].Commit != head {
		t.Errorf("a merge that drops evidence: %v", got)
	}
}
