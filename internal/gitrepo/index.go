package gitrepo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// IndexTree returns the tree that a commit would have now: what is staged. A
// hook's own index is the one that is meant. The index itself is copied and
// never touched; git refuses one with conflicts.
func (r *Repo) IndexTree(ctx context.Context) (git.OID, error) {
	name := r.index
	if name == "" {
		name = filepath.Join(r.gitDir, "index")
	}
	dir, err := os.MkdirTemp("", "gitsm-index-")
	if err != nil {
		return "", fmt.Errorf("copying the index: %w", err)
	}
	defer os.RemoveAll(dir)
	mine := filepath.Join(dir, "index")
	if err := copyFile(name, mine); err != nil && !os.IsNotExist(err) { // without one, nothing is staged
		return "", fmt.Errorf("copying the index: %w", err)
	}
	c := r.git("write-tree")
	c.env = append(without(c.env), "GIT_INDEX_FILE="+mine)
	out, err := c.run(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the index: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
