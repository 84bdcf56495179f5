package demo

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
)

func environ(tb testing.TB) []string {
	tb.Helper()
	home := tb.TempDir()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull}
}

// build makes a demo in a new repository.
func build(tb testing.TB, o Options) (*gitrepo.Repo, *History) {
	tb.Helper()
	ctx := context.Background()
	r, err := gitrepo.Init(ctx, tb.TempDir(), "main", environ(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	bulk := gitrepo.NewBulk(ctx, r)
	o.Judge, o.Tool = decision.NewJudge(), "test"
	start := time.Now()
	h, err := Build(ctx, bulk, o)
	if cerr := bulk.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Log("built", time.Since(start), "changes", h.Changes, "commits", h.Commits)
	var updates []git.RefUpdate
	for _, ref := range h.Refs {
		updates = append(updates, git.RefUpdate{Name: ref.Name, New: ref.OID})
	}
	if err := r.UpdateRefs(ctx, "demo", updates); err != nil {
		tb.Fatal(err)
	}
	tb.Log("checked out", time.Since(start))
	return r, h
}

func sh(tb testing.TB, r *gitrepo.Repo, args ...string) string {
	tb.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.Root()
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestBuild(t *testing.T) {
	r, h := build(t, Options{Changes: 40, Seed: DefaultSeed})
	if out := sh(t, r, "fsck", "--strict", "--full"); out != "" {
		t.Errorf("git fsck: %s", out)
	}
	if out := sh(t, r, "status", "--porcelain"); out != "" {
		t.Errorf("git status: %s", out)
	}
	if h.Changes < 40 {
		t.Errorf("%d changes were filed", h.Changes)
	}
	if keep := os.Getenv("KEEP"); keep != "" {
		os.RemoveAll(keep)
		_ = os.CopyFS(keep, os.DirFS(r.Root()))
	}
}
