package yamldoc

import (
	"bytes"
	"slices"
)

// Differing takes out of two files of the plainest form the entries of the top
// level that both spell alike, and returns what is left: the values that differ
// are in there, and perhaps some that are but written differently. It is false
// where a file is not of that form.
func (g *Glance) Differing(before, after []byte) (a, b []byte, ok bool) {
	if !g.Look(before) || !g.Look(after) {
		return nil, nil, false
	}
	old, now := chunks(before), chunks(after)
	in := func(list [][]byte) func([]byte) bool {
		return func(c []byte) bool {
			return slices.ContainsFunc(list, func(x []byte) bool { return bytes.Equal(x, c) })
		}
	}
	a = bytes.Join(slices.DeleteFunc(slices.Clone(old), in(now)), nil)
	b = bytes.Join(slices.DeleteFunc(slices.Clone(now), in(old)), nil)
	return a, b, true
}

// chunks cuts a plain file before every key of its top level, and leaves out the
// remarks before the first.
func chunks(src []byte) [][]byte {
	var out [][]byte
	from := len(src)
	for at := 0; at < len(src); {
		if isWord(src[at]) && src[at] != '-' {
			if from < at {
				out = append(out, src[from:at])
			}
			from = at
		}
		at += bytes.IndexByte(src[at:], '\n') + 1
	}
	return append(out, src[from:])
}
