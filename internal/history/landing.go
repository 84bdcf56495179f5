package history

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Landing is one step of main's own line, judged as one difference: the range
// that `merge` evidence names, or a commit that stands for itself.
type Landing struct {
	*Commit           // on main
	Index   int       // position in the line; genesis is 0
	Base    git.OID   // main before it, "" where it has no parent
	Head    git.OID   // of the proposal: the second parent, else the commit itself
	Brought []*Commit // what else it made part of main, ancestors first

	ChangeID     string // trailers
	EvidenceHead git.OID

	// Merge is what says that the gate let it pass; nil for every other commit.
	Merge *Statement

	Touches []Touch          // records it changed, sorted by path
	Rules   []git.FileChange // policy and config it changed

	Before *Epoch // people, kinds and config of Base; of the landing itself for genesis
	After  *Epoch
}

// Touch is one record that a landing changed.
type Touch struct {
	Kind             *record.Kind
	ID               string
	Path             string // in the store
	OldBlob, NewBlob git.OID
	Moved            string // where the same record was before, "" where it stayed
}

// Way is how something came to main.
type Way string

// The ways.
const (
	AtGenesis Way = "genesis"     // with the store's first commit, which nothing gates
	Gated     Way = "gated"       // evidence says that the gate let it pass
	Bootstrap Way = "bootstrap"   // past the gate, as a store that bootstraps allows
	Pushed    Way = "direct-push" // past the gate
)

// Way says how a record came to main. Only catalogue records may come past the
// gate while the store bootstraps; work never does.
func (l *Landing) Way(t Touch) Way { return l.way(t.Kind.Catalogue) }

// RulesWay says how policy and config came to main.
func (l *Landing) RulesWay() Way { return l.way(true) }

func (l *Landing) way(catalogue bool) Way {
	switch {
	case l.Index == 0:
		return AtGenesis
	case l.Merge != nil:
		return Gated
	case catalogue && l.Before.Bootstrap():
		return Bootstrap
	}
	return Pushed
}

// line follows first parents back from head, and gives every commit to the
// landing that brought it. outside says that no commit holds gitsm.yaml, so
// that all of them belong to the store.
func (h *History) line(head git.OID, outside bool) error {
	var firsts []*Commit
	for c := h.Commits[head]; c != nil; {
		firsts = append(firsts, c)
		if len(c.before) == 0 {
			break
		}
		c = c.before[0]
	}
	if !h.goesOn(firsts, head) {
		return ErrElsewhere
	}
	slices.Reverse(firsts)
	config := path.Join(h.dir, store.ConfigFile)
	for _, c := range firsts {
		brought := brought(c)
		if h.since == nil && len(h.Line) == 0 && !outside && !adds(c, config) {
			continue // from before the store
		}
		l := &Landing{Commit: c, Index: h.first() + len(h.Line), Head: c.OID, Brought: brought}
		if len(c.Parents) > 0 {
			l.Base = c.Parents[0]
		}
		if len(c.Parents) == 2 {
			l.Head = c.Parents[1]
		}
		l.ChangeID, l.EvidenceHead = Trailer(c.Message, ChangeID), Trailer(c.Message, EvidenceHead)
		h.own(l)
		h.Line = append(h.Line, l)
	}
	if h.since == nil && len(h.Line) == 0 {
		return ErrNoGenesis
	}
	return nil
}

// goesOn reports whether main's own line, newest first, leads back to the end of
// the prefix, if there is one.
func (h *History) goesOn(line []*Commit, head git.OID) bool {
	switch {
	case h.since == nil:
		return true
	case len(line) == 0:
		return head == h.since.Head
	}
	last := line[len(line)-1]
	return len(last.Parents) > 0 && last.Parents[0] == h.since.Head
}

func (h *History) own(l *Landing) {
	l.Commit.Landing = l
	for _, c := range l.Brought {
		c.Landing = l
	}
}

func adds(c *Commit, p string) bool {
	return slices.ContainsFunc(c.Changes, func(x git.FileChange) bool { return x.Path == p && x.NewBlob != "" })
}

// brought returns what first made part of main besides its line, ancestors
// first. Each commit is visited once over the whole line.
func brought(first *Commit) []*Commit {
	first.visited = true
	if len(first.before) < 2 {
		return nil
	}
	var out []*Commit
	for queue := slices.Clone(first.before[1:]); len(queue) > 0; {
		c := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if c == nil || c.visited { // nil for what the prefix has
			continue
		}
		c.visited = true
		out = append(out, c)
		queue = append(queue, c.before...)
	}
	slices.SortFunc(out, func(a, b *Commit) int { return a.order - b.order })
	return out
}

// touches sorts what each landing changed into records, rules and the rest.
func (h *History) touches(ctx context.Context) error {
	for _, l := range h.Line {
		changes := l.Changes
		if l.Index == 0 {
			changes = inStore(h.dir, l.Changes)
		}
		for _, c := range changes {
			if l.Index > 0 && store.RunsGate(l.Before.Config, h.dir, c.Path) {
				l.Rules = append(l.Rules, c)
				continue
			}
			rel, ok := Relative(h.dir, c.Path)
			if !ok {
				continue
			}
			if k, id, ok := l.kindOf(rel); ok {
				t := Touch{Kind: k, ID: id, Path: rel, OldBlob: c.OldBlob, NewBlob: c.NewBlob}
				l.Touches = append(l.Touches, t)
				continue
			}
			if IsRule(rel) {
				l.Rules = append(l.Rules, c)
			}
		}
	}
	if err := h.identifyAll(ctx); err != nil {
		return err
	}
	for _, l := range h.Line {
		l.Touches = moves(l.Touches)
	}
	return nil
}

// identifyAll finds the ids of records whose paths do not say them.
func (h *History) identifyAll(ctx context.Context) error {
	var nameless []*Touch
	for _, l := range h.Line {
		for i := range l.Touches {
			if !l.Touches[i].Kind.Named() {
				nameless = append(nameless, &l.Touches[i])
			}
		}
	}
	return each(ctx, len(nameless), func(i int) error { return h.identify(ctx, nameless[i]) })
}

func inStore(dir string, changes []git.FileChange) []git.FileChange {
	return slices.DeleteFunc(slices.Clone(changes), func(c git.FileChange) bool {
		_, ok := Relative(dir, c.Path)
		return !ok || c.NewBlob == ""
	})
}

// kindOf finds the kind of a path, as main had it and, for kinds the landing
// itself declares, as it leaves main.
func (l *Landing) kindOf(rel string) (*record.Kind, string, bool) {
	if k, id, ok := l.Before.Kinds().ByPath(rel); ok {
		return k, id, true
	}
	return l.After.Kinds().ByPath(rel)
}

// moves joins the two halves of a record that only went to another directory.
func moves(touches []Touch) []Touch {
	type key struct{ kind, id string }
	gone := map[key]int{}
	for i, t := range touches {
		if t.NewBlob == "" {
			gone[key{t.Kind.Name, t.ID}] = i
		}
	}
	if len(gone) == 0 {
		return touches
	}
	drop := map[int]bool{}
	for i, t := range touches {
		if j, ok := gone[key{t.Kind.Name, t.ID}]; ok && t.OldBlob == "" && !drop[j] {
			touches[i].OldBlob, touches[i].Moved, drop[j] = touches[j].OldBlob, touches[j].Path, true
		}
	}
	var out []Touch
	for i, t := range touches {
		if !drop[i] {
			out = append(out, t)
		}
	}
	return out
}

// Relative turns a path of the repository into one of the store in dir.
func Relative(dir, p string) (string, bool) {
	if dir == "" {
		return p, true
	}
	return strings.CutPrefix(p, dir+"/")
}

// IsRule reports whether a file of the store says how others are judged.
func IsRule(rel string) bool {
	return rel == store.ConfigFile || strings.HasPrefix(rel, store.PolicyDir+"/")
}
