package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// Version is what a file system that shows a commit has at a path: the file's mode
// and the id of its blob as git writes them, "" for both where no file is there.
// A file system that does not show a commit has no ids, which is an error.
func Version(fsys fs.FS, path string) (mode, blob string, err error) {
	info, err := fs.Lstat(fsys, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "", nil
	case err != nil:
		return "", "", err
	case info.IsDir():
		return "", "", nil
	}
	if blob = oid(info); blob == "" {
		return "", "", fmt.Errorf("%s is not of a commit", path)
	}
	switch m := info.Mode(); {
	case m&fs.ModeSymlink != 0:
		mode = "120000"
	case !m.IsRegular():
		mode = "160000" // a submodule
	case m&0o100 != 0:
		mode = "100755"
	default:
		mode = "100644"
	}
	return mode, blob, nil
}
