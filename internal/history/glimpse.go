package history

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// glimpse is what events say of one version of a record.
type glimpse struct {
	valid    bool   // the bytes are a record
	why      string // what is wrong with them
	id       string // of a record whose path does not say it
	typ      string
	state    string
	outcome  string // of its implementation
	reviewed string // when it was
	services []string
}

// glimpse looks at one version, nil where blob is "". Most are of a form in
// which that takes no parser.
func (h *History) glimpse(ctx context.Context, t Touch, blob git.OID) (*glimpse, error) {
	if blob == "" {
		return nil, nil
	}
	src, err := h.source(ctx, t, blob)
	if err != nil {
		return nil, err
	}
	if !t.Kind.Markdown() {
		plain := h.glances.Get().(*yamldoc.Glance)
		defer h.glances.Put(plain)
		if plain.Look(src) {
			if g := glimpseOf(t.Kind, plain); g != nil {
				return g, nil
			}
		}
	}
	r := h.parse(t, blob, src)
	g := &glimpse{valid: r.rec != nil, why: r.why}
	if r.rec != nil {
		g.id, g.typ, g.state = r.rec.ID, r.rec.Str("type"), r.rec.State()
		g.outcome, g.reviewed = r.rec.Str("implementation", "outcome"), r.rec.Str("review", "reviewed_at")
		g.services = r.rec.Strs("services")
	}
	return g, nil
}

// glimpseOf is nil where some text is too long to have been kept.
func glimpseOf(k *record.Kind, plain *yamldoc.Glance) *glimpse {
	g := &glimpse{valid: true}
	all := true
	text := func(keys ...string) string {
		s, ok := plain.Text(keys...)
		all = all && ok
		return strings.Clone(s) // the rest of the file is let go of
	}
	g.typ, g.state = text("type"), text(k.StateKey())
	g.outcome, g.reviewed = text("implementation", "outcome"), text("review", "reviewed_at")
	if !k.Named() {
		if g.id = text(k.IDKey()); g.id == "" {
			return nil // it may be a number
		}
	}
	for _, s := range plain.Texts("services") {
		g.services = append(g.services, strings.Clone(s))
	}
	if !all {
		return nil
	}
	return g
}

// window is how many touches are looked at side by side before their events are
// derived one after the other.
const window = 4096

// place is a file of a kind, seen what was last found there.
type place struct{ kind, path string }

type seen struct {
	blob git.OID
	*glimpse
}

// version names a version that has to be looked at.
type version struct {
	place
	blob git.OID
}

// peeker remembers the newest version of every record, and those of a window of
// landings. While events are derived from one window, the next is looked at.
type peeker struct {
	h      *History
	wanted func(kind, id string) bool
	newest map[place]seen
	window map[version]*glimpse
	upTo   int // the landing behind the window

	next chan glimpses
}

// glimpses are the versions that the landings of a window are about.
type glimpses struct {
	of   map[version]*glimpse
	upTo int
	err  error
}

func (h *History) newPeeker(ctx context.Context, wanted func(kind, id string) bool) *peeker {
	p := &peeker{h: h, wanted: wanted, newest: map[place]seen{}, next: make(chan glimpses, 1)}
	p.next <- p.look(ctx, 0)
	return p
}

// ahead comes to a landing, the next after the one before.
func (p *peeker) ahead(ctx context.Context, landing int) error {
	if landing < p.upTo || landing >= len(p.h.Line) {
		return nil
	}
	g := <-p.next
	p.window, p.upTo = g.of, g.upTo
	if g.err != nil {
		p.next <- g
		return g.err
	}
	go func() { p.next <- p.look(ctx, g.upTo) }()
	return nil
}

// end waits for what is under way.
func (p *peeker) end() { <-p.next }

// look takes the next window of landings and looks at its versions.
func (p *peeker) look(ctx context.Context, from int) glimpses {
	out := glimpses{of: map[version]*glimpse{}, upTo: from}
	var todo []Touch
	var blobs []git.OID
	for ; out.upTo < len(p.h.Line) && len(todo) < window; out.upTo++ {
		for _, t := range p.h.Line[out.upTo].Touches {
			if !p.wanted(t.Kind.Name, t.ID) {
				continue
			}
			for _, blob := range []git.OID{t.OldBlob, t.NewBlob} {
				v := version{place{t.Kind.Name, t.Path}, blob}
				if _, known := out.of[v]; blob != "" && !known && (blob == t.NewBlob || t.Moved != "") {
					out.of[v] = nil
					todo, blobs = append(todo, t), append(blobs, blob)
				}
			}
		}
	}
	found := make([]*glimpse, len(todo))
	out.err = each(ctx, len(todo), func(i int) (err error) {
		found[i], err = p.h.glimpse(ctx, todo[i], blobs[i])
		return err
	})
	for i, t := range todo {
		out.of[version{place{t.Kind.Name, t.Path}, blobs[i]}] = found[i]
	}
	return out
}

// at returns a version, nil for none.
func (p *peeker) at(ctx context.Context, t Touch, blob git.OID) (*glimpse, error) {
	where := place{t.Kind.Name, t.Path}
	if s := p.newest[where]; s.blob == blob {
		return s.glimpse, nil
	}
	if g := p.window[version{where, blob}]; g != nil {
		return g, nil
	}
	return p.h.glimpse(ctx, t, blob)
}

// landed notes what a landing left in a place.
func (p *peeker) landed(t Touch, g *glimpse) {
	if t.NewBlob == "" {
		delete(p.newest, place{t.Kind.Name, t.Path})
		return
	}
	p.newest[place{t.Kind.Name, t.Path}] = seen{t.NewBlob, g}
}

// each calls do for every index below n on all cores, and returns the error of
// the lowest index.
func each(ctx context.Context, n int, do func(i int) error) error {
	const share = 64
	errs := make([]error, (n+share-1)/share)
	var wg sync.WaitGroup
	parts := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(errs)) {
		wg.Go(func() {
			for part := range parts {
				for i := part * share; i < min(n, (part+1)*share) && errs[part] == nil; i++ {
					if errs[part] = ctx.Err(); errs[part] == nil {
						errs[part] = do(i)
					}
				}
			}
		})
	}
	for part := range errs {
		parts <- part
	}
	close(parts)
	wg.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}
