package history

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
)

// rebased finds the landings that a merge statement of a forge names as one: the
// commits of a proposal that was rebased, each on top of the other, the first on
// main as it was before. It is empty where the statement says anything else.
func (h *History) rebased(l *Landing, s *Statement) []*Landing {
	if s.Method != "rebase" || s.Said.IsZero() {
		return nil
	}
	for i := l.Index; i > 0; i-- {
		switch first := h.Line[i]; {
		case len(first.Parents) != 1 || first.Merge != nil || first.Base != first.Parents[0]:
			return nil
		case first.Base == s.Base && i < l.Index && first.Reviewed():
			return h.Line[i : l.Index+1]
		}
	}
	return nil
}

// join makes the last of some landings one landing of all of them: it is judged
// as one difference, and those before it have brought nothing by themselves.
func (h *History) join(parts []*Landing) *Landing {
	first, last := parts[0], parts[len(parts)-1]
	touches, rules := map[string]Touch{}, map[string]git.FileChange{}
	changes := map[string]git.FileChange{}
	for _, l := range parts {
		for _, t := range l.Touches {
			if was, ok := touches[t.Path]; ok {
				t.OldBlob, t.Moved = was.OldBlob, cmp.Or(was.Moved, t.Moved)
			}
			touches[t.Path] = t
		}
		add(changes, l.Changes)
		add(rules, l.Rules)
		if l != last {
			l.Touches, l.Rules = nil, nil
			last.Brought = append(last.Brought, l.Commit)
		}
	}
	last.Base, last.Before = first.Base, first.Before
	last.Touches = slices.SortedFunc(maps.Values(touches), func(a, b Touch) int { return cmp.Compare(a.Path, b.Path) })
	last.Touches = slices.DeleteFunc(last.Touches, func(t Touch) bool { return t.OldBlob == t.NewBlob && t.Moved == "" })
	last.Rules, last.Changes = sum(rules), sum(changes)
	h.own(last)
	return last
}

// add joins changes to those that came before them.
func add(all map[string]git.FileChange, changes []git.FileChange) {
	for _, c := range changes {
		if was, ok := all[c.Path]; ok {
			c.OldMode, c.OldBlob = was.OldMode, was.OldBlob
		}
		all[c.Path] = c
	}
}

// sum is what changes come to: what was changed back is no change.
func sum(all map[string]git.FileChange) []git.FileChange {
	list := slices.SortedFunc(maps.Values(all), func(a, b git.FileChange) int { return cmp.Compare(a.Path, b.Path) })
	return slices.DeleteFunc(list, func(c git.FileChange) bool { return c.OldBlob == c.NewBlob && c.OldMode == c.NewMode })
}
