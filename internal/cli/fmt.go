package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/mend"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

type fmtOptions struct {
	check  bool
	dryRun bool
	path   string // of what is on stdin
}

func newFmtCmd(env *Env) *cobra.Command {
	o := &fmtOptions{}
	cmd := &cobra.Command{
		Use: "fmt [PATH|ID …]", Short: "Write records in canonical key order and style",
		Long: `Rewrite records of the work tree, and gitsm.yaml, in one style: fields in the
order of their schema, two spaces per level, lists indented, at most one blank
line in a row. Comments stay with their fields, values keep the way they are
written, and no file changes its meaning: the result is read again and compared
before it is written. Only files of the work tree are written, never the index.

In a Markdown file it is the front matter that is formatted, and the text below
it stays. The files that changed are printed. With - the record is read from
stdin and printed; of a kind whose records do not say what they are, or are
front matter, --stdin-path says which file it is.

Exit codes: 0 done, 1 a file cannot be formatted, or with --check is not.`,
		Example: `  # every record of the store
  $ gitsm fmt

  # in CI: name what is not formatted
  $ gitsm fmt --check

  # as an editor does on saving
  $ gitsm fmt - < services/checkout.yaml
  $ gitsm fmt - --stdin-path docs/adr/0007-queues.md < docs/adr/0007-queues.md`,
		RunE: func(cmd *cobra.Command, list []string) error { return runFmt(cmd.Context(), env, o, list) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.check, "check", false, "write nothing, and exit 1 if a file is not formatted")
	f.BoolVar(&o.dryRun, "dry-run", false, "write nothing, and show what would change")
	f.BoolVar(&o.dryRun, "diff", false, "the same as --dry-run")
	f.StringVar(&o.path, "stdin-path", "", "the `FILE` that stdin is the content of")
	return cmd
}

func runFmt(ctx context.Context, env *Env, o *fmtOptions, list []string) error {
	if slices.Contains(list, "-") {
		if len(list) > 1 {
			return usage("- formats stdin, so it takes no other file")
		}
		return fmtStdin(ctx, env, o)
	}
	if o.path != "" {
		return usage("--stdin-path is for what is read from stdin").hint("gitsm fmt - --stdin-path %s", o.path)
	}
	s, err := env.workTree(ctx)
	if err != nil {
		return err
	}
	paths, err := env.named(ctx, s, list)
	if err != nil {
		return err
	}
	out, err := env.files(o.check || o.dryRun)
	if err != nil {
		return err
	}
	defer out.Close()
	f := &formatting{env: env, o: o, store: s, files: out}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.file(p); err != nil {
			return err
		}
	}
	return f.done()
}

// formatting is one run of fmt.
type formatting struct {
	env     *Env
	o       *fmtOptions
	store   *store.Store
	files   *workFiles
	found   []finding.Finding // about files that cannot be read as YAML
	refused []string          // why files could not be formatted
	changed int
}

// file formats the file at a path of the store.
func (f *formatting) file(p string) error {
	src, err := fs.ReadFile(f.store.FS, p)
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.store.Display(p), err)
	}
	out, found, err := mend.Format(f.store, p, src)
	f.found = append(f.found, found...)
	switch {
	case errors.Is(err, yamldoc.ErrFormat):
		f.refused = append(f.refused, err.Error())
		return nil
	case err != nil:
		return err
	case len(found) > 0 || bytes.Equal(src, out):
		return nil
	}
	f.changed++
	name := f.store.Display(p)
	if f.o.dryRun {
		return render.Diff(f.env.Out, name, src, out, f.env.style())
	}
	if !f.o.check {
		if err := f.files.Replace(name, src, out); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(f.env.Out, render.Terminal(name))
	return err
}

// done says what could not be formatted, and settles the exit code.
func (f *formatting) done() error {
	if len(f.found) > 0 {
		return f.env.refuse(f.found, "files that cannot be read are left as they are")
	}
	for _, why := range f.refused {
		f.env.say("%s", why)
	}
	switch {
	case len(f.refused) > 0:
		return &Error{Msg: "some files are left as they are", Code: ExitFindings, Hints: []string{"write the place named in a simpler way, and format again"}}
	case f.o.check && f.changed > 0:
		f.env.next("gitsm fmt")
		return exit(ExitFindings)
	}
	return nil
}

// fmtStdin formats the record on stdin, for editors.
func fmtStdin(ctx context.Context, env *Env, o *fmtOptions) error {
	name, src, err := env.read("-")
	if err != nil {
		return err
	}
	out, found, err := formatText(ctx, env, o, name, src)
	switch {
	case errors.Is(err, yamldoc.ErrFormat), errors.Is(err, mend.ErrNoKind):
		return &Error{Msg: err.Error(), Code: ExitFindings}
	case err != nil:
		return err
	case len(found) > 0:
		return env.refuse(found, "the record cannot be read, so it is not formatted")
	case o.dryRun:
		if !bytes.Equal(src, out) {
			return render.Diff(env.Out, name, src, out, env.style())
		}
		return nil
	case o.check:
		if !bytes.Equal(src, out) {
			return exit(ExitFindings)
		}
		return nil
	}
	_, err = env.Out.Write(out)
	return err
}

// formatText formats what is on stdin as the file that it is said to be, or as
// the kind that it says itself.
func formatText(ctx context.Context, env *Env, o *fmtOptions, name string, src []byte) ([]byte, []finding.Finding, error) {
	kinds := record.Builtin()
	s, err := env.workTree(ctx)
	switch {
	case err == nil:
		kinds = s.Kinds
	case !errors.Is(err, store.ErrNoStore) || o.path != "":
		return nil, nil, err
	}
	if o.path == "" {
		return mend.FormatText(kinds, name, src)
	}
	file := o.path
	if !filepath.IsAbs(file) {
		file = filepath.Join(env.workDir(), file)
	}
	repo, err := env.inStore(ctx, []string{file})
	if err != nil {
		return nil, nil, err
	}
	p, ok := s.Relative(repo[0])
	if !ok {
		return nil, nil, usage("%s is outside the store", o.path)
	}
	return mend.Format(s, p, src)
}

// named returns the files of the store that paths and ids name: records and
// gitsm.yaml, sorted, all of them where nothing is named.
func (env *Env) named(ctx context.Context, s *store.Store, list []string) ([]string, error) {
	all, err := s.Files()
	if err != nil || len(list) == 0 {
		return all, err
	}
	places, ids := split(env, list)
	repo, err := env.inStore(ctx, places)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		rec, err := s.Find(id)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage("no record is called %q", id).hint("give a path, or an id of the work tree")
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rec.Path)
	}
	for _, p := range repo {
		here := slices.DeleteFunc(slices.Clone(all), func(have string) bool {
			have = s.Display(have)
			return p != "." && have != p && !strings.HasPrefix(have, p+"/")
		})
		if len(here) == 0 {
			return nil, usage("%s is no record, and holds none", path.Clean(p))
		}
		out = append(out, here...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
