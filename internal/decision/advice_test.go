package decision_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

func advise(t testing.TB, judging, head *store.Store) *decision.Advice {
	t.Helper()
	a, err := judge.Advise(t.Context(), judging, head, decision.Actor{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(t testing.TB, s *store.Store, path string) *record.Record {
	t.Helper()
	r, found, err := s.At(path)
	if err != nil || r == nil {
		t.Fatalf("%s: %v, %v", path, found, err)
	}
	return r
}

func TestAdvice(t *testing.T) {
	bad := strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)
	tests := []struct {
		name, before, after string
		want                []string
		rules               int
	}{
		{"filed", "", bad, []string{"CHG012"}, 6},
		{"without a known past", "", strings.Replace(bad, "scheduled", "implementing", 1), []string{"CHG012"}, 6},
		{"over, without a past", "", strings.Replace(bad, "scheduled", "closed", 1), []string{}, 0}, // history
		{"closing", strings.Replace(bad, "scheduled", "review", 1), strings.Replace(bad, "scheduled", "closed", 1), []string{"CHG012", "LIF010"}, 6},
		{"sound", "", change(idA, "checkout"), []string{}, 6},
	}
	for _, tt := range tests {
		s := open(t, with(scene(), pathA, tt.after))
		var before *record.Record
		if tt.before != "" {
			before = get(t, open(t, with(scene(), pathA, tt.before)), pathA)
		}
		found, rules, err := advise(t, s, s).Judge(t.Context(), before, get(t, s, pathA))
		if diff := cmp.Diff(tt.want, codes(found)); diff != "" || rules != tt.rules || err != nil {
			t.Errorf("%s: %d rules, %v (-want +got):\n%s", tt.name, rules, err, diff)
		}
	}
}

func TestAdviceOfOthers(t *testing.T) {
	s := open(t, scene())
	a := advise(t, s, s)
	if found, rules, err := a.Judge(t.Context(), nil, get(t, s, "services/search.yaml")); len(found) > 0 || rules != 0 || err != nil {
		t.Errorf("a kind without a package: %v, %d, %v", codes(found), rules, err)
	}
	if found, rules, err := a.Judge(t.Context(), nil, nil); found != nil || rules != 0 || err != nil {
		t.Errorf("nothing: %v, %d, %v", codes(found), rules, err)
	}
	k, _ := s.Kinds.ByName("change")
	if diff := cmp.Diff([]string{"corrections", "implementation", "review", "state", "title"}, a.Immaterial(k)); diff != "" {
		t.Errorf("immaterial (-want +got):\n%s", diff)
	}
}

func TestAdviceFails(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no policy": with(scene(), "policy/change.rego", "", "policy/data.yaml", ""),
		"broken":    with(scene(), "policy/change.rego", rules+"deny contains {"),
		"no data":   with(scene(), "policy/data.yaml", "x: ["),
	} {
		s := open(t, files)
		if _, err := judge.Advise(t.Context(), s, s, decision.Actor{}, noon); err == nil || name == "no policy" && !errors.Is(err, engine.ErrNoPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := open(t, with(scene(), "policy/change.rego", "", "policy/incident.rego", "package gitsm.incident\n\n# METADATA\n# title: x\n# custom: {id: INC900}\ndeny contains \"x\" if input.record.state == \"open\"\n", pathA, change(idA, "checkout")))
	if _, _, err := advise(t, s, s).Judge(t.Context(), nil, get(t, s, pathA)); !errors.Is(err, engine.ErrNoPolicy) {
		t.Errorf("a change without rules: %v", err)
	}
}

// The policy of the base advises on records of the head.
func TestAdviceOfTheBase(t *testing.T) {
	base := open(t, scene())
	head := open(t, with(scene(), pathA, strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1), "policy/change.rego", "package nothing\n"))
	found, _, err := advise(t, base, head).Judge(t.Context(), nil, get(t, head, pathA))
	if diff := cmp.Diff([]string{"CHG012"}, codes(found)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := open(t, with(scene(), pathA, change(idA, "checkout")))
	j := decision.NewJudge()
	a, err := j.Advise(t.Context(), s, s, decision.Actor{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	f := filed(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, _, err := a.Judge(t.Context(), nil, get(t, s, pathA)); err != nil {
				t.Error(err)
			}
			if _, err := j.Decide(t.Context(), f); err != nil {
				t.Error(err)
			}
			j.Forget(f.Base)
		})
	}
	wg.Wait()
}
