package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// fields reads the keys of one result object and keeps the first error, which
// names the rule.
type fields struct {
	rule *rule
	obj  ast.Object
	err  error
}

func (f *fields) failf(format string, args ...any) error {
	if f.err == nil {
		f.err = fmt.Errorf("%s:%d: %s %s", f.rule.File, f.rule.Line, f.rule.Name, fmt.Sprintf(format, args...))
	}
	return f.err
}

// open checks that term is an object with no keys but the given ones.
func (f *fields) open(term *ast.Term, keys ...string) {
	slices.Sort(keys)
	f.obj = ast.NewObject()
	obj, ok := term.Value.(ast.Object)
	if !ok {
		f.failf("gave %s instead of an object with %s", ast.ValueName(term.Value), strings.Join(keys, ", "))
		return
	}
	f.obj = obj
	for _, k := range obj.Keys() {
		if name, ok := k.Value.(ast.String); !ok || !slices.Contains(keys, string(name)) {
			f.failf("has the unknown key %v (%s)", k, suggest(string(name), keys))
			return
		}
	}
}

func (f *fields) get(key string, required bool) ast.Value {
	t := f.obj.Get(ast.InternedTerm(key))
	if t == nil {
		if required {
			f.failf("lacks %s", key)
		}
		return nil
	}
	return t.Value
}

func (f *fields) str(key string, required bool) string {
	v := f.get(key, required)
	if v == nil {
		return ""
	}
	s, ok := v.(ast.String)
	if !ok || required && strings.TrimSpace(string(s)) == "" {
		f.failf("has a %s that is no text", key)
	}
	return string(s)
}

func (f *fields) integer(key string, required bool) int {
	v := f.get(key, required)
	if v == nil {
		return 0
	}
	n, ok := v.(ast.Number)
	i, whole := n.Int()
	if !ok || !whole {
		f.failf("has %s %v, which is no whole number", key, v)
	}
	return i
}

// pointer reads a JSON pointer into the record.
func (f *fields) pointer(key string) string {
	s := f.str(key, false)
	if s != "" && !strings.HasPrefix(s, "/") {
		f.failf("has %s %q, which is no JSON pointer such as /plan/backout", key, s)
	}
	return s
}

func (f *fields) message(term *ast.Term) Message {
	r := f.rule
	out := Message{Rule: r.ID, Title: r.Title, About: r.Description, Fix: r.Fix, Severity: r.Severity, Controls: slices.Clone(r.Controls), File: r.File, Line: r.Line}
	if s, ok := term.Value.(ast.String); ok {
		if out.Msg = string(s); strings.TrimSpace(out.Msg) == "" {
			f.failf("gave an empty message")
		}
		return out
	}
	f.open(term, "msg", "path", "fix", "_loc")
	out.Msg, out.Path = f.str("msg", true), f.pointer("path")
	if fix := f.str("fix", false); fix != "" {
		out.Fix = fix
	}
	if loc := f.get("_loc", false); loc != nil {
		inner := &fields{rule: r, err: f.err}
		inner.open(ast.NewTerm(loc), "file", "line")
		out.Loc = &Loc{File: inner.str("file", true), Line: inner.integer("line", false)}
		f.err = inner.err
	}
	return out
}

func (f *fields) signal(term *ast.Term) Signal {
	r := f.rule
	f.open(term, "id", "points", "msg", "mitigation", "path", "try")
	out := Signal{Rule: r.ID, ID: f.str("id", false), Points: f.integer("points", true), Msg: f.str("msg", true),
		Mitigation: f.str("mitigation", false), Path: f.pointer("path"), Try: f.steps("try"), File: r.File, Line: r.Line}
	if out.ID == "" {
		out.ID = r.ID
	}
	return out
}

// steps reads what a mitigation would make of the record.
func (f *fields) steps(key string) []Step {
	v := f.get(key, false)
	if v == nil {
		return nil
	}
	list, ok := v.(*ast.Array)
	if !ok {
		f.failf("has a %s that is no list of {path, value}", key)
		return nil
	}
	var out []Step
	list.Foreach(func(t *ast.Term) {
		inner := &fields{rule: f.rule, err: f.err}
		inner.open(t, "path", "value")
		s := Step{Path: inner.pointer("path")}
		if s.Path == "" {
			inner.failf("has a step of %s without a path", key)
		}
		value := inner.get("value", false)
		s.Remove = value == nil
		if !s.Remove && inner.err == nil {
			var err error
			if s.Value, err = ast.JSON(value); err != nil {
				inner.failf("has a step of %s whose value is no JSON: %v", key, err)
			}
		}
		f.err = inner.err
		out = append(out, s)
	})
	return out
}

// requirement also says whether it is asked for after landing.
func (f *fields) requirement(term *ast.Term) (out Requirement, retro bool) {
	r := f.rule
	f.open(term, "id", "from", "count", "msg", "retro", "shared")
	out = Requirement{Rule: r.ID, ID: f.str("id", false), From: f.refs("from"), Count: f.integer("count", true),
		Msg: f.str("msg", false), Shared: f.boolean("shared"), File: r.File, Line: r.Line}
	if out.ID == "" {
		out.ID = r.ID
	}
	if f.err == nil && out.Count < 1 {
		f.failf("asks for %d approvals; ask for at least one, or leave the element out", out.Count)
	}
	return out, f.boolean("retro")
}

func (f *fields) need(term *ast.Term) Need {
	r := f.rule
	f.open(term, "type", "path", "msg", "model")
	out := Need{Rule: r.ID, Type: f.str("type", true), Path: f.str("path", true), Msg: f.str("msg", true), Model: f.str("model", false), File: r.File, Line: r.Line}
	if f.err == nil && !slices.Contains(needTypes, out.Type) {
		f.failf("has type %q, which is none of %s", out.Type, strings.Join(needTypes, ", "))
	}
	return out
}

// needTypes are the types of change that can be needed, the lightest first. An
// emergency is for incidents to need.
var needTypes = []string{"standard", "normal"}

// boolean reads an optional true or false.
func (f *fields) boolean(key string) bool {
	v := f.get(key, false)
	if v == nil {
		return false
	}
	b, ok := v.(ast.Boolean)
	if !ok {
		f.failf("has %s %v, which is neither true nor false", key, v)
	}
	return bool(b)
}

// refs reads an array or set of team and person references, sorted.
func (f *fields) refs(key string) []string {
	var out []string
	one := func(t *ast.Term) {
		s, ok := t.Value.(ast.String)
		prefix, id, _ := strings.Cut(string(s), ":")
		if !ok || id == "" || prefix != "team" && prefix != "person" {
			f.failf("has %v in %s, which is neither team:<id> nor person:<id>", t, key)
			return
		}
		out = append(out, string(s))
	}
	switch v := f.get(key, true).(type) {
	case *ast.Array:
		v.Foreach(one)
	case ast.Set:
		v.Foreach(one)
	case nil:
		return nil
	default:
		f.failf("has a %s that is no list", key)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if f.err == nil && len(out) == 0 {
		f.failf("asks nobody: %s is empty", key)
	}
	return out
}
