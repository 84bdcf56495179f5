package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/render"
)

// outputFlags are the flags of every list and view.
type outputFlags struct {
	json     string
	jq       string
	template string
	formats  []string

	// report is what formats for findings show. Where it is not nil they can be
	// asked for as well; it is filled in before anything is written.
	report *render.Report

	// documents says that the list can be asked for as a document as well.
	documents bool

	// own are formats that only this command has; writeOwn renders them and is
	// filled in before anything is written.
	own      []string
	writeOwn func(w io.Writer, format string, style render.Style) error
}

func (o *outputFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var((*fieldNames)(&o.json), "json", "print these `FIELDS` as JSON, all of them where none are named; an unknown name lists them")
	f.Var(&expression{&o.jq, render.CheckJQ}, "jq", "filter the JSON with a jq `EXPRESSION`")
	f.Var(&expression{&o.template, render.CheckTemplate}, "template", "format the JSON with a Go `TEMPLATE`")
	f.VarP(&formatList{o}, "output", "o", "`FORMAT[=FILE]`, repeatable: "+strings.Join(o.known(), ", "))
}

// fieldNames is the value of --json. One that is empty, as of a variable that is
// not set, is no wish for text.
type fieldNames string

func (n *fieldNames) String() string { return string(*n) }
func (*fieldNames) Type() string     { return "string" }

func (n *fieldNames) Set(value string) error {
	if strings.Trim(value, ", ") == "" {
		return errors.New("it names no field")
	}
	*n = fieldNames(value)
	return nil
}

// expression is the value of --jq and --template: one that cannot be read is
// refused before anything is done that could not be told of.
type expression struct {
	into  *string
	check func(string) error
}

func (e *expression) Type() string { return "string" }

func (e *expression) String() string {
	if e.into == nil {
		return ""
	}
	return *e.into
}

func (e *expression) Set(value string) error {
	*e.into = value
	return e.check(value)
}

// formatList is the value of --output, refused like an expression.
type formatList struct{ of *outputFlags }

func (l *formatList) Type() string { return "stringArray" }

func (l *formatList) String() string {
	if l.of == nil {
		return ""
	}
	return strings.Join(l.of.formats, ",")
}

func (l *formatList) Set(value string) error {
	l.of.formats = append(l.of.formats, value)
	_, err := render.ParseOutputs(l.of.formats, l.of.known())
	return err
}

// checkFields refuses fields that a command does not have before it does
// anything: one that writes has done it when it comes to saying so.
func (env *Env) checkFields(cmd *cobra.Command) error {
	f := cmd.Flags().Lookup("json")
	if f == nil || !f.Changed || cmd.Flags().Lookup("dry-run") == nil {
		return nil
	}
	if _, err := render.ParseFields(f.Value.String(), (&completer{env: env}).jsonFields(cmd)); err != nil {
		return usageError{err}
	}
	return nil
}

// mayName tells names of fields from ids, paths and flags. Of a store's own kind
// they may look like ids, and a list of names is none.
var mayName = lazyregexp.New(`^([A-Za-z_, ]*|[A-Za-z_][A-Za-z0-9_.-]*(, *[A-Za-z_][A-Za-z0-9_.-]*)+)$`)

// bareJSON lets --json stand without a value, for all fields. A flag whose value
// may be left out could not be given one as a word of its own, as in --json id.
func bareJSON(args []string) []string {
	if completing(args) {
		return args
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if arg == "--json" && (i+1 == len(args) || !mayName.MatchString(args[i+1])) {
			args[i] += "=" + render.AllFields
		}
	}
	return args
}

// known are the formats that can be asked for.
func (o *outputFlags) known() []string {
	out := append(render.ListFormats(), o.own...)
	if o.documents {
		out = append(out, render.DocumentFormats()...)
	}
	if o.report != nil {
		out = append(out, render.FindingFormats()...)
	}
	return out
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
	outs, err := render.ParseOutputs(o.formats, o.known())
	if err != nil {
		return usageError{err}
	}
	for _, out := range outs {
		err := env.into(out.File, func(w io.Writer, style render.Style) error {
			switch {
			case slices.Contains(o.own, out.Format):
				return o.writeOwn(w, out.Format, style)
			case slices.Contains(render.FindingFormats(), out.Format):
				return o.report.Write(w, out.Format, style)
			}
			return l.Write(ctx, w, out.Format, sel, style)
		})
		if err != nil {
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
		if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
			err = failed.Err // of a file that nobody asked for
		}
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
