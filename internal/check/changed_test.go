package check_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
)

func TestChangedLines(t *testing.T) {
	const file = "services/checkout.yaml"
	whole := "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:ops\ntier: 1\ndepends_on: [search]\n"
	tests := []struct {
		name string
		edit edit
		want []int
	}{
		{"nothing", edit{file, "tier: 1", "tier: 1"}, nil},
		{"one line", edit{file, "tier: 1", "tier: 2"}, []int{6}},
		{"one more", edit{file, "tier: 1", "state: live\ntier: 1"}, []int{6}},
		{"one less", edit{file, "tier: 1\n", ""}, nil},
		{"first and last", edit{file, "", "# x\n" + whole + "# y"}, []int{1, 9}},
		{"gone", edit{file, "", ""}, nil},
	}
	base := open(t, tree(t))
	for _, tt := range tests {
		head := open(t, tree(t, tt.edit))
		got, err := check.ChangedLines(base, head, []finding.Finding{{File: file}, {File: file}})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, slices.Sorted(maps.Keys(got[file]))); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
	head := open(t, tree(t, edit{"services/new.yaml", "", "a: b\nc: d\n"}))
	got, err := check.ChangedLines(base, head, []finding.Finding{{File: "services/new.yaml"}, {File: "services"}, {File: ""}, {File: "../x"}})
	if err != nil || len(got["services/new.yaml"]) != 2 || len(got["services"])+len(got[""])+len(got["../x"]) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}
