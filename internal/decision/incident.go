package decision

import (
	"errors"
	"io/fs"
	"time"

	"github.com/gitsm/gitsm/internal/store"
)

// cited adds input.incident: the incident that a change names, as main has it.
// One that main does not have, or that cannot be read, is missing.
func (b *base) cited(in map[string]any, c Change) error {
	id := c.After.Str("incident")
	if id == "" || c.Kind.Name != "change" {
		return nil
	}
	rec, err := b.store.Get("incident", id)
	var broken *store.InvalidError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &broken) {
		return nil
	}
	if err != nil {
		return err
	}
	incident := map[string]any{"id": rec.ID, "title": rec.Title(), "state": rec.State(),
		"services": anys(rec.Strs("services")), "assets": anys(rec.Strs("assets"))}
	if at, ok := rec.Time("resolved_at"); ok {
		incident["resolved_at"] = at.UTC().Format(time.RFC3339)
	}
	in["incident"] = incident
	return nil
}
