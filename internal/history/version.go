package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// version reads one version of a record. It is nil where the bytes are no
// record; each is parsed once.
func (h *History) version(ctx context.Context, t Touch, blob git.OID) (*record.Record, error) {
	if blob == "" {
		return nil, nil
	}
	key := t.Kind.Name + "\x00" + t.Path + "\x00" + blob
	h.mu.Lock()
	rec, ok := h.versions[key]
	h.mu.Unlock()
	if ok {
		return rec, nil
	}
	src, err := h.repo.Blob(ctx, blob)
	if err != nil {
		return nil, fmt.Errorf("reading a version of %s: %w", h.display(t.Path), err)
	}
	if doc, findings := yamldoc.Parse(h.display(t.Path), src); doc != nil && len(findings) == 0 {
		rec = record.New(t.Kind, t.ID, t.Path, blob, doc)
	}
	h.mu.Lock()
	h.versions[key] = rec
	h.mu.Unlock()
	return rec, nil
}

// concerned returns the records that name one of the services, in any version
// that landed, as "kind id".
func (h *History) concerned(ctx context.Context, f Filter) (map[string]bool, error) {
	if len(f.Services) == 0 {
		return nil, nil
	}
	out := map[string]bool{}
	for _, l := range h.Line {
		for _, t := range l.Touches {
			if key := t.Kind.Name + " " + t.ID; f.about(t.Kind.Name, t.ID) && !out[key] {
				rec, err := h.version(ctx, t, t.NewBlob)
				if err != nil {
					return nil, err
				}
				out[key] = names(rec, t, f.Services)
			}
		}
	}
	return out, nil
}

func names(rec *record.Record, t Touch, services []string) bool {
	if t.Kind.Name == "service" {
		return slices.Contains(services, t.ID)
	}
	return rec != nil && slices.ContainsFunc(rec.Strs("services"), func(s string) bool { return slices.Contains(services, s) })
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
