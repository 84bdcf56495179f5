package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// workFiles writes files of the work tree, and cannot leave it.
type workFiles struct{ root *os.Root }

// files opens the work tree, for writing unless this is a rehearsal.
func (env *Env) files(rehearsal bool) (*workFiles, error) {
	if err := env.readOnly(); err != nil && !rehearsal {
		return nil, err
	}
	top := env.workDir()
	if env.repo != nil {
		top = env.repo.Root()
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", top, err)
	}
	return &workFiles{root}, nil
}

func (w *workFiles) Close() error { return w.root.Close() }

// Replace writes a file that has to be as it was read: whole or not at all, with
// the same mode.
func (w *workFiles) Replace(name string, before, after []byte) error {
	info, err := w.root.Lstat(name)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("writing %s: it is no ordinary file", name)
	}
	temp := path.Join(path.Dir(name), "."+path.Base(name)+".gitsm")
	if err := w.write(temp, after, info.Mode().Perm()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	now, err := w.root.ReadFile(name)
	if err == nil && !bytes.Equal(now, before) {
		err = errors.New("somebody else changed it meanwhile; nothing was lost, try again")
	}
	if err == nil {
		err = w.root.Rename(temp, name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, errors.Join(err, w.root.Remove(temp)))
	}
	return nil
}

// Create writes a file that must not exist yet, and the directories above it.
func (w *workFiles) Create(name string, content []byte) error {
	err := w.root.MkdirAll(path.Dir(name), 0o755)
	if err == nil {
		err = w.open(name, os.O_EXCL, content, 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// write makes a file; one that a run before this left behind is overwritten.
func (w *workFiles) write(name string, content []byte, mode fs.FileMode) error {
	return w.open(name, os.O_TRUNC, content, mode)
}

func (w *workFiles) open(name string, how int, content []byte, mode fs.FileMode) error {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err != nil {
		err = errors.Join(err, w.root.Remove(name))
	}
	return err
}
