package calendar

import (
	"encoding/json"
	"fmt"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Broken is a window that cannot be what its record says.
type Broken struct {
	Record   *record.Record
	Problems []Problem
}

// WindowsOf reads the windows of a snapshot. What is broken is returned apart:
// nobody can say whether a change lies in it.
func WindowsOf(s *store.Store) ([]*Window, []Broken, error) {
	recs, err := s.List("window")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the windows: %w", err)
	}
	var out []*Window
	var broken []Broken
	for _, r := range recs {
		w, problems := Read(r, s.Config.Timezone)
		if w == nil {
			broken = append(broken, Broken{r, problems})
			continue
		}
		out = append(out, w)
	}
	return out, broken, nil
}

// ServicesOf reads what the calendar needs to know of a snapshot's services.
func ServicesOf(s *store.Store) (map[string]Service, error) {
	recs, err := s.List("service")
	if err != nil {
		return nil, fmt.Errorf("reading the services: %w", err)
	}
	out := map[string]Service{}
	for _, r := range recs {
		svc := Service{Tier: -1, Owner: r.Str("owner"), Environments: r.Strs("environments")}
		if n, ok := r.Fields["tier"].(json.Number); ok {
			svc.Tier = integer(n)
		}
		out[r.ID] = svc
	}
	return out, nil
}
