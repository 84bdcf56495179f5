package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

func newAuditCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "audit", Short: "Compute the audit trail from history", Args: args(cobra.NoArgs),
		Long: `Compute the audit trail from main and the evidence branch of this clone. Nothing
is written and nothing is believed: decisions are made again from the commits
and statements that existed then.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().BoolVar(&env.noIndex, "no-index", false, "read all of history, also what a log before has kept in the git directory")
	cmd.AddCommand(newAuditShowCmd(env), newAuditLogCmd(env), newAuditVerifyCmd(env), newAuditPopulationCmd(env), newAuditSampleCmd(env), newAuditReportCmd(env), newAuditCheckpointCmd(env), newAuditRecomputeCmd(env), newAuditBundleCmd(env))
	return cmd
}

// auditor looks at the store of the working directory.
func (env *Env) auditor(ctx context.Context) (*audit.Auditor, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	if err := env.nameElsewhere(ctx, repo); err != nil {
		return nil, err
	}
	// What it reads comes from objects alone, and nothing of it is kept: d.Cache
	// takes what was derived before from the git directory.
	a := &audit.Auditor{Repo: reader{repo, env}, Judge: d.Judge, Cache: store.NewCache(), Dir: d.Dir, Main: d.Main, Now: d.Now(), Tool: env.Version, Build: env.build()}
	if !env.noIndex && env.config == "" { // with --config nothing is written
		a.Kept = keptIn(repo.CommonDir())
	}
	return a, nil
}

// watch tells a terminal how far an audit has come, until done is called.
func (env *Env) watch(a *audit.Auditor) (done func()) {
	a.Progress, done = env.progresses()
	return done
}

// unaliased writes the ids of main's records for aliases of theirs: history and
// evidence go by ids. Where main cannot be read the audit says so itself.
func (env *Env) unaliased(ctx context.Context, names []string, kinds ...string) []string {
	if len(names) == 0 {
		return names
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return names
	}
	w, err := d.Look(ctx)
	if err != nil {
		return names
	}
	out := slices.Clone(names)
	for i, name := range out {
		out[i] = w.Base.Unaliased(name, kinds...)
	}
	return out
}

const auditAtHelp = "as main stood at this `REV|DATE`, with the evidence that main committed to next"

// auditorAt looks at the store as it stood at a revision or date, "" for now.
func (env *Env) auditorAt(ctx context.Context, at string) (*audit.Auditor, error) {
	a, err := env.auditor(ctx)
	if err != nil || at == "" {
		return a, err
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, err
	}
	a.At, err = env.revision(ctx, d, at)
	a.Kept = nil // that is of main as it stands
	return a, err
}

func newAuditShowCmd(env *Env) *cobra.Command {
	var out outputFlags
	var at string
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show the life of one record and what proves it", Args: args(cobra.ExactArgs(1)),
		Long:    "Show what happened to a record, who did it and with which trust, and the verdict of every check.\n\nExit codes: 0 no check failed, 1 one did, 3 something could not be verified.",
		Example: "  $ gitsm audit show 7k3f2m\n  $ gitsm audit show 7k3f2m --json events --jq '.events[].type'",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runAuditShow(cmd.Context(), env, list[0], at, &out)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", auditAtHelp)
	out.register(cmd)
	return cmd
}

func runAuditShow(ctx context.Context, env *Env, id, at string, out *outputFlags) error {
	a, err := env.auditorAt(ctx, at)
	if err != nil {
		return err
	}
	done := env.watch(a)
	p, err := a.Show(ctx, env.unaliased(ctx, []string{proposal.RecordNamed(id)})[0])
	done()
	if err != nil {
		return offLine(err)
	}
	if out.given() {
		err = out.write(ctx, env, single(dossierFields, map[string]any{
			"record": p.Record, "kind": p.Kind, "title": p.Title, "state": p.State, "events": notNil(p.Events), "checks": notNil(p.Checks), "notes": notNil(p.Notes)}))
	} else {
		err = env.into("", func(w io.Writer, s render.Style) error { return writePacket(w, p, s) })
	}
	if err != nil {
		return err
	}
	return exit(auditCode(p.Worst()))
}

// shown reports whether a verdict is listed without being asked for.
func shown(v audit.Verdict) bool {
	return v == audit.Fail || v == audit.CannotVerify || v == audit.Accepted
}

// auditCode settles how an audit ends: what cannot be verified is no pass.
func auditCode(v audit.Verdict) int {
	switch v {
	case audit.Fail:
		return ExitFindings
	case audit.Pass, audit.Accepted:
		return ExitOK
	}
	return ExitFailure
}

type auditLogOptions struct {
	at           string
	filter       history.Filter
	changes      []string
	since, until string
	out          outputFlags
}

func newAuditLogCmd(env *Env) *cobra.Command {
	o := &auditLogOptions{}
	cmd := &cobra.Command{
		Use: "log", Short: "List what happened, one row an event", Args: args(cobra.NoArgs),
		Long:    "List the events of every record in the order of main. Times are what commits and statements\nsay of themselves.",
		Example: "  $ gitsm audit log --change 7k3f2m\n  $ gitsm audit log --kind change --actor alice --since 2026-11-01\n  $ gitsm audit log -o csv=events.csv",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAuditLog(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.filter.Records, "record", nil, "only records that these `IDS` name")
	f.StringSliceVar(&o.changes, "change", nil, "only changes that these `IDS` name")
	f.StringSliceVar(&o.filter.Kinds, "kind", nil, "only records of these `KINDS`")
	f.StringSliceVar(&o.filter.Types, "type", nil, "only events of these `TYPES`: "+strings.Join(eventTypes(), ", "))
	f.StringSliceVar(&o.filter.Actors, "actor", nil, "only events by these `PEOPLE`")
	f.StringSliceVar(&o.filter.Services, "service", nil, "only records that touch these `SERVICES`")
	f.StringVar(&o.since, "since", "", "only events from this `TIME` on (RFC 3339 or a date)")
	f.StringVar(&o.until, "until", "", "only events before this `TIME`")
	f.StringVar(&o.at, "at", "", auditAtHelp)
	o.out.documents = true
	o.out.register(cmd)
	return cmd
}

func eventTypes() []string {
	var out []string
	for _, t := range history.Types() {
		out = append(out, t.Name)
	}
	return out
}

func runAuditLog(ctx context.Context, env *Env, o *auditLogOptions) error {
	for _, t := range o.filter.Types {
		if !slices.Contains(eventTypes(), t) {
			return usage("no event is of type %q", t).hint("types: %s", strings.Join(eventTypes(), ", "))
		}
	}
	var err error
	if o.filter.Since, err = day(o.since); err != nil {
		return err
	}
	if o.filter.Until, err = day(o.until); err != nil {
		return err
	}
	a, err := env.auditorAt(ctx, o.at)
	if err != nil {
		return err
	}
	o.filter.Records = env.unaliased(ctx, o.filter.Records)
	o.filter.Services = env.unaliased(ctx, o.filter.Services, "service")
	if len(o.changes) > 0 {
		if len(o.filter.Records)+len(o.filter.Kinds) > 0 {
			return usage("--change excludes --record and --kind")
		}
		o.filter.Records, o.filter.Kinds = o.changes, []string{"change"}
	}
	done := env.watch(a)
	events, err := a.Log(ctx, o.filter)
	done()
	if err != nil {
		return offLine(err)
	}
	items := make([]map[string]any, 0, len(events))
	for _, e := range events {
		items = append(items, map[string]any{"time": e.Time.UTC().Format(time.RFC3339), "type": e.Type, "record": e.Record, "kind": e.Kind, "commit": e.Commit,
			"actor": e.Actor, "trust": e.Trust, "evidence": e.Evidence, "detail": e.Detail, "signature": e.Signature})
	}
	return o.out.write(ctx, env, render.List{
		Title:   "gitsm audit log",
		Fields:  eventFields,
		Columns: []render.Column{{Field: "time"}, {Field: "type"}, {Field: "record"}, {Field: "actor"}, {Field: "trust"}, {Field: "detail"}}, Items: items,
	})
}

// day reads a time or a date, which stands for its first moment in UTC.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, usage("%q is neither a time nor a date", s).hint("write 2026-11-20 or 2026-11-20T14:00:00Z")
	}
	return t, nil
}

type verifyOptions struct {
	root        string
	deployments string
	checkpoint  string
	all         bool
	scope       audit.Scope
	period      periodFlags
	out         outputFlags
}

const deploymentsHelp = "hold the changes against the deployments listed in `FILE` (CSV, JSON, or what GitHub's API lists), or against tags: tags, tags:PATTERN"

func newAuditVerifyCmd(env *Env) *cobra.Command {
	o := &verifyOptions{}
	cmd := &cobra.Command{
		Use: "verify [RANGE]", Short: "Hold history against policy, evidence and signatures", Args: args(cobra.MaximumNArgs(1)),
		Long: `Judge every record that ever was on main by every check: was it approved by those
policy asked then, before the work began, is what landed what was approved, did
everything come through the gate, is the evidence intact. With a period: every
record that something happened to in it, and the store as such.

` + periodHelp + `

Exit codes: 0 every check passed or does not apply, 1 a check failed, 3 something
could not be verified, which is no pass. Where no change has landed yet, a note
says that none was tested.`,
		Example: "  $ gitsm audit verify\n  $ gitsm audit verify v1.0.0..HEAD\n  $ gitsm audit verify --all -o csv=audit.csv\n\n  # has each release a change?\n  $ gitsm audit verify --check POP-1 --deployments 'tags:checkout/*'",
		RunE:    func(cmd *cobra.Command, list []string) error { return runAuditVerify(cmd.Context(), env, o, list) },
	}
	f := cmd.Flags()
	f.StringVar(&o.root, "root", "", "demand that the store began with this `COMMIT`")
	f.StringVar(&o.checkpoint, "checkpoint", "", "demand that the branches descend from where they stood when `FILE` was written")
	f.StringVar(&o.deployments, "deployments", "", deploymentsHelp)
	f.BoolVar(&o.all, "all", false, "list the checks that passed as well")
	o.period.registerPast(f)
	f.StringSliceVar(&o.scope.Records, "record", nil, "only these `IDS`")
	f.StringSliceVar(&o.scope.Kinds, "kind", nil, "only records of these `KINDS`")
	f.StringSliceVar(&o.scope.Checks, "check", nil, "only these `CHECKS`: "+strings.Join(checkCodes(), ", "))
	o.out.documents = true
	o.out.register(cmd)
	return cmd
}

func checkCodes() []string {
	var out []string
	for _, c := range audit.Codes() {
		out = append(out, c.ID)
	}
	return out
}

var dossierFields = []string{"record", "kind", "title", "state", "events", "checks", "notes"}

var eventFields = []string{"time", "type", "record", "kind", "commit", "actor", "trust", "evidence", "detail", "signature"}

var checkFields = []string{"check", "record", "kind", "verdict", "reason", "rests_on"}

func runAuditVerify(ctx context.Context, env *Env, o *verifyOptions, list []string) error {
	for _, c := range o.scope.Checks {
		if !slices.Contains(checkCodes(), c) {
			return usage("there is no check %q", c).hint("checks: %s", strings.Join(checkCodes(), ", "))
		}
	}
	var err error
	if o.scope.Period, err = o.period.period(ctx, env, list); err != nil {
		return err
	}
	a, err := env.auditorAt(ctx, o.period.at)
	if err != nil {
		return err
	}
	a.Root = o.root
	if err := o.files(ctx, env, a); err != nil {
		return err
	}
	o.scope.Records = env.unaliased(ctx, o.scope.Records)
	done := env.watch(a)
	rep, err := a.Verify(ctx, o.scope)
	done()
	if err != nil {
		return offLine(err)
	}
	items := []map[string]any{}
	for _, c := range rep.Checks {
		if o.all || o.out.given() || shown(c.Verdict) {
			items = append(items, map[string]any{"check": c.Check, "record": c.Record, "kind": c.Kind, "verdict": c.Verdict, "reason": c.Reason, "rests_on": notNil(c.RestsOn)})
		}
	}
	if o.out.given() {
		about := []string{stands(rep.Main, rep.Evidence, env.Version), summaryLine(rep.Summary)}
		for _, n := range rep.Notes {
			about = append(about, "note: "+n)
		}
		err = o.out.write(ctx, env, render.List{Title: "gitsm audit verify of main " + rep.Main, Notes: about, Fields: checkFields, Items: items})
		for _, n := range about { // most formats have no place for it
			env.say("%s", n)
		}
	} else {
		err = env.into("", func(w io.Writer, s render.Style) error { return writeReport(w, rep, o.all, s) })
	}
	if err != nil {
		return err
	}
	return exit(auditCode(rep.Worst()))
}
