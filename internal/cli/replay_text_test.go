package cli

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/replay"
)

// TestReplayOfFailure: what a person reads of a change that went wrong is whole in
// a file and in a comment as well.
func TestReplayOfFailure(t *testing.T) {
	r := &replay.Report{
		Failure: []replay.Failure{{Record: "CHG-1", Title: "Upgrade", Verdict: "missed", Incidents: []string{"INC-1"}}},
		Capture: []replay.Capture{{Percent: 5, Changes: 1}},
	}
	r.Summary.Failures = 1
	for name, tt := range map[string]struct {
		write func(*strings.Builder) error
		want  []string
	}{
		"text":     {func(b *strings.Builder) error { return writeReplay(b, r, render.Style{}) }, []string{"Upgrade (caused INC-1)", "RISKIEST  CHANGES"}},
		"markdown": {func(b *strings.Builder) error { return writeReplayMarkdown(b, r) }, []string{`Upgrade \(caused INC\-1\) |`}},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is not in\n%s", want, b.String())
				}
			}
		})
	}
}
