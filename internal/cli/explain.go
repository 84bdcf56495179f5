package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/render"
)

func newExplainCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "explain [CODE]", Short: "Explain a code: of a finding, a rule or a check of the audit", Args: args(cobra.MaximumNArgs(1)),
		Long: `Explain what a code means, why it matters and how to mend it: the code of a
finding, of a rule of the store's policy (else of the default pack), or of a
check of the audit. Without a code, list them all.`,
		Example: "  $ gitsm explain YML003\n  $ gitsm explain CHG012\n  $ gitsm explain SOD-1\n  $ gitsm explain --json code,title,controls",
		RunE: func(cmd *cobra.Command, list []string) error {
			if len(list) == 0 {
				return listCodes(cmd.Context(), env, &out)
			}
			return runExplain(cmd.Context(), env, list[0], &out)
		},
	}
	out.register(cmd)
	return cmd
}

// explained is a code of any source, as explain shows it.
type explained struct {
	Code, Source, Severity, Title, Explain, Example, Fix string
	Controls                                             []string
	Rule                                                 string // of policy: its name and place
	Waivable                                             bool   // whether a waiver may cover it
}

// The sources of codes.
const (
	fromCheck  = "check"
	fromPolicy = "policy"
	fromAudit  = "audit"
)

var explainFields = []string{"code", "source", "severity", "title", "explain", "example", "fix", "controls", "rule", "waivable"}

func (x explained) values() map[string]any {
	return map[string]any{"code": x.Code, "source": x.Source, "severity": x.Severity, "title": x.Title, "explain": x.Explain,
		"example": x.Example, "fix": x.Fix, "controls": notNil(x.Controls), "rule": x.Rule, "waivable": x.Waivable}
}

// ownCodes are the codes of gitsm itself, sorted.
func ownCodes() []explained {
	var all []explained
	for _, c := range finding.Codes() {
		all = append(all, explained{Code: c.ID, Source: fromCheck, Severity: string(c.Severity), Title: c.Title, Explain: c.Explain, Example: c.Example, Fix: c.Fix, Waivable: c.Waivable})
	}
	for _, c := range audit.Codes() {
		all = append(all, explained{Code: c.ID, Source: fromAudit, Title: c.Title, Explain: c.Asks,
			Fix: "gitsm audit show ID says what the verdict of a record rests on"})
	}
	slices.SortFunc(all, func(a, b explained) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// ruleCodes are the codes of policy rules, in their order.
func ruleCodes(rules []rule) []explained {
	var all []explained
	for _, r := range rules {
		all = append(all, explained{Code: r.ID, Source: fromPolicy, Severity: r.Severity, Title: r.Title, Explain: strings.TrimSpace(r.Description),
			Fix: r.Fix, Controls: r.Controls, Rule: fmt.Sprintf("%s.%s in %s:%d", r.Package, r.Name, r.File, r.Line), Waivable: r.Waivable})
	}
	return all
}

// listCodes lists every code there is here. A policy that cannot be read takes
// only its own codes away.
func listCodes(ctx context.Context, env *Env, out *outputFlags) error {
	all := ownCodes()
	rules, err := env.rules(ctx, "")
	if err != nil {
		env.say("warning: the rules of this store are not listed: %s", err)
	}
	all = append(all, ruleCodes(rules)...)
	items := make([]map[string]any, len(all))
	for i, x := range all {
		items[i] = x.values()
	}
	return out.write(ctx, env, render.List{Fields: explainFields, Items: items,
		Columns: []render.Column{{Field: "code"}, {Field: "source"}, {Field: "severity"}, {Field: "title"}}})
}

func runExplain(ctx context.Context, env *Env, id string, out *outputFlags) error {
	all := ownCodes()
	x, ok := codeNamed(all, id)
	if !ok {
		rules, err := env.rules(ctx, "")
		if err != nil {
			return err
		}
		builtin, err := env.defaultRules(ctx)
		if err != nil {
			return err
		}
		all = slices.Concat(all, ruleCodes(rules), ruleCodes(builtin))
		x, ok = codeNamed(all, id)
	}
	switch {
	case !ok:
		return unknownCode(all, id)
	case out.given():
		return out.write(ctx, env, single(explainFields, x.values()))
	}
	_, err := fmt.Fprint(env.Out, x.text())
	return err
}

// codeNamed finds a code; letter case does not count.
func codeNamed(all []explained, id string) (explained, bool) {
	i := slices.IndexFunc(all, func(x explained) bool { return strings.EqualFold(x.Code, id) })
	if i < 0 {
		return explained{}, false
	}
	return all[i], true
}

func unknownCode(all []explained, id string) error {
	e := usage("no finding, rule or check of the audit has the code %q", id)
	ids := make([]string, len(all))
	for i, x := range all {
		ids[i] = x.Code
	}
	if near := finding.NearMiss(id, ids); near != "" {
		e = e.hint("did you mean %s?", near)
	}
	return e.hint("gitsm explain lists the codes")
}

// text is what a person reads of a code.
func (x explained) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", x.Code, render.Terminal(x.Title))
	if x.Severity != "" {
		fmt.Fprintf(&b, " (%s)", render.Terminal(x.Severity))
	}
	b.WriteByte('\n')
	if x.Explain != "" {
		fmt.Fprintf(&b, "\n%s\n", render.TerminalLines(x.Explain))
	}
	for _, part := range []struct{ label, text string }{{"example", x.Example}, {"fix", x.Fix}} {
		if part.text != "" {
			fmt.Fprintf(&b, "\n%s\n%s\n", part.label, indent(render.TerminalLines(part.text)))
		}
	}
	for _, part := range []struct{ label, text string }{{"controls", strings.Join(x.Controls, ", ")}, {"rule", x.Rule}} {
		if part.text != "" {
			fmt.Fprintf(&b, "\n%s  %s\n", part.label, render.Terminal(part.text))
		}
	}
	if x.Waivable {
		b.WriteString("\nA waiver may cover it: gitsm waiver new\n")
	}
	return b.String()
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}
