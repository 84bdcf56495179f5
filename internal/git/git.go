// Package git owns the words gitsm uses for git: object ids, commits, changes
// of files and refs, and the errors that decide what happens next.
//
// It is a leaf of plain values: it imports the standard library alone and has
// no behaviour, so that packages can say what they need of a repository
// without importing gitrepo, which is the only one that has a repository.
package git

import (
	"errors"
	"strings"
	"time"
)

// OID is an object id in hex; "" stands for absent.
type OID = string

// Errors a caller acts on. Everything else is a failure to report.
var (
	ErrNotRepository = errors.New("not a git repository")
	ErrStale         = errors.New("a ref moved meanwhile")
	ErrBundle        = errors.New("the bundle of the history is damaged or was not written by gitsm")
	ErrRejected      = errors.New("the remote refused the push")
	ErrUnreachable   = errors.New("the remote cannot be reached")
	ErrTooOld        = errors.New("is too old") // of the git program
)

// ConflictError says that two commits cannot be merged automatically.
type ConflictError struct{ Paths []string }

func (e *ConflictError) Error() string {
	return "merging conflicts in " + strings.Join(e.Paths, ", ")
}

// Signature is who did something and when. The time is self-asserted.
type Signature struct {
	Name, Email string
	When        time.Time
}

// Commit is a parsed commit object.
type Commit struct {
	OID, Tree         OID
	Parents           []OID
	Author, Committer Signature
	Message           string
	Raw               []byte // the object's exact bytes, for signatures; nil where a listing left it out
}

// CommitSpec is a commit to be written: Tree as it is or, where Tree is "",
// the tree of Base ("" for an empty one) with Files edited.
type CommitSpec struct {
	Base, Tree        OID
	Files             []FileEdit
	Parents           []OID
	Message           string
	Author, Committer Signature
	Sign              func(payload []byte) (armored []byte, err error) // nil leaves the commit unsigned
}

// FileEdit writes or deletes one file.
type FileEdit struct {
	Path    string
	Content []byte
	Delete  bool
}

// FileChange is one file that differs between two trees. Modes and blobs are
// "" where the file is absent.
type FileChange struct {
	Path             string
	OldMode, NewMode string
	OldBlob, NewBlob OID
}

// Ref is a full ref name and what it points to.
type Ref struct {
	Name string
	OID  OID
}

// Tag is a tag and what it says of itself.
type Tag struct {
	Name    string // without refs/tags/
	Commit  OID    // what it tags, in the end
	When    time.Time
	Message string // "" where the tag is no object of its own
}

// Setup is how a repository is kept: what says nothing about its content and
// all the same decides what can be done in it.
type Setup struct {
	Version      string   // of the git program
	ObjectFormat string   // sha1, sha256
	RefStorage   string   // files, reftable
	Partial      bool     // objects that are missing are fetched when asked for
	Sparse       bool     // the work tree has some of the files only
	Linked       bool     // one of several work trees
	Replaced     bool     // refs/replace or grafts show another history than there is
	Hooks        []string // the hooks around a commit that are installed, sorted
	Remotes      []string // sorted
}

// RefUpdate moves a ref from Old ("" for: must not exist) to New ("" for:
// delete).
type RefUpdate struct {
	Name     string
	Old, New OID
}

// LogOptions selects commits.
type LogOptions struct {
	From        []OID
	Not         []OID
	Paths       []string
	FirstParent bool
	Reverse     bool // oldest first
}

// LogEntry is a commit with what it changed against its first parent.
type LogEntry struct {
	Commit
	Changes []FileChange
}
