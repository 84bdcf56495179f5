package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

// none offers nothing, and no file either.
func none(*cobra.Command, string) []string { return nil }

// fixed offers words that are the same in every store.
func fixed(list ...string) offer {
	return func(_ *cobra.Command, typed string) []string {
		var out []string
		for _, w := range list {
			if strings.HasPrefix(w, typed) {
				out = append(out, w)
			}
		}
		return out
	}
}

// commas completes the last word of a list, and offers none of the others
// again.
func commas(o offer) offer {
	return func(cmd *cobra.Command, typed string) []string {
		i := strings.LastIndexByte(typed, ',') + 1
		before := strings.Split(typed[:i], ",")
		var out []string
		for _, w := range o(cmd, typed[i:]) {
			if !slices.Contains(before, word(w)) {
				out = append(out, typed[:i]+w)
			}
		}
		return out
	}
}

// field offers what a field can hold: the words of its schema, or the records
// that it may name.
func (c *completer) field(kinds, path []string, list bool) offer {
	if len(kinds) == 0 {
		return nil
	}
	k, _ := c.table().ByName(kinds[0])
	if names := refersTo(k, path); len(names) > 0 {
		if list {
			return commas(c.ids(names...))
		}
		return c.ids(names...)
	}
	f, _ := k.Fields().Field(path...)
	switch {
	case len(f.Enum) > 0:
		return fixed(f.Enum...)
	case f.Type == "boolean":
		return fixed("true", "false")
	}
	return nil
}

// refersTo lists the kinds that the field at a path may name.
func refersTo(k *record.Kind, path []string) []string {
	name := strings.Join(path, ".")
	for _, r := range k.Refs {
		if strings.ReplaceAll(r.Path, "[]", "") == name {
			return r.Kinds
		}
	}
	return nil
}

// set offers the paths of fields, and behind the = what the field can hold.
func (c *completer) set(cmd *cobra.Command, typed string) []string {
	kinds := c.kindOf(cmd)
	if len(kinds) == 0 {
		return nil
	}
	k, _ := c.table().ByName(kinds[0])
	if name, value, ok := strings.Cut(typed, "="); ok {
		var out []string
		if o := c.field(kinds, strings.Split(name, "."), false); o != nil {
			for _, w := range o(cmd, value) {
				out = append(out, name+"="+w)
			}
		}
		return out
	}
	var path []string
	if i := strings.LastIndexByte(typed, '.'); i >= 0 {
		path = strings.Split(typed[:i], ".")
	}
	var out []string
	for _, name := range k.Fields().Properties(path...) {
		f, _ := k.Fields().Field(append(slices.Clone(path), name)...)
		end := "="
		if f.Type == "object" {
			end = "."
		}
		whole := strings.Join(append(slices.Clone(path), name), ".")
		if len(path) == 0 && slices.Contains(filled, name) || !strings.HasPrefix(whole, typed) {
			continue
		}
		out = append(out, described(whole+end, firstSentence(f.Description)))
	}
	return out
}

// states offers the states of the command's kind.
func (c *completer) states(cmd *cobra.Command, typed string) []string {
	for _, name := range c.kindOf(cmd) {
		k, _ := c.table().ByName(name)
		return fixed(append([]string{"new"}, k.States...)...)(cmd, typed)
	}
	return nil
}

// codes offers the codes of findings, those of the default pack's rules among
// them.
func (c *completer) codes(_ *cobra.Command, typed string) []string {
	var out []string
	for _, code := range finding.Codes() {
		if strings.HasPrefix(code.ID, strings.ToUpper(typed)) {
			out = append(out, described(typed+code.ID[len(typed):], code.Title))
		}
	}
	return out
}

// kindNames offers the kinds of the store.
func (c *completer) kindNames(cmd *cobra.Command, typed string) []string {
	kinds := record.Builtin()
	if s := c.store(); s != nil {
		kinds = s.Kinds
	}
	list := []string{"config"}
	for _, k := range kinds.All() {
		list = append(list, k.Name)
	}
	return fixed(list...)(cmd, typed)
}

// described is an offer with what it means. Untrusted text must not reach
// beyond its line.
func described(word, meaning string) string {
	if meaning = strings.TrimSpace(render.Terminal(meaning)); meaning == "" {
		return word
	}
	return word + "\t" + meaning
}

// jsonFields are the fields that --json takes.
func (c *completer) jsonFields(cmd *cobra.Command) []string {
	parent := ""
	if cmd.HasParent() {
		parent = cmd.Parent().Name()
	}
	switch parent + " " + cmd.Name() {
	case "gitsm init":
		return initFields
	case "gitsm doctor":
		return doctorFields
	case "gitsm inbox":
		return inboxFields
	case "config view":
		return configFields()
	case "evidence record":
		return recordedFields
	case "evidence verify":
		return differenceFields
	case "gitsm calendar":
		return calendarFields
	case "gitsm conflicts":
		return conflictFields
	case "service graph":
		return graphFields
	case "service impact", "asset impact":
		return impactFields
	case "change needed":
		return neededFields
	case "model candidates":
		return candidateFields
	case "gitsm explain":
		return explainFields
	case "policy explain":
		return explanationFields
	case "policy list":
		return ruleFields
	case "audit show":
		return dossierFields
	case "audit log":
		return eventFields
	case "audit verify":
		return checkFields
	case "audit population":
		return memberFields
	case "audit sample":
		return sampleFields
	case "audit report":
		return controlFields
	case "audit recompute":
		return recomputedFields
	}
	switch cmd.Name() {
	case "list", "view":
		for _, name := range c.kindOf(cmd) {
			k, _ := c.table().ByName(name)
			return viewFields(k)
		}
	case "gate", "assess", "status", "submit":
		return decisionFields
	case "approve", "reject":
		return opinionFields
	}
	return writtenFields
}
