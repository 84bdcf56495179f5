package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

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

// Fork returns what two commits began with, for either to be compared with: their
// merge base or, where they have two because branches merged each other
// crosswise, the tree that these come to when merged, as MergeTree has it. It is
// "" where they have nothing in common.
func (r *Repo) Fork(ctx context.Context, a, b git.OID) (git.OID, error) {
	if err := r.checkCommits(a, b); err != nil {
		return "", fmt.Errorf("finding what two commits began with: %w", err)
	}
	bases, err := r.mergeBases(ctx, a, b)
	if err != nil || len(bases) == 0 {
		return "", err
	}
	if len(bases) == 1 {
		return bases[0], nil
	}
	tree, err := r.merged(ctx, bases)
	if err != nil {
		return "", fmt.Errorf("finding what %s and %s began with: %w", shown(a), shown(b), err)
	}
	return tree, nil
}

// mergeBases are all of them, sorted.
func (r *Repo) mergeBases(ctx context.Context, a, b git.OID) ([]git.OID, error) {
	out, err := r.git("merge-base", "--all", a, b).run(ctx)
	if err != nil && exitCode(err) != 1 {
		return nil, fmt.Errorf("finding the merge bases of %s and %s: %w", shown(a), shown(b), err)
	}
	bases := strings.Fields(string(out))
	slices.Sort(bases)
	return bases, nil
}

// merged is the tree that two merge bases come to.
func (r *Repo) merged(ctx context.Context, bases []git.OID) (git.OID, error) {
	if len(bases) > 2 {
		return "", fmt.Errorf("they have %d common ancestors; merge the one into the other first", len(bases))
	}
	return r.MergeTree(ctx, bases[0], bases[1])
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
