package decision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
)

// Mends reports whether a proposal is judged although the policy on main can
// judge nothing: it changes nothing but policy, so its owners are asked, and no
// rule (docs/adr/0013-mending-a-broken-policy.md). Any other proposal is an error
// there.
func (j *Judge) Mends(ctx context.Context, f *Facts) (bool, error) {
	broken, err := j.mends(ctx, f)
	return broken != nil, err
}

// mends returns what is wrong with the policy on main where the proposal may
// mend it, and else the same as the error that it is.
func (j *Judge) mends(ctx context.Context, f *Facts) (broken, err error) {
	_, err = j.Policy(ctx, f.Base)
	if err == nil {
		return nil, nil
	}
	var rego *engine.CompileError
	var data *store.InvalidError
	if !errors.As(err, &rego) && !errors.As(err, &data) && !errors.Is(err, engine.ErrNoPolicy) {
		return nil, err
	}
	if f.mendsAlone() {
		return err, nil
	}
	switch outside := f.Base.Outside(); {
	case outside != "" && errors.Is(err, engine.ErrNoPolicy):
		return nil, fmt.Errorf("there is no policy beside %s that says whose approval it takes: %w", outside, err)
	case outside != "":
		return nil, fmt.Errorf("the policy beside %s judges nothing: %w", outside, err)
	}
	return nil, fmt.Errorf("the policy on %s judges nothing until a proposal that changes policy/ alone has mended it: %w", f.Base.Config.MainBranch, err)
}

// mendsAlone reports whether the proposal changes policy and nothing else.
func (f *Facts) mendsAlone() bool {
	return len(f.Changes) == 0 && len(f.Files) > 0 && !f.Retro &&
		!slices.ContainsFunc(f.Files, func(x File) bool { return guarded(f.Base, x.Path) != store.PolicyDir })
}

// decideMend asks the owners of the policy, as main names them, and no rule,
// since there is none that could be asked.
func (j *Judge) decideMend(ctx context.Context, f *Facts, broken error) (*Decision, error) {
	found, err := j.mended(ctx, f, broken)
	if err != nil {
		return nil, err
	}
	var data map[string]any // how far an approval must be trusted, if main still says so
	if src, err := f.Base.Policy(); err == nil {
		data = src.Data
	}
	base := f.Base.UnderPolicy(&store.Policy{Data: data})
	defer j.Forget(base)
	b, err := j.base(base)
	if err != nil {
		return nil, err
	}
	d := &Decision{Record: f.ID, OPA: engine.Version(), Findings: append(found, about(f)...)}
	var ask asked
	ask.add("", ownerRequirements(f))
	if err := j.count(b, f, d, ask); err != nil {
		return nil, err
	}
	finding.Sort(d.Findings)
	return d, nil
}

// mended holds a proposal that mends the policy to what every proposal of policy
// is held to: it must be one that can judge. That no rule was asked is said.
func (j *Judge) mended(ctx context.Context, f *Facts, broken error) ([]finding.Finding, error) {
	found, err := j.Files(ctx, f)
	if err != nil {
		return nil, err
	}
	if errs, _ := finding.Count(found); errs > 0 {
		return found, nil // it mends nothing yet
	}
	why := broken.Error()
	var rego *engine.CompileError
	if errors.As(broken, &rego) {
		why = (&engine.CompileError{Problems: rego.Problems[:1]}).Error() // the rest follows from it, or is as bad
	}
	note := gate(MendedCode, f.first(), "no rule judges this proposal, only who owns the policy: "+why)
	note.Severity = finding.Warning
	return append(found, note), nil
}

// MendedCode is the code of what is said of a proposal that mends a policy which
// could judge nothing.
const MendedCode = "GAT011"
