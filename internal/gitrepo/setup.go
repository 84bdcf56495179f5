package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Setup looks at how the repository is kept.
func (r *Repo) Setup(ctx context.Context) (*git.Setup, error) {
	values, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	s := &git.Setup{Version: r.version, ObjectFormat: r.format.name, RefStorage: "files", Linked: r.gitDir != r.commonDir}
	for key, v := range values {
		switch name, isRemote := strings.CutPrefix(key, "remote."); {
		case key == "extensions.refstorage":
			s.RefStorage = strings.ToLower(v)
		case key == "core.sparsecheckout":
			s.Sparse = isTrue(v)
		case key == "extensions.partialclone":
			s.Partial = true
		case isRemote && strings.HasSuffix(name, ".promisor"):
			s.Partial = s.Partial || isTrue(v)
		case isRemote && strings.HasSuffix(name, ".url"):
			s.Remotes = append(s.Remotes, strings.TrimSuffix(name, ".url"))
		}
	}
	slices.Sort(s.Remotes)
	if s.Replaced, err = r.replaced(ctx); err != nil {
		return nil, err
	}
	s.Hooks, err = r.commitHooks(ctx)
	return s, err
}

// isTrue reads a boolean as git does.
func isTrue(v string) bool {
	switch strings.ToLower(v) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// replaced reports whether git's log shows another history than the objects
// are, which everything here ignores.
func (r *Repo) replaced(ctx context.Context) (bool, error) {
	refs, err := r.Refs(ctx, "refs/replace/")
	if err != nil || len(refs) > 0 {
		return len(refs) > 0, err
	}
	info, err := os.Stat(filepath.Join(r.commonDir, "info", "grafts"))
	return err == nil && info.Size() > 0, nil
}

// aroundCommits are the hooks that git runs when somebody commits or merges.
var aroundCommits = []string{"commit-msg", "post-commit", "post-merge", "pre-commit", "pre-merge-commit", "prepare-commit-msg"}

// commitHooks lists those that are installed, sorted.
func (r *Repo) commitHooks(ctx context.Context) ([]string, error) {
	out, err := r.git("rev-parse", "--path-format=absolute", "--git-path", "hooks").run(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for hooks: %w", err)
	}
	dir := filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	var found []string
	for _, name := range aroundCommits {
		info, err := os.Stat(filepath.Join(dir, name))
		if err == nil && info.Mode().IsRegular() && (info.Mode()&0o111 != 0 || runtime.GOOS == "windows") {
			found = append(found, name)
		}
	}
	return found, nil
}

// FreeLineEnds returns which of these paths could be checked out with other
// line ends than they were committed with: those whose attributes fix none. The
// files need not exist.
func (r *Repo) FreeLineEnds(ctx context.Context, paths ...string) ([]string, error) {
	out, err := r.git(append([]string{"check-attr", "-z", "text", "eol", "--"}, paths...)...).run(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading git's attributes: %w", err)
	}
	fixed := map[string]bool{}
	fields := strings.Split(string(out), "\x00")
	for i := 0; i+2 < len(fields); i += 3 {
		path, attr, value := fields[i], fields[i+1], fields[i+2]
		if attr == "eol" && value == "lf" || attr == "text" && value == "unset" {
			fixed[path] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return fixed[p] }), nil
}
