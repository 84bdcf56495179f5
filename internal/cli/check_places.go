package cli

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// split tells paths from ids: what exists, or looks like a file, is a path. The
// branch of a proposal stands for its id.
func split(env *Env, list []string) (paths, ids []string) {
	for _, a := range list {
		p := a
		if !filepath.IsAbs(p) {
			p = filepath.Join(env.workDir(), p)
		}
		if _, err := os.Lstat(p); err == nil || strings.ContainsAny(a, `/\.`) && !strings.HasPrefix(a, "gitsm/") {
			paths = append(paths, p)
			continue
		}
		ids = append(ids, a)
	}
	return paths, ids
}

// inStore turns paths into paths of the repository.
func (env *Env) inStore(ctx context.Context, paths []string) ([]string, error) {
	var out []string
	top := env.workDir()
	if repo, err := env.repository(ctx); err == nil {
		top = repo.Root()
	}
	if real, err := filepath.EvalSymlinks(top); err == nil {
		top = real
	}
	for _, p := range paths {
		dir, base := filepath.Split(p)
		if real, err := filepath.EvalSymlinks(filepath.Clean(dir)); err == nil {
			p = filepath.Join(real, base) // the file itself may be a link, which check refuses
		}
		rel, err := filepath.Rel(top, p)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil, usage("%s is outside the repository", p)
		}
		out = append(out, path.Clean(filepath.ToSlash(rel)))
	}
	return out, nil
}
