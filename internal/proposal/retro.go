package proposal

import (
	"context"
	"slices"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
)

// landedBy finds the pull request that brought an emergency to main, as the
// evidence has it: 0 where it came by none, or nobody has recorded it yet.
func (d *Desk) landedBy(ctx context.Context, w *World, l *Loaded) (int, error) {
	if !w.reviewed() {
		return 0, nil
	}
	list, err := d.recordedOf(ctx, w, l)
	if err != nil {
		return 0, err
	}
	for _, e := range list { // the oldest first: it was filed by that
		if p := e.Statement.Predicate; p.Kind == evidence.Merge && p.Forge != nil {
			return p.Forge.Pull, nil
		}
	}
	return 0, nil
}

// filedWith are the files that an emergency brought to main besides its record:
// whoever approves it afterwards approves these as well.
func filedWith(entries []*evidence.Entry) (out []decision.File) {
	i := slices.IndexFunc(entries, func(e *evidence.Entry) bool { return e.Statement.Predicate.Kind == evidence.Merge })
	if i < 0 {
		return nil
	}
	for _, f := range entries[i].Statement.Predicate.Files {
		status := "modified"
		if f.Blob == "" {
			status = "deleted"
		}
		out = append(out, decision.File{Path: f.Path, Mode: f.Mode, Blob: f.Blob, Status: status})
	}
	return out
}

// reviewLanded says what somebody says of an emergency where it was reviewed:
// the forge takes reviews of a pull request that has landed as well.
func (d *Desk) reviewLanded(ctx context.Context, l *Loaded, op *Opinion, e *evidence.Entry) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	at := *l
	if at.Said, err = f.Facts(ctx, l.landedBy, nil); err != nil {
		return err
	}
	at.Head = at.Said.Pull.Head.OID
	op.Notes = append(op.Notes, "the evidence has it once a workflow has recorded it; gitsm evidence record does so by hand")
	return d.reviewPull(ctx, &at, op, e)
}

// onForge reports whether what people say of it is said on a forge.
func (l *Loaded) onForge() bool { return l.Said != nil || l.landedBy != 0 }
