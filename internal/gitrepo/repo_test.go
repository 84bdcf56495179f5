package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// clock is when everything in these tests happens.
var clock = time.Unix(1_700_000_000, 0).UTC()

var alice = git.Signature{Name: "Alice Example", Email: "alice@example.com", When: clock}

// environ is the environment of a user without configuration.
func environ(tb testing.TB) []string {
	tb.Helper()
	home := tempDir(tb)
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "TMPDIR=" + os.TempDir(),
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CEILING_DIRECTORIES=" + os.TempDir(),
		"GIT_AUTHOR_NAME=Alice Example", "GIT_AUTHOR_EMAIL=alice@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=Alice Example", "GIT_COMMITTER_EMAIL=alice@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
	}
}

// newRepo returns an empty repository with a work tree.
func newRepo(tb testing.TB) *Repo {
	tb.Helper()
	r, err := Init(tb.Context(), tempDir(tb), "main", environ(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// reopen opens dir as the same user would.
func reopen(tb testing.TB, r *Repo, dir string, extra ...string) *Repo {
	tb.Helper()
	again, err := Open(tb.Context(), dir, append(without(r.environ, "GIT_DIR", "GIT_WORK_TREE"), extra...))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = again.Close() })
	return again
}

// sh runs the git program as a user would, in dir, and returns what it printed.
func sh(tb testing.TB, r *Repo, dir string, args ...string) string {
	tb.Helper()
	return pipe(tb, r, dir, "", args...)
}

// pipe is sh with a standard input.
func pipe(tb testing.TB, r *Repo, dir, stdin string, args ...string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), "git", args...)
	cmd.Dir, cmd.Env = dir, without(r.environ, "GIT_DIR", "GIT_WORK_TREE")
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// edits turns path, content, path, content … into edits; "-" deletes.
func edits(pairs ...string) []git.FileEdit {
	var out []git.FileEdit
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, git.FileEdit{Path: pairs[i], Content: []byte(pairs[i+1]), Delete: pairs[i+1] == "-"})
	}
	return out
}

// write stores a commit on parent ("" for none) with the given files.
func write(tb testing.TB, r *Repo, parent git.OID, pairs ...string) git.OID {
	tb.Helper()
	spec := git.CommitSpec{Base: parent, Files: edits(pairs...), Message: "a change", Author: alice, Committer: alice}
	if parent != "" {
		spec.Parents = []git.OID{parent}
	}
	id, err := r.WriteCommit(tb.Context(), spec)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// move sets one ref.
func move(tb testing.TB, r *Repo, ref string, old, id git.OID) {
	tb.Helper()
	if err := r.UpdateRefs(tb.Context(), "test", []git.RefUpdate{{Name: ref, Old: old, New: id}}); err != nil {
		tb.Fatal(err)
	}
}

// fsck fails the test for any complaint of git about what is stored.
func fsck(tb testing.TB, r *Repo) {
	tb.Helper()
	out := sh(tb, r, r.workDir(), "fsck", "--strict", "--no-dangling", "--full")
	if out != "" {
		tb.Fatalf("git fsck: %s", out)
	}
}

// bigStore is a bare repository of many records in month folders, in a pack as
// git makes it, with a few commits for each thousand.
func bigStore(tb testing.TB, records int) (*Repo, git.OID) {
	tb.Helper()
	dir := tempDir(tb)
	r, err := Init(tb.Context(), dir, "main", environ(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	var in strings.Builder
	for i := range records {
		if i%500 == 0 {
			fmt.Fprintf(&in, "commit refs/heads/big\ncommitter A <a@example.com> %d +0000\ndata 4\nmore\n", 1_700_000_000+i)
		}
		fmt.Fprintf(&in, "M 100644 inline %s\n", recordPath(i))
		body := recordBody(i)
		fmt.Fprintf(&in, "data %d\n%s\n", len(body), body)
	}
	pipe(tb, r, dir, in.String(), "fast-import", "--quiet")
	head, err := r.Resolve(context.WithoutCancel(tb.Context()), "refs/heads/big")
	if err != nil {
		tb.Fatal(err)
	}
	return r, head
}

func recordPath(i int) string {
	return fmt.Sprintf("changes/%d/%02d/CHG-%06d.yaml", 2020+i/120%6, i/720%12+1, i)
}

func recordBody(i int) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: change\nid: CHG-%06d\ntitle: Change number %d\nservices: [svc-%d]\nplan:\n  backout: |\n    restore snapshot %d\n    and verify\n%s",
		i, i, i%97, i*7919, strings.Repeat("# padding line\n", 20+i%30))
}

// exists says whether a file is in the work tree, and with which content.
func content(tb testing.TB, r *Repo, path string) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(r.root, path))
	if err != nil {
		return "absent"
	}
	return string(data)
}

// paths lists changed paths.
func paths(changes []git.FileChange) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Path)
	}
	slices.Sort(out)
	return out
}

// tempDir is a temporary directory under the name by which git knows it.
func tempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}
