package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
)

func TestWhole(t *testing.T) {
	tests := []struct {
		name    string
		edits   []edit
		records int
		want    []string
	}{
		{"conforms", nil, 6, nil},
		{"each stage", []edit{
			{"people/bob.yaml", "", "apiVersion: [gitsm/v1\n"},
			{"teams/ops.yaml", "title: Ops", "titel: Ops"},
			{changeFile, "[checkout]", "[chekcout]"},
			{changeFile, "T22:", "T19:"},
			{"services/search.yaml", "tier: 1\n", "tier: 1\ndepends_on: [checkout]\n"},
			{"gitsm.yaml", "alice", "alcie"},
			{"changes/CHG-20261120-AAAAAA.yaml", "", "kind: change\n"},
		}, 7, []string{
			`changes/2026/11/CHG-20261120-7K3F2M.yaml:8:12: error REF001 no service is called "chekcout", did you mean checkout?`,
			`changes/2026/11/CHG-20261120-7K3F2M.yaml:12:8: error LIF004 window.end (2026-11-24T19:00:00Z) is before window.start (2026-11-24T20:00:00Z)`,
			`changes/CHG-20261120-AAAAAA.yaml:1:1: error STO003 no change is kept at this path, so nothing would read it`,
			`gitsm.yaml:3:19: error REF001 no person is called "alcie", did you mean alice?`,
			`people/bob.yaml:1:13: error YML004 ` + "",
			`services/checkout.yaml:7:14: error REF004 dependencies run in a circle: checkout → search → checkout`,
			`teams/ops.yaml:1:1: error SCH002 missing key "title"`,
			`teams/ops.yaml:4:1: error SCH001 unknown key "titel", did you mean "title"?`,
		}},
		{"warnings", []edit{{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"}, {changeFile, "scheduled", "implementing"}, {"gitsm.yaml", "[person:alice]", "[]"}, {"teams/ops.yaml", "[alice]", "[bob]"}, {"people/bob.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: bob\nname: Bob\n"}}, 7,
			[]string{`changes/2026/11/CHG-20261120-7K3F2M.yaml:7:12: warning REF003 person alice is no longer active`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := run(t, check.Options{Head: open(t, tree(t, tt.edits...))})
			got := lines(rep)
			for i := range got { // why a file is no YAML is for yamldoc to say
				if before, _, ok := strings.Cut(got[i], "YML"); ok {
					got[i] = before + "YML004 "
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if rep.Records != tt.records {
				t.Errorf("%d records, want %d", rep.Records, tt.records)
			}
			if n := rep.Errors + rep.Warnings; n != len(tt.want) {
				t.Errorf("counted %d, want %d", n, len(tt.want))
			}
		})
	}
}

func TestEmptyStore(t *testing.T) {
	rep := run(t, check.Options{Head: open(t, fstest.MapFS{"gitsm.yaml": {Data: []byte("apiVersion: gitsm/v1\nkind: config\n")}})})
	b, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"findings":[],"waived":[],"summary":{"records":0,"rules":0,"errors":0,"warnings":0,"waived":0}}`
	if string(b) != want {
		t.Errorf("got %s\nwant %s", b, want)
	}
}

func TestOnly(t *testing.T) {
	head := open(t, tree(t,
		edit{changeFile, "title: Upgrade the database\n", ""},
		edit{"services/search.yaml", "title: Search\n", ""},
		edit{"assets/fra/db-1.yaml", "title: Database\n", ""},
		edit{"teams/checkout.yaml", "", "apiVersion: gitsm/v1\nkind: team\nid: checkout\ntitle: T\nmembers: [alice]\n"},
		edit{"people/eve.yaml", "", "{"},
		edit{"changes/stray.yaml", "", "a: 1\n"},
		edit{"policy/change.rego", "", "package gitsm.change\n"},
		edit{"incidents/2026/11/INC-20261119-0A1B2C.yaml", "", "{"},
	))
	tests := []struct {
		name    string
		only    []string
		records int
		codes   string
	}{
		{"a file", []string{changeFile}, 1, "SCH002"},
		{"a file, oddly written", []string{"./services//search.yaml"}, 1, "SCH002"},
		{"an id", []string{"CHG-20261120-7K3F2M"}, 1, "SCH002"},
		{"a suffix", []string{"7k3f2m"}, 1, "SCH002"},
		{"twice the same", []string{"7k3f2m", changeFile}, 1, "SCH002"},
		{"an id of two kinds", []string{"checkout"}, 2, ""},
		{"an asset by id", []string{"db-1"}, 1, "SCH002"},
		{"a directory", []string{"services"}, 2, "SCH002"},
		{"a directory further down", []string{"changes/2026/11/"}, 1, "SCH002"},
		{"a directory with stray files", []string{"changes"}, 1, "SCH002 STO003"},
		{"a stray file", []string{"changes/stray.yaml"}, 0, "STO003"},
		{"a file that is no YAML", []string{"people/eve.yaml"}, 1, "YML"},
		{"its id", []string{"eve"}, 1, "YML"},
		{"its suffix", []string{"0a1b2c"}, 1, "YML"},
		{"gitsm.yaml", []string{"gitsm.yaml"}, 0, ""},
		{"everything", []string{"."}, 9, "SCH002 STO003 SCH002 YML YML SCH002"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := run(t, check.Options{Head: head, Only: tt.only})
			var codes []string
			for _, f := range rep.Findings {
				if strings.HasPrefix(f.Code, "YML") {
					f.Code = "YML"
				}
				codes = append(codes, f.Code)
			}
			if rep.Records != tt.records {
				t.Errorf("%d records, want %d", rep.Records, tt.records)
			}
			if len(codes) != len(strings.Fields(tt.codes)) || !sameWords(codes, strings.Fields(tt.codes)) {
				t.Errorf("got %v, want %v", lines(rep), tt.codes)
			}
		})
	}
}

func sameWords(a, b []string) bool {
	count := map[string]int{}
	for _, w := range a {
		count[w]++
	}
	for _, w := range b {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// TestOnlyErrors: what was asked for and is not there is never 0 records.
func TestOnlyErrors(t *testing.T) {
	head := open(t, tree(t,
		edit{"changes/2026/12/CHG-20261201-AA3F2M.yaml", "", "a: 1\n"},
		edit{"policy/change.rego", "", "package gitsm.change\n"}))
	for arg, want := range map[string]string{
		"services/chekcout.yaml": "checking services/chekcout.yaml: there is no such file, and no record has this id",
		"chekcout":               "checking chekcout: there is no such file, and no record has this id",
		"policy/change.rego":     "checking policy/change.rego: no kind keeps its records there",
		"policy":                 "checking policy: no kind keeps its records there",
		"../elsewhere.yaml":      "checking ../elsewhere.yaml: there is no such file, and no record has this id",
		"/etc/passwd":            "checking /etc/passwd: there is no such file, and no record has this id",
		"":                       `checking "": give a path or an id`,
		"3f2m":                   `"3F2M" names several records: CHG-20261120-7K3F2M, CHG-20261201-AA3F2M`,
	} {
		rep, err := check.Run(context.Background(), check.Options{Head: head, Only: []string{"alice", arg}})
		if err == nil || !strings.EqualFold(err.Error(), want) {
			t.Errorf("%s: got %v, %v, want %s", arg, rep, err, want)
		}
		var wrong *check.ArgumentError
		if arg != "3f2m" && !errors.As(err, &wrong) {
			t.Errorf("%s: %T is no ArgumentError", arg, err)
		}
	}
}

// TestLinks: what a link leads to is not what git holds.
func TestLinks(t *testing.T) {
	fsys := tree(t)
	fsys["changes/2025"] = &fstest.MapFile{Data: []byte("2026"), Mode: fs.ModeSymlink | 0o777}
	fsys["services/shop.yaml"] = &fstest.MapFile{Data: []byte("search.yaml"), Mode: fs.ModeSymlink | 0o777}
	head := open(t, fsys)
	want := []string{`services/shop.yaml:1:1: error STO005 this is no ordinary file`}
	if diff := cmp.Diff(want, lines(run(t, check.Options{Head: head, Only: []string{"services/shop.yaml"}}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want = []string{`changes/2025:1:1: error STO005 a symbolic link stands where a record should be`}
	if diff := cmp.Diff(want, lines(run(t, check.Options{Head: head, Only: []string{"changes/2025"}}))); diff != "" {
		t.Errorf("a link to a directory: -want +got:\n%s", diff)
	}
}

// TestSubdirectory: paths are the repository's, wherever the store is in it.
func TestSubdirectory(t *testing.T) {
	fsys := fstest.MapFS{}
	for name, f := range tree(t, edit{"services/search.yaml", "title: Search\n", ""}) {
		fsys["ops/"+name] = f
	}
	fsys["README.md"] = &fstest.MapFile{Data: []byte("x")}
	head := open(t, fsys, store.InDirectory("ops"))
	base := open(t, fsys, store.InDirectory("ops"))
	want := []string{`ops/services/search.yaml:1:1: error SCH002 missing key "title"`}
	for name, o := range map[string]check.Options{
		"whole":     {Head: head},
		"file":      {Head: head, Only: []string{"ops/services/search.yaml"}},
		"directory": {Head: head, Only: []string{"ops/services"}},
		"store":     {Head: head, Only: []string{"ops"}},
		"changed":   {Head: head, Base: base, Changed: []string{"ops/services/search.yaml", "README.md"}},
	} {
		if diff := cmp.Diff(want, lines(run(t, o))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if _, err := check.Run(context.Background(), check.Options{Head: head, Only: []string{"services/search.yaml"}}); err == nil {
		t.Error("a path of the store is no path of the repository")
	}
}

func TestPolicy(t *testing.T) {
	at := func(f finding.Finding) map[string]finding.Finding {
		f.Severity, f.Message, f.Rule = finding.Error, "no", f.Code
		return map[string]finding.Finding{"CHG-20261120-7K3F2M": f}
	}
	head := open(t, tree(t, edit{"services/search.yaml", "tier: 1", "tier: 9"}))
	t.Run("placed", func(t *testing.T) {
		p := &policy{deny: at(finding.Finding{Code: "CHG012", File: changeFile, Line: 8, Column: 11, EndLine: 8, EndColumn: 21, Frame: "services: [checkout]"})}
		rep := run(t, check.Options{Head: head, Policy: p})
		want := finding.Finding{Code: "CHG012", Severity: "error", File: changeFile, Line: 8, Column: 11, EndLine: 8, EndColumn: 21,
			Message: "no", Record: "CHG-20261120-7K3F2M", Rule: "CHG012", Frame: "services: [checkout]"}
		if diff := cmp.Diff(want, rep.Findings[0]); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if rep.Rules != 15 {
			t.Errorf("%d rules, want 12 for changes and 3 for services", rep.Rules)
		}
		if _, judged := p.before["search"]; judged {
			t.Error("policy saw a record that does not conform to its schema")
		}
		if len(p.before) != 5 {
			t.Errorf("judged %v", p.before)
		}
	})
	t.Run("placeless", func(t *testing.T) {
		rep := run(t, check.Options{Head: head, Policy: &policy{deny: at(finding.Finding{Code: "CHG012"})}})
		if f := rep.Findings[0]; f.File != changeFile || f.Line != 1 || f.Column != 1 || f.Frame != "apiVersion: gitsm/v1" || f.Record == "" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("before", func(t *testing.T) {
		p := &policy{}
		next := open(t, tree(t, edit{changeFile, "scheduled", "implementing"}, edit{"services/new.yaml", "", strings.ReplaceAll(scene["services/search.yaml"], "search", "new")}))
		run(t, check.Options{Base: open(t, tree(t)), Head: next, Changed: []string{changeFile, "services/new.yaml"}, Policy: p})
		if diff := cmp.Diff(map[string]string{"CHG-20261120-7K3F2M": "scheduled", "new": "new"}, p.before); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("error", func(t *testing.T) {
		rep, err := check.Run(context.Background(), check.Options{Head: head, Policy: &policy{fail: "checkout"}})
		want := "checking services/checkout.yaml: policy took longer than 5 s"
		if err == nil || err.Error() != want || rep != nil {
			t.Errorf("got %v, %v, want %s", rep, err, want)
		}
	})
}

// failing is a file system that cannot read one file.
type failing struct {
	fs.FS
	name string
}

func (f failing) Open(name string) (fs.File, error) {
	if name == f.name {
		return nil, errors.New("disk on fire")
	}
	return f.FS.Open(name)
}

func TestErrors(t *testing.T) {
	for _, name := range []string{"services", "services/search.yaml", changeFile, "people"} {
		_, err := check.Run(context.Background(), check.Options{Head: open(t, failing{tree(t), name})})
		if err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("%s: got %v", name, err)
		}
		_, err = check.Run(context.Background(), check.Options{Head: open(t, tree(t)), Base: open(t, failing{tree(t), name})})
		if err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("base %s: got %v", name, err)
		}
	}
	left := open(t, tree(t, edit{"people/alice.yaml", "name: A", "active: false\nname: A"}))
	_, err := check.Run(context.Background(), check.Options{Head: left, Base: open(t, failing{tree(t), "people"}), Changed: []string{"people/alice.yaml"}})
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("comparing references with the base: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if rep, err := check.Run(ctx, check.Options{Head: open(t, tree(t))}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, %v", rep, err)
	}
	if _, err := check.Run(context.Background(), check.Options{}); err == nil {
		t.Error("nothing to check: no error")
	}
}

// TestDeterministic: neither the number of workers nor luck changes a byte.
func TestDeterministic(t *testing.T) {
	var edits []edit
	for i := range 60 {
		id := fmt.Sprintf("CHG-20261120-%06d", i)
		text := strings.ReplaceAll(scene[changeFile], "CHG-20261120-7K3F2M", id)
		edits = append(edits, edit{"changes/2026/11/" + id + ".yaml", "", strings.Replace(text, "[checkout]", fmt.Sprintf("[checkout, x%d, search, search]", i%7), 1)})
	}
	var want []byte
	for _, workers := range []int{1, 2, 3, 8, 0} {
		rep := run(t, check.Options{Head: open(t, tree(t, edits...)), Workers: workers})
		got, err := json.Marshal(rep)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if rep.Errors != 120 || string(got) != string(want) {
			t.Errorf("%d workers: %d errors, or other bytes", workers, rep.Errors)
		}
	}
}
