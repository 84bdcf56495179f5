package proposal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Proposal is an open branch that proposes something to main.
type Proposal struct {
	Branch string // gitsm/<id>/<verb>-<rand4>
	ID     string // the record it is about; "store" for policy and config
	Verb   string
	Head   git.OID
	Remote bool // known from the upstream alone

	shared          bool    // its record has other open proposals, so the id does not name this one
	local, upstream git.OID // "" where this clone, or the upstream, has none
}

// StoreTopic stands where a proposal's branch names no record.
const StoreTopic = "store"

func parseBranch(branch string) (Proposal, bool) {
	parts := strings.Split(branch, "/")
	if len(parts) != 3 || parts[0]+"/" != branchPrefix {
		return Proposal{}, false
	}
	verb, _, _ := strings.Cut(parts[2], "-")
	return Proposal{Branch: branch, ID: parts[1], Verb: verb}, true
}

// RecordNamed returns the id of the record that arg is about, where it is the
// branch of a proposal, else arg.
func RecordNamed(arg string) string {
	if p, ok := parseBranch(arg); ok {
		return p.ID
	}
	return arg
}

// newBranch names a fresh branch for a proposal.
func (d *Desk) newBranch(id, verb string) (string, error) {
	suffix, err := record.Random(d.Random, 4)
	if err != nil {
		return "", err
	}
	return branchPrefix + id + "/" + verb + "-" + strings.ToLower(suffix), nil
}

// Open lists the open proposals, sorted by branch: the branches under gitsm/
// that main does not contain, here or at the upstream.
func (d *Desk) Open(ctx context.Context, w *World) ([]Proposal, error) {
	return d.openUnder(ctx, w, "")
}

func (d *Desk) openUnder(ctx context.Context, w *World, id string) ([]Proposal, error) {
	open, _, err := d.branches(ctx, w, id)
	return open, err
}

// branches lists the open proposals of a record, all where id is "", and those whose
// pull request was closed, which somebody may have opened again: nothing but the
// forge knows.
func (d *Desk) branches(ctx context.Context, w *World, id string) (open, closed []Proposal, err error) {
	prefixes := []string{heads}
	if w.remote != "" {
		prefixes = append(prefixes, "refs/remotes/"+w.remote+"/")
	}
	found := map[string]*Proposal{}
	for _, prefix := range prefixes {
		under := prefix + branchPrefix
		if id != "" {
			under += id + "/"
		}
		refs, err := d.Repo.Unmerged(ctx, under, w.Main)
		if err != nil {
			return nil, nil, fmt.Errorf("listing open proposals: %w", err)
		}
		for _, r := range refs {
			p, ok := parseBranch(strings.TrimPrefix(r.Name, prefix))
			if !ok {
				continue
			}
			if found[p.Branch] == nil {
				found[p.Branch] = &p
			}
			if prefix == heads {
				found[p.Branch].local = r.OID
			} else {
				found[p.Branch].upstream = r.OID
			}
		}
	}
	return d.settle(ctx, w, found)
}

// silently reports whether a proposal landed of which the evidence does not say so
// yet, as of any in the minutes after somebody merged it on a forge: main has all
// of its files as it leaves them.
func (d *Desk) silently(ctx context.Context, w *World, p *Proposal) (bool, error) {
	if !w.reviewed() || p.Head == "" {
		return false, nil
	}
	main, err := d.Repo.FS(ctx, w.Main)
	if err != nil {
		return false, err
	}
	if p.ID != StoreTopic { // the record alone says it of most
		rec, err := w.Base.Find(p.ID)
		if err != nil {
			return false, nil // it is not on main, or Load says what is wrong with it
		}
		head, err := d.Repo.FS(ctx, p.Head)
		if err != nil {
			return false, err
		}
		if _, blob, err := store.Version(head, w.Base.Display(rec.Path)); err != nil || blob != rec.Blob {
			return false, err
		}
	}
	own, err := d.since(ctx, w.Main, p.Head)
	if err != nil || len(own) == 0 {
		return false, err
	}
	for _, c := range own {
		if mode, blob, err := store.Version(main, c.Path); err != nil || mode != c.NewMode || blob != c.NewBlob {
			return false, err
		}
	}
	return true, nil
}

// settle settles which commits stand for proposals, and leaves out those that
// were withdrawn or landed by squashing: clones that fetch still have their
// branches.
func (d *Desk) settle(ctx context.Context, w *World, found map[string]*Proposal) (out, closed []Proposal, err error) {
	out = make([]Proposal, 0, len(found))
	for _, p := range found {
		end, err := d.ended(ctx, w, *p)
		if err != nil {
			return nil, nil, err
		}
		if end == over {
			continue
		}
		p.Remote = p.local == ""
		if p.Head, err = d.newer(ctx, p.local, p.upstream); errors.Is(err, errDiverged) {
			p.Head, err = "", nil // Load says so to whoever asks for it
		}
		if err != nil {
			return nil, nil, fmt.Errorf("relating %s to the upstream's: %w", p.Branch, err)
		}
		landed, err := d.silently(ctx, w, p)
		switch {
		case err != nil:
			return nil, nil, err
		case landed:
		case end == shut:
			closed = append(closed, *p)
		default:
			out = append(out, *p)
		}
	}
	byBranch := func(a, b Proposal) int { return cmp.Compare(a.Branch, b.Branch) }
	slices.SortFunc(out, byBranch)
	slices.SortFunc(closed, byBranch)
	for i := 1; i < len(out); i++ { // sorted by branch, those of one record are side by side
		if out[i].ID == out[i-1].ID {
			out[i].shared, out[i-1].shared = true, true
		}
	}
	return out, closed, nil
}

// reopened are those of some proposals, whose pull requests were closed, that the
// forge has open by now. One that the upstream has no branch of cannot be.
func (d *Desk) reopened(ctx context.Context, w *World, closed []Proposal) ([]Proposal, error) {
	var out []Proposal
	for _, p := range closed {
		if !w.reviewed() || p.upstream == "" {
			continue
		}
		f, err := d.forge(ctx)
		if err != nil {
			return nil, err
		}
		pull, err := d.pullOf(ctx, f, &Loaded{Proposal: p})
		if err != nil {
			return nil, err
		}
		if pull != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// The ends of a proposal.
const (
	none = iota
	shut // its pull request was closed, which can be undone
	over // it landed, or was withdrawn
)

// ended asks the evidence whether a proposal came to an end. Evidence that
// cannot be read says nothing here and stops the decision later.
func (d *Desk) ended(ctx context.Context, w *World, p Proposal) (end int, err error) {
	if w.Evidence == "" {
		return none, nil
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return none, err
	}
	for _, id := range []string{p.ID, evidence.StoreID} {
		files, _ := fs.ReadDir(fsys, "evidence/"+id)
		if !slices.ContainsFunc(files, func(f fs.DirEntry) bool {
			return strings.Contains(f.Name(), "-"+string(evidence.Withdrawal)+"-") || strings.Contains(f.Name(), "-"+string(evidence.Merge)+"-")
		}) {
			continue // names say enough, where there are many proposals
		}
		entries, _ := d.Said.Read(fsys, id)
		for _, e := range entries {
			// On git alone the branch of what landed is gone, or used once more,
			// which whoever decides about it says.
			switch s := e.Statement.Predicate; {
			case e.Ends(p.Branch) == "":
			case s.Kind == evidence.Withdrawal && s.Forge != nil:
				end = max(end, shut)
			case s.Kind == evidence.Withdrawal || s.Forge != nil:
				end = over
			}
		}
	}
	return end, nil
}
