package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/mend"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// checkFixed checks the work tree, settles what leaves no choice, and checks
// again. With --dry-run it shows the difference, and the check is the first.
func checkFixed(ctx context.Context, env *Env, o *checkOptions, list []string) (*check.Report, error) {
	if err := env.readOnly(); err != nil && !o.dryRun {
		return nil, err
	}
	paths, ids := split(env, list)
	main := env.lookAtMain(ctx)
	defer main.wait()
	rep, err := checkFiles(ctx, env, paths, ids, o.noCache, main)
	if err != nil {
		return nil, err
	}
	by := map[string][]finding.Finding{}
	for _, f := range rep.Findings {
		if f.Mend != (finding.Mend{}) {
			by[f.File] = append(by[f.File], f)
		}
	}
	if len(by) == 0 {
		env.say("nothing to fix without asking")
		return rep, nil
	}
	s, err := env.workTree(ctx)
	if err != nil {
		return nil, err
	}
	out, err := env.files(o.dryRun)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	for _, file := range slices.Sorted(maps.Keys(by)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := fixFile(env, s, out, file, by[file], o.dryRun); err != nil {
			return nil, err
		}
	}
	if o.dryRun {
		return rep, nil
	}
	return checkFiles(ctx, env, paths, ids, o.noCache, main)
}

// fixFile settles findings of one file. One that cannot be edited safely, or
// that changed meanwhile, is left as it is.
func fixFile(env *Env, s *store.Store, files *workFiles, name string, found []finding.Finding, dryRun bool) error {
	src, err := files.root.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	p, ok := s.Relative(name)
	if !ok {
		return fmt.Errorf("fixing %s: it is outside the store", name)
	}
	out, n, err := mend.Fix(s, p, src, found)
	switch {
	case errors.Is(err, yamldoc.ErrSplice), errors.Is(err, mend.ErrChanged):
		env.say("left as it is: %v", err)
		return nil
	case err != nil:
		return err
	case dryRun:
		return render.Diff(env.Out, name, src, out, env.style())
	}
	if err := files.Replace(name, src, out); err != nil {
		return err
	}
	env.say("%s: fixed %d", name, n)
	return nil
}
