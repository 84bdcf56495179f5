package validate

import (
	"fmt"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// windowShape finds what only a calendar knows to be wrong with a window. zone
// is that of its store.
func windowShape(rec *record.Record, zone string) []finding.Finding {
	if rec.Kind.Name != "window" || !builtin(rec.Kind) {
		return nil
	}
	var out []finding.Finding
	_, problems := calendar.Read(rec, zone)
	for _, p := range problems {
		if !p.Known {
			out = append(out, of(rec, yamldoc.Pointer(p.Path...), "CAL001", p.Message))
		}
	}
	return out
}

// windowCompany judges a window beside the others of a snapshot: exceptions
// from nothing, and maintenance that a freeze forbids. The result for one
// window rests on all windows and on the tiers of services.
func windowCompany(s *store.Store, rec *record.Record) ([]finding.Finding, error) {
	if rec.Kind.Name != "window" || !builtin(rec.Kind) || rec.Terminal() {
		return nil, nil
	}
	w, _ := calendar.Read(rec, s.Config.Timezone)
	if w == nil {
		return nil, nil // windowShape says why
	}
	idle, err := w.Idle()
	if err != nil {
		return nil, err
	}
	var out []finding.Finding
	for _, x := range idle {
		out = append(out, of(rec, "/exdates", "CAL002", fmt.Sprintf("nothing starts at %s, so there is nothing to leave out", x.Format(time.RFC3339))))
	}
	all, _, err := calendar.WindowsOf(s)
	if err != nil {
		return nil, err
	}
	services, err := calendar.ServicesOf(s)
	if err != nil {
		return nil, err
	}
	found, err := calendar.Contradictions(w, all, services)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		other := c.Freeze
		if other.ID == w.ID {
			other = c.Maintenance
		}
		f := of(rec, "/type", "CAL003", fmt.Sprintf("%s %s and %s %s are for the same at one time, first from %s to %s", w.Type, w.ID, strings.TrimSpace(other.Strength+" "+other.Type), other.ID,
			c.Over.Start.Format(time.RFC3339), c.Over.End.Format(time.RFC3339)))
		out = append(out, f)
	}
	return out, nil
}
