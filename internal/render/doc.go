// Package render owns how results look: one renderer per format, values in,
// bytes out. JSON is the interchange; every other format shows the same values.
//
// It may import finding, zone, the standard library, and the libraries that draw
// tables and run jq expressions. It never imports git, OPA, cobra or a forge,
// never decides anything, and reads neither clock nor environment; whether
// there is a terminal, how wide it is and whether it has colours is told by
// the caller in a Style.
//
// Text in a result is somebody else's: each format passes it through the
// escaper of its kind in escape.go. A new format does the same.
package render

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The formats that a result can be asked for.
const (
	FormatText     = "text"
	FormatJSON     = "json"
	FormatNDJSON   = "ndjson"
	FormatYAML     = "yaml"
	FormatCSV      = "csv"
	FormatXLSX     = "xlsx"
	FormatHTML     = "html"
	FormatMarkdown = "markdown"
	FormatGitHub   = "github"
	FormatSARIF    = "sarif"
	FormatJUnit    = "junit"
	FormatGitLab   = "gitlab"
)

// ListFormats returns the formats of List, in the order of the help text.
func ListFormats() []string {
	return []string{FormatText, FormatJSON, FormatNDJSON, FormatYAML, FormatCSV, FormatMarkdown}
}

// DocumentFormats returns those formats of List that make a document of it, for
// commands whose results are handed to somebody.
func DocumentFormats() []string { return []string{FormatXLSX, FormatHTML} }

// ReportFormats returns the formats of Report, in the order of the help text.
func ReportFormats() []string {
	return []string{FormatText, FormatJSON, FormatNDJSON, FormatGitHub, FormatSARIF, FormatJUnit, FormatGitLab, FormatMarkdown}
}

// FindingFormats returns those of ReportFormats that are about findings alone,
// whatever they were found in.
func FindingFormats() []string {
	return []string{FormatGitHub, FormatSARIF, FormatJUnit, FormatGitLab}
}

// Output is one wanted copy of a result.
type Output struct {
	Format string
	File   string // "" is standard output
}

// ParseOutputs reads the values of a repeatable `-o format[=file]`. Without
// any, the result goes to standard output as text. Two copies may not share a
// destination, since one would overwrite or garble the other.
func ParseOutputs(values, formats []string) ([]Output, error) {
	if len(values) == 0 {
		return []Output{{Format: FormatText}}, nil
	}
	var outs []Output
	for _, v := range values {
		o, err := parseOutput(v, formats)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(outs, func(p Output) bool { return p.File == o.File }) {
			if o.File == "" {
				return nil, errors.New("only one -o may go to standard output: give the others a file, as in -o json=report.json")
			}
			return nil, fmt.Errorf("two -o go to %s: give each its own file", o.File)
		}
		outs = append(outs, o)
	}
	return outs, nil
}

func parseOutput(value string, formats []string) (Output, error) {
	format, file, hasFile := strings.Cut(value, "=")
	if !slices.Contains(formats, format) {
		return Output{}, fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(formats, ", "))
	}
	if hasFile && file == "" {
		return Output{}, fmt.Errorf("-o %s names no file: write -o %s or -o %s=path", value, format, format)
	}
	if file == "-" {
		file = ""
	}
	return Output{Format: format, File: file}, nil
}

// Style is what the destination can show.
type Style struct {
	Color bool // severity is also given as a word
	TTY   bool // a person looks at it: align, name the columns, cut to Width
	Width int  // columns of the terminal; 0 is unknown and nothing is cut
}

// The few colours there are, as the codes of "select graphic rendition".
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "1;33"
)

func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// write writes a finished text at once, so that a failing destination is
// noticed once.
func write(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
