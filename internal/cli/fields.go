package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// fieldFlags are the flags that fill a record's fields: one per field of the
// kind's schema that a person fills in, and --set for every other.
type fieldFlags struct {
	kind   *record.Kind
	flags  *pflag.FlagSet
	fields []fieldFlag
	set    []string
}

type fieldFlag struct {
	name string
	path []string
	list bool
}

// written by verbs or by gitsm itself, so no flag offers them.
var filled = []string{"apiVersion", "kind", "id", "aliases", "state", "requester", "requested_by", "filed_late"}

// nested fields that have a flag of their own, for every kind with such an
// object.
var nested = []string{"window", "plan", "github", "scope"}

// words that read better as a flag than the field's own name.
var flagNames = map[string]string{
	"github.login": "github", "github.id": "github-id", "signing_keys": "signing-key", "depends_on": "depends-on",
}

// fieldAnnotation names, on a flag, the path of the field that it fills.
const fieldAnnotation = "gitsm_field"

// reserved are the flags that commands have themselves: a field of a store's
// own kind that is called so is set with --set.
var reserved = []string{"at", "color", "config", "directory", "dry-run", "edit", "from", "help", "jq", "json", "no-input", "now", "output", "path", "quiet",
	"set", "template", "version"}

var flagName = lazyregexp.New(`^[a-z][a-z0-9-]*$`)

// registerFields gives a command the flags of a kind.
func registerFields(flags *pflag.FlagSet, k *record.Kind) *fieldFlags {
	f := &fieldFlags{kind: k, flags: flags}
	for _, name := range k.Fields().Properties() {
		if slices.Contains(filled, name) || name == k.IDKey() || name == k.StateKey() {
			continue
		}
		f.register(name)
		if slices.Contains(nested, name) {
			for _, sub := range k.Fields().Properties(name) {
				f.register(name, sub)
			}
		}
	}
	flags.StringArrayVar(&f.set, "set", nil, "set any field: `PATH=VALUE`, repeatable (plan.backout=…)")
	for _, field := range f.fields {
		if err := flags.SetAnnotation(field.name, fieldAnnotation, field.path); err != nil {
			panic(err) // the flag was just registered
		}
	}
	return f
}

func (f *fieldFlags) register(path ...string) {
	field, ok := f.kind.Fields().Field(path...)
	if !ok {
		return
	}
	name := flagNames[strings.Join(path, ".")]
	if name == "" {
		name = strings.ReplaceAll(path[len(path)-1], "_", "-")
	}
	help := firstSentence(field.Description)
	if len(field.Enum) > 0 {
		help += ": " + strings.Join(field.Enum, ", ")
	}
	switch {
	case f.flags.Lookup(name) != nil, !flagName.MatchString(name), slices.Contains(reserved, name):
	case field.Type == "array" && (field.Items == "string" || field.Items == "integer" || name == "signing-key" || name == "depends-on"):
		name = strings.TrimSuffix(name, "s")
		f.flags.StringArray(name, nil, help+" (repeatable; together they are the whole list)")
		f.fields = append(f.fields, fieldFlag{name, path, true})
	case field.Type == "string", field.Type == "integer", field.Type == "boolean":
		f.flags.String(name, "", help)
		f.fields = append(f.fields, fieldFlag{name, path, false})
	}
}

func firstSentence(s string) string {
	s, _, _ = strings.Cut(s, ". ")
	s = strings.TrimSuffix(s, ".")
	if r := []rune(s); len(r) > 1 && unicode.IsLower(r[1]) {
		s = strings.ToLower(string(r[:1])) + string(r[1:])
	}
	return s
}

// edits returns what the given flags set, in the order of the schema and then
// of --set.
func (f *fieldFlags) edits() ([]yamldoc.Edit, error) {
	var out []yamldoc.Edit
	for _, field := range f.fields {
		if !f.flags.Changed(field.name) {
			continue
		}
		v, err := f.value(field)
		if err != nil {
			return nil, err
		}
		out = append(out, yamldoc.Edit{Pointer: yamldoc.Pointer(field.path...), Value: v})
	}
	for _, s := range f.set {
		e, err := f.parseSet(s)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (f *fieldFlags) value(field fieldFlag) (any, error) {
	if !field.list {
		text, err := f.flags.GetString(field.name)
		if err != nil {
			return nil, err
		}
		return f.scalar(text, field.path)
	}
	texts, err := f.flags.GetStringArray(field.name)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, text := range texts {
		if field.name == "signing-key" {
			key, err := publicKey(text)
			if err != nil {
				return nil, err
			}
			list = append(list, map[string]any{"key": key})
			continue
		}
		for _, part := range strings.Split(text, ",") {
			item, err := f.item(strings.TrimSpace(part), field.path)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
	}
	return list, nil
}

// item reads one entry of a list by the type of the list's entries.
func (f *fieldFlags) item(text string, path []string) (any, error) {
	if field, known := f.kind.Fields().Field(path...); !known || field.Items == "string" || field.Items == "" {
		return text, nil
	}
	return f.scalar(text, path)
}

// publicKey takes a key as text or as the file that holds it.
func publicKey(text string) (string, error) {
	if strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-") || strings.HasPrefix(text, "sk-") {
		return strings.TrimSpace(text), nil
	}
	b, err := os.ReadFile(text)
	if err != nil {
		return "", usage("--signing-key %s is neither a public key nor a file with one", text).hint("--signing-key ~/.ssh/id_ed25519.pub")
	}
	if strings.Contains(string(b), "PRIVATE KEY") {
		return "", usage("--signing-key %s is a private key", text).hint("give the public half: --signing-key %s.pub", text)
	}
	return strings.TrimSpace(string(b)), nil
}

// scalar reads a flag's text by the type of its field: literal for text,
// YAML for anything else.
func (f *fieldFlags) scalar(text string, path []string) (any, error) {
	field, known := f.kind.Fields().Field(path...)
	if known && field.Type == "string" {
		return text, nil
	}
	v, err := yamldoc.ParseScalar(text)
	if err != nil {
		return nil, usage("the value of %s cannot be read: %v", strings.Join(path, "."), err)
	}
	if s, isText := v.(string); known && isText && field.Type != "" {
		err := usage("%s takes %s, not %q", strings.Join(path, "."), article(field.Type), s)
		if field.Type == "array" && field.Items == "string" {
			return nil, err.hint("--set '%s=[%s]'", strings.Join(path, "."), s)
		}
		return nil, err
	}
	return v, nil
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeio") { // u as in user
		return "an " + noun
	}
	return "a " + noun
}

// parseSet reads "plan.backout=restore the snapshot". An empty value removes
// nothing: it sets empty text.
func (f *fieldFlags) parseSet(s string) (yamldoc.Edit, error) {
	name, text, found := strings.Cut(s, "=")
	if !found || name == "" {
		return yamldoc.Edit{}, usage("--set %q is not of the form PATH=VALUE", s).hint("--set plan.backout='restore the snapshot'")
	}
	path := strings.Split(name, ".")
	if _, known := f.kind.Fields().Field(path[0]); !known && !isDeclared(f.kind) {
		err := usage("%s has no field %q", article(f.kind.Name), path[0])
		return yamldoc.Edit{}, err.hint("fields: %s", strings.Join(f.kind.Fields().Properties(), ", "))
	}
	if name == f.kind.IDKey() || !f.kind.Foreign && (path[0] == "apiVersion" || path[0] == "kind") {
		return yamldoc.Edit{}, usage("%s of a record never changes", name)
	}
	if path[0] == "state" && len(f.kind.States) > 0 && !isDeclared(f.kind) {
		return yamldoc.Edit{}, usage("the state of %s is written by its verbs, with the facts that belong to it", article(f.kind.Name)).hint("gitsm %s --help lists them", f.kind.Name)
	}
	v, err := f.scalar(text, fieldPath(path))
	if err != nil {
		return yamldoc.Edit{}, err
	}
	return yamldoc.Edit{Pointer: yamldoc.Pointer(path...), Value: v}, nil
}

// fieldPath leaves the indexes of list items out, which the schema knows
// nothing of.
func fieldPath(path []string) []string {
	return slices.DeleteFunc(slices.Clone(path), func(s string) bool { return strings.Trim(s, "0123456789") == "" })
}

// fields turns edits into the fields of a new record.
func toFields(edits []yamldoc.Edit) (map[string]any, error) {
	out := map[string]any{}
	for _, e := range edits {
		keys := strings.Split(strings.TrimPrefix(e.Pointer, "/"), "/")
		m := out
		for _, k := range keys[:len(keys)-1] {
			if m[k] == nil {
				m[k] = map[string]any{}
			}
			sub, ok := m[k].(map[string]any)
			if !ok {
				return nil, usage("--set cannot reach %s in a new record", strings.Join(keys, ".")).hint("give the whole list: --set %s='[…]'", keys[0])
			}
			m = sub
		}
		m[keys[len(keys)-1]] = e.Value
	}
	return out, nil
}

// missing names the flags of required fields that are not given.
func (f *fieldFlags) missing(fields map[string]any) []string {
	var out []string
	for _, name := range f.kind.Fields().Properties() {
		field, _ := f.kind.Fields().Field(name)
		if !field.Required || slices.Contains(filled, name) || fields[name] != nil || name == f.kind.IDPath()[0] || name == f.kind.StateKey() {
			continue
		}
		flag := "set " + name + "=…"
		for _, ff := range f.fields {
			if len(ff.path) == 1 && ff.path[0] == name {
				flag = ff.name
			}
		}
		out = append(out, fmt.Sprintf("--%s", flag))
	}
	return out
}
