package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// namespace is the package under which the kinds' packages live.
const namespace = "gitsm"

// asked are the rules that gitsm asks a kind's package for; all but risk are
// partial sets.
var asked = []string{"approvals", "deny", "risk", "signals", "warn"}

// Needed is the kind, and the package below gitsm, of the question whether files
// may be changed without a change. Its record is what is asked about.
const Needed = "needed"

// askedOf are the rules that the package of a kind is asked for.
func askedOf(kind string) []string {
	if kind == Needed {
		return []string{Needed}
	}
	return asked
}

var ruleID = lazyregexp.New(`^[A-Z]{3}[0-9]{3}$`)

// rule is one definition of an asked rule.
type rule struct {
	Rule
	node *ast.Rule
}

// collectRules reads the METADATA of every asked rule, in the order of the
// modules, and reports what would make a rule be passed over in silence.
func collectRules(mods []*module, judged map[string]string, ps *problems) []*rule {
	var out []*rule
	seen := map[string]*rule{}
	for _, m := range mods {
		checkAnnotations(m, ps)
		if !checkPackage(m, judged, ps) || m.test {
			continue
		}
		found := 0
		notes, _ := ast.BuildAnnotationSet([]*ast.Module{m.parsed})
		for _, node := range m.parsed.Rules {
			if !checkName(m, node, ps) {
				continue
			}
			found++
			r := describe(m, node, notes, ps)
			out = append(out, r)
			if first := seen[r.ID]; first != nil {
				ps.add("POL006", node.Location, fmt.Sprintf("id %s is already the id of %s at %s:%d", r.ID, first.Name, first.File, first.Line),
					"give every rule an id of its own")
			} else if r.ID != "" {
				seen[r.ID] = r
			}
		}
	}
	checkAnswered(mods, ps)
	return out
}

// checkAnswered reports a kind's package that answers none of gitsm's
// questions: its author believes the kind to be judged.
func checkAnswered(mods []*module, ps *problems) {
	answered := map[string]bool{}
	first := map[string]*module{}
	for _, m := range mods {
		if m.test || !m.root {
			continue
		}
		if first[m.kind] == nil {
			first[m.kind] = m
		}
		for _, node := range m.parsed.Rules {
			answered[m.kind] = answered[m.kind] || slices.Contains(askedOf(m.kind), ruleName(node))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(first)) {
		if !answered[kind] {
			ps.add("POL007", first[kind].parsed.Package.Location,
				fmt.Sprintf("package %s has none of the rules that gitsm asks for", strings.Join(elements(first[kind].parsed.Package.Path), ".")),
				"write at least one of "+strings.Join(askedOf(kind), ", "))
		}
	}
}

func ruleName(node *ast.Rule) string {
	if ref := node.Head.Ref(); len(ref) > 0 {
		if v, ok := ref[0].Value.(ast.Var); ok {
			return string(v)
		}
	}
	return string(node.Head.Name)
}

func isSet(node *ast.Rule) bool { return node.Head.RuleKind() == ast.MultiValue }

// checkName says whether node is a well-formed asked rule in a kind's package.
// What is nearly one is reported, since nobody would ask for it.
func checkName(m *module, node *ast.Rule, ps *problems) bool {
	name := ruleName(node)
	function := len(node.Head.Args) > 0
	if !slices.Contains(askedOf(m.kind), name) {
		if m.root && !function {
			checkNearName(node, name, askedOf(m.kind), ps)
		}
		return false
	}
	if !m.root {
		if !function {
			ps.add("POL007", node.Location, fmt.Sprintf("%s in package %s is never asked for", name, strings.Join(elements(m.parsed.Package.Path), ".")),
				fmt.Sprintf("move it to package %s.<kind>, or rename it", namespace))
		}
		return false
	}
	if name == "risk" {
		if function || isSet(node) || len(node.Head.Ref()) != 1 {
			ps.add("POL008", node.Location, "risk is not a complete rule", `write risk := {"score": …, "band": …} if { … }`)
			return false
		}
		return true
	}
	if function || !isSet(node) || len(node.Head.Ref()) != 1 {
		ps.add("POL008", node.Location, name+" is not a set of messages", fmt.Sprintf("write %s contains … if { … }", name))
		return false
	}
	return true
}

// checkNearName reports a rule whose name nearly is an asked one. Two edits
// count where the rule also has the asked one's shape; with another shape a
// short word of the author's own would be refused too easily. conftest's
// deny_<suffix> is reported because gitsm does not look for it.
func checkNearName(node *ast.Rule, name string, asked []string, ps *problems) {
	for _, want := range asked {
		limit := 1
		if isSet(node) == (want != "risk") {
			limit = 2
		}
		suffixed := isSet(node) && (strings.HasPrefix(name, "deny_") || strings.HasPrefix(name, "warn_")) && strings.HasPrefix(name, want+"_")
		if suffixed || finding.Slips(name, want, limit) <= limit {
			ps.add("POL007", node.Location, fmt.Sprintf("%s is never asked for", name),
				fmt.Sprintf("if you mean %s, call it that; else choose a name that is less alike", want))
			return
		}
	}
	if name == "violation" && isSet(node) {
		ps.add("POL007", node.Location, "violation is never asked for", "call it deny")
	}
}

// checkPackage reports a package whose name nearly is that of a kind, and says
// whether the name is in order.
func checkPackage(m *module, judged map[string]string, ps *problems) bool {
	el := elements(m.parsed.Package.Path)
	if m.kind != "" || len(el) < 2 {
		return true
	}
	loc := m.parsed.Package.Path[1].Location
	if el[0] != namespace {
		if finding.Slips(el[0], namespace, 2) <= 2 {
			ps.add("POL007", loc, fmt.Sprintf("package %s is never asked for", strings.Join(el, ".")), "did you mean "+namespace+"?")
			return false
		}
		return true
	}
	name := el[1]
	if m.test {
		name = strings.TrimSuffix(name, "_test")
	}
	for _, pkg := range sortedKeys(judged) {
		limit := 2
		if len(pkg) <= 4 {
			limit = 1
		}
		if finding.Slips(name, pkg, limit) <= limit {
			ps.add("POL007", loc, fmt.Sprintf("package %s is never asked for", strings.Join(el, ".")),
				fmt.Sprintf("did you mean %s.%s? helpers go to %s.lib", namespace, pkg, namespace))
			return false
		}
	}
	return true
}

// checkAnnotations refuses annotations that would replace gitsm's own types of
// the input.
func checkAnnotations(m *module, ps *problems) {
	for _, a := range m.parsed.Annotations {
		if len(a.Schemas) > 0 {
			ps.add("POL009", a.Location, "schemas are given by gitsm and cannot be set here", "delete the schemas annotation")
		}
		if a.Scope == "subpackages" && m.root {
			ps.add("POL009", a.Location, "scope subpackages on a kind's package is taken by gitsm", "use scope: package")
		}
	}
}

// describe reads the METADATA above an asked rule.
func describe(m *module, node *ast.Rule, notes *ast.AnnotationSet, ps *problems) *rule {
	r := &rule{node: node, Rule: Rule{
		Name: ruleName(node), Package: strings.Join(elements(m.parsed.Package.Path), "."),
		File: node.Location.File, Line: node.Location.Row,
	}}
	switch r.Name {
	case "deny":
		r.Severity, r.Waivable = string(finding.Error), true
	case "warn":
		r.Severity, r.Waivable = string(finding.Warning), true
	}
	above := notes.GetRuleScope(node)
	if len(above) == 0 {
		ps.add("POL006", node.Location, r.Name+" has no METADATA of its own",
			"put a METADATA comment with title and custom.id directly above this rule")
		return r
	}
	a := above[len(above)-1]
	r.Title, r.Description = strings.TrimSpace(a.Title), strings.TrimSpace(a.Description)
	if r.Title == "" {
		ps.add("POL006", a.Location, r.Name+" has no title in its METADATA", "add a title of a few words")
	}
	custom(r, a, ps)
	return r
}

// custom reads custom.id, severity, controls, fix and waivable; other keys are
// the author's own unless they nearly spell one of these.
func custom(r *rule, a *ast.Annotations, ps *problems) {
	keys := []string{"controls", "fix", "id", "severity", "waivable"}
	for _, k := range sortedKeys(a.Custom) {
		if want := finding.NearMiss(k, keys); want != "" {
			ps.add("POL006", a.Location, fmt.Sprintf("unknown key custom.%s", k), fmt.Sprintf("did you mean %s?", want))
		}
	}
	bad := func(key, want string) {
		ps.add("POL006", a.Location, fmt.Sprintf("custom.%s is not %s", key, want), "correct it in the METADATA of "+r.Name)
	}
	id, _ := a.Custom["id"].(string)
	switch {
	case !ruleID.MatchString(id):
		bad("id", "three capital letters and three digits, such as CHG012")
	case reserved(id):
		ps.add("POL006", a.Location, fmt.Sprintf("id %s is taken by gitsm itself", id), "begin it with other letters, such as those of the kind's ids")
	default:
		r.ID = id
	}
	if v, ok := a.Custom["fix"]; ok {
		if r.Fix, ok = v.(string); !ok {
			bad("fix", "a string")
		}
	}
	if v, ok := a.Custom["waivable"]; ok {
		if may, isBool := v.(bool); !isBool || may && !r.Waivable {
			bad("waivable", "false, or true of deny and warn")
			r.Waivable = false
		} else {
			r.Waivable = may
		}
	}
	if v, ok := a.Custom["severity"]; ok {
		severity(r, v, bad)
	}
	if v := a.Custom["controls"]; v != nil {
		controls(r, v, bad)
	}
}

// severity reads custom.severity. deny and warn mean one each; for the others
// it is what the catalogue of rules shows.
func severity(r *rule, v any, bad func(key, want string)) {
	switch {
	case r.Severity != "" && v != r.Severity:
		bad("severity", fmt.Sprintf("%s, which is what %s means", r.Severity, r.Name))
	case v != string(finding.Error) && v != string(finding.Warning):
		bad("severity", "error or warning")
	default:
		r.Severity, _ = v.(string)
	}
}

func controls(r *rule, v any, bad func(key, want string)) {
	list, ok := v.([]any)
	if !ok {
		bad("controls", "a list of strings")
	}
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			bad("controls", "a list of strings")
			return
		}
		r.Controls = append(r.Controls, s)
	}
}

// reserved says whether an id belongs to a family of gitsm's own codes.
func reserved(id string) bool {
	return slices.ContainsFunc(finding.Codes(), func(c finding.Code) bool { return c.ID[:3] == id[:3] })
}
