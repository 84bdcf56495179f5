package period_test

import (
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/period"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestClock(t *testing.T) {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	tests := []struct {
		name          string
		tell          func(c *period.Clock)
		after, before time.Duration // from noon; 0 is no bound
		lost          bool
	}{
		{name: "nothing", tell: func(*period.Clock) {}},
		{name: "the nearest on each side", after: -time.Minute, before: time.Minute, tell: func(c *period.Clock) {
			for _, d := range []time.Duration{time.Hour, time.Minute, 2 * time.Minute, -time.Hour, -time.Minute, -2 * time.Minute} {
				c.Meet(at(d))
			}
		}},
		{name: "this very moment", lost: true, tell: func(c *period.Clock) { c.Meet(noon) }},
		{name: "seconds", after: -9 * time.Second, before: 10 * time.Second, tell: func(c *period.Clock) {
			c.MeetSecond(at(10 * time.Second))
			c.MeetSecond(at(-10 * time.Second))
		}},
		{name: "a second that is not over", lost: true, tell: func(c *period.Clock) { c.MeetSecond(at(-time.Millisecond)) }},
		{name: "lost", lost: true, tell: func(c *period.Clock) { c.Lose() }},
		{name: "joined", after: -time.Minute, before: time.Minute, tell: func(c *period.Clock) {
			o := period.At(noon)
			o.Meet(at(time.Minute))
			o.Meet(at(-time.Minute))
			c.Join(o)
		}},
		{name: "joined with one that is lost", lost: true, tell: func(c *period.Clock) {
			o := period.At(noon)
			o.Lose()
			c.Join(o)
		}},
		{name: "joined with another moment", lost: true, tell: func(c *period.Clock) { c.Join(period.At(at(time.Second))) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := period.At(noon)
			tt.tell(c)
			s, ok := c.Span()
			if ok == tt.lost {
				t.Fatalf("it has a period: %v", ok)
			}
			if tt.lost {
				return
			}
			for _, bound := range []struct {
				got  time.Time
				want time.Duration
			}{{s.After, tt.after}, {s.Before, tt.before}} {
				if bound.want == 0 && !bound.got.IsZero() || bound.want != 0 && !bound.got.Equal(at(bound.want)) {
					t.Errorf("it holds after %v and before %v", s.After, s.Before)
				}
				if bound.want != 0 && s.Holds(bound.got) {
					t.Errorf("it holds at its end %v", bound.got)
				}
			}
			if !s.Holds(noon) {
				t.Error("it does not hold at noon")
			}
		})
	}
}

// TestNobody: a clock that nobody asks can be told everything, and says nothing.
func TestNobody(t *testing.T) {
	var c *period.Clock
	c.Meet(noon)
	c.MeetSecond(noon)
	c.Join(period.At(noon))
	c.Lose()
	if _, ok := c.Span(); ok {
		t.Error("it has a period")
	}
}
