package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

type newOptions struct {
	kind   *record.Kind
	id     string
	fields *fieldFlags
	from   string
	edit   bool
	path   string
	dryRun bool
	asked  bool // somebody answered questions
	out    outputFlags
}

func newNewCmd(env *Env, k *record.Kind, verb string, aliases []string) *cobra.Command {
	o := &newOptions{kind: k}
	use, check := verb+" [flags]", args(cobra.NoArgs)
	if !k.Dated() {
		use, check = verb+" ID [flags]", args(cobra.MaximumNArgs(1))
	}
	cmd := &cobra.Command{
		Use: use, Aliases: aliases, Short: "File a new " + k.Name, Args: check,
		Long:    newLong(k),
		Example: newExample(k),
		RunE: func(cmd *cobra.Command, list []string) error {
			if len(list) == 1 {
				o.id = list[0]
			}
			return runNew(cmd.Context(), env, o)
		},
	}
	o.fields = registerFields(cmd.Flags(), k)
	if !k.Fixed() {
		cmd.Flags().StringVar(&o.path, "path", "", "keep the record in this `FILE` below the store: "+k.Path)
	}
	cmd.Flags().StringVar(&o.from, "from", "", "take the record from a YAML `FILE`, - for stdin; what flags say goes before what it says")
	cmd.Flags().BoolVar(&o.edit, "edit", false, "open the record in your editor before it is filed")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be filed and write nothing")
	o.out.register(cmd)
	return cmd
}

func newLong(k *record.Kind) string {
	if k.Name == "change" {
		return `File a change as a proposal: a branch of its own, made without touching your
work tree. What policy still misses is listed and can be filled in later; the
change is authorised when its proposal is merged.

On a terminal, what is missing is asked for.`
	}
	return fmt.Sprintf("Propose a new %s. Where policy needs nobody's approval it lands at once.", k.Name)
}

func newExample(k *record.Kind) string {
	switch k.Name {
	case "change":
		return `  # a change of one service, in a window
  $ gitsm change new --title 'Upgrade the payments database' --service payments \
      --start 2026-11-21T22:00:00Z --end 2026-11-21T23:00:00Z \
      --reason 'version 14 is out of support' --implement 'run the upgrade playbook' \
      --backout 'restore the snapshot' --test 'rehearsed on staging'

  # a standard change: the model fills in what it locks and what it proposes
  $ gitsm change new --model db-minor-upgrade --start 2026-11-21T22:00:00Z --end 2026-11-21T23:00:00Z

  # from a file, or from another program; what flags say goes first
  $ gitsm change new --from change.yaml --start 2026-11-21T22:00:00Z --end 2026-11-21T23:00:00Z`
	case "incident":
		return `  # checkout is down
  $ gitsm incident open --title 'checkout returns 5xx' --service checkout --urgency high`
	case "person":
		return `  # somebody who may be asked for approvals
  $ gitsm person new alice --name 'Alice Moreau' --email alice@example.org --signing-key ~/.ssh/id_ed25519.pub`
	case "team":
		return `  # a team that can own services
  $ gitsm team new payments --title Payments --member alice --member bob`
	case "problem":
		return `  # what two incidents have in common
  $ gitsm problem new --title 'Checkout runs out of connections' --service checkout --incident 7k3f2m --incident 0a1b2c`
	case "request":
		return `  # an item of the catalogue
  $ gitsm request new --title 'Read access to the orders database' --model database-access --service checkout`
	case "model":
		return `  # a standard change of one service, with its environment fixed
  $ gitsm model new db-minor-upgrade --title 'Minor upgrade of a database' --use change \
      --owner team:payments --service checkout --set locked.environment=production`
	case "window":
		return `  # nothing of tier 0 or 1 changes over Christmas
  $ gitsm window new christmas-freeze --title 'Christmas freeze' --type freeze --strength hard \
      --start 2026-12-18T18:00:00Z --end 2027-01-04T06:00:00Z --tier 0,1 --owner team:change-managers

  # every Sunday night
  $ gitsm window new sunday-night --title 'Maintenance of checkout' --type maintenance \
      --start 2026-11-22T22:00:00+01:00 --duration 4h --rrule 'FREQ=WEEKLY;BYDAY=SU' \
      --timezone Europe/Berlin --service checkout --owner team:payments`
	case "waiver":
		return `  # one rule, one service, until the end of March
  $ gitsm waiver new orders-db-no-test-system --title 'No test system for the orders database' --rule CHG020 \
      --service checkout --reason 'the test system is being rebuilt' --approver bob --expires 2027-03-31T00:00:00Z`
	case "exception":
		return `  # what an audit found, and cannot be put right any more
  $ gitsm exception new unsigned-migration --title 'Migrated without signatures' --set check=SOD-1 \
      --set record=CHG-20261120-7K3F2M --set 'rests_on=[0123456789012345678901234567890123456789]' \
      --reason 'keys were handed out a week later' --set accepted_by=carol --set until=2027-03-31T00:00:00Z`
	case "asset":
		return `  # a database that services depend on
  $ gitsm asset new db-1 --title 'Orders database' --type database --owner team:payments`
	}
	if isDeclared(k) {
		id := "ID "
		if k.Dated() {
			id = ""
		}
		return fmt.Sprintf("  $ gitsm %s new %s--set %s='…'", k.Name, id, k.Title)
	}
	return `  # a service, its owner and how critical it is
  $ gitsm service new checkout --title Checkout --owner team:payments --tier 1`
}

// editOf is how a fix begins that sets a field of a record.
var editOf = lazyregexp.New(`^gitsm \S+ edit \S+ --set `)

func runNew(ctx context.Context, env *Env, o *newOptions) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	dr, err := o.draft(ctx, env, d)
	if err != nil {
		return invalidDraft(env, err)
	}
	if dr, err = dr.At(o.path); err != nil {
		return err
	}
	draftPath := ""
	if o.edit {
		if dr, draftPath, err = editDraft(ctx, env, d, dr); err != nil {
			return err
		}
	}
	fs, err := structural(ctx, d, dr)
	if err != nil {
		return err
	}
	if len(fs) > 0 {
		for i := range fs {
			fs[i].Fix = editOf.ReplaceAllString(fs[i].Fix, "add --set ") // there is nothing yet that could be edited
		}
		return env.refuse(fs, "the new "+o.kind.Name+" is not valid, so nothing was written")
	}
	if err := env.sayDangling(ctx, d, dr); err != nil {
		return err
	}
	out, err := d.Propose(ctx, dr)
	if err == nil {
		env.sayInTheWay(ctx, d, o.kind, out)
	}
	if err == nil && o.asked && !o.dryRun && o.kind.Name == "change" {
		if err := env.sayApprovers(ctx, out.ID); err != nil {
			env.say("who has to approve it cannot be told yet: %v", err)
		}
	}
	return kept(reportWrite(ctx, env, d, out, err, &o.out), draftPath)
}

// sayDangling warns of references that lead nowhere, which is most often a
// typing mistake. The record is written all the same: what it names may be on
// its way in another proposal.
func (env *Env) sayDangling(ctx context.Context, d *proposal.Desk, dr proposal.Draft) error {
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	doc, _ := dr.Kind.Parse(w.Base.Display(dr.Path), dr.Content)
	fs, err := d.Judge.Validator.References(w.Base, record.New(dr.Kind, dr.ID, dr.Path, "", doc))
	if err != nil {
		return err
	}
	for _, f := range fs {
		env.say("warning: %s %s; %s", f.Code, f.Message, f.Fix)
	}
	return nil
}

// draft collects the record from file, flags or questions.
func (o *newOptions) draft(ctx context.Context, env *Env, d *proposal.Desk) (proposal.Draft, error) {
	edits, err := o.fields.edits()
	if err != nil {
		return proposal.Draft{}, err
	}
	if o.from != "" {
		name, src, err := env.read(o.from)
		if err != nil {
			return proposal.Draft{}, err
		}
		if src, err = o.over(ctx, d, name, src, edits); err != nil {
			return proposal.Draft{}, err
		}
		return d.DraftFrom(ctx, o.kind, o.id, name, src)
	}
	if err := d.Expand(ctx, o.kind, edits); err != nil {
		return proposal.Draft{}, err
	}
	fields, err := toFields(edits)
	if err != nil {
		return proposal.Draft{}, err
	}
	if o.kind.Name == "change" {
		if err := fillModel(ctx, d, fields); err != nil {
			return proposal.Draft{}, err
		}
		if fields["type"] == nil {
			fields["type"] = "normal"
		}
	}
	missing := o.fields.missing(fields)
	if len(missing) > 0 && env.terminal() {
		if err := ask(ctx, env, d, o, fields); err != nil {
			return proposal.Draft{}, err
		}
		missing, o.asked = o.fields.missing(fields), true
	}
	if o.id == "" && !o.kind.Dated() {
		missing = append([]string{"ID"}, missing...)
	}
	if len(missing) > 0 && !o.edit {
		return proposal.Draft{}, usage("a new %s needs %s", o.kind.Name, strings.Join(missing, ", ")).hint("gitsm %s new --help shows an example", o.kind.Name)
	}
	return d.NewDraft(ctx, o.kind, o.id, fields)
}

// invalidDraft prints what was wrong with a record that could not be read.
func invalidDraft(env *Env, err error) error {
	var invalid *proposal.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	return env.refuse(invalid.Findings, invalid.What+" cannot be read, so nothing was written")
}

// refuse prints findings on stderr and ends with exit code 1.
func (env *Env) refuse(fs []finding.Finding, msg string) error {
	files := map[string]bool{}
	for _, f := range fs {
		files[f.File] = true
	}
	if err := render.NewReport(fs, nil, len(files), 0).Text(env.Err, render.Style{}); err != nil {
		return err
	}
	return &Error{Msg: msg, Code: ExitFindings}
}

// structural holds a draft against its schema. What policy misses is for check
// to say; what no tool could read is refused before it is written.
func structural(ctx context.Context, d *proposal.Desk, dr proposal.Draft) ([]finding.Finding, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	if dr.Kind.Name == proposal.ConfigKind().Name {
		return d.Judge.ConfigStructure(w.Base, dr.Content), nil
	}
	return d.Judge.Structure(w.Base, dr.Kind, dr.ID, dr.Path, dr.Content)
}
