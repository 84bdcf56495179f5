package render

import (
	"io"
	"strings"
)

// NDJSON renders the report as one object on each line: the findings, a
// {"waived": …} for each that is waived, and last of all {"summary": …}, which
// tells a report without findings from none.
func (r Report) NDJSON(w io.Writer) error {
	var b strings.Builder
	line := func(v any) error {
		data, err := compact(v)
		b.Write(append(data, '\n'))
		return err
	}
	for _, f := range r.Findings {
		if err := line(f); err != nil {
			return err
		}
	}
	for _, f := range r.Waived {
		if err := line(object{{"waived", f}}); err != nil {
			return err
		}
	}
	if err := line(object{{"summary", r.Summary}}); err != nil {
		return err
	}
	return write(w, b.String())
}
