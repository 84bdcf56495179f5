// Package finding owns the shape of a broken rule: where, which code, why it
// matters and how to mend it, and the table of the codes gitsm itself emits.
//
// It is a leaf: it imports the standard library alone. It never reads a file,
// evaluates a rule or renders a finding; a rule that could not be looked at is
// an error and never becomes a Finding.
package finding

import (
	"cmp"
	"slices"
)

// Severity says whether a finding blocks.
type Severity string

// The two severities. Anything that must not land is an error.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one broken rule. Lines and columns start at 1 and columns count
// code points; zero means the finding has no place of its own.
type Finding struct {
	Code      string   `json:"code"`
	Severity  Severity `json:"severity"`
	File      string   `json:"file"` // slash-separated, relative to the repository
	Line      int      `json:"line"`
	Column    int      `json:"column"`
	EndLine   int      `json:"end_line"`
	EndColumn int      `json:"end_column"` // one past the last code point
	Message   string   `json:"message"`    // lower case, no final period
	Why       string   `json:"why"`
	Fix       string   `json:"fix"`
	Record    string   `json:"record"` // id of the record, where there is one
	Rule      string   `json:"rule"`   // policy rule that fired, where one did
	// Waiver is the id of the waiver that covers the finding, "" where it counts.
	Waiver string `json:"waiver,omitempty"`

	// Frame is the text of line Line, for the code frame of the text format.
	Frame string `json:"-"`
	// Mend is the edit that settles the finding, where it leaves no choice.
	Mend Mend `json:"-"`
}

// Mend sets one text of the file that a finding is about. The zero Mend says
// that people have to decide.
type Mend struct {
	Pointer string // JSON pointer of the value
	Was     string // what it was, "" where the key is missing
	Value   string // what it has to be
}

// Sort orders findings by place, then code, then message, so that the same
// tree always prints the same bytes.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Count returns how many errors and warnings fs holds.
func Count(fs []Finding) (errors, warnings int) {
	for _, f := range fs {
		if f.Severity == Warning {
			warnings++
			continue
		}
		errors++ // an unknown severity counts as an error, never as nothing
	}
	return errors, warnings
}

// Worst returns Error if fs holds one, else Warning if fs holds anything, else
// "".
func Worst(fs []Finding) Severity {
	errors, warnings := Count(fs)
	switch {
	case errors > 0:
		return Error
	case warnings > 0:
		return Warning
	}
	return ""
}
