package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// FileChange is one path that differs between two trees. A mode and a blob are
// "" on the side where the path is absent. Renames are a removal and an addition.
type FileChange struct {
	Path             string
	OldMode, NewMode string // such as "100644"
	OldBlob, NewBlob OID
}

// Diff returns the paths that differ between the trees of two commits, sorted
// by path. An empty a stands for the empty tree.
func (r *Repo) Diff(ctx context.Context, a, b OID) ([]FileChange, error) {
	if a == "" {
		a = r.format.emptyTree
	}
	for _, id := range []OID{a, b} {
		if err := r.format.check("commit", id); err != nil {
			return nil, fmt.Errorf("comparing commits: %w", err)
		}
	}
	out, err := r.git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", a, b, "--").run(ctx)
	if err != nil {
		return nil, fmt.Errorf("comparing commits %s and %s: %w", shown(a), shown(b), err)
	}
	var changes []FileChange
	tokens := strings.Split(string(out), "\x00")
	for len(tokens) > 1 {
		c, err := r.format.parseRaw(tokens[0], tokens[1])
		if err != nil {
			return nil, fmt.Errorf("comparing commits: %w", err)
		}
		changes = append(changes, c)
		tokens = tokens[2:]
	}
	return changes, nil
}

// parseRaw reads ":100644 100644 <id> <id> M" and the path that goes with it.
func (f *format) parseRaw(line, path string) (FileChange, error) {
	fields := strings.Fields(strings.TrimPrefix(line, ":"))
	if !strings.HasPrefix(line, ":") || len(fields) != 5 || path == "" {
		return FileChange{}, fmt.Errorf("git printed %q for a changed path", line)
	}
	if !f.valid(fields[2]) || !f.valid(fields[3]) {
		return FileChange{}, errors.New("git printed an abbreviated id for a changed path")
	}
	c := FileChange{Path: path, OldBlob: f.present(fields[2]), NewBlob: f.present(fields[3])}
	if c.OldBlob != "" {
		c.OldMode = fields[0]
	}
	if c.NewBlob != "" {
		c.NewMode = fields[1]
	}
	return c, nil
}
