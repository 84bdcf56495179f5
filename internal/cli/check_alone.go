package cli

import (
	"context"
	"io/fs"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/store"
)

// editing is the command that a fix proposes for a field of a record.
var editing = lazyregexp.New(`^gitsm [a-z]+ edit \S+ --set (?:'([^=']+)=(.*)'|([^=']+)=(.*))$`)

// inFiles says of records that are in the work tree alone what to write in their
// files: commands edit what is on main or proposed.
func (env *Env) inFiles(ctx context.Context, s *store.Store, found []finding.Finding, main *mainView) []finding.Finding {
	var alone func(f finding.Finding) bool
	for i, f := range found {
		m := editing.FindStringSubmatch(f.Fix)
		if m == nil || f.Record == "" {
			continue
		}
		if alone == nil {
			alone = workTreeAlone(ctx, s, main)
		}
		if alone(f) {
			found[i].Fix = "write " + m[1] + m[3] + ": " + strings.ReplaceAll(m[2], `'\''`, "'") + m[4] + " in " + f.File
		}
	}
	return found
}

// workTreeAlone tells the records that neither main nor an open proposal has.
func workTreeAlone(ctx context.Context, s *store.Store, main *mainView) func(finding.Finding) bool {
	d, w, err := main.wait()
	if err != nil {
		return func(finding.Finding) bool { return false } // whatever a command needs first, it says itself
	}
	proposed := map[string]bool{}
	open, err := d.Open(ctx, w)
	for _, p := range open {
		proposed[p.ID] = true
	}
	return func(f finding.Finding) bool {
		if err != nil || proposed[f.Record] {
			return false
		}
		_, gone := fs.Stat(w.Base.FS, strings.TrimPrefix(f.File, strings.TrimSuffix(s.Display("x"), "x")))
		return gone != nil
	}
}
