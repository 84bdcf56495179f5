package gitrepo

import (
	"context"
	"fmt"
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
