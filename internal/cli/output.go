package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/render"
)

// outputFlags are the flags of every list and view.
type outputFlags struct {
	json     string
	jq       string
	template string
	formats  []string
}

func (o *outputFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.json, "json", "", "print these `FIELDS` as JSON; an unknown name lists them all")
	f.StringVar(&o.jq, "jq", "", "filter the JSON with a jq `EXPRESSION`")
	f.StringVar(&o.template, "template", "", "format the JSON with a Go `TEMPLATE`")
	f.StringArrayVarP(&o.formats, "output", "o", nil, "`FORMAT[=FILE]`, repeatable: "+strings.Join(render.ListFormats(), ", "))
}

// given reports whether any output flag asks for data rather than talk.
func (o *outputFlags) given() bool {
	return o.json != "" || o.jq != "" || o.template != "" || len(o.formats) > 0
}

// write prints a list wherever the flags want it.
func (o *outputFlags) write(ctx context.Context, env *Env, l render.List) error {
	sel := render.Selection{JQ: o.jq, Template: o.template}
	if o.json != "" {
		fields, err := render.ParseFields(o.json, l.Fields)
		if err != nil {
			return usageError{err}
		}
		sel.Fields = fields
	}
	outs, err := render.ParseOutputs(o.formats, render.ListFormats())
	if err != nil {
		return usageError{err}
	}
	for _, out := range outs {
		if err := env.into(out.File, func(w io.Writer, style render.Style) error { return l.Write(ctx, w, out.Format, sel, style) }); err != nil {
			return err
		}
	}
	return nil
}

// into calls write with stdout or with a file that appears only when it is
// complete.
func (env *Env) into(file string, write func(io.Writer, render.Style) error) (err error) {
	if file == "" {
		return write(env.Out, env.style())
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(env.workDir(), file)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".gitsm-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := write(tmp, render.Style{}); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return fmt.Errorf("writing %s: %w", file, err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return os.Rename(tmp.Name(), file)
}

// single is a view of one value as field, value pairs.
func single(fields []string, values map[string]any) render.List {
	return render.List{Fields: fields, Items: []map[string]any{values}, Single: true}
}
