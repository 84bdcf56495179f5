package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
)

// fillModel makes a new change one of the model that it names: a standard change
// with what the model locks and, where nothing else was given, what it proposes.
// A change of another type may name a model and is left alone.
func fillModel(ctx context.Context, d *proposal.Desk, fields map[string]any) error {
	id, typ := record.Str(fields, "model"), record.Str(fields, "type")
	if id == "" || typ != "" && typ != "standard" {
		return nil
	}
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	m, err := w.Base.Get("model", id)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("there is no model %s on %s", id, d.Main).hint("gitsm model list shows what there is")
	}
	if err != nil {
		return err
	}
	st, err := d.Judge.Standing(w.Base, m, d.Now())
	if err != nil {
		return err
	}
	if !st.InForce {
		return usage("model %s is not in force: %s", id, st.WhyNot[0]).hint("gitsm change new --type normal files it for approval")
	}
	fields["type"] = "standard"
	for _, part := range []string{"locked", "defaults"} {
		from, _ := m.Fields[part].(map[string]any)
		if field := fill(fields, from, part == "locked"); field != "" {
			return usage("%s is locked by model %s", field, id).hint("leave it out, or file a normal change; gitsm model view %s shows what is locked", id)
		}
	}
	return nil
}

// fill writes into fields what is not there yet. Strict, it returns the name of
// a field that is there and says something else.
func fill(fields, from map[string]any, strict bool) (differs string) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		have, given := fields[key]
		sub, nested := from[key].(map[string]any)
		into, isMap := have.(map[string]any)
		switch {
		case nested && (isMap || !given):
			if !given {
				into = map[string]any{}
				fields[key] = into
			}
			if name := fill(into, sub, strict); name != "" {
				return key + "." + name
			}
		case !given:
			fields[key] = from[key]
		case strict && fmt.Sprint(have) != fmt.Sprint(from[key]):
			return key
		}
	}
	return ""
}
