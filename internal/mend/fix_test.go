package mend_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/mend"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

func TestFix(t *testing.T) {
	const src = "# Checkout\nid: checkout   # the shop\ntype: \"Normal\"\nplan:\n  at: 2026-11-20 14:00Z\n"
	edits := func(ms ...finding.Mend) (fs []finding.Finding) {
		for _, m := range ms {
			fs = append(fs, finding.Finding{Mend: m})
		}
		return fs
	}
	s := open(t, map[string]string{"gitsm.yaml": foreign})
	for name, tc := range map[string]struct {
		src, want string
		found     []finding.Finding
		err       error
	}{
		"values and a missing key": {src,
			"kind: change\n# Checkout\nid: checkout   # the shop\ntype: \"normal\"\nplan:\n  at: 2026-11-20T14:00:00Z\n",
			edits(finding.Mend{Pointer: "/type", Was: "Normal", Value: "normal"}, finding.Mend{},
				finding.Mend{Pointer: "/plan/at", Was: "2026-11-20 14:00Z", Value: "2026-11-20T14:00:00Z"},
				finding.Mend{Pointer: "/kind", Value: "change"}), nil},
		"people decide":           {src, src, edits(finding.Mend{}), nil},
		"another value by now":    {src, "", edits(finding.Mend{Pointer: "/type", Was: "Standard", Value: "standard"}), mend.ErrChanged},
		"there by now":            {src, "", edits(finding.Mend{Pointer: "/id", Value: "x"}), mend.ErrChanged},
		"gone by now":             {src, "", edits(finding.Mend{Pointer: "/kind", Was: "Change", Value: "change"}), mend.ErrChanged},
		"cannot be read by now":   {"a: 1\na: 2\n", "", edits(finding.Mend{Pointer: "/id", Value: "x"}), mend.ErrChanged},
		"no place to put it into": {"type: x\n", "", edits(finding.Mend{Pointer: "/type/name", Value: "x"}), yamldoc.ErrSplice},
	} {
		got, _, err := mend.Fix(s, "services/a.yaml", []byte(tc.src), tc.found)
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: error %v, want %v", name, err, tc.err)
		}
		if diff := cmp.Diff(tc.want, string(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestFixFrontMatter holds that the text below the front matter is not read.
func TestFixFrontMatter(t *testing.T) {
	s := open(t, map[string]string{"gitsm.yaml": foreign})
	const body = "---\n\n* no: YAML: *here\r\n"
	found := []finding.Finding{{Mend: finding.Mend{Pointer: "/status", Was: "Draft", Value: "draft"}}}
	got, n, err := mend.Fix(s, "docs/1.md", []byte("---\nstatus: Draft # yet\n"+body), found)
	if err != nil || n != 1 || string(got) != "---\nstatus: draft # yet\n"+body {
		t.Errorf("%q, %d, %v", got, n, err)
	}
}
