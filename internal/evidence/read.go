package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Read returns the statements about one record, oldest first by their own
// clocks. Records of two kinds may share an id and so a directory; the
// statements say which is meant.
//
// Files that are no statements are reported together, each as an *EntryError,
// beside the statements that could be read: whoever decides must stop at the
// error, whoever audits may show both.
func Read(fsys fs.FS, id string) ([]*Entry, error) {
	if id != StoreID && !formID.MatchString(id) {
		return nil, fmt.Errorf("reading evidence: %q is no record id", id)
	}
	return readDir(fsys, path.Join(rootDir, id))
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
		entries, err := readDir(fsys, name)
		if err != nil {
			problems = append(problems, err)
		}
		if len(entries) > 0 {
			all[d.Name()] = entries
		}
	}
	return all, errors.Join(problems...)
}

func readDir(fsys fs.FS, dir string) ([]*Entry, error) {
	files, err := readDirEntries(fsys, dir)
	if err != nil {
		return nil, err
	}
	present := map[string]bool{}
	for _, f := range files {
		present[f.Name()] = true
	}
	var entries []*Entry
	var problems []error
	for _, f := range files {
		name := path.Join(dir, f.Name())
		statement, isSig := strings.CutSuffix(f.Name(), ".sig")
		switch {
		case !f.Type().IsRegular() || !namePattern.MatchString(f.Name()):
			problems = append(problems, &EntryError{name, errors.New("it is not a file that evidence has")})
		case isSig && !present[statement]:
			problems = append(problems, &EntryError{name, errors.New("the statement it signs is missing")})
		case isSig:
		default:
			e, err := readEntry(fsys, name, present[f.Name()+".sig"])
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
