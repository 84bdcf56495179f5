package proposal

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Expand writes out the short ids that people give in fields that refer to
// dated records: any unique end of an id names it there as everywhere else.
// What names nothing stays as it was given, for check to report.
func (d *Desk) Expand(ctx context.Context, k *record.Kind, edits []yamldoc.Edit) error {
	for i, e := range edits {
		for _, ref := range k.Refs {
			path, list := strings.CutSuffix(ref.Path, "[]")
			if "/"+strings.ReplaceAll(path, ".", "/") != e.Pointer {
				continue
			}
			v, err := d.expand(ctx, ref.Kinds, e.Value, list)
			if err != nil {
				return err
			}
			edits[i].Value = v
		}
	}
	return nil
}

func (d *Desk) expand(ctx context.Context, kinds []string, value any, list bool) (any, error) {
	if items, ok := value.([]any); ok && list {
		out := make([]any, len(items))
		for i, item := range items {
			var err error
			if out[i], err = d.expand(ctx, kinds, item, false); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	short, ok := value.(string)
	if !ok || short == "" {
		return value, nil
	}
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	var dated []string
	for _, k := range w.Base.Kinds.All() {
		if k.Dated() && (len(kinds) == 0 || slices.Contains(kinds, k.Name)) {
			dated = append(dated, k.Name)
		}
	}
	if len(dated) == 0 {
		return value, nil
	}
	rec, err := w.Base.Find(short, dated...)
	if err == nil {
		return rec.ID, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return value, nil
}
