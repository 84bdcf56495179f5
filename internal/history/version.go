package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// version reads one version of a record. It is nil where the bytes are no
// record; each is parsed once.
func (h *History) version(ctx context.Context, t Touch, blob git.OID) (*record.Record, error) {
	r, err := h.reading(ctx, t, blob)
	return r.rec, err
}

// reading is what came of parsing a version of a record: the record, or what is
// wrong with it.
type reading struct {
	rec *record.Record
	why string
}

// reading returns a version, parsed once and kept.
func (h *History) reading(ctx context.Context, t Touch, blob git.OID) (reading, error) {
	if blob == "" {
		return reading{}, nil
	}
	key := t.Kind.Name + "\x00" + t.Path + "\x00" + blob
	h.mu.Lock()
	r, ok := h.versions[key]
	h.mu.Unlock()
	if ok {
		return r, nil
	}
	src, err := h.source(ctx, t, blob)
	if err != nil {
		return r, err
	}
	r = h.parse(t, blob, src)
	h.mu.Lock()
	h.versions[key] = r
	h.mu.Unlock()
	return r, nil
}

func (h *History) source(ctx context.Context, t Touch, blob git.OID) ([]byte, error) {
	src, err := h.repo.Blob(ctx, blob)
	if err != nil {
		return nil, fmt.Errorf("reading a version of %s: %w", h.display(t.Path), err)
	}
	return src, nil
}

// parse reads the bytes of a version.
func (h *History) parse(t Touch, blob git.OID, src []byte) (r reading) {
	doc, findings := t.Kind.Parse(h.display(t.Path), src)
	if doc != nil && len(findings) == 0 {
		r.rec = record.New(t.Kind, t.ID, t.Path, blob, doc)
		if !t.Kind.Named() {
			r.rec.ID = t.Kind.IDIn(r.rec.Fields)
		}
	} else if len(findings) > 0 {
		f := findings[0]
		r.why = fmt.Sprintf("%s:%d:%d: %s %s", f.File, f.Line, f.Column, f.Code, f.Message)
	}
	return r
}

// identify finds the id of a record whose path does not say it: in the version
// that landed, else in the one before. Where neither can be read, the path has
// to do.
func (h *History) identify(ctx context.Context, t *Touch) error {
	for _, blob := range []git.OID{t.NewBlob, t.OldBlob} {
		g, err := h.glimpse(ctx, *t, blob)
		if err != nil {
			return err
		}
		if g != nil && g.id != "" {
			t.ID = g.id
			return nil
		}
	}
	t.ID = t.Path
	return nil
}

// concerned returns the records that name one of the services, in any version
// that landed, as "kind id".
func (h *History) concerned(ctx context.Context, f Filter) (map[string]bool, error) {
	if len(f.Services) == 0 {
		return nil, nil
	}
	out := map[string]bool{}
	p := h.newPeeker(ctx, f.about)
	defer p.end()
	for i, l := range h.Line {
		if err := p.ahead(ctx, i); err != nil {
			return nil, err
		}
		for j, t := range l.Touches {
			if key := t.Kind.Name + " " + t.ID; f.about(t.Kind.Name, t.ID) && !out[key] {
				out[key] = names(p.sight(i, j).after, t, f.Services)
			}
		}
	}
	return out, nil
}

func names(g *glimpse, t Touch, services []string) bool {
	if t.Kind.Name == "service" {
		return slices.Contains(services, t.ID)
	}
	return g != nil && slices.ContainsFunc(g.services, func(s string) bool { return slices.Contains(services, s) })
}

// Versions reads a record as it was before a landing and as it is after it; a
// side that is absent, or that is no record, is nil.
func (h *History) Versions(ctx context.Context, t Touch) (before, after *record.Record, err error) {
	if before, err = h.version(ctx, t, t.OldBlob); err != nil {
		return nil, nil, err
	}
	after, err = h.version(ctx, t, t.NewBlob)
	return before, after, err
}
