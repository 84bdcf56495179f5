package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/pack"
)

// packs is the repository's object store as package pack reads it, opened when
// somebody first asks. Its memory is mapped, so it ends only once it was closed
// and nobody is in the middle of it.
type packs struct {
	repo *Repo
	idle chan *pack.Reader

	mu     sync.Mutex
	asked  bool
	closed bool
	users  int
	lent   int         // how often a reader was lent
	relax  int         // after how many of those memory is given back
	store  *pack.Store // nil where git has to be asked for everything
}

func newPacks(r *Repo) *packs { return &packs{repo: r, idle: make(chan *pack.Reader, 16)} }

// acquire returns the store, nil where there is none. Whoever got one releases
// it.
func (p *packs) acquire() *pack.Store {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asked {
		p.asked = true
		if dirs, ok := p.repo.objectDirs(); ok {
			p.store, _ = pack.Open(dirs...) // what is wrong with it, git will say
		}
		if p.relax = relaxLent; p.store != nil && p.store.Size() > largeStore {
			p.relax = relaxLarge
		}
	}
	if p.closed || p.store == nil {
		return nil
	}
	p.users++
	if p.lent++; p.lent%p.relax == 0 {
		p.store.Relax()
	}
	return p.store
}

func (p *packs) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users--
	if p.closed && p.users == 0 {
		_ = p.store.Close() // its owner is gone, and nothing was written
	}
}

// objectDirs are the directories that objects are looked for in, besides those
// that these borrow from.
func (r *Repo) objectDirs() ([]string, bool) {
	if r.format != sha1Format {
		return nil, false
	}
	dirs := []string{r.objectDir}
	if v, ok := lookup(r.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES"); ok {
		if strings.Contains(v, `"`) {
			return nil, false
		}
		for _, d := range filepath.SplitList(v) {
			if d != "" {
				dirs = append(dirs, d)
			}
		}
	}
	return dirs, true
}

// errNoPacks says that git has to be asked.
var errNoPacks = errors.New("the object store is not read here")

// read implements backend. The content was held to its id.
func (p *packs) read(ctx context.Context, id git.OID) (object, error) {
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	var out object
	err := p.with(id, func(r *pack.Reader, id pack.ID) error {
		kind, data, err := r.Copy(id)
		out = object{kind: kind.String(), data: data, proved: true}
		return err
	})
	return out, err
}

// size implements backend.
func (p *packs) size(ctx context.Context, id git.OID) (size int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = p.with(id, func(r *pack.Reader, id pack.ID) error {
		n, err := r.Size(id)
		size = int64(n)
		return err
	})
	return size, err
}

// with lends a reader.
func (p *packs) with(id git.OID, use func(*pack.Reader, pack.ID) error) error {
	s := p.acquire()
	if s == nil {
		return errNoPacks
	}
	defer p.release()
	raw, err := pack.ParseID(id)
	if err != nil {
		return err
	}
	var r *pack.Reader
	select {
	case r = <-p.idle:
	default:
		r = s.NewReader(lentBudget)
	}
	defer func() {
		select {
		case p.idle <- r:
		default:
		}
	}()
	if err = use(r, raw); errors.Is(err, pack.ErrMissing) {
		return fmt.Errorf("%s: %w", id, ErrMissingObject)
	}
	return err
}

// close implements backend.
func (p *packs) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	if p.store == nil || p.users > 0 {
		return nil
	}
	return p.store.Close()
}

// After relaxLent reads of single objects the memory of packs is given back. A
// read brings in what is around it, 64 KiB on Linux: of packs that have more
// bytes than largeStore, all of them otherwise, so there it is relaxLarge.
const (
	relaxLent  = 1 << 15
	relaxLarge = 1 << 12
	largeStore = 256 << 20
)

// lentBudget is how many bytes a reader keeps that reads single objects.
const lentBudget = 4 << 20
