package gitrepo

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/git"
)

// looseObject is an object that is about to be stored.
type looseObject struct {
	id   git.OID
	kind string
	data []byte
}

// storeLoose stores objects in the given order. An object that is there already
// is written again, which protects it from a prune under way.
func storeLoose(objectDir string, objects ...looseObject) error {
	var buf bytes.Buffer
	z := zlib.NewWriter(&buf)
	for _, o := range objects {
		buf.Reset()
		z.Reset(&buf)
		if err := deflate(z, o); err != nil {
			return fmt.Errorf("storing %s %s: %w", o.kind, o.id, err)
		}
		if err := place(objectDir, o.id, buf.Bytes()); err != nil {
			return fmt.Errorf("storing %s %s: %w", o.kind, o.id, err)
		}
	}
	return nil
}

func deflate(z *zlib.Writer, o looseObject) error {
	if _, err := z.Write(header(o.kind, len(o.data))); err != nil {
		return err
	}
	if _, err := z.Write(o.data); err != nil {
		return err
	}
	return z.Close()
}

// place writes an object's file as git does: under a temporary name beside its
// place, then by rename, so that no reader sees half of it. As with git's own
// defaults nothing is forced to disk.
func place(objectDir string, id git.OID, data []byte) error {
	dir := filepath.Join(objectDir, id[:2])
	tmp, err := createIn(objectDir, dir)
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), readMode(objectDir))
	}
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, id[2:]))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// createIn makes a temporary file that `git prune` knows to remove, in a fan-out
// directory that `git gc` may remove at any moment while it is empty.
func createIn(objectDir, dir string) (*os.File, error) {
	for attempt := 0; ; attempt++ {
		f, err := os.CreateTemp(dir, "tmp_obj_*")
		if err == nil || !errors.Is(err, fs.ErrNotExist) || attempt == 3 {
			return f, err
		}
		if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		// A shared repository marks its object directory; what is below must match.
		if info, err := os.Stat(objectDir); err == nil {
			_ = os.Chmod(dir, info.Mode()&(fs.ModePerm|fs.ModeSetgid))
		}
	}
}

// readMode is the mode of a stored object: read-only, for whom the object
// directory itself can be read.
func readMode(objectDir string) fs.FileMode {
	info, err := os.Stat(objectDir)
	if err != nil {
		return 0o444
	}
	return info.Mode()&0o444 | 0o400
}
