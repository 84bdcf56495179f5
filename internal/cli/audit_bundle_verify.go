package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/bundle"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/render"
)

type bundleVerifyOptions struct {
	files verifyOptions // --root and --checkpoint
}

func newAuditBundleVerifyCmd(env *Env) *cobra.Command {
	o := &bundleVerifyOptions{}
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "Compute a bundle again from the history in it", Args: args(cobra.ExactArgs(1)),
		Long: `Read a bundle, without a network and outside of any store: hold each file against
the manifest, each object of the history against its id, audit that history again,
and hold every file against what comes of it. A bundle whose files and manifest were
changed together is found as well.

Who made a bundle can have made all of the history in it. --root and --checkpoint
hold it against what you know from elsewhere.

Exit codes: 0 all of it is as it says, and no check of the audit failed, 1 something
differs or a check failed, 3 something could not be verified.`,
		Example: "  $ gitsm audit bundle verify audit-2026.tar\n  $ gitsm audit bundle verify audit-2026.tar --checkpoint /safe/checkpoint.json",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runAuditBundleVerify(cmd.Context(), env, o, list[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.files.root, "root", "", "demand that the store began with this `COMMIT`")
	f.StringVar(&o.files.checkpoint, "checkpoint", "", "demand that the branches descend from where they stood when `FILE` was written")
	return cmd
}

func runAuditBundleVerify(ctx context.Context, env *Env, o *bundleVerifyOptions, name string) error {
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(env.workDir(), file)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	archive, err := bundle.Read(f, info.Size())
	if broken, ok := errors.AsType[*bundle.ReadError](err); ok {
		return &Error{Msg: fmt.Sprintf("%s: %v", name, broken), Code: ExitFindings}
	}
	if err != nil {
		return err
	}
	if list := archive.Unlisted(); len(list) > 0 {
		return env.tampered(name, list)
	}
	v := &bundleVerdict{archive: archive}
	err = env.reaudit(ctx, archive.History, archive.History.Size(), archive.Spec, func(a *audit.Auditor, digest string) error {
		return v.compare(ctx, env, a, digest, o)
	})
	if errors.Is(err, git.ErrBundle) {
		return &Error{Msg: fmt.Sprintf("%s: %v", name, err), Code: ExitFindings}
	}
	if err != nil {
		return err
	}
	if len(v.altered) > 0 {
		return env.tampered(name, v.altered)
	}
	if err := env.into("", func(w io.Writer, _ render.Style) error { return v.write(w, env.Version) }); err != nil {
		return err
	}
	return exit(auditCode(v.worst()))
}

// tampered says which files of a bundle are not what they should be.
func (env *Env) tampered(name string, list []bundle.Problem) error {
	for _, p := range list {
		if _, err := fmt.Fprintf(env.Out, "fail  %s\n", render.Terminal(p.String())); err != nil {
			return err
		}
	}
	return &Error{Msg: fmt.Sprintf("%s was altered: %d of its files are not what they should be", name, len(list)), Code: ExitFindings}
}

// bundleVerdict is what came of computing a bundle again.
type bundleVerdict struct {
	archive *bundle.Archive
	altered []bundle.Problem // what history gives otherwise
	worded  []bundle.Problem // the same, of what another version computed
	files   int
	report  *audit.Report
	held    *audit.Report // against --root and --checkpoint
}

func (v *bundleVerdict) compare(ctx context.Context, env *Env, a *audit.Auditor, digest string, o *bundleVerifyOptions) error {
	period, err := v.archive.Spec.Period()
	if err != nil {
		return err
	}
	done := env.watch(a)
	found, err := a.Collect(ctx, period)
	done()
	if err != nil {
		return err
	}
	spec := bundle.NewSpec(a, period, found)
	spec.Tool = v.archive.Spec.Tool
	files, err := bundle.Files(spec, found)
	if err != nil {
		return err
	}
	v.report, v.files = found.Report, len(files)
	for _, p := range v.archive.Differences(files, digest) {
		if bundle.Derived(p.Name) && spec.Tool != env.Version {
			v.worded = append(v.worded, p)
		} else {
			v.altered = append(v.altered, p)
		}
	}
	if o.files.root == "" && o.files.checkpoint == "" {
		return nil
	}
	if err := o.files.files(ctx, env, a); err != nil {
		return err
	}
	a.Root = o.files.root
	v.held, err = a.Verify(ctx, audit.Scope{Checks: []string{audit.TMP1}})
	return err
}

// worst is the verdict that decides how the command ends.
func (v *bundleVerdict) worst() audit.Verdict {
	out := v.report.Worst()
	if v.held != nil && (v.held.Worst() == audit.Fail || out != audit.Fail && v.held.Worst() == audit.CannotVerify) {
		out = v.held.Worst()
	}
	if len(v.worded) > 0 && out != audit.Fail {
		return audit.CannotVerify
	}
	return out
}

func (v *bundleVerdict) write(w io.Writer, version string) error {
	s, r := v.archive.Spec, v.report
	var out strings.Builder
	fmt.Fprintf(&out, "%d files are what the manifest says and what the history gives\n", v.files+2-len(v.worded))
	for _, p := range v.worded {
		fmt.Fprintf(&out, "cannot-verify  %s: it was made by gitsm %s, and this is gitsm %s; verify it with that version\n", render.Terminal(p.String()), render.Terminal(s.Tool), version)
	}
	fmt.Fprintf(&out, "%s %s, evidence %s, beginning with %s\n", render.Terminal(s.Main), r.Main, cmp.Or(strings.Join(r.Evidence, " "), "none"), r.Genesis)
	for _, c := range checksOf(r, v.held) {
		if shown(c.Verdict) {
			fmt.Fprintf(&out, "%s  %s  %s: %s\n", c.Verdict, c.Check, render.Terminal(cmp.Or(c.Record, "the store")), render.Terminal(c.Reason))
		}
	}
	n := r.Summary
	fmt.Fprintf(&out, "%d records, %d landings, %d statements: %d pass, %d fail, %d accepted, %d cannot-verify, %d not applicable\n",
		n.Records, n.Landings, n.Statements, n.Pass, n.Fail, n.Accepted, n.CannotVerify, n.NotApplicable)
	out.WriteString("\nThe same without gitsm, where it was unpacked (tar -xf):\n\n")
	for _, line := range bundle.Commands(s) {
		out.WriteString("  " + render.Terminal(line) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// checksOf are the verdicts of a report and of another, where there is one.
func checksOf(r, more *audit.Report) []audit.Check {
	if more == nil {
		return r.Checks
	}
	return append(append([]audit.Check{}, r.Checks...), more.Checks...)
}

// summing is a writer that keeps nothing but a digest.
type summing struct{ hash.Hash }

func newSum() summing { return summing{sha256.New()} }

func (s summing) hex() string { return hex.EncodeToString(s.Sum(nil)) }
