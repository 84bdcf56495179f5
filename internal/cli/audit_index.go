package cli

import (
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/audit"
)

// keptFile is a file of the git directory that may be lost at any time. It is
// replaced whole, so whoever reads it meanwhile sees the old or the new one.
type keptFile struct{ dir, name string }

// keptIn is where a clone keeps the events of its log.
func keptIn(gitDir string) audit.Keeper {
	return keptFile{dir: filepath.Join(gitDir, "gitsm", "audit"), name: "log"}
}

// Load returns what is there, nil where nothing can be read.
func (f keptFile) Load() []byte {
	data, err := os.ReadFile(filepath.Join(f.dir, f.name))
	if err != nil {
		return nil
	}
	return data
}

// Save keeps what it can: a log is the same without it.
func (f keptFile) Save(data []byte) {
	if os.MkdirAll(f.dir, 0o755) != nil {
		return
	}
	next, err := os.CreateTemp(f.dir, "next-*")
	if err != nil {
		return
	}
	_, err = next.Write(data)
	if cerr := next.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(next.Name(), filepath.Join(f.dir, f.name))
	}
	if err != nil {
		_ = os.Remove(next.Name())
	}
}
