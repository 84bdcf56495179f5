package zone_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/zone"
)

func TestChanges(t *testing.T) {
	tests := []struct {
		zone, from, until string
		want              []string
	}{
		{"UTC", "2026-01-01", "2100-01-01", []string{"never UTC 0s 0s"}},
		{"Asia/Tokyo", "2026-01-01", "2030-01-01", []string{"1951-09-08T15:00:00Z JST 10h0m0s 9h0m0s"}},
		{"Europe/London", "2026-11-20", "2027-11-01", []string{"2026-10-25T01:00:00Z GMT 1h0m0s 0s", "2027-03-28T01:00:00Z BST 0s 1h0m0s summer",
			"2027-10-31T01:00:00Z GMT 1h0m0s 0s"}},
		{"Australia/Lord_Howe", "2026-05-01", "2027-05-01", []string{"2026-04-04T15:00:00Z +1030 11h0m0s 10h30m0s", "2026-10-03T15:30:00Z +11 10h30m0s 11h0m0s summer",
			"2027-04-03T15:00:00Z +1030 11h0m0s 10h30m0s"}},
		// By rule, over the turns of years, of which 2060 has a day more.
		{"America/New_York", "2060-02-01", "2061-12-01", []string{"2059-11-02T06:00:00Z EST -4h0m0s -5h0m0s", "2060-03-14T07:00:00Z EDT -5h0m0s -4h0m0s summer",
			"2060-11-07T06:00:00Z EST -4h0m0s -5h0m0s", "2061-03-13T07:00:00Z EDT -5h0m0s -4h0m0s summer", "2061-11-06T06:00:00Z EST -4h0m0s -5h0m0s"}},
	}
	for _, tt := range tests {
		t.Run(tt.zone, func(t *testing.T) {
			loc, err := zone.Load(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			from, _ := time.Parse(time.DateOnly, tt.from)
			until, _ := time.Parse(time.DateOnly, tt.until)
			var got []string
			for _, c := range zone.Changes(loc, from, until) {
				at := "never"
				if !c.At.IsZero() {
					at = c.At.Format(time.RFC3339)
				}
				s := fmt.Sprintf("%s %s %s %s", at, c.Name, c.Before, c.After)
				if c.Summer {
					s += " summer"
				}
				got = append(got, strings.TrimSpace(s))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
