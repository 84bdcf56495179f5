package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
)

// ConfigSteps are the steps of gitsm.yaml from base to head that cannot be
// taken, and what is wrong with head's.
func (j *Judge) ConfigSteps(base, head *store.Store) ([]finding.Finding, error) {
	return j.judgeConfig(&Facts{Base: base, Head: head})
}

func (j *Judge) judgeConfig(f *Facts) ([]finding.Finding, error) {
	out, err := j.Validator.ConfigReferences(f.Head)
	if err != nil {
		return nil, err
	}
	out = append(out, j.Validator.Config(f.Head.Doc)...)
	name := f.Head.Display(store.ConfigFile)
	was, is := f.Base.Config, f.Head.Config
	if !was.Bootstrap && is.Bootstrap {
		out = append(out, gate("GAT001", name, "bootstrap cannot be turned on again: what lands under it needs nobody's approval"))
	}
	if !was.Simulation && is.Simulation {
		out = append(out, gate("GAT002", name, "simulation cannot be turned on in a store with real history: it lets every time be made up"))
	}
	if was.MainBranch != is.MainBranch {
		out = append(out, gate("GAT009", name, fmt.Sprintf("main_branch becomes %s: %s would no longer be in force, and nothing else yet", is.MainBranch, was.MainBranch)))
	}
	if !was.Bootstrap || is.Bootstrap {
		return out, nil
	}
	ended, err := endsBootstrap(f, name)
	return append(out, ended...), err
}

// endsBootstrap makes sure that a store which comes of age can still be changed:
// whoever proposes cannot approve as well.
func endsBootstrap(f *Facts, name string) ([]finding.Finding, error) {
	dir, err := f.Head.Directory()
	if err != nil {
		return nil, err
	}
	able := func(id string) bool {
		p, ok := dir.People[id]
		return ok && p.IsActive() && (len(p.Emails) > 0 || len(p.SigningKeys) > 0 || p.GitHub.ID != 0)
	}
	var out []finding.Finding
	n := 0
	for id := range dir.People {
		if able(id) {
			n++
		}
	}
	if n < 2 {
		out = append(out, gate("GAT004", name, fmt.Sprintf("ending bootstrap needs two active people who can approve, and %d can", n)))
	}
	for _, k := range []string{"policy", "people", "config"} {
		owners := f.Head.Config.Owners[k]
		who := slices.DeleteFunc(members(dir, owners), func(id string) bool { return !able(id) })
		switch {
		case len(owners) == 0:
			out = append(out, gate("GAT005", name, fmt.Sprintf("ending bootstrap without owners.%s would leave %s to nobody", k, k)))
		case len(who) == 0:
			out = append(out, gate("GAT005", name, fmt.Sprintf("nobody of owners.%s (%s) is active and can approve, so ending bootstrap would leave %s to nobody", k, strings.Join(owners, ", "), k)))
		case len(who) == 1 && who[0] == f.Opener:
			out = append(out, gate("GAT005", name, fmt.Sprintf("of owners.%s (%s) only %s can approve, who proposes this, and nobody approves what they propose", k, strings.Join(owners, ", "), who[0])))
		}
	}
	return out, nil
}

// members are the people that owners name, each once.
func members(dir *store.Directory, owners []string) []string {
	var out []string
	for _, o := range owners {
		kind, id, _ := strings.Cut(o, ":")
		if team, ok := dir.Teams[id]; kind == "team" && ok && team.IsActive() {
			out = append(out, team.Members...)
		} else if kind == "person" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
