package gitrepo

import (
	"crypto/sha1" // git's object ids are SHA-1 in most repositories
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// format is a repository's object format: how ids are made and how long they are.
type format struct {
	name      string
	size      int // of an id in bytes
	newHash   func() hash.Hash
	emptyTree git.OID
	sigHeader string // the commit header that carries a signature
}

var (
	sha1Format = &format{
		name: "sha1", size: sha1.Size, newHash: sha1.New, sigHeader: "gpgsig",
		emptyTree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
	}
	sha256Format = &format{
		name: "sha256", size: sha256.Size, newHash: sha256.New, sigHeader: "gpgsig-sha256",
		emptyTree: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
	}
)

func formatNamed(name string) (*format, error) {
	for _, f := range []*format{sha1Format, sha256Format} {
		if f.name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("the object format %q is not known", name)
}

// valid says whether s is a full object id. Everything that reaches git as an
// id passes here, so that no id can be an option, a range or a second line.
func (f *format) valid(s string) bool {
	if len(s) != 2*f.size {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// check returns an error that names what, when id is not a full object id.
func (f *format) check(what string, id git.OID) error {
	if !f.valid(id) {
		return fmt.Errorf("%s %q is not a full %s object id", what, id, f.name)
	}
	return nil
}

// zero is how git writes "absent".
func (f *format) zero() git.OID { return strings.Repeat("0", 2*f.size) }

// orZero turns our "" into git's zeros.
func (f *format) orZero(id git.OID) git.OID {
	if id == "" {
		return f.zero()
	}
	return id
}

// present turns git's zeros into our "".
func (f *format) present(id git.OID) git.OID {
	if strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

// id hashes an object as git does.
func (f *format) id(kind string, data []byte) git.OID {
	h := f.newHash()
	h.Write(header(kind, len(data)))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// header is what git hashes, and stores in a loose object, before the content.
func header(kind string, size int) []byte {
	b := make([]byte, 0, 32)
	b = append(b, kind...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(size), 10)
	return append(b, 0)
}
