package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/store"
)

// checkKept checks a whole work tree with what the check before remembers of it
// in the git directory. Where that can be neither read nor written, everything
// is read: a check is the same without it. With --config nothing is kept, since
// nothing may be written.
func (env *Env) checkKept(ctx context.Context, s *store.Store, main *mainView) (*check.Report, error) {
	file, next := "", (*os.File)(nil)
	if repo, err := env.repository(ctx); err == nil && env.config == "" {
		dir := filepath.Join(repo.GitDir(), "gitsm", "check")
		if os.MkdirAll(dir, 0o755) == nil {
			file = filepath.Join(dir, "sound")
			next, _ = os.CreateTemp(dir, "next-*")
		}
	}
	if next == nil {
		return env.checkHere(ctx, s, nil, nil, main)
	}
	defer os.Remove(next.Name())
	defer next.Close()
	begun, err := next.Stat() // when the check began, by the clock of the file system
	if err != nil {
		return env.checkHere(ctx, s, nil, nil, main)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		data = nil
	}
	cache := check.ReadCache(data, env.build(), begun.ModTime().Add(env.ahead))
	rep, err := env.checkHere(ctx, s, nil, cache, main)
	if err != nil {
		return nil, err
	}
	if data, changed := cache.Bytes(); changed {
		if _, err := next.Write(data); err == nil && next.Close() == nil {
			// Whoever reads it meanwhile sees the old or the new one.
			_ = os.Rename(next.Name(), file)
		}
	}
	return rep, nil
}

// build identifies this executable beyond its version, which all builds from a
// work tree share.
func (env *Env) build() string {
	path, err := os.Executable()
	if err != nil {
		return env.Version
	}
	info, err := os.Stat(path)
	if err != nil {
		return env.Version
	}
	return fmt.Sprintf("%s %d %d", env.Version, info.Size(), info.ModTime().UnixNano())
}
