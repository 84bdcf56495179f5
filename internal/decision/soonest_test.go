package decision

import (
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/record"
)

// TestSoonest: what `reschedule --next` may offer first.
func TestSoonest(t *testing.T) {
	for name, tt := range map[string]struct {
		id, now, want string
		notice        int
	}{
		"never this moment":    {"CHG-20261101-000000", "2026-11-20T09:00:00Z", "2026-11-20T09:15:00Z", 1},
		"rounded up":           {"CHG-20261101-000000", "2026-11-20T09:01:30Z", "2026-11-20T09:15:00Z", 1},
		"filed today":          {"CHG-20261120-000000", "2026-11-20T09:00:00Z", "2026-11-21T00:00:00Z", 1},
		"policy asks for more": {"CHG-20261120-000000", "2026-11-20T09:00:00Z", "2026-11-25T00:00:00Z", 5},
		"policy asks nothing":  {"CHG-20261120-000000", "2026-11-20T09:00:00Z", "2026-11-20T09:15:00Z", 0},
		"an id without a day":  {"upgrade", "2026-11-20T09:00:00Z", "2026-11-20T09:15:00Z", 1},
	} {
		t.Run(name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			p := &Plan{notice: tt.notice}
			if got := p.Soonest(&record.Record{ID: tt.id}, now).Format(time.RFC3339); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
