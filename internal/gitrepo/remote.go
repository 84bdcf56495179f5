package gitrepo

import (
	"context"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Upstream returns the remote that a branch, by full or short name, is
// configured to follow.
func (r *Repo) Upstream(ctx context.Context, branch string) (remote string, ok bool, err error) {
	short := strings.TrimPrefix(branch, "refs/heads/")
	remote, ok, err = r.Config(ctx, "branch."+short+".remote")
	if err != nil || !ok || remote == "" || remote == "." {
		return "", false, err
	}
	return remote, true, nil
}

// Address is where a remote is, with what url.<base>.insteadOf makes of it; a name
// that is no remote is its own address.
func (r *Repo) Address(ctx context.Context, remote string) (string, error) {
	out, err := r.git("ls-remote", "--get-url", "--", remote).run(ctx)
	if err != nil {
		return "", fmt.Errorf("asking git where %s is: %w", scrub(remote), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Fetch brings the refs that refspecs name, or those configured for the remote
// where none is given, with the user's own git, credentials and prompts.
func (r *Repo) Fetch(ctx context.Context, remote string, refspecs ...string) error {
	if remote == "" {
		return fmt.Errorf("fetching: %w", ErrNoUpstream)
	}
	args := []string{"fetch", "--quiet", "--atomic", "--no-recurse-submodules", "--no-write-fetch-head", "--", remote}
	if _, err := r.remoteGit(append(args, refspecs...)...).run(ctx); err != nil {
		return fmt.Errorf("fetching from %s: %w", scrub(remote), remoteError(err))
	}
	return nil
}

// Push moves refs of the remote, all or none, each only if it still stands at
// its old value. Nothing is ever forced: a branch that would lose commits is
// refused. ErrRejected says that the remote said no, and why. The user's
// pre-push hook runs.
func (r *Repo) Push(ctx context.Context, remote string, updates []git.RefUpdate) error {
	if remote == "" {
		return fmt.Errorf("pushing: %w", ErrNoUpstream)
	}
	updates, err := r.checkUpdates(updates)
	if err != nil || len(updates) == 0 {
		return err
	}
	args := []string{"push", "--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"}
	var refspecs []string
	for _, u := range updates {
		if err := r.fastForward(ctx, u); err != nil {
			return fmt.Errorf("pushing %s: %w", u.Name, err)
		}
		args = append(args, "--force-with-lease="+u.Name+":"+u.Old)
		refspecs = append(refspecs, u.New+":"+u.Name)
	}
	args = append(append(args, "--", remote), refspecs...)
	out, err := r.remoteGit(args...).run(ctx)
	if err == nil {
		return nil
	}
	if refused := parsePorcelain(string(out)); len(refused) > 0 {
		return fmt.Errorf("pushing to %s: %w: %s%s", scrub(remote), git.ErrRejected, strings.Join(refused, "; "), reason(err))
	}
	return fmt.Errorf("pushing to %s: %w", scrub(remote), remoteError(err))
}

// fastForward refuses an update that would take commits out of a branch: git
// takes a lease for permission to do so.
func (r *Repo) fastForward(ctx context.Context, u git.RefUpdate) error {
	if u.Old == "" || u.New == "" || u.Old == u.New {
		return nil
	}
	ok, err := r.IsAncestor(ctx, u.Old, u.New)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: %s does not contain %s, which is there", git.ErrRejected, shown(u.New), shown(u.Old))
	}
	return nil
}

// parsePorcelain returns "ref (why)" for each refused ref.
func parsePorcelain(out string) []string {
	var refused []string
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) < 3 || fields[0] != "!" {
			continue
		}
		_, dst, _ := strings.Cut(fields[1], ":")
		refused = append(refused, dst+" "+scrub(fields[2]))
	}
	return refused
}

// RemoteRefs lists the refs of a remote that match patterns, all where none is
// given, without fetching anything.
func (r *Repo) RemoteRefs(ctx context.Context, remote string, patterns ...string) ([]git.Ref, error) {
	if remote == "" {
		return nil, fmt.Errorf("listing remote refs: %w", ErrNoUpstream)
	}
	out, err := r.remoteGit(append([]string{"ls-remote", "--quiet", "--refs", "--", remote}, patterns...)...).run(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the refs of %s: %w", scrub(remote), remoteError(err))
	}
	var refs []git.Ref
	for line := range strings.Lines(string(out)) {
		id, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || !r.format.valid(id) {
			return nil, fmt.Errorf("listing the refs of %s: git printed %q", scrub(remote), line)
		}
		refs = append(refs, git.Ref{Name: name, OID: id})
	}
	return refs, nil
}

// fatal is the exit code of a git that could not begin, as opposed to one that
// was told no.
const fatal = 128

// remoteError tells a remote that has no such ref, and one that was not reached
// or did not let us in, from everything else.
func remoteError(err error) error {
	switch {
	case exitCode(err) != fatal:
		return err
	case strings.Contains(err.Error(), "couldn't find remote ref"):
		return fmt.Errorf("%w: %w", ErrUnknownRevision, err)
	}
	return fmt.Errorf("%w: %w", git.ErrUnreachable, err)
}

// remoteGit prepares a command that talks to a remote: with the user's own
// environment, so that credentials, proxies, prompts and hooks work. Only the
// language of messages is fixed, since one of them is read.
func (r *Repo) remoteGit(args ...string) call {
	env := without(r.environ, "LC_ALL")
	if v, ok := lookup(r.environ, "LC_ALL"); ok {
		env = append(env, "LC_CTYPE="+v)
	}
	return call{args: args, dir: r.workDir(), env: append(env, "LC_MESSAGES=C")}
}
