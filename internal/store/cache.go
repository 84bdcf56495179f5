package store

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Cache remembers what was read from commits by git object ids, so that the
// stores of several commits read each version of a file or directory once. It
// is safe for concurrent use.
type Cache struct {
	files     *memo.Memo[*listing]
	dirs      *memo.Memo[*part]
	beneath   *memo.Memo[[]string]
	configs   *memo.Memo[*configuration]
	policies  *memo.Memo[*Policy]
	directory *memo.Memo[*Directory]
	keeper    Keeper // of what is derived from parts; nil keeps nothing
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{files: memo.New[*listing](1 << 11), dirs: memo.New[*part](1 << 9), beneath: memo.New[[]string](1 << 12), configs: memo.New[*configuration](16),
		policies: memo.New[*Policy](16), directory: memo.New[*Directory](16)}
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
