package evidence

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// input makes policy have seen text.
func input(text string) func(*Predicate) {
	return func(p *Predicate) {
		p.Decision.Input, p.Decision.InputDigest = json.RawMessage(text), digestOf([]byte(text))
	}
}

// Each case changes one thing of a complete statement; the unchanged one is the
// twin that passes.
func TestNewEntryRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   Type
		change func(*Predicate)
		want   string
	}{
		{"approval", Approval, func(*Predicate) {}, ""},
		{"decision", Decision, func(*Predicate) {}, ""},
		{"merge", Merge, func(*Predicate) {}, ""},
		{"checkpoint", Checkpoint, func(*Predicate) {}, ""},
		{"no kind", Approval, func(p *Predicate) { p.Kind = "" }, "kind"},
		{"unknown kind", Approval, func(p *Predicate) { p.Kind = "blessing" }, `kind "blessing"`},
		{"no time", Approval, func(p *Predicate) { p.Time = time.Time{} }, "no time"},
		{"time out of range", Approval, func(p *Predicate) { p.Time = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC) }, "out of range"},
		{"no version", Approval, func(p *Predicate) { p.Tool.Gitsm = "" }, "tool.gitsm"},
		{"development version", Approval, func(p *Predicate) { p.Tool.Gitsm = "(devel)" }, ""},
		{"nobody decides", Approval, func(p *Predicate) { p.Person = "" }, "person"},
		{"nobody rejects", Rejection, func(p *Predicate) { p.Person = "" }, "person"},
		{"nobody withdraws", Withdrawal, func(p *Predicate) { p.Person = "" }, "person"},
		{"nobody merges", Merge, func(p *Predicate) { p.Person = "" }, ""},
		{"person by address", Approval, func(p *Predicate) { p.Person = "alice@example.com" }, "person"},
		{"prefixed person", Approval, func(p *Predicate) { p.Person = "person:alice" }, "person"},
		{"no head", Approval, func(p *Predicate) { p.Proposal.Head = "" }, "proposal.head"},
		{"short head", Approval, func(p *Predicate) { p.Proposal.Head = head[:39] }, "proposal.head"},
		{"upper case head", Approval, func(p *Predicate) { p.Proposal.Head = strings.Repeat("A", 40) }, "proposal.head"},
		{"branch with spaces", Approval, func(p *Predicate) { p.Proposal.Branch = "a b" }, "proposal.branch"},
		{"bound to nothing", Approval, func(p *Predicate) { p.Material, p.Files = Material{}, nil }, "bound to content"},
		{"bound to files alone", Approval, func(p *Predicate) { p.Material = Material{} }, ""},
		{"rejection bound to nothing", Rejection, func(p *Predicate) { p.Material, p.Files = Material{}, nil }, ""},
		{"no record", Approval, func(p *Predicate) { p.Record = RecordContent{} }, ""},
		{"record without id", Approval, func(p *Predicate) { p.Record.ID = "" }, "no id"},
		{"record id that climbs", Approval, func(p *Predicate) { p.Record.ID = "../x" }, "record.id"},
		{"record id of the store", Approval, func(p *Predicate) { p.Record.ID = StoreID }, "record.id"},
		{"record path that climbs", Approval, func(p *Predicate) { p.Record.Path = "../x" }, "record.path"},
		{"altered content", Approval, func(p *Predicate) { p.Record.Content += " " }, "record.content is not blob"},
		{"other blob", Approval, func(p *Predicate) { p.Record.Blob = base }, "record.content is not blob"},
		{"no content in a merge", Merge, func(p *Predicate) { p.Record.Content = "" }, ""},
		{"altered content in a merge", Merge, func(p *Predicate) { p.Record.Content += " " }, "record.content is not blob"},
		{"no content in a decision", Decision, func(p *Predicate) { p.Record.Content = "" }, "record.content is not blob"},
		{"no content", Approval, func(p *Predicate) { p.Record.Content = "" }, "record.content is not blob"},
		{"content that is not UTF-8", Approval, func(p *Predicate) {
			p.Record.Content = "\xff"
			p.Record.Blob = blobID([]byte("\xff"), base)
		}, "not UTF-8"},
		{"content without blob", Approval, func(p *Predicate) { p.Record.Blob = "" }, "without record.blob"},
		{"removed record", Approval, func(p *Predicate) { p.Record.Blob, p.Record.Content = "", "" }, ""},
		{"empty record", Approval, func(p *Predicate) { p.Record.Blob, p.Record.Content = blobID(nil, base), "" }, ""},
		{"person's content", Approval, func(p *Predicate) { p.Record.Kind = "person" }, "kept out of evidence"},
		{"person by blob", Approval, func(p *Predicate) { p.Record.Kind, p.Record.Content = "person", "" }, ""},
		{"no digest", Approval, func(p *Predicate) { p.Material.SHA256 = "x" }, "material.sha256"},
		{"excluded prose", Approval, func(p *Predicate) { p.Material.Excluded = []string{"as agreed on the phone"} }, "material.excluded"},
		{"file listed twice", Approval, func(p *Predicate) { p.Files = append(p.Files, p.Files[0]) }, "listed twice"},
		{"the record among the files", Approval, func(p *Predicate) { p.Files = []File{{p.Record.Path, "100644", base}} }, "listed twice"},
		{"files out of order", Approval, func(p *Predicate) { slices.Reverse(p.Files) }, ""},
		{"file without mode", Approval, func(p *Predicate) { p.Files[0].Mode = "" }, "both mode and blob"},
		{"file that is a tree", Approval, func(p *Predicate) { p.Files[0].Mode = "040000" }, "files.mode"},
		{"contributor by address", Approval, func(p *Predicate) { p.Contributors[0].Person = "bob@example.com" }, "contributors.person"},
		{"account by name", Approval, func(p *Predicate) { p.Contributors[1].Account = "github:bob" }, "contributors.account"},
		{"role in words", Approval, func(p *Predicate) { p.Contributors[0].Role = "wrote most of it" }, "contributors.role"},
		{"decision without facts", Decision, func(p *Predicate) { p.Decision = nil }, `part "decision"`},
		{"approval that decides", Approval, func(p *Predicate) { p.Decision = &DecisionFacts{Verdict: "allow"} }, `part "decision"`},
		{"merge without facts", Merge, func(p *Predicate) { p.Merge = nil }, `part "merge"`},
		{"approval that merges", Approval, func(p *Predicate) { p.Merge = samplePredicate(Merge).Merge }, `part "merge"`},
		{"checkpoint without facts", Checkpoint, func(p *Predicate) { p.Checkpoint = nil }, `part "checkpoint"`},
		{"checkpoint of a record", Checkpoint, func(p *Predicate) { p.Record = samplePredicate(Approval).Record }, "no record"},
		{"checkpoint nowhere", Checkpoint, func(p *Predicate) { p.Checkpoint.Main = "" }, "checkpoint.main"},
		{"unknown verdict", Decision, func(p *Predicate) { p.Decision.Verdict = "yes" }, "decision.verdict"},
		{"huge score", Decision, func(p *Predicate) { p.Decision.Risk.Score = 1 << 53 }, "cannot be written exactly"},
		{"address in a reason", Decision, func(p *Predicate) { p.Decision.Requirements[0].Ignored[0].Why = "nobody knows <m@example.com>" }, "e-mail address"},
		{"at sign in a reason", Decision, func(p *Predicate) { p.Decision.Requirements[0].Ignored[0].Why = "dismissed @ noon" }, ""},
		{"reason of two lines", Decision, func(p *Predicate) { p.Decision.Requirements[0].Ignored[0].Why = "a\nb" }, "control characters"},
		{"endless reason", Decision, func(p *Predicate) { p.Decision.Requirements[0].Ignored[0].Why = strings.Repeat("x", 1001) }, "longer than"},
		{"no reason", Decision, func(p *Predicate) { p.Decision.Requirements[0].Ignored[0].Why = "" }, "why is empty"},
		{"address in a rule", Decision, func(p *Predicate) { p.Decision.Findings[0].Rule = "ask m@example.com" }, "findings.rule"},
		{"rule in words", Decision, func(p *Predicate) { p.Decision.Findings[0].Rule = "back-out plan" }, ""},
		{"severity in words", Decision, func(p *Predicate) { p.Decision.Findings[0].Severity = "rather bad" }, "findings.severity"},
		{"no risk", Decision, func(p *Predicate) { p.Decision.Risk = Risk{} }, ""},
		{"risk without a band", Decision, func(p *Predicate) { p.Decision.Risk.Band = "" }, ""},
		{"input that is no object", Decision, input("[]"), "not an object"},
		{"input that is no JSON", Decision, input("{"), "writing a statement"},
		{"input with a key twice", Decision, input(`{"a":1,"a":2}`), "Duplicate key"},
		{"input with a large number", Decision, input(`{"a":[9007199254740993]}`), "cannot be written exactly"},
		{"input with a small number", Decision, input(`{"a":-1e300}`), "cannot be written exactly"},
		{"input with digits in text", Decision, input(`{"a\"1":"9007199254740993\\"}`), ""},
		{"digest of another input", Decision, func(p *Predicate) { p.Decision.InputDigest = sha }, "is not that of decision.input"},
		{"input without a digest", Decision, func(p *Predicate) { p.Decision.InputDigest = "" }, ""},
		{"no input", Decision, func(p *Predicate) { p.Decision.Input = nil }, ""},
		{"identical but not", Merge, func(p *Predicate) { p.Merge.LandedMaterial = strings.Repeat("0", 64) }, "two different digests"},
		{"different and said so", Merge, func(p *Predicate) {
			p.Merge.LandedMaterial, p.Merge.Identical = strings.Repeat("0", 64), false
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := samplePredicate(tt.kind)
			tt.change(&p)
			_, err := NewEntry(Statement{Predicate: p}, nil)
			wantError(t, err, tt.want)
		})
	}
}

// Whoever was ignored under a name is recorded as a stranger, and the caller's
// facts keep the name.
func TestIgnoredNamesAreNotKept(t *testing.T) {
	for who, want := range map[string]string{
		"bob": "bob", "github:583231": "github:583231", "dependabot[bot]": "dependabot[bot]",
		"Mallory Example": Stranger, "mallory@example.com": Stranger, "Mallory <m@example.com>": Stranger, "": Stranger, "a\nb": Stranger,
	} {
		p := samplePredicate(Decision)
		p.Decision.Requirements[0].Ignored[0].Who = who
		e, err := NewEntry(Statement{Predicate: p}, nil)
		if err != nil {
			t.Errorf("%q: %v", who, err)
			continue
		}
		if got := e.Statement.Predicate.Decision.Requirements[0].Ignored[0].Who; got != want {
			t.Errorf("%q is recorded as %q, want %q", who, got, want)
		}
		if got := p.Decision.Requirements[0].Ignored[0].Who; got != who {
			t.Errorf("the caller's %q became %q", who, got)
		}
		raw := strings.Replace(string(e.Raw), `"who":"`+want, `"who":"Mallory Example`, 1)
		_, err = Parse(pathOf(p, []byte(raw)), []byte(raw), nil)
		wantError(t, err, "ignored.who")
	}
}
