package store

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// schemaProblem says that a schema file cannot be used, and where: at an offset
// where reading stopped, or at the first mention of a reference.
func schemaProblem(name string, src []byte, e *schema.FileError) *InvalidError {
	off := e.Offset
	if quoted, err := json.Marshal(e.Ref); err == nil && e.Ref != "" {
		off = bytes.Index(src, quoted)
	}
	line, column := lineColumn(src, off)
	return schemaInvalid(name, src, line, column, e.Err.Error())
}

// SchemaInvalid says that the value at a JSON pointer of a schema file is none
// that a schema may have.
func (s *Store) SchemaInvalid(file string, src []byte, pointer, msg string) *InvalidError {
	name := s.ruleName(file)
	line, column := 1, 1
	if doc, _ := yamldoc.Parse(name, src); doc != nil {
		line, column = doc.Position(pointer)
	}
	return schemaInvalid(name, src, line, column, msg)
}

func schemaInvalid(name string, src []byte, line, column int, msg string) *InvalidError {
	c, _ := finding.Lookup("STO008")
	f := finding.Finding{Code: c.ID, Severity: c.Severity, File: name, Line: line, Column: column, Message: msg, Why: c.Explain, Fix: c.Fix}
	if lines := strings.Split(string(src), "\n"); line <= len(lines) {
		f.Frame = strings.TrimSuffix(lines[line-1], "\r")
	}
	return &InvalidError{What: name, Findings: []finding.Finding{f}}
}

// lineColumn turns an offset into line and column, 1 and 1 where there is none.
func lineColumn(src []byte, off int) (line, column int) {
	if off < 0 || off > len(src) {
		return 1, 1
	}
	before := src[:off]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}
