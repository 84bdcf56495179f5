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

// Expand writes out what people give in fields that refer to records: any
// unique end of a dated id, or an alias, names a record there as everywhere
// else, and is written as its id. What names nothing stays as it was given, for
// check to report.
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
	var dated, aliased []string
	for _, k := range w.Base.Kinds.All() {
		switch {
		case len(kinds) > 0 && !slices.Contains(kinds, k.Name):
		case k.Dated():
			dated = append(dated, k.Name)
		case k.Aliased:
			aliased = append(aliased, k.Name)
		}
	}
	if len(dated) > 0 {
		if rec, err := w.Base.Find(short, dated...); err == nil {
			return rec.ID, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if len(aliased) > 0 {
		return w.Base.Unaliased(short, aliased...), nil
	}
	return value, nil
}
