package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/bundle"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

type bundleOptions struct {
	period periodFlags
	file   string
}

func newAuditBundleCmd(env *Env) *cobra.Command {
	o := &bundleOptions{}
	cmd := &cobra.Command{
		Use: "bundle [RANGE]", Short: "Write everything an audit rests on into one file", Args: args(cobra.MaximumNArgs(1)),
		Long: `Write one file for an auditor to take away: the whole history of main and of the
evidence as a git bundle, and of a period the records, their evidence, the policies
that were in force, what policy saw, what the audit finds for every framework, and a
SHA-256 of each. It is a plain tar archive, and the README.md in it says how git,
gpg and ssh-keygen alone show what it rests on.

The same commits and the same --now give the same bytes on every machine.

` + periodHelp,
		Example: "  $ gitsm audit bundle -o audit-2026.tar --since 2026-01-01 --until 2027-01-01\n  $ gitsm audit bundle -o release.tar v1.0.0..v1.1.0\n  $ gitsm audit bundle verify audit-2026.tar",
		RunE:    func(cmd *cobra.Command, list []string) error { return runAuditBundle(cmd.Context(), env, o, list) },
	}
	cmd.Flags().StringVarP(&o.file, "output", "o", "", "write it to `FILE`")
	o.period.register(cmd.Flags())
	cmd.AddCommand(newAuditBundleVerifyCmd(env))
	return cmd
}

func runAuditBundle(ctx context.Context, env *Env, o *bundleOptions, list []string) error {
	if o.file == "" {
		return usage("-o is missing").hint("gitsm audit bundle -o audit.tar")
	}
	if env.config != "" {
		return usage("a bundle holds what main holds, and %s is not there: nobody could compute it again", env.config).
			hint("gitsm --config %s audit verify, which writes nothing", env.config).
			hint("to write a bundle, put the file into the repository as %s and leave --config out", store.ConfigFile)
	}
	period, err := o.period.period(ctx, env, list)
	if err != nil {
		return err
	}
	a, err := env.auditor(ctx)
	if err != nil {
		return err
	}
	tips, err := bundledTips(ctx, a)
	if err != nil {
		return err
	}
	spool, err := os.CreateTemp("", "gitsm-bundle-*")
	if err != nil {
		return fmt.Errorf("making room for the history: %w", err)
	}
	defer func() { _ = spool.Close(); _ = os.Remove(spool.Name()) }()
	repo, err := env.repository(ctx)
	if err != nil {
		return err
	}
	if err := repo.WriteBundle(ctx, spool, tips); err != nil {
		return err
	}
	size, err := spool.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	spec := bundle.Spec{Now: a.Now, Dir: a.Dir, Main: a.Main}
	var files []audit.File
	err = env.reaudit(ctx, spool, size, spec, func(again *audit.Auditor, _ string) error {
		done := env.watch(again)
		found, err := again.Collect(ctx, period)
		done()
		if err != nil {
			return offLine(err)
		}
		files, err = bundle.Files(bundle.NewSpec(again, period, found), found)
		return err
	})
	if err != nil {
		return err
	}
	if err := env.into(o.file, func(w io.Writer, _ render.Style) error { return bundle.Write(w, files, spool, size) }); err != nil {
		return err
	}
	env.say("%s: %d files; gitsm audit bundle verify %s", o.file, len(files)+2, o.file)
	return nil
}

// bundledTips are the branches that go into a bundle, under their own names.
func bundledTips(ctx context.Context, a *audit.Auditor) ([]git.Ref, error) {
	if a.Repo.Shallow() {
		return nil, history.ErrShallow
	}
	var out []git.Ref
	for _, name := range []string{a.Main, evidence.Branch} {
		tip, err := history.FindTip(ctx, a.Repo, name, "origin")
		if err != nil {
			return nil, err
		}
		if len(tip.Heads) > 1 {
			return nil, usage("%s: bring them together first", tip.Note)
		}
		if len(tip.Heads) == 0 && name == a.Main {
			return nil, &audit.NoMainError{Branch: name}
		}
		for _, id := range tip.Heads {
			out = append(out, git.Ref{Name: "refs/heads/" + name, OID: id})
		}
	}
	return out, nil
}

// reaudit takes a history into a repository of its own and hands over an
// auditor of it, with the digest of that history written anew. What else the
// user's clone holds, its settings and its replaced objects have no part in it.
func (env *Env) reaudit(ctx context.Context, src io.ReaderAt, size int64, spec bundle.Spec, do func(a *audit.Auditor, digest string) error) error {
	repo, done, err := env.scratch(ctx, src)
	if err != nil {
		return err
	}
	defer done()
	refs, err := repo.ReadBundle(ctx, src, size)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if !slices.Contains([]string{"refs/heads/" + spec.Main, "refs/heads/" + evidence.Branch}, ref.Name) {
			return fmt.Errorf("%w: %s is neither main nor evidence", git.ErrBundle, ref.Name)
		}
	}
	sum := newSum()
	if err := repo.WriteBundle(ctx, sum, refs); err != nil {
		return err
	}
	return do(&audit.Auditor{Repo: repo, Judge: env.judges(), Cache: store.NewCache(), Dir: spec.Dir, Main: spec.Main, Now: spec.Now, Tool: env.Version}, sum.hex())
}
