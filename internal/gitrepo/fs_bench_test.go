package gitrepo

import (
	"context"
	"io/fs"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
)

func BenchmarkFS(b *testing.B) {
	r, head := bigStore(b, 10_000)
	for _, limit := range []int{1, 10, 100, 1000, 10_000} {
		for name, open := range backends {
			b.Run(name+"/"+itoa(limit), func(b *testing.B) {
				for b.Loop() {
					readSome(b, r, open, head, limit)
				}
			})
		}
	}
}

func itoa(n int) string { return string(appendInt(nil, n)) }

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func readSome(b *testing.B, r *Repo, open func(*Repo) (backend, error), head git.OID, limit int) {
	b.Helper()
	back, err := open(r)
	if err != nil {
		b.Fatal(err)
	}
	defer back.close()
	fresh := &Repo{format: r.format, objects: &objects{format: r.format, backend: back}}
	fsys, err := fresh.FS(context.Background(), head)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, err := fs.ReadFile(fsys, path); err != nil {
			return err
		}
		if n++; n == limit {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil || n != limit {
		b.Fatal(n, err)
	}
}
