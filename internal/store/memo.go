package store

import (
	"errors"
	"io/fs"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Memo remembers values by key: at least the given number of those last asked
// for, and at most twice as many, so that a walk over a long history neither
// works twice nor keeps all of it in memory. It is safe for concurrent use.
type Memo[T any] struct {
	mu         sync.Mutex
	limit      int
	young, old map[string]T
}

// NewMemo returns an empty Memo.
func NewMemo[T any](limit int) *Memo[T] {
	return &Memo[T]{limit: limit, young: map[string]T{}}
}

// Get returns what is remembered under a key, else what build returns. Errors
// are not remembered, and under the key "" nothing is.
func (m *Memo[T]) Get(key string, build func() (T, error)) (T, error) {
	if key == "" {
		return build()
	}
	m.mu.Lock()
	v, ok := m.find(key)
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := build() // without the lock: it may ask for other keys
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.find(key); ok {
		return first, nil // whoever was first is what everybody shares
	}
	m.keep(key, v)
	return v, nil
}

// find looks a key up and keeps what it finds from growing old.
func (m *Memo[T]) find(key string) (T, bool) {
	if v, ok := m.young[key]; ok {
		return v, true
	}
	v, ok := m.old[key]
	if ok {
		m.keep(key, v)
	}
	return v, ok
}

func (m *Memo[T]) keep(key string, v T) {
	if len(m.young) >= m.limit {
		m.old, m.young = m.young, make(map[string]T, m.limit)
	}
	m.young[key] = v
}

// Cache remembers what was read from commits by git object ids, so that the
// stores of several commits read each version of a file or directory once. It
// is safe for concurrent use.
type Cache struct {
	files     *Memo[*listing]
	dirs      *Memo[*part]
	configs   *Memo[*configuration]
	policies  *Memo[*Policy]
	directory *Memo[*Directory]
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{files: NewMemo[*listing](1 << 13), dirs: NewMemo[*part](1 << 9), configs: NewMemo[*configuration](16),
		policies: NewMemo[*Policy](16), directory: NewMemo[*Directory](16)}
}

// configuration is what gitsm.yaml says.
type configuration struct {
	config   Config
	kinds    *record.Kinds
	doc      *yamldoc.Doc
	kindsKey string
}

// oid returns the git object id a commit's file system attaches to a file or
// directory, "" in a work tree.
func oid(info fs.FileInfo) string {
	if o, ok := info.Sys().(interface{ OID() string }); ok {
		return o.OID()
	}
	return ""
}

// Key names the content of the directories of some kinds: two snapshots with
// one key hold the same records of these kinds. It is "" where that cannot be
// said, as in a work tree.
func (s *Store) Key(kinds ...string) string {
	var b strings.Builder
	b.WriteString(s.kindsKey + s.Dir)
	for _, name := range kinds {
		k, ok := s.Kinds.ByName(name)
		if !ok {
			return ""
		}
		id, ok := s.treeID(k.Dir())
		if !ok {
			return ""
		}
		b.WriteString("\x00" + name + "\x00" + id)
	}
	return b.String()
}

// treeID returns the object id of a directory, "-" where there is none; ok is
// false in a work tree.
func (s *Store) treeID(dir string) (id string, ok bool) {
	root, err := fs.Stat(s.FS, ".")
	if err != nil || oid(root) == "" {
		return "", false
	}
	info, err := fs.Stat(s.FS, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "-", true
	case err != nil:
		return "", false
	}
	return oid(info), oid(info) != ""
}
