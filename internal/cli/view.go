package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/schema"
)

func newViewCmd(env *Env, k *record.Kind) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "view [ID]", Aliases: []string{"show"}, Short: "Show one " + k.Name, Args: args(cobra.MaximumNArgs(1)),
		Long:    "Show a record: as its open proposal has it where there is one, else as main has it.\n\n" + idArg(k),
		Example: fmt.Sprintf("  $ gitsm %s view ID\n  $ gitsm %s view ID --json id,%s", k.Name, k.Name, k.Title),
		RunE: func(cmd *cobra.Command, list []string) error {
			return runView(cmd.Context(), env, k, list, &out)
		},
	}
	out.register(cmd)
	return cmd
}

func runView(ctx context.Context, env *Env, k *record.Kind, list []string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	t, err := env.target(ctx, d, list, k.Name)
	if err != nil {
		return err
	}
	rec := t.Current()
	if rec == nil {
		return &Error{Msg: t.ID + " cannot be read", Code: ExitFailure, Hints: []string{"gitsm check " + t.ID}}
	}
	if out.given() {
		return out.write(ctx, env, single(viewFields(k), viewValues(t, rec)))
	}
	env.say("%s · %s", rec.ID, stage(t))
	return env.into("", func(w io.Writer, _ render.Style) error {
		_, err := io.WriteString(w, render.TerminalLines(string(rec.Doc.Source)))
		return err
	})
}

// viewFields are the record's own fields and what gitsm knows besides.
func viewFields(k *record.Kind) []string {
	return append(schema.Properties(k.Schema), "stage", "start", "branch", "path", "blob")
}

func viewValues(t *proposal.Target, rec *record.Record) map[string]any {
	out := map[string]any{"stage": stage(t), "branch": "", "path": rec.Path, "blob": rec.Blob, "start": rec.Str("window", "start")}
	if t.Proposal != nil {
		out["branch"] = t.Proposal.Branch
	}
	for key, v := range rec.Fields {
		out[key] = v
	}
	return out
}

// stage is where a record stands, in ITIL's words: what has not landed yet is
// new, whatever its file says it will be.
func stage(t *proposal.Target) string {
	switch {
	case t.Landed == nil:
		return "new"
	case t.Landed.State() != "":
		return t.Landed.State()
	}
	return "in force"
}

type listOptions struct {
	kind     *record.Kind
	states   []string
	services []string
	owners   []string
	out      outputFlags
}

func newListCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &listOptions{kind: k}
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List " + k.Plural, Args: args(cobra.NoArgs),
		Long:    "List the " + k.Plural + " on main and those that open proposals would add.",
		Example: fmt.Sprintf("  $ gitsm %s list\n  $ gitsm %s list --json id,%s", k.Name, k.Name, k.Title),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	if len(k.States) > 0 {
		f.StringSliceVar(&o.states, "state", nil, "only these `STATES`: new, "+strings.Join(k.States, ", "))
	}
	if _, has := schema.FieldOf(k.Schema, "services"); has {
		f.StringSliceVar(&o.services, "service", nil, "only those that touch these `SERVICES`")
	}
	if _, has := schema.FieldOf(k.Schema, "owner"); has {
		f.StringSliceVar(&o.owners, "owner", nil, "only those owned by `OWNERS` (team:… or person:…)")
	}
	o.out.register(cmd)
	return cmd
}

func runList(ctx context.Context, env *Env, o *listOptions) error {
	for _, s := range o.states {
		if s != "new" && !slices.Contains(o.kind.States, s) {
			return usage("%q is no state of a %s", s, o.kind.Name).hint("states: new, %s", strings.Join(o.kind.States, ", "))
		}
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	items, err := o.items(ctx, d)
	if err != nil {
		return err
	}
	if len(items) == 0 && !o.out.given() {
		env.say("no %s to list", o.kind.Plural)
	}
	return o.out.write(ctx, env, render.List{Fields: viewFields(o.kind), Columns: columns(o.kind), Items: items})
}

// items are the records on main and those only proposals know.
func (o *listOptions) items(ctx context.Context, d *proposal.Desk) ([]map[string]any, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	recs, err := w.Base.List(o.kind.Name)
	if err != nil {
		return nil, err
	}
	for i, s := range o.services {
		o.services[i] = w.Base.Unaliased(s, "service")
	}
	for i, s := range o.owners {
		o.owners[i] = w.Base.Unaliased(s, "team", "person")
	}
	items := []map[string]any{}
	keep := func(t *proposal.Target, rec *record.Record) {
		if o.matches(t, rec) {
			items = append(items, viewValues(t, rec))
		}
	}
	for _, r := range recs {
		keep(&proposal.Target{Kind: o.kind, ID: r.ID, Landed: r}, r)
	}
	open, err := d.Open(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, p := range open {
		l, err := d.Load(ctx, w, p)
		if err != nil {
			return nil, err
		}
		if c := l.Facts.Primary(); c != nil && c.Kind.Name == o.kind.Name && c.Before == nil && c.After != nil {
			keep(&proposal.Target{Kind: o.kind, ID: c.ID, Proposal: l}, c.After)
		}
	}
	return items, nil
}

func (o *listOptions) matches(t *proposal.Target, rec *record.Record) bool {
	if len(o.states) > 0 && !slices.Contains(o.states, stage(t)) {
		return false
	}
	if len(o.owners) > 0 && !slices.Contains(o.owners, rec.Str("owner")) {
		return false
	}
	return len(o.services) == 0 || slices.ContainsFunc(rec.Strs("services"), func(s string) bool { return slices.Contains(o.services, s) })
}

// columns are what a person sees of a kind at first.
func columns(k *record.Kind) []render.Column {
	cols := []render.Column{{Field: "id"}}
	if len(k.States) > 0 {
		cols = append(cols, render.Column{Field: "stage", Header: "STATE"})
	}
	if _, has := schema.FieldOf(k.Schema, "window"); has {
		cols = append(cols, render.Column{Field: "start"})
	}
	for _, f := range []string{"type", "tier", "urgency", "owner", "services", "members", "emails"} {
		if _, has := schema.FieldOf(k.Schema, f); has {
			cols = append(cols, render.Column{Field: f})
		}
	}
	return append(cols, render.Column{Field: k.Title})
}
