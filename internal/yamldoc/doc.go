// Package yamldoc owns the reading and the editing of one YAML file: a strict
// parse that knows where everything stands, edits that splice bytes and prove
// themselves, and the form in which new records are written.
//
// The subset it reads is the one in which a file has exactly one meaning, for
// people and for every program: a single document whose top level is a
// mapping with string keys, JSON's numbers, no aliases, anchors, merge keys or
// tags, nothing invisible. JSON is part of it.
//
// It may import gopkg.in/yaml.v3 (and is the only package that does) and
// finding. It never knows which keys a record has: unknown keys, types and
// required fields are the schema's business. It never reads a file and never
// writes an existing one through yaml.v3's encoder, which drops blank lines and
// re-indents.
package yamldoc

import (
	"sync"

	"gopkg.in/yaml.v3"
)

// The limits of a file. Both are far above what a record needs and low enough
// that a hostile file costs nothing.
const (
	MaxBytes = 256 << 10 // size of a file, byte order mark included
	MaxDepth = 32        // mappings and lists inside each other, the top level included
)

// Doc is a parsed file. It is safe for concurrent use as long as nobody writes
// to its fields, and must not be copied.
type Doc struct {
	Name   string     // as given to Parse, for messages
	Source []byte     // exactly the bytes that were parsed
	Root   *yaml.Node // the mapping at the top level

	text   *text
	masked bool   // text differs from Source where characters were refused
	tail   string // of Source, behind the YAML: the rest of a Markdown file, "" for a file of YAML

	once   sync.Once // guards layout
	layout *layout
}

// Line returns line n of the source, from 1, without its line break.
func (d *Doc) Line(n int) string { return d.text.line(n) }

// places returns where everything stands in the source. It is made when first
// asked for: most files are read for their values alone.
func (d *Doc) places() *layout {
	d.once.Do(func() { d.layout = newLayout(d.text, d.Root) })
	return d.layout
}
