package check_test

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/store"
)

// TestManyFiles: a hundred thousand files that are no records cost next to
// nothing, and a hundred thousand that should be and are not are all named.
func TestManyFiles(t *testing.T) {
	for name, tc := range map[string]struct {
		file   string
		errors int
		most   uint64 // bytes allocated in all, most of them garbage at once
	}{
		"no records": {"services/%d.txt", 0, 256 << 20},
		"no content": {"services/s%d.yaml", 100_000, 1536 << 20},
	} {
		fsys := tree(t)
		for i := range 100_000 {
			fsys[fmt.Sprintf(tc.file, i)] = &fstest.MapFile{}
		}
		head := open(t, fsys)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rep := run(t, check.Options{Head: head})
		runtime.ReadMemStats(&after)
		if rep.Errors != tc.errors || rep.Records != 6+tc.errors {
			t.Errorf("%s: %+v", name, rep.Summary)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > tc.most {
			t.Errorf("%s: %d MiB were allocated", name, got>>20)
		}
	}
}

// vanishing loses a file between the moment it is listed and that it is read.
type vanishing struct {
	fstest.MapFS
	file string
}

func (v vanishing) Open(name string) (fs.File, error) {
	if name == v.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return v.MapFS.Open(name)
}

func (v vanishing) Lstat(name string) (fs.FileInfo, error) { return v.MapFS.Lstat(name) }

// TestVanishing: somebody who removes a file while the store is checked does not
// make the check fail, and the file does not count.
func TestVanishing(t *testing.T) {
	for _, file := range []string{changeFile, "services/search.yaml", "assets/fra/db-1.yaml"} {
		rep := run(t, check.Options{Head: open(t, vanishing{tree(t), file})})
		if rep.Records != 5 || rep.Errors != 0 {
			t.Errorf("%s: %+v %q", file, rep.Summary, lines(rep))
		}
	}
}

// unreadable refuses to open a file or directory.
type unreadable struct {
	fstest.MapFS
	file string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.Open(name)
}

func (u unreadable) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == u.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.ReadDir(name)
}

func (u unreadable) Lstat(name string) (fs.FileInfo, error) { return u.MapFS.Lstat(name) }

// TestUnreadable: what may not be read was not checked, so the check fails and
// names it, whatever else it found.
func TestUnreadable(t *testing.T) {
	for _, file := range []string{changeFile, "services/search.yaml", "assets/fra", "gitsm.yaml"} {
		head, err := store.Open(unreadable{tree(t), file})
		if err == nil {
			_, err = check.Run(t.Context(), check.Options{Head: head})
		}
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestOtherRepository: what a submodule holds is no commit's of this store.
func TestOtherRepository(t *testing.T) {
	fsys := tree(t)
	fsys["assets/module/.git"] = &fstest.MapFile{Data: []byte("gitdir: x\n")}
	fsys["assets/module/db-2.yaml"] = &fstest.MapFile{Data: []byte("a: b\n")}
	head := open(t, fsys)
	want := []string{"assets/module:1:1: error STO005 another repository, perhaps a submodule, stands in a directory of records"}
	for _, only := range [][]string{nil, {"assets"}, {"assets/module/db-2.yaml"}} {
		if diff := cmp.Diff(want, lines(run(t, check.Options{Head: head, Only: only}))); diff != "" {
			t.Errorf("%q: -want +got:\n%s", only, diff)
		}
	}
	if files, err := head.Files(); err != nil || len(files) != len(scene) {
		t.Errorf("files are %q, %v", files, err)
	}
}
