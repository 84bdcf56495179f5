package decision

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// lifted asks the owners of models where a proposal takes from an incident what
// suspends a model: an incident is anybody's to edit, and whether a model stands
// again is theirs to say.
func (b *base) lifted(f *Facts) ([]approval.Requirement, error) {
	if f.Base.Config.Bootstrap {
		return nil, nil // nobody owns models yet
	}
	var models, incidents []string
	for i := range f.Changes {
		c := &f.Changes[i]
		was, ok := causing(c.Before)
		if c.Kind.Name != "incident" || !ok {
			continue
		}
		model, approved, err := b.suspendedBy(was, f.Now)
		if err != nil {
			return nil, err
		}
		is, ok := causing(c.After)
		if model == "" || ok && is.Change == was.Change && is.since(approved) {
			continue
		}
		models, incidents = append(models, model), append(incidents, c.ID)
	}
	if len(models) == 0 {
		return nil, nil
	}
	slices.Sort(models)
	owners := f.Base.Config.Owners["models"]
	return []approval.Requirement{{ID: "owners-models", From: owners, Count: 1, Msg: fmt.Sprintf("%s suspends model %s no longer, which %s owns (owners.models in gitsm.yaml)",
		strings.Join(incidents, ", "), strings.Join(slices.Compact(models), ", "), strings.Join(owners, ", "))}}, nil
}

// suspendedBy is the model that something which went wrong suspends, "" where it
// suspends none, and when that model was approved.
func (b *base) suspendedBy(what Failure, now time.Time) (model string, approved time.Time, err error) {
	past, err := b.past.get()
	if err != nil {
		return "", approved, err
	}
	id := past.model(what.Change)
	if id == "" {
		return "", approved, nil
	}
	m, err := b.store.Get("model", id)
	var broken *store.InvalidError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &broken) {
		return "", approved, nil // nothing can be made from it
	}
	if err != nil {
		return "", approved, err
	}
	if at, ok := m.Time("approved_at"); ok && !now.Before(at) {
		approved = at
	}
	if m.State() != "active" || !what.since(approved) {
		return "", approved, nil
	}
	return id, approved, nil
}

// causing is what an incident says of the change that caused it, if it names one.
func causing(incident *record.Record) (f Failure, ok bool) {
	if incident == nil || incident.Str("caused_by") == "" {
		return f, false
	}
	at, ok := incident.Time("detected_at")
	if !ok {
		at, _ = incident.Time("started_at")
	}
	return Failure{Change: incident.Str("caused_by"), Why: "caused " + incident.ID, At: at}, true
}

// model is the one that a change was made from, "" where none was.
func (p *past) model(change string) string {
	for _, page := range p.pages {
		if id := page.uses.made[change]; id != "" {
			return id
		}
	}
	return ""
}

// since reports whether something went wrong after a model was approved, as far
// as anybody knows; a model that says nothing was never approved.
func (f Failure) since(approved time.Time) bool {
	return approved.IsZero() || f.At.IsZero() || f.At.After(approved)
}
