package validate

import (
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// mend is the edit of a value that has to be another; none where there is no
// other.
func mend(path []string, was, value string) finding.Mend {
	if value == "" {
		return finding.Mend{}
	}
	return finding.Mend{Pointer: yamldoc.Pointer(path...), Was: was, Value: value}
}

// sameLetters returns the one word that differs from text in letter case alone,
// or "".
func sameLetters(text string, words []string) string {
	found := ""
	for _, w := range words {
		switch {
		case !strings.EqualFold(w, text):
		case found != "":
			return ""
		default:
			found = w
		}
	}
	return found
}

// almostMoment is a moment as people write it: perhaps with a space for the T,
// without seconds, or with a space before the offset.
var almostMoment = lazyregexp.New(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?([Zz]|[+-]\d\d:\d\d)$`)

// wholeMoment returns the moment that text can only mean, or "". Without an
// offset it may mean several.
func wholeMoment(text string) string {
	m := almostMoment.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	if m[3] == "" {
		m[3] = ":00"
	}
	whole := m[1] + "T" + m[2] + m[3] + strings.ToUpper(m[4])
	if _, err := time.Parse(time.RFC3339, whole); err != nil {
		return ""
	}
	return whole
}

// byID is the edit of a reference that has to name its record by id.
func byID(sub subject, rv record.RefValue, id string) finding.Mend {
	var fields any
	if sub.rec != nil {
		fields = sub.rec.Fields
	} else {
		fields = sub.doc.Value()
	}
	text, ok := valueAt(fields, pathOf(rv.Pointer)).(string)
	before, named := strings.CutSuffix(text, rv.ID)
	if !ok || !named {
		return finding.Mend{}
	}
	return mend(pathOf(rv.Pointer), text, before+id)
}
