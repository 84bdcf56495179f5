// Package proposal owns the verbs: how a record is filed, edited, submitted,
// approved, landed and moved through its life, as commits, evidence and one
// ref transaction, or through a forge's pull requests, whose word it records.
//
// It may import decision, evidence, store, record and the layers beneath, and
// the values of git and forge. It never runs git, talks to a network, evaluates
// policy or prints: repository and forge come in through the interfaces of this
// package, and every verb returns an Outcome.
// It never writes to main but by a landing that decision allowed.
package proposal

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Reader reads refs and objects.
type Reader interface {
	Ref(ctx context.Context, name string) (git.OID, error)
	Refs(ctx context.Context, prefix string) ([]git.Ref, error)
	Commit(ctx context.Context, id git.OID) (*git.Commit, error)
	FS(ctx context.Context, commitOrTree git.OID) (fs.FS, error)
}

// Comparer relates commits to each other.
type Comparer interface {
	MergeBase(ctx context.Context, a, b git.OID) (git.OID, error)
	Fork(ctx context.Context, a, b git.OID) (commitOrTree git.OID, err error)
	IsAncestor(ctx context.Context, a, b git.OID) (bool, error)
	Range(ctx context.Context, base, head git.OID) ([]*git.Commit, error)
	Diff(ctx context.Context, a, b git.OID) ([]git.FileChange, error)
}

// Writer writes objects, then moves refs in one transaction.
type Writer interface {
	MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error)
	WriteCommit(ctx context.Context, spec git.CommitSpec) (git.OID, error)
	UpdateRefs(ctx context.Context, reason string, updates []git.RefUpdate) error
	CheckedOut(ctx context.Context, ref string) (bool, error)
}

// Remote reaches the upstream repository, where there is one.
type Remote interface {
	Upstream(ctx context.Context, branch string) (remote string, ok bool, err error)
	Fetch(ctx context.Context, remote string, refspecs ...string) error
	Push(ctx context.Context, remote string, updates []git.RefUpdate) error
	Shallow() bool // history is cut off, and the upstream has the rest
}

// Teller tells what branches the upstream has, whatever was fetched before.
type Teller interface {
	RemoteRefs(ctx context.Context, remote string, patterns ...string) ([]git.Ref, error)
}

// Historian lists commits with what they changed.
type Historian interface {
	Log(ctx context.Context, opts git.LogOptions) iter.Seq2[*git.LogEntry, error]
	// Unmerged returns the refs beneath prefix that into does not contain.
	Unmerged(ctx context.Context, prefix string, into git.OID) ([]git.Ref, error)
}

// Repo is everything the verbs need of a repository.
type Repo interface {
	Reader
	Historian
	Comparer
	Writer
	Remote
	Teller
}

// Signer makes detached SSH signatures with the user's key.
type Signer interface {
	Sign(ctx context.Context, namespace string, message []byte) (armored []byte, err error)
}

// Desk is where proposals are filed and decided, for one user at one moment.
type Desk struct {
	Repo   Repo
	Judge  *decision.Judge
	Cache  *store.Cache
	Said   *evidence.Cache // statements read before; nil remembers none
	Dir    string          // the store's directory in the repository, "" at its top
	Main   string          // name of the main branch
	Now    func() time.Time
	Random io.Reader
	User   User
	Signer Signer // nil where the user has no signing key
	Tool   string // version of gitsm, for statements
	DryRun bool   // stop before the refs move

	// Connect reaches the forge of a store whose proposals are reviewed on one;
	// it is called once, by the first verb that needs it.
	Connect func(ctx context.Context) (Forge, error)
	Sleep   func(ctx context.Context, d time.Duration) error // between two looks at a forge
	Wait    time.Duration                                    // how long a verb waits for the gate there
	// Describe writes what the pull request of a proposal says of it.
	Describe func(l *Loaded, dec *decision.Decision) forge.Text

	Remark string // why something is rejected; said where a forge shows reviews, and nowhere else

	Warn func(msg string) // told what went wrong after the refs had moved; may be nil

	reached Forge  // what Connect returned
	seen    *World // what Look saw, until a ref moves

	asking sync.Mutex // held while Authority looks
}

// User is who git says is acting.
type User struct{ Name, Email string }

// Outcome is what a verb did.
type Outcome struct {
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	Path    string         `json:"path"`
	Branch  string         `json:"branch"`
	Verb    string         `json:"verb,omitempty"`
	Commit  string         `json:"commit,omitempty"`
	Landed  bool           `json:"landed"`
	Pull    int            `json:"pull,omitempty"` // number of the pull request
	URL     string         `json:"url,omitempty"`  // where people look at it
	Main    string         `json:"main,omitempty"`
	DryRun  bool           `json:"dry_run,omitempty"`
	Content []byte         `json:"-"` // the record as proposed
	Record  *record.Record `json:"-"` // the same, read; nil for policy and config
	Before  []byte         `json:"-"`

	Decision *decision.Decision `json:"-"`
	Findings []finding.Finding  `json:"-"` // what is still wrong with what was written
	Notes    []string           `json:"-"` // for people: what else happened

	// Unpublished says that the upstream does not have the proposal, or not as it
	// is now, so that nobody else sees it before it is submitted.
	Unpublished bool `json:"-"`

	shared bool // the record has other open proposals
}

// Arg is what names the outcome's proposal on a command line.
func (o *Outcome) Arg() string {
	if o.shared {
		return o.Branch
	}
	return o.Subject()
}

// Subject is what the outcome is about: the id of a record, and of what is about
// none the branch, or once that is gone what evidence calls it.
func (o *Outcome) Subject() string {
	if o.Landed {
		return o.ID
	}
	if o.Kind == "" || o.Kind == ConfigKind().Name || o.Kind == PolicyKind().Name {
		return o.Branch
	}
	return o.ID
}

// RefusedError says that a verb was judged and refused: nothing was written.
type RefusedError struct {
	What     string
	Why      []string
	Fix      string
	Decision *decision.Decision // nil where it never came to a decision
}

func (e *RefusedError) Error() string {
	msg := e.What
	for _, w := range e.Why {
		msg += ": " + w
	}
	return msg
}

// IncompleteError says that this clone lacks what a decision rests on, and what
// fetches it.
type IncompleteError struct {
	What, Fix string
	// Landed is when the pull request landed of which the forge does not say enough,
	// the zero time where something else is missing.
	Landed time.Time
}

func (e *IncompleteError) Error() string { return e.What }

// UsageError says that the request itself makes no sense here.
type UsageError struct{ What, Fix string }

func (e *UsageError) Error() string { return e.What }

func (d *Desk) signature() git.Signature {
	return git.Signature{Name: d.User.Name, Email: d.User.Email, When: d.Now()}
}

// sign is nil without a key, so that commits and statements are then unsigned.
func (d *Desk) sign(ctx context.Context, namespace string) func([]byte) ([]byte, error) {
	if d.Signer == nil {
		return nil
	}
	return func(payload []byte) ([]byte, error) { return d.Signer.Sign(ctx, namespace, payload) }
}

// open reads the store at a commit or tree.
func (d *Desk) open(ctx context.Context, id git.OID) (*store.Store, error) {
	fsys, err := d.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	return store.Open(fsys, store.InDirectory(d.Dir), store.WithCache(d.Cache))
}
