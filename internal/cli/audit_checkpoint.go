package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/render"
)

type checkpointOptions struct {
	file   string
	dryRun bool
}

func newAuditCheckpointCmd(env *Env) *cobra.Command {
	o := &checkpointOptions{}
	cmd := &cobra.Command{
		Use: "checkpoint", Short: "Record where main and the evidence stand", Args: args(cobra.NoArgs),
		Long: `Record on the evidence branch, signed with your key, where main and the evidence
branch stand now. Every later audit demands that both descend from there, so that
rewritten history is found. Whoever can rewrite both branches can take a
checkpoint out as well: keep a copy elsewhere, and hold the store against it with
gitsm audit verify --checkpoint FILE. The signature goes to FILE.sig.`,
		Example: "  # Before the auditors come, and once a month.\n  $ gitsm audit checkpoint -o /safe/checkpoint.json\n  $ gitsm audit verify --checkpoint /safe/checkpoint.json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAuditCheckpoint(cmd.Context(), env, o) },
	}
	cmd.Flags().StringVarP(&o.file, "output", "o", "", "write it to `FILE` as well, and its signature to FILE.sig")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be recorded and write nothing")
	return cmd
}

func runAuditCheckpoint(ctx context.Context, env *Env, o *checkpointOptions) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	e, notes, err := d.Checkpoint(ctx)
	if err != nil {
		return err
	}
	for _, n := range notes {
		env.say("note: %s", n)
	}
	if o.file != "" && !o.dryRun {
		if err := env.keep(o.file, e); err != nil {
			return err
		}
	}
	cp := e.Statement.Predicate.Checkpoint
	trust := "signed"
	if e.Sig == nil {
		trust = "unsigned"
	}
	return env.into("", func(w io.Writer, _ render.Style) error {
		_, err := fmt.Fprintf(w, "%s\nmain %s\nevidence %s\n%s at %s\n", e.Path, cp.Main, cp.Evidence, trust, e.Statement.Predicate.Time.Format(time.RFC3339))
		return err
	})
}

// keep writes a statement and its signature to a file and its neighbour.
func (env *Env) keep(file string, e *evidence.Entry) error {
	write := func(name string, content []byte) error {
		return env.into(name, func(w io.Writer, _ render.Style) error {
			_, err := w.Write(content)
			return err
		})
	}
	if err := write(file, e.Raw); err != nil || e.Sig == nil {
		return err
	}
	return write(file+".sig", e.Sig)
}

// files reads what an audit is given to hold the store against.
func (o *verifyOptions) files(ctx context.Context, env *Env, a *audit.Auditor) (err error) {
	if o.deployments != "" {
		if a.Deployments, err = env.deployments(ctx, o.deployments); err != nil {
			return err
		}
	}
	if o.checkpoint == "" {
		return nil
	}
	raw, err := env.given(o.checkpoint)
	if err != nil {
		return err
	}
	sig, err := env.given(o.checkpoint + ".sig")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a.Checkpoint, err = evidence.ParseCopy(o.checkpoint, raw, sig)
	return err
}

// deployments reads what changes are held against: a file, or this
// repository's tags.
func (env *Env) deployments(ctx context.Context, name string) (*audit.Deployments, error) {
	if pattern, ok := strings.CutPrefix(name, "tags:"); ok || name == "tags" {
		if name == "tags" {
			pattern = ""
		}
		repo, err := env.repository(ctx)
		if err != nil {
			return nil, err
		}
		tags, err := repo.Tags(ctx, pattern)
		if err != nil {
			return nil, err
		}
		return audit.TagDeployments(name, tags), nil
	}
	src, err := env.given(name)
	if err != nil {
		return nil, err
	}
	return audit.ReadDeployments(name, src)
}

// given reads a file that was named on the command line.
func (env *Env) given(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(env.workDir(), name)
	}
	return os.ReadFile(name)
}
