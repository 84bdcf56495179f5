package engine

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestClocks: functions of time read zones from the database that decisions are
// computed with, whatever the machine has.
func TestClocks(t *testing.T) {
	t.Setenv("ZONEINFO", os.DevNull)
	tests := []struct{ expression, want string }{
		{`time.clock([1806195600000000000, "Europe/London"])`, "[2, 0, 0]"}, // 28 March 2027, 01:00 UTC: clocks skip an hour
		{`time.clock([1806195599000000000, "Europe/London"])`, "[0, 59, 59]"},
		{`time.clock(1806195600000000000)`, "[1, 0, 0]"},
		{`time.clock([1806195600000000000, "UTC"])`, "[1, 0, 0]"},
		{`time.date([1806195600000000000, "Pacific/Auckland"])`, "[2027, 3, 28]"},
		{`time.weekday([1806202800000000000, "America/New_York"])`, "Saturday"},
		{`time.format([1806195600000000000, "Australia/Lord_Howe", "RFC3339"])`, "2027-03-28T12:00:00+11:00"},
		{`time.format([1806195600000000000, "Europe/London"])`, "2027-03-28T02:00:00+01:00"},
		{`time.diff([1806195600000000000, "Europe/London"], [1806192000000000000, "Europe/London"])`, "[0, 0, 0, 2, 0, 0]"},
	}
	for _, tt := range tests {
		t.Run(tt.expression, func(t *testing.T) {
			p, err := Compile(context.Background(), source(t, one(change("", meta("CHG002")+`warn contains sprintf("%v", [`+tt.expression+`])`))))
			if err != nil {
				t.Fatal(err)
			}
			res, err := p.Eval(context.Background(), "change", input(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range res.Warn {
				got = append(got, m.Msg)
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, name := range []string{"Local", "Mars/Olympus", "../etc/passwd"} {
		p, err := Compile(context.Background(), source(t, one(change(`time.clock([1806195600000000000, "`+name+`"])[0] > 0`))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Eval(context.Background(), "change", input(), nil); err == nil || !strings.Contains(err.Error(), "there is no time zone") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
