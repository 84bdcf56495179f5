package decision_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/policy"
)

// optional are the keys of the default pack's data that may be missing, each
// with what holds then.
var optional = map[string]string{
	"config.immaterial":                    "an approval covers every field",
	"config.immaterial.*":                  "an approval covers every field of that kind",
	"config.minimum_trust":                 "every approval has to be signed",
	"config.minimum_trust.*":               "approvals in that band have to be signed",
	"config.conflict_depth":                "it is 1",
	"config.clocks.emergency_review_hours": "it is a week",
	"config.needed.routine.*":              "no file is routine for that model",
	"config.risk.at_least.*":               "the hard rule demands the highest band",
}

// mayBeEmpty are the lists and mappings of it that may have nothing in them.
var mayBeEmpty = map[string]string{
	"config.immaterial":          "as where it is missing",
	"config.immaterial.*":        "an approval covers every field of that kind",
	"config.minimum_trust":       "as where it is missing",
	"config.emergency_authority": "nobody may authorise an emergency",
	"config.needed.harmless":     "every file needs a change",
	"config.needed.routine":      "no file is routine",
	"config.business_hours.days": "every window is out of hours",
	"config.risk.at_least":       "every hard rule demands the highest band",
}

// listed looks a path up, as it is and as one of its parent's keys.
func listed(in map[string]string, path string) bool {
	i := strings.LastIndex(path, ".")
	return in[path] != "" || i > 0 && in[path[:i]+".*"] != ""
}

// pack is the default policy with its data, a copy that tests may change.
func pack(t *testing.T) *store.Policy {
	t.Helper()
	p, err := store.ReadPolicy(policy.FS, store.PolicyDir)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, p)
}

// written is a policy whose data was written as it is now.
func written(t *testing.T, p *store.Policy) *store.Policy {
	t.Helper()
	src, err := json.MarshalIndent(p.Data, "", "  ") // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	doc, found := yamldoc.Parse("policy/data.yaml", src)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return &store.Policy{Modules: p.Modules, Data: doc.Value(), Doc: doc}
}

// place is one value of the data, and how to put another there.
type place struct {
	path  string
	value any
	set   func(any)
}

// places are all values of the data, lists by their first entry.
func places(p *store.Policy) []place {
	var out []place
	var visit func(path string, v any, set func(any))
	visit = func(path string, v any, set func(any)) {
		out = append(out, place{path, v, set})
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				visit(path+"."+k, v[k], func(x any) { v[k] = x })
			}
		case []any:
			if len(v) > 0 {
				visit(path+"[0]", v[0], func(x any) { v[0] = x })
			}
		}
	}
	visit("config", p.Data["config"], func(x any) { p.Data["config"] = x })
	return out
}

// TestDataOfAnotherForm puts a value of each other type in the place of each
// that the default pack or gitsm itself reads: the policy is refused, at that
// place, and no rule is silent.
func TestDataOfAnotherForm(t *testing.T) {
	p, judge := pack(t), decision.NewJudge()
	if found := judge.Validator.PolicyData(p); len(found) > 0 {
		t.Fatalf("the default data: %v", found)
	}
	n := 0
	for _, at := range places(p)[1:] {
		for _, odd := range []any{nil, json.Number("5"), "x", true, []any{"x"}, map[string]any{"x": "y"}} {
			if fmt.Sprintf("%T", odd) == fmt.Sprintf("%T", at.value) {
				continue
			}
			at.set(odd)
			if found := judge.Validator.PolicyData(written(t, p)); len(found) == 0 || found[0].File != "policy/data.yaml" || found[0].Line < 2 {
				t.Errorf("%s: %v gives %v", at.path, odd, found)
			}
			n++
		}
		at.set(at.value)
	}
	if n < 400 {
		t.Errorf("only %d values were tried", n)
	}
}

// TestWordsOfData: a word that nothing asks for is refused as well.
func TestWordsOfData(t *testing.T) {
	for _, path := range []string{"minimum_trust.high", "change_manager_team", "emergency_authority[0]", "business_hours.timezone", "business_hours.days[0]",
		"business_hours.from", "business_hours.to", "risk.matrix.low.high", "risk.at_least.emergency"} {
		p := pack(t)
		all := places(p)
		all[slices.IndexFunc(all, func(at place) bool { return at.path == "config."+path })].set("hihg")
		if found := decision.NewJudge().Validator.PolicyData(written(t, p)); len(found) != 1 {
			t.Errorf("%s: %v", path, found)
		}
	}
}

// TestDataMissing empties each list and mapping of the data: whatever it held is
// missed by name, unless something stricter holds without it.
func TestDataMissing(t *testing.T) {
	p, judge := pack(t), decision.NewJudge()
	for _, at := range places(p)[1:] {
		var none any = []any{}
		within, mapping := at.value.(map[string]any)
		if mapping {
			none = map[string]any{}
		} else if _, list := at.value.([]any); !list {
			continue
		}
		at.set(none)
		_, err := judge.Compile(context.Background(), written(t, p), record.Builtin())
		at.set(at.value)
		if listed(mayBeEmpty, at.path) {
			if err != nil {
				t.Errorf("%s: %v", at.path, err)
			}
			continue
		}
		said := problems(err)
		if len(said) == 0 {
			t.Errorf("%s may be empty: %v", at.path, err)
		}
		for k := range within {
			if path := at.path + "." + k; !listed(optional, path) && !strings.Contains(strings.Join(said, "\n"), strconv.Quote(k)) {
				t.Errorf("%s is not missed: %q", path, said)
			}
		}
	}
}

// problems are what an error says is wrong with policy or its data.
func problems(err error) []string {
	var out []string
	var data *store.InvalidError
	var rego *engine.CompileError
	switch {
	case errors.As(err, &data):
		for _, f := range data.Findings {
			out = append(out, f.Message)
		}
	case errors.As(err, &rego):
		for _, p := range rego.Problems {
			out = append(out, p.Message)
		}
	}
	return out
}
