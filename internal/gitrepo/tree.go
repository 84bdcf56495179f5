package gitrepo

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// The file modes that git records.
const (
	modeFile       = 0o100644
	modeExecutable = 0o100755
	modeSymlink    = 0o120000
	modeTree       = 0o40000
	modeSubmodule  = 0o160000
	modeTypeMask   = 0o170000
)

// TreeEntry is one name in a tree.
type TreeEntry struct {
	Name string
	Mode uint32 // as git writes it, such as 0o100644
	OID  git.OID
}

func (e TreeEntry) isTree() bool { return e.Mode&modeTypeMask == modeTree }

// isFile says whether the entry is a file that can be read and written;
// symbolic links and submodules are neither.
func (e TreeEntry) isFile() bool { return e.Mode&modeTypeMask == modeFile&modeTypeMask }

func (e TreeEntry) fileMode() fs.FileMode {
	switch {
	case e.isTree():
		return fs.ModeDir | 0o755
	case e.isFile() && e.Mode&0o100 != 0:
		return 0o755
	case e.isFile():
		return 0o644
	case e.Mode&modeTypeMask == modeSymlink:
		return fs.ModeSymlink | 0o777
	}
	return fs.ModeIrregular
}

// parseTree reads git's binary form and returns the entries sorted by name.
// Names that no checkout could hold, and the same name twice, are refused: such
// a tree shows different files to different readers.
func parseTree(f *format, data []byte) ([]TreeEntry, error) {
	entries := make([]TreeEntry, 0, len(data)/(f.size+24)+1)
	for len(data) > 0 {
		space := bytes.IndexByte(data, ' ')
		nul := bytes.IndexByte(data, 0)
		if space < 0 || nul < space || len(data) < nul+1+f.size {
			return nil, fmt.Errorf("damaged entry after %d others", len(entries))
		}
		mode, err := strconv.ParseUint(string(data[:space]), 8, 32)
		if err != nil {
			return nil, fmt.Errorf("damaged mode after %d entries", len(entries))
		}
		e := TreeEntry{Name: string(data[space+1 : nul]), Mode: uint32(mode), OID: hex.EncodeToString(data[nul+1 : nul+1+f.size])}
		if e.Name == "" || e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/") {
			return nil, fmt.Errorf("the name %q cannot be a file", e.Name)
		}
		entries = append(entries, e)
		data = data[nul+1+f.size:]
	}
	slices.SortFunc(entries, func(a, b TreeEntry) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(entries); i++ {
		if entries[i].Name == entries[i-1].Name {
			return nil, fmt.Errorf("the name %q appears twice", entries[i].Name)
		}
	}
	return entries, nil
}

// appendEntry appends git's binary form of one entry.
func appendEntry(out []byte, e TreeEntry) []byte {
	out = strconv.AppendUint(out, uint64(e.Mode), 8)
	out = append(out, ' ')
	out = append(out, e.Name...)
	out = append(out, 0)
	out, _ = hex.AppendDecode(out, []byte(e.OID)) // ids were checked when the entry was made
	return out
}

// compareInTree is git's order of names within a tree.
func compareInTree(a, b TreeEntry) int {
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(a.Name[:n], b.Name[:n]); c != 0 {
		return c
	}
	return int(a.at(n)) - int(b.at(n))
}

func (e TreeEntry) at(i int) byte {
	switch {
	case i < len(e.Name):
		return e.Name[i]
	case e.isTree():
		return '/'
	}
	return 0
}

// find returns the entry called name.
func find(entries []TreeEntry, name string) (TreeEntry, bool) {
	i, ok := slices.BinarySearchFunc(entries, name, func(e TreeEntry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return TreeEntry{}, false
	}
	return entries[i], true
}
