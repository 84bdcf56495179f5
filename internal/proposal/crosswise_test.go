package proposal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
)

// What began with two commits is compared with both: a proposal that merged an
// older main and a branch that landed later takes nothing back of either that
// nobody is asked about.
func TestMergedCrosswise(t *testing.T) {
	t.Parallel()
	const stricter = "policy/data.yaml"
	tests := map[string]struct {
		back  string // what it takes back: of main, or of what landed
		asked string
	}{
		"nothing":         {"", "owner-team-payments"},
		"of an old main":  {stricter, "owners-policy"},
		"of what came in": {"README.md", "owner-team-payments"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			alice := s.desk("alice")
			was := map[string]string{stricter: s.on("main", stricter), "README.md": s.on("main", "README.md")}
			now := map[string]string{stricter: strings.Replace(was[stricter], "low: claimed", "low: signed", 1), "README.md": "other\n"}
			first := file(t, alice, "checkout")
			side := s.push(first.Branch, "alice", map[string]string{"README.md": now["README.md"]})
			older := s.push("main", "carol", map[string]string{stricter: now[stricter]})
			approve(t, s.desk("bob"), first.ID)
			merge(t, alice, first.ID)

			files := map[string]string{stricter: now[stricter], first.Path: strings.Replace(s.on("main", first.Path), "title: ", "title: Again ", 1)}
			if tt.back != "" {
				files[tt.back] = was[tt.back]
			}
			r := s.repo()
			branch := "gitsm/" + first.ID + "/edit-f0rk"
			s.move(r, "refs/heads/"+branch, "", s.commitBy(r, "alice", "", files, side, older))
			at := target(t, alice, first.ID)
			d := gate(t, alice, first.ID)
			if !slices.ContainsFunc(d.Requirements, func(n approval.Node) bool { return n.ID == tt.asked && !n.Met }) {
				t.Errorf("%s %q %v", d.Verdict, d.Reasons, d.Findings)
			}
			var paths []string
			for _, f := range at.Proposal.Facts.Files {
				paths = append(paths, f.Path)
			}
			if tt.back != "" && !slices.Equal(paths, []string{tt.back}) || tt.back == "" && len(paths) > 0 {
				t.Errorf("changes %q", paths)
			}
		})
	}
}
