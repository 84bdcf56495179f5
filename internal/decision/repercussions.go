package decision

import (
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

// repercussions are what a proposal breaks in records it leaves alone:
// references to what it retires or deletes, and dependency cycles it closes.
func (j *Judge) repercussions(b *base, f *Facts) ([]finding.Finding, error) {
	var targets []validate.Target
	skip := map[string]bool{}
	depends := false
	for _, c := range f.Changes {
		skip[f.Head.Display(c.Path)] = true
		if c.Kind.Catalogue {
			targets = append(targets, validate.Target{Kind: c.Kind.Name, ID: c.ID})
		}
		depends = depends || c.Kind.Name == "service" || c.Kind.Name == "asset"
	}
	_, out, err := j.Validator.Affected(f.Base, f.Head, targets, skip)
	if err != nil {
		return nil, fmt.Errorf("looking for what the proposal breaks elsewhere: %w", err)
	}
	if !depends {
		return out, nil
	}
	cycles, err := j.newCycles(b, f.Head)
	return append(out, cycles...), err
}

// newCycles are the dependency cycles of head that the base did not have.
func (j *Judge) newCycles(b *base, head *store.Store) ([]finding.Finding, error) {
	g, err := graph.FromStore(head)
	if err != nil {
		return nil, err
	}
	had := b.graph.Cycles()
	fresh := slices.DeleteFunc(g.Cycles(), func(c []string) bool {
		return slices.ContainsFunc(had, func(h []string) bool { return slices.Equal(h, c) })
	})
	if len(fresh) == 0 {
		return nil, nil
	}
	return j.Validator.Cycles(head, fresh)
}
