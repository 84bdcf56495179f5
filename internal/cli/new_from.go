package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// over sets what flags say in the text of a file, whose other bytes stay. A model
// that is named by a flag fills in what it locks and proposes.
func (o *newOptions) over(ctx context.Context, d *proposal.Desk, name string, src []byte, edits []yamldoc.Edit) ([]byte, error) {
	if len(edits) == 0 {
		return src, nil
	}
	doc, findings := o.kind.Parse(name, src)
	if doc == nil || len(findings) > 0 {
		return nil, &proposal.InvalidError{What: name, Findings: findings}
	}
	if err := d.Expand(ctx, o.kind, edits); err != nil {
		return nil, err
	}
	out, err := o.kind.Edit(doc, edits...)
	if err != nil {
		return nil, usage("%s: %v", name, err)
	}
	if o.kind.Name != "change" || !slices.ContainsFunc(edits, func(e yamldoc.Edit) bool { return e.Pointer == "/model" }) {
		return out, nil
	}
	if doc, findings = o.kind.Parse(name, out); doc == nil || len(findings) > 0 {
		return nil, &proposal.InvalidError{What: name, Findings: findings}
	}
	fields := doc.Value()
	if err := fillModel(ctx, d, fields); err != nil {
		return nil, err
	}
	return o.kind.Edit(doc, added(nil, doc.Value(), fields)...)
}

// added are the edits that make what is there of the fields into all of them.
func added(at []string, there, fields map[string]any) []yamldoc.Edit {
	var out []yamldoc.Edit
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		path := append(at[:len(at):len(at)], key)
		have, given := there[key]
		sub, nested := fields[key].(map[string]any)
		into, isMap := have.(map[string]any)
		switch {
		case !given:
			out = append(out, yamldoc.Edit{Pointer: yamldoc.Pointer(path...), Value: fields[key]})
		case nested && isMap:
			out = append(out, added(path, into, sub)...)
		}
	}
	return out
}

// read reads a file, or stdin for "-", up to what a record may hold and a bit
// more, so that a larger one is refused for its size.
func (env *Env) read(name string) (string, []byte, error) {
	in := env.In
	if name != "-" {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(env.workDir(), path)
		}
		f, err := os.Open(path)
		if err != nil {
			return name, nil, usage("%v", err)
		}
		defer f.Close()
		in = f
	} else {
		name = "stdin"
	}
	src, err := io.ReadAll(io.LimitReader(in, 256<<10+1))
	if err != nil {
		return name, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return name, src, nil
}
