package audit

import (
	"errors"
	"io/fs"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// around is what a ruling keeps of the two snapshots, for checks that are asked
// when these are gone.
type around struct {
	missing []string       // services and assets the record names that are not in the catalogue it leaves behind
	reach   int            // things that depend on what it touches
	beside  int            // files and records changed together with it
	outside []string       // why it is no change that its model allows
	model   *record.Record // the model it names, as the base has it
	differs []string       // where the input it was decided on is not the one it is judged again on
}

// look fills in what is around the record a landing is about.
func (r *ruling) look(judge *decision.Judge, base, head *store.Store) error {
	p := r.facts.Primary()
	if p == nil || p.After == nil {
		return nil
	}
	if r.recorded != nil {
		r.differs = differences(r.recorded.Statement.Predicate.Decision.Input, r.decision.Input)
	}
	r.reach, r.beside = len(r.decision.Impact), len(r.facts.Changes)+len(r.facts.Files)-1
	for _, id := range p.After.Strs("services") {
		if err := r.known(head, "service", id); err != nil {
			return err
		}
	}
	for _, id := range p.After.Strs("assets") {
		if err := r.known(head, "asset", id); err != nil {
			return err
		}
	}
	return r.modelled(judge, base, p.After)
}

// modelled looks up the model that a change names, and whether it allows the
// change.
func (r *ruling) modelled(judge *decision.Judge, base *store.Store, c *record.Record) error {
	id := c.Str("model")
	if id == "" {
		return nil
	}
	var err error
	if r.model, err = find(base, "model", id); err != nil || r.model == nil {
		return err
	}
	r.outside, err = judge.Outside(base, r.model, c, r.facts.Now)
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
