package validate

import (
	"fmt"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/internal/zone"
)

// zones judges the time zones of a document.
func zones(doc *yamldoc.Doc, id string, path ...string) []finding.Finding {
	name := record.Str(doc.Value(), path...)
	if name == "" {
		return nil
	}
	if _, err := zone.Load(name); err == nil {
		return nil
	}
	pointer := yamldoc.Pointer(path...)
	f := at(doc, id, pointer, "SCH005", fmt.Sprintf("there is no time zone %s", show(name)))
	f.Why = "business hours and windows are read on the clock of the zone"
	f.Fix = "write an IANA name, such as Europe/London or UTC"
	return []finding.Finding{f}
}
