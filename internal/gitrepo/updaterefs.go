package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// lockTimeout is how long, in milliseconds, git waits for a lock on a ref. A
// holder needs a few milliseconds, and 50 processes may queue.
const lockTimeout = 5000

// UpdateRefs moves all refs or none, in one transaction that holds every ref to
// its old value: ErrStale says that one has moved, and nothing was done. A
// branch that is checked out in a work tree takes its files along; where that
// would overwrite somebody's work, *DirtyError names the paths and nothing was
// done. The reason goes to the reflog.
func (r *Repo) UpdateRefs(ctx context.Context, reason string, updates []git.RefUpdate) error {
	_, err := r.MoveRefs(ctx, reason, updates)
	return err
}

// MoveRefs is UpdateRefs that also reports which work trees followed.
func (r *Repo) MoveRefs(ctx context.Context, reason string, updates []git.RefUpdate) ([]Followed, error) {
	updates, err := r.checkUpdates(updates)
	if err != nil || len(updates) == 0 {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// From here on an interrupt must not part the refs from the work tree.
	ctx = context.WithoutCancel(ctx)
	f, err := r.prepareFollow(ctx, updates)
	if err != nil {
		return nil, err
	}
	defer f.release()
	if err := r.transact(ctx, reason, updates); err != nil {
		return nil, err
	}
	return f.follow(ctx)
}

// checkUpdates returns the updates sorted by name: when all processes lock in
// one order none waits for another in a circle.
func (r *Repo) checkUpdates(updates []git.RefUpdate) ([]git.RefUpdate, error) {
	sorted := slices.Clone(updates)
	slices.SortFunc(sorted, func(a, b git.RefUpdate) int { return strings.Compare(a.Name, b.Name) })
	for i, u := range sorted {
		if err := checkRef(u.Name); err != nil {
			return nil, fmt.Errorf("moving refs: %w", err)
		}
		if i > 0 && sorted[i-1].Name == u.Name {
			return nil, fmt.Errorf("moving refs: %s is given twice", u.Name)
		}
		for _, id := range []git.OID{u.Old, u.New} {
			if id == "" {
				continue
			}
			if err := r.format.check("the value of "+u.Name, id); err != nil {
				return nil, fmt.Errorf("moving refs: %w", err)
			}
		}
	}
	return sorted, nil
}

// transact runs the transaction and tells a lost race from a lock that stayed.
func (r *Repo) transact(ctx context.Context, reason string, updates []git.RefUpdate) error {
	wait := strconv.Itoa(r.lockTimeout)
	c := r.git("-c", "core.filesRefLockTimeout="+wait, "-c", "core.packedRefsTimeout="+wait,
		"update-ref", "-m", strings.Join(strings.Fields(reason), " "), "--stdin", "-z")
	for attempt := 0; ; attempt++ {
		c.stdin = strings.NewReader(r.instructions(updates))
		_, err := c.run(ctx)
		if err == nil {
			return nil
		}
		done, stale, rerr := r.compare(ctx, updates)
		switch {
		case rerr != nil:
			return fmt.Errorf("moving refs: %w", errors.Join(err, rerr))
		case done && exitCode(err) < 0: // interrupted just after it had committed
			return nil
		case len(stale) > 0:
			return fmt.Errorf("moving refs: %w: %s", git.ErrStale, strings.Join(stale, ", "))
		case attempt == 2 || !strings.Contains(err.Error(), "No such file or directory"):
			// A directory of refs that was empty can go while git locks in it;
			// for everything else, locks included, git itself has waited.
			return fmt.Errorf("moving refs: %w", err)
		}
	}
}

// instructions writes the transaction in git's own NUL-separated form.
func (r *Repo) instructions(updates []git.RefUpdate) string {
	var b strings.Builder
	b.WriteString("start\x00")
	for _, u := range updates {
		switch {
		case u.Old == u.New:
			fmt.Fprintf(&b, "verify %s\x00%s\x00", u.Name, r.format.orZero(u.Old))
		case u.New == "":
			fmt.Fprintf(&b, "delete %s\x00%s\x00", u.Name, u.Old)
		default:
			fmt.Fprintf(&b, "update %s\x00%s\x00%s\x00", u.Name, u.New, r.format.orZero(u.Old))
		}
	}
	b.WriteString("prepare\x00commit\x00")
	return b.String()
}

// compare says whether all refs stand at their new values, and which are no
// longer at their old ones.
func (r *Repo) compare(ctx context.Context, updates []git.RefUpdate) (done bool, stale []string, err error) {
	done = true
	for _, u := range updates {
		now, err := r.Ref(ctx, u.Name)
		if err != nil {
			return false, nil, err
		}
		if now != u.New {
			done = false
		}
		if now != u.Old {
			stale = append(stale, fmt.Sprintf("%s is at %s, not at %s", u.Name, shown(now), shown(u.Old)))
		}
	}
	return done, stale, nil
}

// shown is an id in a message.
func shown(id git.OID) string {
	if id == "" {
		return "nothing"
	}
	return id[:12]
}
