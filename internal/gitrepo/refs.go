package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Resolve returns the commit that rev names, in any of git's spellings.
func (r *Repo) Resolve(ctx context.Context, rev string) (git.OID, error) {
	if rev == "" || strings.ContainsAny(rev, "\x00\n") {
		return "", fmt.Errorf("resolving %q: %w", rev, ErrUnknownRevision)
	}
	out, err := r.git("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}").run(ctx)
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	if exitCode(err) > 0 {
		return "", fmt.Errorf("resolving %s: %w%s", rev, ErrUnknownRevision, reason(err))
	}
	return "", fmt.Errorf("resolving %s: %w", rev, err)
}

// reason gives git's words, where it had any, as an addition to ours.
func reason(err error) string {
	if e, ok := errors.AsType[*CommandError](err); ok && e.Stderr != "" {
		return ": " + e.Stderr
	}
	return ""
}

// Ref returns the object that the ref with this full name stands at, "" when
// there is no such ref.
func (r *Repo) Ref(ctx context.Context, name string) (git.OID, error) {
	if err := checkRef(name); err != nil {
		return "", fmt.Errorf("reading ref: %w", err)
	}
	if id, ok := r.refFile(name); ok {
		return id, nil
	}
	refs, err := r.Refs(ctx, name)
	if err != nil {
		return "", err
	}
	for _, ref := range refs {
		if ref.Name == name {
			return ref.OID, nil
		}
	}
	return "", nil
}

// refFile reads a branch as git's files backend stores it, which saves a
// process: the file it is in or, where nothing is packed, that there is none.
// Every other form is git's to read.
func (r *Repo) refFile(name string) (git.OID, bool) {
	branch := strings.HasPrefix(name, "refs/heads/") || strings.HasPrefix(name, "refs/remotes/")
	if _, files := headFile(r.gitDir); !branch || !files {
		return "", false
	}
	data, err := os.ReadFile(filepath.Join(r.commonDir, filepath.FromSlash(name)))
	if err == nil {
		id, whole := strings.CutSuffix(string(data), "\n")
		return id, whole && r.format.valid(id)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	// Packing writes this file before it removes the other one.
	_, err = os.Lstat(filepath.Join(r.commonDir, "packed-refs"))
	return "", errors.Is(err, fs.ErrNotExist)
}

// Refs returns the refs below prefix, such as "refs/heads/gitsm/", sorted by
// name. An empty prefix means all.
func (r *Repo) Refs(ctx context.Context, prefix string) ([]git.Ref, error) {
	return r.listRefs(ctx, prefix)
}

// Unmerged returns the refs below prefix whose commits into does not contain,
// sorted by name.
func (r *Repo) Unmerged(ctx context.Context, prefix string, into git.OID) ([]git.Ref, error) {
	if err := r.checkCommits(into); err != nil {
		return nil, fmt.Errorf("listing refs: %w", err)
	}
	return r.listRefs(ctx, prefix, "--no-merged="+into)
}

func (r *Repo) listRefs(ctx context.Context, prefix string, options ...string) ([]git.Ref, error) {
	args := append([]string{"for-each-ref", "--format=%(objectname) %(refname)"}, options...)
	if prefix != "" {
		args = append(args, "--", strings.TrimSuffix(prefix, "/"))
	}
	out, err := r.git(args...).run(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing refs: %w", err)
	}
	var refs []git.Ref
	for line := range strings.Lines(string(out)) {
		id, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || !r.format.valid(id) {
			return nil, fmt.Errorf("listing refs: git printed %q", line)
		}
		if strings.HasPrefix(name, prefix) {
			refs = append(refs, git.Ref{Name: name, OID: id})
		}
	}
	return refs, nil
}

// HeadBranch returns the full name of the branch that is checked out here, or
// would be born by the first commit; "" when HEAD is detached.
func (r *Repo) HeadBranch(ctx context.Context) (string, error) {
	if name, ok := headFile(r.gitDir); ok {
		return name, nil
	}
	out, err := r.git("symbolic-ref", "--quiet", "HEAD").run(ctx)
	if exitCode(err) == 1 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading HEAD: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// headFile reads HEAD as git's files backend stores it, which saves a process.
// Every other form, and the stand-in that reftable leaves, is git's to read.
func headFile(gitDir string) (string, bool) {
	data, err := os.ReadFile(filepath.Join(gitDir, "HEAD"))
	if err != nil {
		return "", false
	}
	name, ok := strings.CutPrefix(strings.TrimSuffix(string(data), "\n"), "ref: ")
	if !ok || !strings.HasPrefix(name, "refs/heads/") || name == "refs/heads/.invalid" {
		return "", false
	}
	return name, true
}

// checkRef accepts full ref names only, and none that git would refuse or that
// could end a line of its input.
func checkRef(name string) error {
	if !strings.HasPrefix(name, "refs/") {
		return fmt.Errorf("%q is not a full ref name, such as refs/heads/main", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") || strings.HasSuffix(part, ".") {
			return fmt.Errorf("%q is not a valid ref name", name)
		}
	}
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }
	if strings.ContainsFunc(name, bad) || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return fmt.Errorf("%q is not a valid ref name", name)
	}
	return nil
}
