package decision_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/store"
)

// filed is a proposal that files change A.
func filed(t testing.TB) decision.Facts {
	t.Helper()
	base := scene()
	return facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
}

func TestVerdicts(t *testing.T) {
	base := scene()
	bad := strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)
	tests := []struct {
		name     string
		head     map[string]string
		reviews  string // person:state:trust …
		verdict  approval.Verdict
		findings []string
		ignored  string // of the last reviewer
	}{
		{"nobody approved", with(base, pathA, change(idA, "checkout")), "", approval.Pending, nil, ""},
		{"owner approved", with(base, pathA, change(idA, "checkout")), "bob:approved:signed", approval.Allow, nil, ""},
		{"requester approved", with(base, pathA, change(idA, "checkout")), "alice:approved:signed", approval.Pending, nil, "requested this change"},
		{"outsider approved", with(base, pathA, change(idA, "checkout")), "erin:approved:signed", approval.Pending, nil, "is not among team:payments"},
		{"somebody unknown approved", with(base, pathA, change(idA, "checkout")), "mallory:approved:signed", approval.Pending, nil, "is nobody in people/"},
		{"weakly trusted", with(base, pathA, change(idA, "checkout")), "bob:approved:observed", approval.Pending, nil, "is observed, and at least signed is needed"},
		{"owner rejected", with(base, pathA, change(idA, "checkout")), "bob:rejected:signed", approval.Deny, nil, ""},
		{"approved, then rejected", with(base, pathA, change(idA, "checkout")), "bob:approved:signed bob:rejected:signed", approval.Deny, nil, ""},
		{"rejected, then approved", with(base, pathA, change(idA, "checkout")), "bob:rejected:signed bob:approved:signed", approval.Allow, nil, ""},
		{"outsider rejected", with(base, pathA, change(idA, "checkout")), "bob:approved:signed erin:rejected:signed", approval.Allow, nil,
			"rejected without effect: is not among team:payments"},
		{"dismissed", with(base, pathA, change(idA, "checkout")), "bob:approved:signed bob:dismissed:signed", approval.Pending, nil,
			"withdrawn or dismissed, and what was said before stays so; a new approval is needed"},
		{"policy denies in spite of approval", with(base, pathA, bad), "bob:approved:signed", approval.Deny, []string{"CHG012"}, ""},
		{"policy only warns", with(base, pathA, strings.Replace(change(idA, "checkout"), "reason: support ends\n", "", 1)), "bob:approved:signed", approval.Allow, []string{"CHG001?"}, ""},
		{"low risk is content with a claim", with(base, pathA, change(idA, "search")), "bob:approved:claimed", approval.Allow, nil, ""},
		{"medium risk is not", with(base, pathA, change(idA, "orders")), "bob:approved:claimed", approval.Pending, nil, "is claimed, and at least observed is needed"},
		{"no such service", with(base, pathA, change(idA, "chekout")), "", approval.Deny, []string{"REF001"}, ""},
		{"illegal step", with(base, pathA, strings.Replace(change(idA, "checkout"), "scheduled", "closed", 1)), "", approval.Deny, []string{"LIF001"}, ""},
		{"unknown field", with(base, pathA, change(idA, "checkout")+"aprovals: none\n"), "bob:approved:signed", approval.Deny, []string{"SCH001"}, "is not"},
		{"unparsable", with(base, pathA, change(idA, "checkout")+"title: again\n"), "bob:approved:signed", approval.Deny, []string{"YML"}, "is not"},
		{"misfiled", with(base, "changes/2026/12/"+idA+".yaml", change(idA, "checkout")), "", approval.Deny, []string{"STO003 changes/2026/12/" + idA + ".yaml"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t, idA, base, tt.head)
			last := ""
			for _, r := range strings.Fields(tt.reviews) {
				part := strings.Split(r, ":")
				last = part[0]
				review(t, &f, part[0], part[1], part[2])
			}
			d := decide(t, f)
			if d.Verdict != tt.verdict || d.Allowed() != (tt.verdict == approval.Allow) {
				t.Errorf("%s, want %s: %q", d.Verdict, tt.verdict, d.Reasons)
			}
			got := codes(d.Findings)
			if len(got) != len(tt.findings) {
				t.Fatalf("findings %q, want %q", got, tt.findings)
			}
			for i, want := range tt.findings {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("findings %q, want %q", got, tt.findings)
				}
			}
			if tt.ignored != "is not" && why(d, last) != tt.ignored {
				t.Errorf("%s is ignored because %q, want %q", last, why(d, last), tt.ignored)
			}
		})
	}
}

// What could not be looked at is an error, and never a verdict.
func TestDecideFails(t *testing.T) {
	base := scene()
	without := func(rego string) map[string]string { return with(base, "policy/change.rego", rego) }
	tests := map[string]struct {
		base map[string]string
		want string
	}{
		"no policy":            {with(base, "policy/change.rego", "", "policy/data.yaml", ""), engine.ErrNoPolicy.Error()},
		"no rules":             {without("package gitsm.change\n\nimport rego.v1\n"), "POL007"},
		"tests alone":          {with(base, "policy/change.rego", "", "policy/change_test.rego", "package gitsm.change_test\n\ntest_x if true\n"), engine.ErrNoPolicy.Error()},
		"rules of another":     {with(base, "policy/change.rego", "", "policy/incident.rego", "package gitsm.incident\n\n# METADATA\n# title: x\n# custom: {id: INC900}\ndeny contains \"x\" if input.record.state == \"open\"\n"), engine.ErrNoPolicy.Error()},
		"broken rego":          {without(rules + "deny contains {"), "POL001"},
		"misspelt field":       {without(strings.Replace(rules, "input.record.reason", "input.record.raeson", 1)), "POL003"},
		"broken data":          {with(base, "policy/data.yaml", "config: [\n"), "policy/data.yaml cannot be used"},
		"no risk":              {without(strings.Replace(rules, "else := \"low\"", "else := \"low\" if 4 in tiers", 1) + ""), "risk has no result"},
		"unknown band":         {without(strings.Replace(rules, "else := \"low\"", "else := \"lowest\"", 1) + ""), "POL004"},
		"rule fails":           {without(strings.Replace(rules, "if not input.record.plan.backout", "if to_number(input.record.title) > 1", 1)), "judging " + idA},
		"unknown minimumtrust": {with(base, "policy/data.yaml", strings.Replace(data, "claimed", "clamied", 1)), "did you mean claimed?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := facts(t, idA, tt.base, with(tt.base, pathA, change(idA, "search")))
			if _, err := judge.Decide(t.Context(), f); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A kind without a package is not judged; a change without rules is an error.
func TestKindsWithoutPackage(t *testing.T) {
	base := scene()
	d := decide(t, facts(t, "checkout", base, edited(t, base, "services/checkout.yaml", "title: checkout", "title: The checkout")))
	if !d.Allowed() || len(d.Findings) > 0 {
		t.Errorf("%s %v", d.Verdict, codes(d.Findings))
	}
	f := facts(t, "INC-20261120-CCCCCC", base, with(base, incident, incidentOf("open")))
	if d := decide(t, f); !d.Allowed() || d.Verb != "new" || d.To != "open" {
		t.Errorf("%s %v %s", d.Verdict, codes(d.Findings), d.Verb)
	}
	base = with(base, "policy/change.rego", "", "policy/incident.rego", "package gitsm.incident\n\n# METADATA\n# title: x\n# custom: {id: INC900}\ndeny contains \"never\" if input.record.state == \"closed\"\n")
	f = facts(t, "checkout", base, edited(t, base, "services/checkout.yaml", "title: checkout", "title: The checkout"))
	if d := decide(t, f); !d.Allowed() {
		t.Errorf("%s %v", d.Verdict, codes(d.Findings))
	}
	f = facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	if d, err := judge.Decide(t.Context(), f); !errors.Is(err, engine.ErrNoPolicy) {
		t.Errorf("a change without rules: %+v, %v", d, err)
	}
}

func TestVerbs(t *testing.T) {
	base := with(scene(), pathA, change(idA, "checkout"))
	to := func(state, more string) map[string]string {
		return with(base, pathA, strings.Replace(base[pathA], "scheduled", state, 1)+more)
	}
	for _, tt := range []struct {
		name string
		head map[string]string
		want string
	}{
		{"immaterial", edited(t, base, pathA, "Upgrade", "Update"), "edit scheduled scheduled"},
		{"material", edited(t, base, pathA, "support ends", "because"), "reschedule scheduled scheduled"},
		{"outcome of a scheduled one", with(base, pathA, base[pathA]+"implementation: {notes: x}\n"), "edit scheduled scheduled"},
		{"start", to("implementing", "implementation: {started_at: 2026-11-20T11:00:00Z, implementer: bob}\n"), "start scheduled implementing"},
		{"cancel", to("cancelled", ""), "cancel scheduled cancelled"},
	} {
		d := decide(t, facts(t, idA, base, tt.head))
		if got := d.Verb + " " + d.From + " " + d.To; got != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.name, got, tt.want, codes(d.Findings))
		}
	}
}

// Equal facts give equal bytes, whichever Judge decides and how often.
func TestDeterminism(t *testing.T) {
	var first *decision.Decision
	j := decision.NewJudge()
	for i := range 6 {
		f := filed(t)
		approve(t, &f, "bob")
		if i%2 == 1 {
			j = decision.NewJudge()
		}
		d, err := j.Decide(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = d
			continue
		}
		if diff := cmp.Diff(first, d); diff != "" {
			t.Fatalf("(-first +now):\n%s", diff)
		}
	}
	if first.InputDigest == "" || first.PolicyDigest == "" || first.OPA == "" || first.Rules == 0 {
		t.Errorf("%+v", first)
	}
	var in map[string]any
	if err := json.Unmarshal(first.Input, &in); err != nil || in["now"] != "2026-11-20T12:00:00Z" {
		t.Errorf("input %s, %v", first.Input, err)
	}
	for _, other := range []func(*decision.Facts){
		func(f *decision.Facts) { f.Now = f.Now.AddDate(0, 0, 1) },
		func(f *decision.Facts) { f.Actor.ID = "bob" },
		func(f *decision.Facts) { f.Files = append(f.Files, decision.File{Path: "x", Status: "added"}) },
	} {
		f := filed(t)
		other(&f)
		if d := decide(t, f); bytes.Equal(d.Input, first.Input) || d.InputDigest == first.InputDigest {
			t.Error("other facts, the same input")
		}
	}
}

func TestFindingsAreComplete(t *testing.T) {
	f := facts(t, idA, scene(), with(scene(), pathA, strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)))
	d := decide(t, f)
	if len(d.Findings) != 1 {
		t.Fatal(codes(d.Findings))
	}
	got := d.Findings[0]
	if got.Rule != "CHG012" || got.File != pathA || got.Line == 0 || got.Record != idA || !strings.Contains(got.Why, "policy/change.rego:6") || got.Message != "back-out plan missing" {
		t.Errorf("%+v", got)
	}
	if d.Risk != (decision.Risk{Score: 10, Band: "high"}) || len(d.Signals) != 1 || d.Signals[0].Rule == "" || d.MinimumTrust != "signed" {
		t.Errorf("%+v %+v %s", d.Risk, d.Signals, d.MinimumTrust)
	}
}

// A snapshot that cannot be read is no empty one.
func TestUnreadableFiles(t *testing.T) {
	base := scene()
	f := facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	for _, path := range []string{"services/checkout.yaml", "people/alice.yaml", "teams/payments.yaml", "policy/data.yaml", "policy/change.rego"} {
		fsys := fstest.MapFS{}
		for name, text := range base {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		s, err := store.Open(failing{fsys, path})
		if err != nil {
			t.Fatal(err)
		}
		g := f
		g.Base = s
		if d, err := decision.NewJudge().Decide(t.Context(), g); !errors.Is(err, errDisk) {
			t.Errorf("%s: %+v, %v", path, d, err)
		}
	}
}

var errDisk = errors.New("the disk is on fire")

// failing cannot read one file.
type failing struct {
	fstest.MapFS
	path string
}

func (f failing) Open(name string) (fs.File, error) {
	if name == f.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errDisk}
	}
	return f.MapFS.Open(name)
}

func (f failing) ReadFile(name string) ([]byte, error) {
	if name == f.path {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errDisk}
	}
	return f.MapFS.ReadFile(name)
}

func (f failing) Sub(dir string) (fs.FS, error) {
	sub, err := f.MapFS.Sub(dir)
	if rest, ok := strings.CutPrefix(f.path, dir+"/"); ok && err == nil {
		return failingSub{sub, rest}, nil
	}
	return sub, err
}

type failingSub struct {
	fs.FS
	path string
}

func (f failingSub) Open(name string) (fs.File, error) {
	if name == f.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errDisk}
	}
	return f.FS.Open(name)
}
