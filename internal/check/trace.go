package check

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Trace is a work tree that remembers what was read of it: files, directories,
// and the absence of either. It is safe for concurrent use.
type Trace struct {
	fs.FS

	mu   sync.Mutex
	seen map[string]struct{}
}

// NewTrace returns a Trace of a tree.
func NewTrace(tree fs.FS) *Trace { return &Trace{FS: tree, seen: map[string]struct{}{}} }

var (
	_ fs.ReadDirFS  = (*Trace)(nil)
	_ fs.ReadLinkFS = (*Trace)(nil)
	_ fs.StatFS     = (*Trace)(nil)
)

func (t *Trace) note(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[name] = struct{}{}
	return name
}

func (t *Trace) Open(name string) (fs.File, error)          { return t.FS.Open(t.note(name)) }
func (t *Trace) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(t.FS, t.note(name)) }
func (t *Trace) Lstat(name string) (fs.FileInfo, error)     { return fs.Lstat(t.FS, t.note(name)) }
func (t *Trace) ReadLink(name string) (string, error)       { return fs.ReadLink(t.FS, t.note(name)) }
func (t *Trace) ReadDir(name string) ([]fs.DirEntry, error) { return t.entries(name) }

// entries lists a directory. What it holds is by the names alone, which its own
// time shows to be the same; whoever asks more of one of them reads that as well.
func (t *Trace) entries(dir string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(t.FS, t.note(dir))
	for i, e := range list {
		list[i] = entryOf{e, t, dir}
	}
	return list, err
}

// entryOf is an entry of a directory that is traced.
type entryOf struct {
	fs.DirEntry
	trace *Trace
	dir   string
}

func (e entryOf) Info() (fs.FileInfo, error) {
	e.trace.note(path.Join(e.dir, e.Name()))
	return e.DirEntry.Info()
}

// paths are what was read, with the directories that it is in, sorted.
func (t *Trace) paths() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]struct{}, len(t.seen)+64)
	for p := range t.seen {
		for {
			if _, there := all[p]; there {
				break
			}
			all[p] = struct{}{}
			if p == "." {
				break
			}
			p = path.Dir(p)
		}
	}
	out := make([]string, 0, len(all))
	for p := range all {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// look is how files lie, as the system tells without reading any.
type look struct {
	digest [sha256.Size]byte
	newest int64 // when the last of them changed, in nanoseconds
	plain  bool  // there is nothing of which more than that would have to be known
}

// batch is how many files are looked at before the next are taken up.
const batch = 512

// lookAt asks the system about files, several at a time: that is nearly all that
// a check does of which nothing changed.
func lookAt(tree fs.FS, paths []string) look {
	parts := make([]look, (len(paths)+batch-1)/batch)
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(parts))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(parts); i += workers {
				parts[i] = lookAtAll(tree, paths[i*batch:min(len(paths), (i+1)*batch)])
			}
		})
	}
	wg.Wait()
	h, out := sha256.New(), look{plain: true}
	for _, p := range parts {
		h.Write(p.digest[:])
		out.newest, out.plain = max(out.newest, p.newest), out.plain && p.plain
	}
	out.digest = [sha256.Size]byte(h.Sum(nil))
	return out
}

func lookAtAll(tree fs.FS, paths []string) look {
	h, out := sha256.New(), look{plain: true}
	for _, p := range paths {
		info, err := fs.Lstat(tree, p)
		if err != nil {
			out.plain = out.plain && errors.Is(err, fs.ErrNotExist)
			h.Write([]byte{0})
			continue
		}
		s := statOf(info)
		writeStat(h, s)
		out.newest = max(out.newest, s.modified, s.changed)
		// A link stands for what is elsewhere, and a system that does not say when
		// a file was last changed in any way cannot tell one that was set back.
		out.plain = out.plain && info.Mode()&fs.ModeSymlink == 0 && s.changed != 0
	}
	out.digest = [sha256.Size]byte(h.Sum(nil))
	return out
}

func writeStat(h hash.Hash, s stat) {
	var b [41]byte
	b[0] = 1
	for i, v := range []int64{s.size, s.modified, s.changed, s.inode, s.mode} {
		binary.LittleEndian.PutUint64(b[1+8*i:], uint64(v))
	}
	h.Write(b[:])
}

// settled reports whether nothing that was looked at can have changed since a
// moment, by the clock of the file system, without its time showing it.
func (l look) settled(from time.Time) bool {
	return l.plain && l.newest < from.Add(-granularity).UnixNano()
}
