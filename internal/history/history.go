// Package history owns the reading of commits as events: which landings made
// up main, what each brought, who acted, and what that meant for a record.
//
// It may import git's values, store, record and finding. It never
// runs git, judges whether anything was allowed, or verifies a signature: the
// repository comes in through Repo, what evidence says comes in as plain
// Statements, and trust is for the caller to fill in. It only reads.
//
// Order is main's own line of first parents. Commit dates are reported, and
// prove nothing.
package history

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Repo is what reading history takes.
type Repo interface {
	// Log lists commits with what each changed against its first parent.
	Log(ctx context.Context, opts git.LogOptions) iter.Seq2[*git.LogEntry, error]
	FS(ctx context.Context, commitOrTree git.OID) (fs.FS, error)
	Blob(ctx context.Context, id git.OID) ([]byte, error)
	Shallow() bool
}

// ErrShallow says that history ends before its beginning, so that nothing can
// be concluded from it.
var ErrShallow = errors.New("this clone is shallow, so its history is not whole: run `git fetch --unshallow`")

// ErrNoGenesis says that no commit of main holds gitsm.yaml.
var ErrNoGenesis = errors.New("no commit of main holds gitsm.yaml, so there is no store to look at")

// Options says what to walk.
type Options struct {
	Dir  string  // the store's directory in the repository, "" at its top
	Main git.OID // head of main
	// Since is what a reader knows already; nil to read from the beginning.
	Since *Prefix
	Cache *store.Cache
	// Progress is told how many commits have been read, after each; nil where
	// nobody listens.
	Progress func(read int)
}

// Prefix is main up to a commit of its own line, as a reader of the rest needs
// to know it.
type Prefix struct {
	Head     git.OID
	Landings int // up to there, at least one
	// Landed reports whether one of them left this version of a record there.
	Landed func(kind, path string, blob git.OID) bool
}

// ErrElsewhere says that main's own line does not contain the end of a prefix.
var ErrElsewhere = errors.New("main does not go on from there")

// History is main as a line of landings, from genesis or from behind a prefix
// on. It is safe for concurrent use once Attest has returned.
type History struct {
	Line    []*Landing          // first parents, oldest first; the first is genesis where there is no prefix
	Commits map[git.OID]*Commit // everything reachable from main, and not from the end of a prefix

	since    *Prefix
	now      *Epoch // at the end of the line
	dir      string
	repo     Repo
	cache    *store.Cache
	squashed map[string]*Landing      // by branch, where main does not have its commits
	attached map[*Landing][]Statement // opinions on a proposal that landed
	loose    map[int][]Statement      // other opinions, by the landing that first commits to them

	mu       sync.Mutex
	versions map[string]reading
	glances  sync.Pool // of *yamldoc.Glance
}

// Walk reads main once and sorts it into landings.
func Walk(ctx context.Context, repo Repo, opts Options) (*History, error) {
	if repo.Shallow() {
		return nil, ErrShallow
	}
	h := &History{
		Commits: map[git.OID]*Commit{}, since: opts.Since, dir: opts.Dir, repo: repo, cache: opts.Cache,
		attached: map[*Landing][]Statement{}, loose: map[int][]Statement{}, versions: map[string]reading{},
	}
	h.glances.New = func() any { return &yamldoc.Glance{} }
	if h.cache == nil {
		h.cache = store.NewCache()
	}
	if err := h.read(ctx, opts.Main, opts.Progress); err != nil {
		return nil, err
	}
	fsys, err := repo.FS(ctx, opts.Main)
	if err != nil {
		return nil, err
	}
	_, outside := fsys.(store.Outside)
	if err := h.line(opts.Main, outside); err != nil {
		return nil, err
	}
	if err := h.epochs(ctx); err != nil {
		return nil, err
	}
	return h, h.touches(ctx)
}

// Attest adds what evidence says, in the order of the evidence branch. It comes
// after Walk since main's line is what puts evidence in its place; before it
// every landing counts as pushed. It is called once.
func (h *History) Attest(statements []Statement) {
	h.merges(statements)
	h.attach(statements)
}

// Genesis is the commit the store began with.
func (h *History) Genesis() *Landing { return h.Line[0] }

// Head is the newest landing.
func (h *History) Head() *Landing { return h.Line[len(h.Line)-1] }

// At returns a landing by its index.
func (h *History) At(index int) *Landing { return h.Line[index-h.first()] }

// first is the index of the first landing that was read.
func (h *History) first() int {
	if h.since == nil {
		return 0
	}
	return h.since.Landings
}

// Now is what people and config main has.
func (h *History) Now() *Epoch { return h.now }

// Landing returns the landing whose commit on main's own line is id.
func (h *History) Landing(id git.OID) (*Landing, bool) {
	c := h.Commits[id]
	if c == nil || c.Landing == nil || c.Landing.Commit != c {
		return nil, false
	}
	return c.Landing, true
}
