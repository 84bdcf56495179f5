package history

import (
	"context"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// fields lists the fields that differ between two versions that are records.
func (d *derivation) fields(ctx context.Context, t Touch) ([]string, error) {
	if !t.Kind.Markdown() {
		if fields, ok, err := d.plainFields(ctx, t); ok || err != nil {
			return fields, err
		}
	}
	before, err := d.parsed(ctx, t, t.OldBlob)
	if err != nil {
		return nil, err
	}
	after, err := d.parsed(ctx, t, t.NewBlob)
	if err != nil {
		return nil, err
	}
	return record.Changed(before.Fields, after.Fields), nil
}

// plainFields is fields of two versions of the plainest form, of which no more is
// parsed than is written differently.
func (d *derivation) plainFields(ctx context.Context, t Touch) ([]string, bool, error) {
	var sides [2][]byte
	for i, blob := range []git.OID{t.OldBlob, t.NewBlob} {
		src, err := d.h.source(ctx, t, blob)
		if err != nil {
			return nil, false, err
		}
		sides[i] = src
	}
	var ok bool
	if sides[0], sides[1], ok = d.glance.Differing(sides[0], sides[1]); !ok {
		return nil, false, nil
	}
	var values [2]map[string]any
	for i, src := range sides {
		if len(src) == 0 {
			continue
		}
		doc, findings := yamldoc.Parse(d.h.display(t.Path), src)
		if doc == nil || len(findings) > 0 {
			return nil, false, nil
		}
		values[i] = doc.Value()
	}
	return record.Changed(values[0], values[1]), true, nil
}

// version names a version of a record.
type version struct {
	place
	blob git.OID
}

// keptRecords is how many parsed versions wait to be compared with the next.
const keptRecords = 256

func (d *derivation) parsed(ctx context.Context, t Touch, blob git.OID) (*record.Record, error) {
	v := version{place{t.Kind.Name, t.Path}, blob}
	if rec := d.records[v]; rec != nil {
		return rec, nil
	}
	src, err := d.h.source(ctx, t, blob)
	if err != nil {
		return nil, err
	}
	rec := d.h.parse(t, blob, src).rec
	if len(d.records) >= keptRecords {
		clear(d.records)
	}
	d.records[v] = rec
	return rec, nil
}
