package replay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

const kind = "change"

// landing adds the changes that a landing touched. Whether it put them into
// force is seen once they are read.
func (r *run) landing(l *history.Landing) {
	if l.Index == 0 {
		return // nothing decided genesis
	}
	for _, t := range l.Touches {
		if t.Kind.Name != kind || t.NewBlob == "" {
			continue
		}
		r.jobs = append(r.jobs, &job{
			Case: Case{Record: t.ID, Commit: l.OID, Decided: l.Committer.When.UTC(), Fate: Landed},
			base: l.Base, path: t.Path, after: l.OID, author: l.Author.Email,
		})
	}
}

// proposal adds one that is still open, as main stands.
func (r *run) proposal(ctx context.Context, p Open, main git.OID) error {
	k, ok := r.head.Kinds.ByName(kind)
	if !ok || !strings.HasPrefix(p.Record, k.Prefix+"-") {
		return nil
	}
	r.jobs = append(r.jobs, &job{
		Case: Case{Record: p.Record, Commit: p.Head, Decided: p.At.UTC(), Fate: StillOpen},
		base: main, path: k.PathOf(p.Record), after: p.Head,
	})
	return nil
}

// refused adds the proposals that evidence says were rejected or withdrawn,
// with the record that was judged. Of several statements on one proposal the
// last counts.
func (r *run) refused(ctx context.Context) error {
	tip, err := history.FindTip(ctx, r.Repo, evidence.Branch, r.Remote)
	if err != nil {
		return err
	}
	if len(tip.Heads) == 0 {
		r.notes = append(r.notes, "this clone has no branch "+evidence.Branch+", so what was rejected or withdrawn is not in this replay")
		return nil
	}
	landed := map[string]bool{} // ids that are on main: their rejected proposals went on
	for _, j := range r.jobs {
		landed[j.Record] = landed[j.Record] || j.Fate != StillOpen
	}
	last := map[string]*job{}
	for _, head := range tip.Heads {
		fsys, err := r.Repo.FS(ctx, head)
		if err != nil {
			return err
		}
		if err := r.statements(fsys, landed, last); err != nil {
			return err
		}
	}
	for _, j := range r.jobs {
		if j.Fate == StillOpen {
			delete(last, j.Record)
		}
	}
	for _, j := range last {
		r.jobs = append(r.jobs, j)
	}
	return nil
}

func (r *run) statements(fsys fs.FS, landed map[string]bool, last map[string]*job) error {
	fates := map[evidence.Type]Fate{evidence.Rejection: Rejected, evidence.Withdrawal: Withdrawn}
	err := fs.WalkDir(fsys, "evidence", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".json" {
			return err
		}
		if !strings.Contains(path.Base(p), "-"+string(evidence.Rejection)+"-") && !strings.Contains(path.Base(p), "-"+string(evidence.Withdrawal)+"-") {
			return nil
		}
		raw, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		e, err := evidence.Parse(p, raw, nil)
		if err != nil {
			return fmt.Errorf("reading %s: %w", p, err)
		}
		x := e.Statement.Predicate
		if x.Record.Kind != kind || x.Record.Content == "" || landed[x.Record.ID] || x.Proposal.Base == "" {
			return nil
		}
		if old := last[x.Record.ID]; old == nil || !x.Time.Before(old.Decided) {
			last[x.Record.ID] = &job{
				Case: Case{Record: x.Record.ID, Commit: x.Proposal.Head, Decided: x.Time.UTC(), Fate: fates[x.Kind]},
				base: x.Proposal.Base, path: x.Record.Path, content: []byte(x.Record.Content),
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
