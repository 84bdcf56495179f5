package store

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
)

// Lookalikes finds what stands at the top of the store under a name that the
// store reads, but for letter case: on one machine it would be read, on
// another nothing in it would.
func (s *Store) Lookalikes() ([]finding.Finding, error) {
	entries, err := fs.ReadDir(s.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("listing the store: %w", err)
	}
	var out []finding.Finding
	for _, e := range entries {
		out = append(out, s.Lookalike(e.Name())...)
	}
	return out, nil
}

// Lookalike says so of the path of a file in the store.
func (s *Store) Lookalike(rel string) []finding.Finding {
	top, _, _ := strings.Cut(rel, "/")
	names := []string{ConfigFile, PolicyDir}
	for _, k := range s.Kinds.All() {
		dir, _, _ := strings.Cut(k.Dir(), "/")
		names = append(names, dir)
	}
	i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, top) })
	if i < 0 || slices.Contains(names, top) {
		return nil
	}
	f := s.misplaced("STO006", rel, fmt.Sprintf("%s differs from %s in letter case alone", s.Display(top), s.Display(names[i])))
	f.Fix = "git mv " + s.Display(top) + " " + s.Display(names[i])
	return []finding.Finding{f}
}
