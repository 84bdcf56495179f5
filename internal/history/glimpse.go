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
		if g.id = text(k.IDPath()...); g.id == "" {
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

// place is a file of a kind.
type place struct{ kind, path string }

// trail is what was found in a place so far.
type trail struct {
	blob git.OID // what landed there last
	*glimpse
	// Whatever did, to tell a revert: the first few, and all where there are more.
	few  []git.OID
	many map[git.OID]bool
}

// fewLanded is how many versions of a record are told apart one by one.
const fewLanded = 16

// landed reports whether a version was there before.
func (known *trail) landed(blob git.OID) bool {
	if known.many != nil {
		return known.many[blob]
	}
	return slices.Contains(known.few, blob)
}

// sight is what was found ahead of one touch. Before is left to the trail where
// the record stayed in its place.
type sight struct{ before, after *glimpse }

// peeker remembers the newest version of every record, and those of a window of
// landings. While events are derived from one window, the next is looked at.
type peeker struct {
	h      *History
	wanted func(kind, id string) bool
	trails map[place]*trail
	window glimpses

	next chan glimpses
}

// glimpses are the versions that the landings of a window are about.
type glimpses struct {
	of   [][]sight // by landing, from the first on, and by touch
	from int
	upTo int // the landing behind the window
	err  error
}

func (h *History) newPeeker(ctx context.Context, wanted func(kind, id string) bool) *peeker {
	p := &peeker{h: h, wanted: wanted, trails: map[place]*trail{}, next: make(chan glimpses, 1)}
	p.next <- p.look(ctx, 0)
	return p
}

// ahead comes to a landing of the line, the next after the one before.
func (p *peeker) ahead(ctx context.Context, landing int) error {
	if landing < p.window.upTo || landing >= len(p.h.Line) {
		return nil
	}
	g := <-p.next
	p.window = g
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
	type task struct {
		t    *Touch
		blob git.OID
		into **glimpse
	}
	var todo []task
	out := glimpses{from: from, upTo: from}
	for ; out.upTo < len(p.h.Line) && len(todo) < window; out.upTo++ {
		touches := p.h.Line[out.upTo].Touches
		sights := make([]sight, len(touches))
		out.of = append(out.of, sights)
		for i := range touches {
			t := &touches[i]
			if !p.wanted(t.Kind.Name, t.ID) {
				continue
			}
			if t.Moved != "" {
				todo = append(todo, task{t, t.OldBlob, &sights[i].before})
			}
			todo = append(todo, task{t, t.NewBlob, &sights[i].after})
		}
	}
	out.err = each(ctx, len(todo), func(i int) (err error) {
		*todo[i].into, err = p.h.glimpse(ctx, *todo[i].t, todo[i].blob)
		return err
	})
	return out
}

// sight returns what was found for a touch of the landing that ahead came to.
func (p *peeker) sight(landing, touch int) sight { return p.window.of[landing-p.window.from][touch] }

// trail returns what is known of the place of a touch.
func (p *peeker) trail(t Touch) *trail {
	where := place{t.Kind.Name, t.Path}
	known := p.trails[where]
	if known == nil {
		known = &trail{}
		p.trails[where] = known
	}
	return known
}

// before returns what a touch found there, nil for nothing.
func (p *peeker) before(ctx context.Context, t Touch, known *trail, ahead sight) (*glimpse, error) {
	if known.blob == t.OldBlob {
		return known.glimpse, nil
	}
	if ahead.before != nil {
		return ahead.before, nil
	}
	return p.h.glimpse(ctx, t, t.OldBlob)
}

// land notes what a touch left.
func (known *trail) land(blob git.OID, g *glimpse) {
	known.blob, known.glimpse = blob, g
	if blob == "" {
		return
	}
	if known.many == nil && len(known.few) < fewLanded {
		known.few = append(known.few, blob)
		return
	}
	if known.many == nil {
		known.many = map[git.OID]bool{}
		for _, b := range known.few {
			known.many[b] = true
		}
		known.few = nil
	}
	known.many[blob] = true
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
