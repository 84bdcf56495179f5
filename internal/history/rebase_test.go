package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/history"
)

// TestRebased holds that the commits of a rebased proposal are one landing where
// a statement of a forge names them as one, and where nothing else is in between.
func TestRebased(t *testing.T) {
	s := newScene(t)
	g := s.commit("Alice", "begin\n", map[string]string{"gitsm.yaml": config + "forge: github\n", "people/alice.yaml": person, "services/checkout.yaml": service})
	other := s.commit("Alice", "push\n", map[string]string{"services/checkout.yaml": service + "sla: {availability: 99}\n"}, g)
	one := s.commit("Alice", "Propose it\n", map[string]string{chgPath: change("scheduled"), "notes": "a"}, other)
	two := s.commit("Bob", "Mend it\n", map[string]string{chgPath: change("scheduled", "reason: good\n"), "notes": "-"}, one)
	said := history.Statement{Path: "evidence/m.json", Type: "merge", Kind: "change", Record: chg, Base: other, Head: strings.Repeat("a", 40), Commit: two,
		Branch: "gitsm/" + chg + "/x", Method: "rebase", Said: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	h := s.walk(two, said)
	first, last := h.Line[2], h.Line[3]
	switch {
	case last.Merge == nil || last.Base != other || last.Head != said.Head || len(last.Touches) != 1 || last.Touches[0].OldBlob != "" || last.Way(last.Touches[0]) != history.Gated:
		t.Errorf("the landing is %+v", last)
	case len(last.Changes) != 1 || len(last.Brought) != 1 || len(first.Touches) != 0 || h.Commits[one].Landing != last:
		t.Errorf("it brought %v, %v", last.Changes, last.Brought)
	}
	if _, ok := h.Landing(one); ok {
		t.Error("the first commit is a landing of its own")
	}
	for name, change := range map[string]func(*history.Statement){
		"squash":             func(s *history.Statement) { s.Method = "squash" },
		"no forge":           func(s *history.Statement) { s.Said = time.Time{} },
		"no such base":       func(s *history.Statement) { s.Base = strings.Repeat("b", 40) },
		"base after the end": func(s *history.Statement) { s.Base = two },
		"before the forge":   func(s *history.Statement) { s.Base = "" },
	} {
		other := said
		change(&other)
		if h := s.walk(two, other); h.Line[3].Merge != nil || len(h.Line[2].Touches) != 1 {
			t.Errorf("%s: is taken for a landing", name)
		}
	}
	// What a landing of its own is in between is not part of it.
	between := history.Statement{Type: "merge", Base: other, Head: one, Commit: one, Method: "squash", Said: said.Said, Record: chg}
	if h := s.walk(two, between, said); h.Line[3].Merge != nil {
		t.Error("a landing was swallowed by another")
	}
}
