package validate

import (
	"testing"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

func TestZones(t *testing.T) {
	for zone, bad := range map[string]bool{"": false, "UTC": false, "Europe/London": false, "America/New_York": false, "Local": true, "Middle/Earth": true, "../etc/passwd": true} {
		doc, findings := yamldoc.Parse("gitsm.yaml", []byte("kind: config\ntimezone: \""+zone+"\"\n"))
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		got := zones(doc, "", "timezone")
		if (len(got) == 1) != bad {
			t.Errorf("%q: got %v", zone, got)
		}
		if bad && (got[0].Line != 2 || got[0].Code != "SCH005") {
			t.Errorf("%q: got %v, want SCH005 on line 2", zone, got[0])
		}
	}
}
