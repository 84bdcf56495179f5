package history

import (
	"context"
	"path"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Epoch is a stretch of main in which nobody changed who people are or what
// gitsm.yaml says.
type Epoch struct {
	Commit git.OID // where it began
	People *store.Directory
	Config store.Config
	Err    error // why gitsm.yaml or people/ cannot be read; what was read before stands in

	kinds *record.Kinds
}

// Kinds is the kind table in force.
func (e *Epoch) Kinds() *record.Kinds { return e.kinds }

// Bootstrap reports whether catalogue, policy and config may come past the gate.
func (e *Epoch) Bootstrap() bool { return e.Err == nil && e.Config.Bootstrap }

// Person returns the id of whoever has an e-mail address.
func (e *Epoch) Person(email string) (id string, ok bool) { return e.People.ByEmail(email) }

// Actor names whoever an identity of a commit is: a person's id, else the name
// as it stands there.
func (e *Epoch) Actor(s git.Signature) string {
	if id, ok := e.Person(s.Email); ok {
		return id
	}
	return s.Name
}

// epochs finds out which people and config were in force at each landing. It
// reads them anew only where a landing changed them.
func (h *History) epochs(ctx context.Context) error {
	var now *Epoch
	if h.since != nil {
		var err error
		if now, err = h.epoch(ctx, h.since.Head, nil); err != nil {
			return err
		}
	}
	for _, l := range h.Line {
		l.Before = now
		if now == nil || h.turns(now, l) {
			next, err := h.epoch(ctx, l.OID, now)
			if err != nil {
				return err
			}
			now = next
		}
		l.After = now
		if l.Before == nil {
			l.Before = now
		}
	}
	h.now = now
	return nil
}

func (h *History) turns(now *Epoch, l *Landing) bool {
	for _, c := range l.Changes {
		rel, ok := Relative(h.dir, c.Path)
		if !ok {
			continue
		}
		if rel == store.ConfigFile {
			return true
		}
		if k, _, ok := now.kinds.ByPath(rel); ok && (k.Name == "person" || k.Name == "team") {
			return true
		}
	}
	return false
}

// epoch reads people and config at a commit. Where they cannot be read the
// epoch says so and goes on with what was known before: whoever judges by it
// asks Err.
func (h *History) epoch(ctx context.Context, id git.OID, before *Epoch) (*Epoch, error) {
	fsys, err := h.repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	e := &Epoch{Commit: id, kinds: record.Builtin(), People: &store.Directory{}}
	if before != nil {
		e.kinds, e.People, e.Config = before.kinds, before.People, before.Config
	}
	s, err := store.Open(fsys, store.InDirectory(h.dir), store.WithCache(h.cache))
	if err != nil {
		e.Err = err
		return e, ctx.Err()
	}
	e.Config, e.kinds = s.Config, s.Kinds
	people, err := s.Directory()
	if err != nil {
		e.Err = err
		return e, ctx.Err()
	}
	e.People = people
	return e, nil
}

// display is the repository's path of a path of the store.
func (h *History) display(p string) string { return path.Join(h.dir, p) }
