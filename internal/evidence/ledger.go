package evidence

import (
	"context"
	"io/fs"
	"time"
)

// Repo is what a Ledger needs of the repository. It never moves a ref.
type Repo interface {
	// FS is the tree of a commit.
	FS(ctx context.Context, commit string) (fs.FS, error)
	// IsAncestor reports whether a is b or an ancestor of b.
	IsAncestor(ctx context.Context, a, b string) (bool, error)
	// WriteEvidence writes the commit and returns its id.
	WriteEvidence(ctx context.Context, c CommitSpec) (string, error)
}

// CommitSpec is a commit of the evidence branch: the first parent's tree and
// Files added to it.
type CommitSpec struct {
	Parents []string
	Files   map[string][]byte
	Message string
	// By is set for the root alone, which must come out the same everywhere: it
	// is written with this identity and time and never signed. Every other
	// commit is the recorder's own and signed where the recorder has a key.
	By *Identity
}

// Identity is a fixed author and committer.
type Identity struct {
	Name, Email string
	When        time.Time
}

// Root is the first commit of the evidence branch: a function of genesis, so
// that two clones that never met make the same one.
func Root(genesis string) CommitSpec { panic("unwritten") }

// Ledger writes the evidence branch. Heads are passed in and returned; the
// caller moves the ref together with the others of its transaction.
type Ledger struct {
	Repo    Repo
	Genesis string // id of the commit the store began with
}

// Append adds entries on top of head, "" where the branch does not exist yet,
// and returns the new head. Entries that are there already are passed over; when
// nothing is left to add, head itself is returned.
func (l Ledger) Append(ctx context.Context, head string, entries ...*Entry) (string, error) {
	panic("unwritten")
}

// Union merges two heads that diverged into one that has the files of both.
func (l Ledger) Union(ctx context.Context, a, b string) (string, error) { panic("unwritten") }

// Read returns the statements about one record, oldest first.
func Read(fsys fs.FS, id string) ([]*Entry, error) { panic("unwritten") }

// ReadAll returns every statement, by record id.
func ReadAll(fsys fs.FS) (map[string][]*Entry, error) { panic("unwritten") }

// Step is what one commit of the evidence branch changes against one parent.
type Step struct {
	Commit  string
	Parent  string // "" for a commit without parents
	Changes []FileChange
}

// FileChange is one path of a Step. Blobs and modes are git's, "" when absent.
type FileChange struct {
	Path             string
	OldMode, NewMode string
	OldBlob, NewBlob string
}

// Tamper is a commit that did to the evidence branch what never happens there.
type Tamper struct {
	Commit, Path, What string
}

// CheckAppendOnly reports everything in steps that is not the addition of a
// statement, in the order of steps and paths.
func CheckAppendOnly(steps []Step) []Tamper { panic("unwritten") }

// AllowedSigners prints the keys as an OpenSSH allowed_signers file.
func AllowedSigners(people []PersonKeys) []byte { panic("unwritten") }
