package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"time"

	"github.com/gitsm/gitsm/internal/store"
)

// watchLeast is how long watching rests at least between two looks. It rests
// restFactor times as long as a look takes, so that a large store costs no more
// of a machine than a small one.
const (
	watchLeast = 300 * time.Millisecond
	restFactor = 20
)

// watchTree checks the work tree, and again whenever a file has changed that a
// check reads. It ends when it is interrupted.
func watchTree(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	err := watch(ctx, env, o, list)
	if ctx.Err() != nil { // which is how it is meant to end
		return &Error{Msg: "watching ended", Code: ExitInterrupted}
	}
	return err
}

func watch(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	seen := ""
	for {
		begin := env.Clock()
		now, err := env.look(ctx)
		if err != nil {
			return err
		}
		took := env.Clock().Sub(begin)
		if now != seen {
			if seen != "" {
				env.say("something changed at %s", env.Clock().UTC().Format(time.TimeOnly))
			}
			seen = now
			if err := again(ctx, env, o, list); err != nil {
				return err
			}
		}
		if err := env.Sleep(ctx, max(watchLeast, restFactor*took)); err != nil {
			return err
		}
	}
}

// again checks once. What is wrong with the store is what watching is for, so
// only a wrong command line ends it.
func again(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	err := checkOnce(ctx, env, o, list)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	e := explain(err)
	if e.Code == ExitUsage && !errors.Is(err, store.ErrNoStore) {
		return e
	}
	if !e.Quiet {
		e.print(env.Err)
	}
	return nil
}

// look says how the files lie that a check of the work tree reads: what is equal
// has not changed. A store that cannot be opened is told by its gitsm.yaml.
func (env *Env) look(ctx context.Context) (string, error) {
	h := sha256.New()
	s, err := env.workTree(ctx)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		fmt.Fprintln(h, err)
		return fmt.Sprintf("%x", h.Sum(nil)), nil
	}
	fmt.Fprintf(h, "%q\n", s.Doc.Source)
	files, err := s.Files()
	fmt.Fprintln(h, err)
	for _, p := range files {
		lies(h, s.FS, p)
	}
	_ = fs.WalkDir(s.FS, store.PolicyDir, func(p string, _ fs.DirEntry, err error) error {
		lies(h, s.FS, p)
		return nil
	})
	for _, k := range s.Kinds.All() {
		b, err := s.Schema(k)
		if b != nil {
			fmt.Fprintln(h, b.Key())
		}
		fmt.Fprintln(h, err)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), ctx.Err()
}

// lies writes how a file lies: its name, size, mode and time. One that is gone
// has none of them.
func lies(h hash.Hash, fsys fs.FS, p string) {
	info, err := fs.Lstat(fsys, p)
	if err != nil {
		fmt.Fprintf(h, "%s\n", p)
		return
	}
	fmt.Fprintf(h, "%s %d %v %d\n", p, info.Size(), info.Mode(), info.ModTime().UnixNano())
}
