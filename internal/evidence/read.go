package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/memo"
)

// Cache remembers statements by the git object ids of their files, so that
// reading a record's evidence again reads only what was added. A nil Cache
// remembers nothing. It is safe for concurrent use; what it returns is shared
// and never changed.
type Cache struct{ entries *memo.Memo[*Entry] }

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{memo.New[*Entry](1 << 11)} }

// Read returns the statements about one record, oldest first by their own
// clocks. Records of two kinds may share an id and so a directory; the
// statements say which is meant.
//
// Files that are no statements are reported together, each as an *EntryError,
// beside the statements that could be read: whoever decides must stop at the
// error, whoever audits may show both.
func Read(fsys fs.FS, id string) ([]*Entry, error) { return (*Cache)(nil).Read(fsys, id) }

// Read is the function Read with what was read before.
func (c *Cache) Read(fsys fs.FS, id string) ([]*Entry, error) {
	if id != StoreID && !formID.MatchString(id) {
		return nil, fmt.Errorf("reading evidence: %q is no record id", id)
	}
	return c.readDir(fsys, path.Join(rootDir, id))
}

// ReadAll returns every statement by record id, on the same terms as Read.
func ReadAll(fsys fs.FS) (map[string][]*Entry, error) {
	dirs, err := readDirEntries(fsys, rootDir)
	if err != nil {
		return nil, err
	}
	all := map[string][]*Entry{}
	var problems []error
	for _, d := range dirs {
		name := path.Join(rootDir, d.Name())
		if !d.IsDir() {
			problems = append(problems, &EntryError{name, errors.New("it is not a record's directory")})
			continue
		}
		entries, err := (*Cache)(nil).readDir(fsys, name)
		if err != nil {
			problems = append(problems, err)
		}
		if len(entries) > 0 {
			all[d.Name()] = entries
		}
	}
	return all, errors.Join(problems...)
}

func (c *Cache) readDir(fsys fs.FS, dir string) ([]*Entry, error) {
	files, err := readDirEntries(fsys, dir)
	if err != nil {
		return nil, err
	}
	present := map[string]fs.DirEntry{}
	for _, f := range files {
		present[f.Name()] = f
	}
	var entries []*Entry
	var problems []error
	for _, f := range files {
		name := path.Join(dir, f.Name())
		statement, isSig := strings.CutSuffix(f.Name(), ".sig")
		switch {
		case !f.Type().IsRegular() || !namePattern.MatchString(f.Name()):
			problems = append(problems, &EntryError{name, errors.New("it is not a file that evidence has")})
		case isSig && present[statement] == nil:
			problems = append(problems, &EntryError{name, errors.New("the statement it signs is missing")})
		case isSig:
		default:
			e, err := c.entry(fsys, name, f, present[f.Name()+".sig"])
			if err != nil {
				problems = append(problems, err)
				continue
			}
			entries = append(entries, e)
		}
	}
	return entries, errors.Join(problems...)
}

// readDirEntries lists a directory, empty where it does not exist: a record
// without evidence is nothing unusual.
func readDirEntries(fsys fs.FS, dir string) ([]fs.DirEntry, error) {
	files, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading evidence: %w", err)
	}
	return files, nil
}

// entry reads a statement with its signature, nil for none.
func (c *Cache) entry(fsys fs.FS, name string, statement, sig fs.DirEntry) (*Entry, error) {
	read := func() (*Entry, error) { return readEntry(fsys, name, sig != nil) }
	if c == nil {
		return read()
	}
	key := fileID(statement)
	if key == "" || (sig != nil && fileID(sig) == "") {
		return read()
	}
	if sig != nil {
		key += "\x00" + fileID(sig)
	}
	return c.entries.Get(key+"\x00"+name, read)
}

// fileID is the git object id that a commit's file system attaches to a file,
// "" elsewhere.
func fileID(e fs.DirEntry) string {
	info, err := e.Info()
	if err != nil {
		return ""
	}
	if o, ok := info.Sys().(interface{ OID() string }); ok {
		return o.OID()
	}
	return ""
}

func readEntry(fsys fs.FS, name string, signed bool) (*Entry, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, &EntryError{name, err}
	}
	var sig []byte
	if signed {
		if sig, err = fs.ReadFile(fsys, name+".sig"); err != nil {
			return nil, &EntryError{name + ".sig", err}
		}
		if sig == nil {
			sig = []byte{} // an empty signature file is a bad signature, not a missing one
		}
	}
	return Parse(name, raw, sig)
}
