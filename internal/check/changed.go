package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
)

// ChangedLines returns the lines, from 1, that head has and base has not, of
// the files that findings are in. A file that base lacks has all its lines.
func ChangedLines(base, head *store.Store, fs []finding.Finding) (map[string]map[int]bool, error) {
	out := map[string]map[int]bool{}
	for _, f := range fs {
		if out[f.File] != nil {
			continue
		}
		before, err := read(base, f.File)
		if err != nil {
			return nil, err
		}
		after, err := read(head, f.File)
		if err != nil {
			return nil, err
		}
		out[f.File] = added(before, after)
	}
	return out, nil
}

// read returns a file of a store, empty where it is none that can be read.
func read(s *store.Store, name string) ([]byte, error) {
	rel, ok := s.Relative(name)
	if !ok || !fs.ValidPath(rel) {
		return nil, nil
	}
	if info, err := fs.Lstat(s.FS, rel); err != nil || !info.Mode().IsRegular() {
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	text, err := fs.ReadFile(s.FS, rel)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return text, nil
}

// added are the lines that a unified diff adds.
func added(before, after []byte) map[int]bool {
	lines := map[int]bool{}
	at := 0
	for line := range bytes.Lines(diff.Diff("a", before, "b", after)) {
		var skip, from int
		switch {
		case line[0] == '@':
			if _, err := fmt.Sscanf(string(line), "@@ -%d,%d +%d", &skip, &skip, &from); err == nil {
				at = from
			}
		case at == 0 || line[0] == '-' || line[0] == '\\': // the head of the diff, and what is no line of after
		default:
			if line[0] == '+' {
				lines[at] = true
			}
			at++
		}
	}
	return lines
}
