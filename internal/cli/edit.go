package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

type editOptions struct {
	kind   *record.Kind
	fields *fieldFlags
	dryRun bool
	out    outputFlags
}

func newEditCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &editOptions{kind: k}
	cmd := &cobra.Command{
		Use: "edit [ID] [flags]", Short: "Edit " + article(k.Name), Args: args(cobra.MaximumNArgs(1)),
		Long: `Edit the record in your editor, or set single fields with flags. An open
proposal of the record is edited where there is one; else a new one is made,
which lands at once where policy needs nobody's approval.

` + idArg(k),
		Example: fmt.Sprintf(`  # in your editor
  $ gitsm %[1]s edit ID

  # one field; nothing else in the file changes
  $ gitsm %[1]s edit ID --set title='A clearer title'`, k.Name),
		RunE: func(cmd *cobra.Command, list []string) error { return runEdit(cmd.Context(), env, o, list) },
	}
	o.fields = registerFields(cmd.Flags(), k)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing")
	o.out.register(cmd)
	return cmd
}

func runEdit(ctx context.Context, env *Env, o *editOptions, list []string) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	notes, err := d.Refresh(ctx)
	if err != nil {
		return err
	}
	for _, n := range notes {
		env.say("%s", n)
	}
	t, err := env.target(ctx, d, list, o.kind.Name)
	if err != nil {
		return err
	}
	rec := t.Current()
	if rec == nil {
		return usage("%s cannot be read in its proposal", t.ID).hint("mend the file on its branch: git switch %s", t.Proposal.Branch)
	}
	dr := proposal.Draft{Kind: t.Kind, ID: t.ID, Path: rec.Path, Verb: "edit", Content: rec.Doc.Source, Title: rec.Title(), Target: t}
	edits, err := o.fields.edits()
	if err != nil {
		return err
	}
	if err := d.Expand(ctx, o.kind, edits); err != nil {
		return err
	}
	draftPath := ""
	if len(edits) > 0 {
		dr.Remake = func(rec *record.Record) ([]byte, error) { return proposal.Apply(rec, edits) }
		if dr.Content, err = dr.Remake(rec); err != nil {
			return err
		}
	} else if dr, draftPath, err = editDraft(ctx, env, d, dr); err != nil {
		return err
	}
	if bytes.Equal(dr.Content, rec.Doc.Source) {
		env.say("%s is unchanged", t.ID)
		return kept(nil, draftPath)
	}
	fs, err := structural(ctx, d, dr)
	if err != nil {
		return err
	}
	if len(fs) > 0 {
		return env.refuse(fs, t.ID+" would not be valid, so nothing was written")
	}
	out, err := d.Propose(ctx, dr)
	return kept(reportWrite(ctx, env, d, out, err, &o.out), draftPath)
}

// kept removes an edited draft once it is proposed, and says where it is where
// that failed.
func kept(err error, path string) error {
	var e *Error
	switch {
	case path == "":
		return err
	case err == nil, errors.As(err, &e) && e.Code == ExitPending:
		return errors.Join(err, os.Remove(path))
	}
	return explain(err).hint("your text is kept in %s", path)
}

// target resolves an id, or the proposal whose branch is checked out.
func (env *Env) target(ctx context.Context, d *proposal.Desk, list []string, kinds ...string) (*proposal.Target, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(kinds, proposal.ConfigKind().Name) {
		return env.storeTarget(ctx, w, list, d.Config)
	}
	if slices.Contains(kinds, proposal.PolicyKind().Name) {
		return env.policyTarget(ctx, d, w, list)
	}
	if len(list) == 1 {
		return d.Resolve(ctx, w, list[0], kinds...)
	}
	branch, err := env.branch(ctx)
	if err != nil {
		return nil, err
	}
	if branch == "" {
		if branch, err = env.checkedOut(ctx, d, w); err != nil {
			return nil, err
		}
	}
	if proposal.RecordNamed(branch) == branch && len(kinds) == 1 {
		return nil, usage("branch %s is no proposal, so an id must be given: which %s is meant?", branch, kinds[0]).
			hint("gitsm %s list lists them, and gitsm inbox what waits for you", kinds[0])
	}
	return d.ByBranch(ctx, w, branch)
}

// checkedOut is the branch of the open proposal whose last commit is checked out
// without a branch, as CI does.
func (env *Env) checkedOut(ctx context.Context, d *proposal.Desk, w *proposal.World) (string, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	open, err := d.Open(ctx, w)
	if err != nil {
		return "", err
	}
	for _, p := range open {
		if p.Head == head {
			return p.Branch, nil
		}
	}
	return "", usage("no branch is checked out, and no open proposal ends with this commit, so an id must be given").
		hint("git fetch origin '+refs/heads/gitsm*:refs/remotes/origin/gitsm*' gets the proposals there are")
}

// id returns the id argument, or the branch of the checked-out proposal: its
// id may have other proposals as well.
func (env *Env) id(ctx context.Context, d *proposal.Desk, list []string, kinds ...string) (string, error) {
	if len(list) == 1 {
		return list[0], nil
	}
	t, err := env.target(ctx, d, nil, kinds...)
	if err != nil {
		return "", err
	}
	if slices.Contains(kinds, proposal.ConfigKind().Name) {
		return configBranch(t)
	}
	return t.Proposal.Branch, nil
}

// mark begins the lines that gitsm writes into an edited file and takes out
// again.
const mark = "#! "

// editDraft opens a draft in the user's editor, again with the findings as
// comments as long as it is not valid. Whatever ends it, the text is kept.
func editDraft(ctx context.Context, env *Env, d *proposal.Desk, dr proposal.Draft) (proposal.Draft, string, error) {
	editor, err := env.editor(ctx)
	if err != nil {
		return dr, "", err
	}
	path, err := draftFile(ctx, env, dr)
	if err != nil {
		return dr, path, err
	}
	text := dr.Content
	for {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return dr, path, fmt.Errorf("writing the draft: %w", err)
		}
		if err := env.edit(ctx, editor, path); err != nil {
			return dr, path, &Error{Msg: err.Error(), Code: ExitFailure, Hints: []string{"your text is kept in " + path}}
		}
		edited, err := os.ReadFile(path)
		if err != nil {
			return dr, path, fmt.Errorf("reading the draft: %w", err)
		}
		content := unmark(edited)
		if len(bytes.TrimSpace(content)) == 0 {
			return dr, path, &Error{Msg: "the file was emptied, so nothing was written", Code: ExitFindings}
		}
		again := bytes.Equal(edited, text)
		dr.Content = content
		fs, err := structural(ctx, d, dr)
		if err != nil {
			return dr, path, err
		}
		if len(fs) == 0 {
			return dr, path, nil
		}
		if again {
			if err := render.NewReport(fs, nil, 1, 0).Text(env.Err, render.Style{}); err != nil {
				return dr, path, err
			}
			return dr, path, &Error{Msg: "the record is still not valid, so nothing was written", Code: ExitFindings, Hints: []string{"your text is kept in " + path}}
		}
		text = withMarks(content, fs)
	}
}

// draftFile is where an edited record lies while it is edited: inside the git
// directory, so that no crash and no abort loses it.
func draftFile(ctx context.Context, env *Env, dr proposal.Draft) (string, error) {
	dir, err := env.gitDir(ctx)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "gitsm", "drafts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("keeping the draft: %w", err)
	}
	return filepath.Join(dir, dr.ID+filepath.Ext(dr.Path)), nil
}

func withMarks(content []byte, fs []finding.Finding) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%sThis is not valid yet. Save without a change to give up; the text is kept.\n", mark)
	above := 1 // the lines written here push the record's down
	for _, f := range fs {
		above++
		if f.Fix != "" {
			above++
		}
	}
	for _, f := range fs {
		fmt.Fprintf(&b, "%sline %d: %s %s\n", mark, f.Line+above, f.Code, render.Terminal(f.Message))
		if f.Fix != "" {
			fmt.Fprintf(&b, "%s  fix: %s\n", mark, render.Terminal(f.Fix))
		}
	}
	b.Write(content)
	return b.Bytes()
}

// unmark takes the marked lines at the top out again.
func unmark(text []byte) []byte {
	for bytes.HasPrefix(text, []byte(strings.TrimSpace(mark))) {
		_, rest, found := bytes.Cut(text, []byte("\n"))
		if !found {
			return nil
		}
		text = rest
	}
	return text
}
