package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Diff returns the paths that differ between the trees of two commits, sorted
// by path. An empty a stands for the empty tree.
func (r *Repo) Diff(ctx context.Context, a, b git.OID) ([]git.FileChange, error) {
	if a == "" {
		a = r.format.emptyTree
	}
	for _, id := range []git.OID{a, b} {
		if err := r.format.check("commit", id); err != nil {
			return nil, fmt.Errorf("comparing commits: %w", err)
		}
	}
	out, err := r.git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", a, b, "--").run(ctx)
	if err != nil {
		return nil, fmt.Errorf("comparing commits %s and %s: %w", shown(a), shown(b), err)
	}
	var changes []git.FileChange
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
func (f *format) parseRaw(line, path string) (git.FileChange, error) {
	fields := strings.Fields(strings.TrimPrefix(line, ":"))
	if !strings.HasPrefix(line, ":") || len(fields) != 5 || path == "" {
		return git.FileChange{}, fmt.Errorf("git printed %q for a changed path", line)
	}
	if !f.valid(fields[2]) || !f.valid(fields[3]) {
		return git.FileChange{}, errors.New("git printed an abbreviated id for a changed path")
	}
	c := git.FileChange{Path: path, OldBlob: f.present(fields[2]), NewBlob: f.present(fields[3])}
	if c.OldBlob != "" {
		c.OldMode = fields[0]
	}
	if c.NewBlob != "" {
		c.NewMode = fields[1]
	}
	return c, nil
}
