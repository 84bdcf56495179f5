package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

func newViewCmd(env *Env, k *record.Kind) *cobra.Command {
	var out outputFlags
	var at string
	var web bool
	cmd := &cobra.Command{
		Use: "view [ID]", Aliases: []string{"show"}, Short: "Show one " + k.Name, Args: args(cobra.MaximumNArgs(1)),
		Long:    "Show a record: as its open proposal has it where there is one, else as main has it.\n\n" + idArg(k),
		Example: fmt.Sprintf("  $ gitsm %s view ID\n  $ gitsm %s view ID --json id,%s", k.Name, k.Name, k.Title),
		RunE: func(cmd *cobra.Command, list []string) error {
			if web {
				if at != "" || out.given() {
					return usage("--web opens a page, and prints nothing else")
				}
				return viewPage(cmd.Context(), env, list, k.Name)
			}
			return runView(cmd.Context(), env, k, list, at, &out)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", atHelp)
	cmd.Flags().BoolVar(&web, "web", false, "open its page on GitHub in a browser; the address is printed where there is none")
	out.register(cmd)
	return cmd
}

// viewPage opens a record's page.
func viewPage(ctx context.Context, env *Env, list []string, kind string) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	t, err := env.target(ctx, d, list, kind)
	if err != nil {
		return err
	}
	page, err := d.Page(ctx, t)
	if err != nil {
		return err
	}
	env.say("opening %s", render.Terminal(page))
	if err := env.browse(page); err != nil {
		env.say("no browser could be opened: %v", err)
		_, err := fmt.Fprintln(env.Out, render.Terminal(page))
		return err
	}
	return nil
}

func runView(ctx context.Context, env *Env, k *record.Kind, list []string, at string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	t, _, err := env.targetAt(ctx, d, list, at, k.Name)
	if err != nil {
		return err
	}
	rec := t.Current()
	if rec == nil {
		return &Error{Msg: t.ID + " cannot be read", Code: ExitFailure, Hints: []string{"gitsm check " + t.ID}}
	}
	st, err := env.standings(d, at)(ctx, t)
	if err != nil {
		return err
	}
	if out.given() {
		return out.write(ctx, env, single(shownFields(k, rec), shownValues(t, rec, st)))
	}
	env.say("%s · %s", rec.ID, stage(t))
	if t.Proposal != nil && t.Landed != nil {
		env.say("as %s proposes it; with --at %s as it is in force", t.Proposal.Branch, d.Main)
	}
	if st != nil && !st.InForce {
		env.say("not in force: %s", strings.Join(st.WhyNot, "; "))
	}
	return env.into("", func(w io.Writer, _ render.Style) error {
		_, err := io.WriteString(w, render.TerminalLines(string(rec.Doc.Source)))
		return err
	})
}

// targetAt resolves an id as target does or, with --at, among the records that
// main had, with that store.
func (env *Env) targetAt(ctx context.Context, d *proposal.Desk, list []string, at, kind string) (*proposal.Target, *store.Store, error) {
	if at == "" {
		t, err := env.target(ctx, d, list, kind)
		return t, nil, err
	}
	if len(list) == 0 {
		return nil, nil, usage("--at needs the id of %s", article(kind))
	}
	s, err := env.past(ctx, d, at)
	if err != nil {
		return nil, nil, err
	}
	rec, err := s.Find(list[0], kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, usage("no %s was called %q at %s", kind, list[0], at)
	}
	if err != nil {
		return nil, nil, err
	}
	return &proposal.Target{Kind: rec.Kind, ID: rec.ID, Landed: rec}, s, nil
}

// viewFields are the records' own fields and what gitsm knows besides. Where no
// schema describes them, they are those that the records have.
func viewFields(k *record.Kind, recs ...*record.Record) []string {
	fields := k.Fields().Properties()
	if len(fields) == 0 {
		all := map[string]bool{}
		for _, r := range recs {
			for key := range r.Fields {
				all[key] = true
			}
		}
		fields = slices.Sorted(maps.Keys(all))
	}
	if (k.Markdown() || strings.Contains(k.Title, ".")) && !slices.Contains(fields, k.Title) {
		fields = append(fields, k.Title) // its heading, or what is within a field
	}
	for _, f := range []string{"id", "stage", "start", "branch", "path", "blob"} {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// shownFields are those of viewFields and, of a model, how it stands.
func shownFields(k *record.Kind, recs ...*record.Record) []string {
	fields := viewFields(k, recs...)
	if k.Name == "model" {
		fields = append(fields, "standing", "in_force", "why_not")
	}
	return fields
}

func shownValues(t *proposal.Target, rec *record.Record, st *decision.Standing) map[string]any {
	out := viewValues(t, rec)
	if st != nil {
		stand(out, st)
	}
	return out
}

func viewValues(t *proposal.Target, rec *record.Record) map[string]any {
	out := map[string]any{"stage": stage(t), "branch": "", "path": rec.Path, "blob": rec.Blob, "start": rec.Str("window", "start")}
	if t.Proposal != nil {
		out["branch"] = t.Proposal.Branch
	}
	for key, v := range rec.Fields {
		out[key] = v
	}
	if title := rec.Title(); title != "" {
		out[rec.Kind.Title] = title
	}
	if isDeclared(rec.Kind) {
		out["id"] = rec.ID // by which gitsm knows it, whatever its field is called
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
	at       string
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
	if _, has := k.Fields().Field("services"); has {
		f.StringSliceVar(&o.services, "service", nil, "only those that touch these `SERVICES`")
	}
	if _, has := k.Fields().Field("owner"); has {
		f.StringSliceVar(&o.owners, "owner", nil, "only those owned by `OWNERS` (team:… or person:…)")
	}
	f.StringVar(&o.at, "at", "", atHelp)
	o.out.register(cmd)
	return cmd
}

func runList(ctx context.Context, env *Env, o *listOptions) error {
	for _, s := range o.states {
		if s != "new" && !slices.Contains(o.kind.States, s) {
			return usage("%q is no state of %s", s, article(o.kind.Name)).hint("states: new, %s", strings.Join(o.kind.States, ", "))
		}
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	targets, broken, err := o.targets(ctx, env, d)
	if err != nil {
		return err
	}
	items, recs := []map[string]any{}, []*record.Record{}
	standing := env.standings(d, o.at)
	for _, t := range targets {
		rec := t.Current()
		st, err := standing(ctx, t)
		if err != nil {
			return err
		}
		items, recs = append(items, shownValues(t, rec, st)), append(recs, rec)
	}
	if len(items)+len(broken) == 0 && !o.out.given() {
		env.say("no %s to list", o.kind.Plural)
	}
	if err := o.out.write(ctx, env, render.List{Fields: shownFields(o.kind, recs...), Columns: columns(o.kind, recs), Items: items}); err != nil || len(broken) == 0 {
		return err
	}
	for _, b := range broken {
		env.say("broken: %s", b)
	}
	return exit(ExitFailure) // what these propose may belong in the list
}

// targets are the records on main and those only proposals know; with --at, the
// records that main had. Broken says of which proposals it could not be told
// what they propose.
func (o *listOptions) targets(ctx context.Context, env *Env, d *proposal.Desk) (out []*proposal.Target, broken []string, err error) {
	if o.at != "" {
		s, err := env.past(ctx, d, o.at)
		if err != nil {
			return nil, nil, err
		}
		out, err = o.landed(env, s)
		return out, nil, err
	}
	w, err := d.Look(ctx)
	if err != nil {
		return nil, nil, err
	}
	if out, err = o.landed(env, w.Base); err != nil || env.config != "" {
		return out, nil, err
	}
	open, err := d.Open(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range open {
		if k, dated := w.Base.Kinds.OfID(p.ID); dated && k.Name != o.kind.Name || !dated && o.kind.Dated() {
			continue
		}
		l, err := d.Load(ctx, w, p)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil { // one bad branch must not hide the others
			broken = append(broken, fmt.Sprintf("%s: %v", p.Branch, err))
			continue
		}
		if c := l.Facts.Primary(); c != nil && c.Kind.Name == o.kind.Name && c.Before == nil && c.After != nil {
			if t := (&proposal.Target{Kind: o.kind, ID: c.ID, Proposal: l}); o.matches(t, c.After) {
				out = append(out, t)
			}
		}
	}
	return out, broken, nil
}

// landed are the records of a snapshot. Files that cannot be read are none, and
// that is said.
func (o *listOptions) landed(env *Env, s *store.Store) ([]*proposal.Target, error) {
	k, known := s.Kinds.ByName(o.kind.Name)
	if !known {
		return nil, nil // it was not declared yet
	}
	for i, name := range o.services {
		o.services[i] = s.Unaliased(name, "service")
	}
	for i, name := range o.owners {
		o.owners[i] = s.Unaliased(name, "team", "person")
	}
	recs, err := s.List(k.Name)
	if err != nil {
		return nil, err
	}
	n, err := unread(s, k.Name, recs)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		env.say("%d of the files of %s cannot be read, and are not listed: gitsm check", n, k.Plural)
	}
	var out []*proposal.Target
	for _, r := range recs {
		if t := (&proposal.Target{Kind: o.kind, ID: r.ID, Landed: r}); o.matches(t, r) {
			out = append(out, t)
		}
	}
	return out, nil
}

// unread counts the files of a kind that gave none of its records.
func unread(s *store.Store, kind string, recs []*record.Record) (int, error) {
	found, err := s.Findings(kind)
	if err != nil {
		return 0, err
	}
	files := map[string]bool{}
	for _, f := range found {
		files[f.File] = true
	}
	for _, r := range recs {
		delete(files, r.Doc.Name)
	}
	return len(files), nil
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

// columns are what a person sees of a kind at first, of which these are records.
func columns(k *record.Kind, recs []*record.Record) []render.Column {
	cols, state := []render.Column{{Field: "id"}}, "stage"
	if slices.ContainsFunc(recs, func(r *record.Record) bool { _, own := r.Fields["stage"]; return own }) {
		state = k.StateKey() // a kind that was there before gitsm may call something else its stage
	}
	if k.Name == "model" {
		cols = append(cols, render.Column{Field: "standing"})
	} else if len(k.States) > 0 || k.StateField != "" {
		cols = append(cols, render.Column{Field: state, Header: "STATE"})
	}
	if _, has := k.Fields().Field("window"); has {
		cols = append(cols, render.Column{Field: "start"})
	}
	for _, f := range []string{"type", "tier", "urgency", "owner", "services", "members", "emails"} {
		if _, has := k.Fields().Field(f); has {
			cols = append(cols, render.Column{Field: f})
		}
	}
	return append(cols, render.Column{Field: k.Title})
}
