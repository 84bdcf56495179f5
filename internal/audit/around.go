package audit

import (
	"errors"
	"io/fs"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// around is what a ruling keeps of the two snapshots, for checks that are asked
// when these are gone.
type around struct {
	missing []string       // services and assets the record names that are not in the catalogue it leaves behind
	reach   int            // things that depend on what it touches
	beside  int            // files and records changed together with it
	tiers   map[string]int // of the services it names, in the base
	model   *record.Record // the model it names, as the base has it
	differs []string       // where the input it was decided on is not the one it is judged again on
}

// look fills in what is around the record a landing is about.
func (r *ruling) look(base, head *store.Store) error {
	p := r.facts.Primary()
	if p == nil || p.After == nil {
		return nil
	}
	if r.recorded != nil {
		r.differs = differences(r.recorded.Statement.Predicate.Decision.Input, r.decision.Input)
	}
	r.reach, r.beside = len(r.decision.Impact), len(r.facts.Changes)+len(r.facts.Files)-1
	r.tiers = map[string]int{}
	for _, id := range p.After.Strs("services") {
		if err := r.known(head, "service", id); err != nil {
			return err
		}
		rec, err := find(base, "service", id)
		if err != nil {
			return err
		}
		var s record.Service
		if rec != nil && rec.Decode(&s) == nil && s.Tier != nil {
			r.tiers[id] = *s.Tier
		}
	}
	for _, id := range p.After.Strs("assets") {
		if err := r.known(head, "asset", id); err != nil {
			return err
		}
	}
	var err error
	if id := p.After.Str("model"); id != "" {
		r.model, err = find(base, "model", id)
	}
	return err
}

func (r *ruling) known(head *store.Store, kind, id string) error {
	rec, err := find(head, kind, id)
	if err == nil && rec == nil {
		r.missing = append(r.missing, kind+" "+id)
	}
	return err
}

// find looks a record up; it is nil where there is none that can be read.
func find(s *store.Store, kind, id string) (*record.Record, error) {
	rec, err := s.Get(kind, id)
	var broken *store.InvalidError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &broken) {
		return nil, nil
	}
	return rec, err
}
