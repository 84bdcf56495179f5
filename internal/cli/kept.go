package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"sync"
)

// keptParts keeps what was derived of the directories of commits in the git
// directory, a file for each directory and derivation, with what came of its
// latest versions: a proposal and its base are seldom further apart. Whoever
// writes last wins, and what is lost so is derived again.
type keptParts struct {
	dir  string
	tool string // what another build derives is not taken for what this one does

	mu sync.Mutex // two versions of one directory are saved one after the other
}

// keptVersions is how many versions of a directory are kept.
const keptVersions = 4

// keptBegin begins a file. Change it with what a file holds.
const keptBegin = "gitsm parts 1\n"

// Load implements store.Keeper.
func (k *keptParts) Load(name, key string) []byte {
	want := k.version(key)
	for _, v := range k.versions(name) {
		if bytes.HasPrefix(v, want) {
			return v[len(want):]
		}
	}
	return nil
}

// Save implements store.Keeper.
func (k *keptParts) Save(name, key string, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	this := k.version(key)
	out := []byte(keptBegin)
	put := func(v []byte) {
		sum := sha256.Sum256(v)
		out = append(append(out, sum[:]...), byte(len(v)>>24), byte(len(v)>>16), byte(len(v)>>8), byte(len(v)))
		out = append(out, v...)
	}
	put(append(bytes.Clone(this), data...))
	n := 1
	for _, v := range k.versions(name) {
		if n < keptVersions && !bytes.HasPrefix(v, this) {
			put(v)
			n++
		}
	}
	k.file(name).Save(out)
}

func (k *keptParts) file(name string) keptFile {
	sum := sha256.Sum256([]byte(name))
	return keptFile{dir: k.dir, name: hex.EncodeToString(sum[:12])}
}

// version begins what came of one version of a directory.
func (k *keptParts) version(key string) []byte {
	sum := sha256.Sum256([]byte(k.tool + "\x00" + key))
	return sum[:]
}

// versions are those of a file, the latest first, up to one that is damaged.
func (k *keptParts) versions(name string) (out [][]byte) {
	data, ok := bytes.CutPrefix(k.file(name).Load(), []byte(keptBegin))
	const head = sha256.Size + 4
	for ok && len(data) >= head {
		sum, size := data[:sha256.Size], data[sha256.Size:head]
		n := int(size[0])<<24 | int(size[1])<<16 | int(size[2])<<8 | int(size[3])
		data = data[head:]
		if n < sha256.Size || n > len(data) || sha256.Sum256(data[:n]) != [sha256.Size]byte(sum) {
			return out
		}
		out, data = append(out, data[:n]), data[n:]
	}
	return out
}

// keepParts has what was derived of commits' directories kept in the git
// directory, where it may be written to.
func (env *Env) keepParts(gitDir string) {
	if env.config == "" && !env.dryRun {
		env.snapshots().Keep(&keptParts{dir: filepath.Join(gitDir, "gitsm", "parts"), tool: env.build()})
	}
}
