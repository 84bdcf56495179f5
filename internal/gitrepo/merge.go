package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// MergeTree merges two commits and returns the tree, stored, of the outcome.
// Nothing is checked out. Renames are not followed and attributes are not read,
// so that every clone gets the same tree; *ConflictError names what conflicts.
func (r *Repo) MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error) {
	if err := r.checkCommits(ours, theirs); err != nil {
		return "", fmt.Errorf("merging: %w", err)
	}
	c := r.git("-c", "core.bare=true", "-c", "merge.renames=false", "-c", "merge.renormalize=false",
		"merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
	// Without a work tree git reads no .gitattributes, which could name a merge
	// driver that other clones do not have.
	c.dir, c.env = r.gitDir, append(without(c.env, "GIT_WORK_TREE"), "GIT_ATTR_SOURCE="+r.format.emptyTree)
	out, err := c.run(ctx)
	tokens := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	switch {
	case exitCode(err) == 1 && len(tokens) > 1:
		return "", &git.ConflictError{Paths: slices.Compact(slices.Sorted(slices.Values(tokens[1:])))}
	case err != nil:
		return "", fmt.Errorf("merging %s and %s: %w", shown(ours), shown(theirs), err)
	case !r.format.valid(tokens[0]):
		return "", fmt.Errorf("merging %s and %s: git printed %q", shown(ours), shown(theirs), tokens[0])
	}
	return tokens[0], nil
}

// MergeBase returns the best common ancestor, "" where there is none.
func (r *Repo) MergeBase(ctx context.Context, a, b git.OID) (git.OID, error) {
	if err := r.checkCommits(a, b); err != nil {
		return "", fmt.Errorf("finding a merge base: %w", err)
	}
	out, err := r.git("merge-base", a, b).run(ctx)
	if exitCode(err) == 1 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("finding the merge base of %s and %s: %w", shown(a), shown(b), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// IsAncestor says whether b contains a. A commit contains itself.
func (r *Repo) IsAncestor(ctx context.Context, a, b git.OID) (bool, error) {
	if err := r.checkCommits(a, b); err != nil {
		return false, fmt.Errorf("comparing histories: %w", err)
	}
	_, err := r.git("merge-base", "--is-ancestor", a, b).run(ctx)
	if exitCode(err) == 1 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking whether %s contains %s: %w", shown(b), shown(a), err)
	}
	return true, nil
}

func (r *Repo) checkCommits(ids ...git.OID) error {
	for _, id := range ids {
		if err := r.format.check("commit", id); err != nil {
			return err
		}
	}
	return nil
}
