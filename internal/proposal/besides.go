package proposal

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// besides are the statements on landings of other proposals with which a record
// came to main or changed there.
func (d *Desk) besides(ctx context.Context, w *World, fsys fs.FS, rec *record.Record) ([]*evidence.Entry, error) {
	var out []*evidence.Entry
	file := w.Base.Display(rec.Path)
	for landing, err := range d.Repo.Log(ctx, git.LogOptions{From: []git.OID{w.Main}, Paths: []string{file}, FirstParent: true}) {
		if err != nil {
			return nil, fmt.Errorf("looking for what brought %s to %s: %w", rec.ID, d.Main, err)
		}
		said, err := d.landedWith(ctx, w, fsys, landing, rec.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, said...)
		if slices.ContainsFunc(landing.Changes, func(c git.FileChange) bool { return c.Path == file && c.OldBlob == "" }) {
			break // it is from there
		}
	}
	return out, nil
}

// landedWith are the decision and the landing that evidence has of a commit of
// main, under the name of any record but one that it changed.
func (d *Desk) landedWith(ctx context.Context, w *World, fsys fs.FS, landing *git.LogEntry, but string) ([]*evidence.Entry, error) {
	if len(landing.Parents) == 0 {
		return nil, nil
	}
	changes, err := d.Repo.Diff(ctx, landing.Parents[0], landing.OID)
	if err != nil {
		return nil, err
	}
	out, err := d.landingOf(fsys, w.topics(changes, but), func(m *evidence.MergeFacts) bool { return m.Commit == landing.OID })
	if err != nil || len(out) > 0 || len(landing.Parents) > 1 || !w.reviewed() {
		return out, err
	}
	return d.rebasedWith(ctx, w, fsys, landing, but)
}

// longestRebase is how many commits before and after one of main are looked at for
// the rebase that it is a part of: as many as GitHub lists of a pull request.
const longestRebase = 250

// rebasedWith is landedWith for a commit that a rebase landed together with others,
// of which evidence names the last and what main was before the first.
func (d *Desk) rebasedWith(ctx context.Context, w *World, fsys fs.FS, landing *git.LogEntry, but string) ([]*evidence.Entry, error) {
	until, err := d.straight(ctx, git.LogOptions{From: []git.OID{landing.OID}, FirstParent: true})
	if err != nil {
		return nil, err
	}
	since, err := d.straight(ctx, git.LogOptions{From: []git.OID{w.Main}, Not: []git.OID{landing.OID}, FirstParent: true, Reverse: true})
	if err != nil {
		return nil, err
	}
	before, after := map[git.OID]bool{}, map[git.OID]bool{}
	var changes []git.FileChange
	for _, c := range until {
		before[c.Parents[0]] = true
		changes = append(changes, c.Changes...)
	}
	for _, c := range since {
		after[c.OID] = true
		changes = append(changes, c.Changes...)
	}
	return d.landingOf(fsys, w.topics(changes, but), func(m *evidence.MergeFacts) bool {
		return m.Method == forge.Rebase && before[m.Base] && after[m.Commit]
	})
}

// straight lists the commits of a log up to the first that is a merge.
func (d *Desk) straight(ctx context.Context, opts git.LogOptions) (out []*git.LogEntry, err error) {
	for c, err := range d.Repo.Log(ctx, opts) {
		if err != nil {
			return nil, fmt.Errorf("looking for what was rebased together: %w", err)
		}
		if len(c.Parents) != 1 || len(out) == longestRebase {
			break
		}
		out = append(out, c)
	}
	return out, nil
}

// topics are the names under which evidence may have what some changes of main
// came from, sorted, without that of one record.
func (w *World) topics(changes []git.FileChange, but string) []string {
	out := []string{evidence.StoreID}
	for _, c := range changes {
		rel, in := w.Base.Relative(c.Path)
		if _, id, ok := w.Base.Kinds.ByPath(rel); in && ok && id != but {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// landingOf are the landing that evidence has under some names and that is the one
// that is looked for, and the decision it rests on.
func (d *Desk) landingOf(fsys fs.FS, topics []string, is func(*evidence.MergeFacts) bool) (out []*evidence.Entry, err error) {
	for _, topic := range topics {
		entries, err := d.Said.Read(fsys, topic)
		if err != nil {
			return nil, fmt.Errorf("reading the evidence of %s: %w", topic, err)
		}
		i := slices.IndexFunc(entries, func(e *evidence.Entry) bool {
			m := e.Statement.Predicate.Merge
			return m != nil && is(m)
		})
		if i < 0 {
			continue
		}
		m := entries[i].Statement.Predicate.Merge
		for _, e := range entries {
			if p := e.Statement.Predicate; e == entries[i] || p.Decision != nil && p.Proposal.Base == m.Base && p.Proposal.Head == m.Head {
				out = append(out, e)
			}
		}
	}
	return out, nil
}
