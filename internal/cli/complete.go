package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// completing reports whether a shell asks what a word could become.
func completing(words []string) bool {
	return len(words) > 0 && (words[0] == cobra.ShellCompRequestCmd || words[0] == cobra.ShellCompNoDescRequestCmd)
}

// completer answers shells. What it cannot find out it does not offer: an
// error in the middle of a command line helps nobody.
type completer struct {
	env  *Env
	tree *store.Store // of the work tree, nil until it is needed
	dir  string       // where it is

	asked bool // whether open is known
	open  []proposedRecord
}

// offer returns what a word can become, from what was typed of it.
type offer func(cmd *cobra.Command, typed string) []string

// fit gives the commands beneath cmd their completions: of arguments by what
// their usage calls them, of flags by the field or the thing that they name.
func (c *completer) fit(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		c.fit(sub)
	}
	if o, many := c.argument(cmd); o != nil {
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 && !many {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			directive := cobra.ShellCompDirectiveNoFileComp
			if many {
				directive = cobra.ShellCompDirectiveDefault // paths as well
			}
			return o(cmd, typed), directive | cobra.ShellCompDirectiveKeepOrder
		}
	} else if cmd.ValidArgsFunction == nil && cmd.Args != nil && !strings.Contains(cmd.Use, "DIR") {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		o := c.flag(cmd, f)
		if o == nil {
			return
		}
		err := cmd.RegisterFlagCompletionFunc(f.Name, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
			list := o(cmd, typed)
			if len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return !strings.HasSuffix(word(s), "=") && !strings.HasSuffix(word(s), ".") }) {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			return list, directive
		})
		if err != nil {
			panic(err) // the flag is the command's own
		}
	})
}

// word is what an offer puts on the command line, without its description.
func word(offer string) string {
	w, _, _ := strings.Cut(offer, "\t")
	return w
}

// argument is what the arguments of a command can be; many says that it takes
// several, and paths.
func (c *completer) argument(cmd *cobra.Command) (o offer, many bool) {
	words := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(cmd.Use))
	if len(words) < 2 {
		return nil, false
	}
	switch words[1] {
	case "ID", "ID...", "OLD":
		if cmd.Name() == "new" {
			return none, false // it is not there yet
		}
		return c.ids(c.kindOf(cmd)...), false
	case "BRANCH":
		return c.branches, false
	case "PATH|ID":
		return c.ids(), true
	case "CODE":
		return c.codes, false
	case "KIND":
		return c.kindNames, false
	}
	return nil, false
}

// table is the table of kinds that the commands were made from.
func (c *completer) table() *record.Kinds {
	if c.env.table != nil {
		return c.env.table
	}
	return record.Builtin()
}

// kindOf is the kind whose noun a command stands beneath; none where it stands
// beneath another.
func (c *completer) kindOf(cmd *cobra.Command) []string {
	if cmd.HasParent() {
		if k, ok := c.table().ByName(cmd.Parent().Name()); ok {
			return []string{k.Name}
		}
	}
	return nil
}

// flag is what the value of a flag can be, nil where nobody knows.
func (c *completer) flag(cmd *cobra.Command, f *pflag.Flag) offer {
	if path := f.Annotations[fieldAnnotation]; len(path) > 0 {
		return c.field(c.kindOf(cmd), path, f.Value.Type() == "stringArray")
	}
	switch f.Name {
	case "json":
		return commas(func(cmd *cobra.Command, typed string) []string { return fixed(c.jsonFields(cmd)...)(cmd, typed) })
	case "output":
		switch cmd.Name() {
		case "check":
			return fixed(render.ReportFormats()...)
		case "checkpoint", "bundle":
			return nil // a file
		case "log", "verify", "population", "sample", "report":
			return fixed(append(render.ListFormats(), render.DocumentFormats()...)...)
		}
		return fixed(render.ListFormats()...)
	case "set":
		return c.set
	case "record":
		return commas(c.ids())
	case "service":
		return commas(c.ids("service"))
	case "owner":
		return commas(c.ids("team", "person"))
	case "actor":
		return commas(c.ids("person"))
	case "caused-by":
		return c.ids("change")
	case "kind":
		return commas(c.kindNames)
	case "state":
		return commas(c.states)
	case "type":
		return commas(fixed(eventTypes()...))
	case "check":
		if f.Value.Type() == "stringSlice" {
			return commas(fixed(checkCodes()...))
		}
	case "change":
		return commas(c.ids("change"))
	case "framework":
		return fixed(frameworks()...)
	case "stratify":
		return commas(fixed(audit.Strata()...))
	case "outcome":
		return fixed(outcomes...)
	case "fail-on":
		return fixed("error", "warning", "none")
	case "color":
		return fixed("auto", "always", "never")
	}
	return nil
}
