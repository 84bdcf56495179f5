package proposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// Judged is what the gate found about one pull request.
type Judged struct {
	Number   int
	Head     git.OID // the commit that was decided about, which the status is for
	Target   *Target // nil where it could not be read
	Decision *decision.Decision
	Err      error // why it could not be decided; Decision is then nil
	Apart    bool  // it is closed or goes elsewhere, so that no other of its head is judged by it
}

// Verdict is the answer; what could not be decided is an error.
func (j *Judged) Verdict() approval.Verdict {
	var conflict *git.ConflictError
	var refused *RefusedError
	switch {
	case j.Err == nil:
		return j.Decision.Verdict
	case errors.As(j.Err, &conflict), errors.As(j.Err, &refused):
		return approval.Deny
	}
	return approval.Error
}

// pulled reads main and a pull request as they are now.
func (d *Desk) pulled(ctx context.Context, number int) (*World, Forge, *forge.Pull, error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := f.Pull(ctx, number)
	return w, f, p, err
}

// GatePull decides whether a pull request may land now, by what main has and
// by what the forge says of it. Its commits are fetched and read as data.
func (d *Desk) GatePull(ctx context.Context, number int) (*Judged, error) {
	w, _, p, err := d.pulled(ctx, number)
	if err != nil {
		return nil, err
	}
	j := &Judged{Number: number, Head: p.Head.OID, Apart: !p.Open || p.Base.Name != d.Main}
	j.Target, j.Decision, j.Err = d.judgePull(ctx, w, p, nil)
	return j, ctx.Err()
}

// judgePull decides about a pull request; where the merge queue has made a
// commit of it already, about what that commit would land.
func (d *Desk) judgePull(ctx context.Context, w *World, p *forge.Pull, queued *git.Commit) (*Target, *decision.Decision, error) {
	if p.Merged {
		return nil, nil, &RefusedError{What: fmt.Sprintf("pull request %d was merged already", p.Number)}
	}
	if p.Base.Name != d.Main {
		return nil, nil, fmt.Errorf("pull request %d goes into %s, and only %s is gated: nothing is said about it", p.Number, p.Base.Name, d.Main)
	}
	if err := d.have(ctx, w, p.Head.OID, pullRef(p.Number)); err != nil {
		return nil, nil, err
	}
	l, err := d.load(ctx, w, proposalOf(p), queued)
	if err != nil {
		return nil, nil, err
	}
	l.number, l.given = p.Number, p
	t := &Target{ID: l.ID, Proposal: l}
	if c := l.Facts.Primary(); c != nil {
		t.Kind, t.Landed = c.Kind, c.Before
	}
	dec, err := d.Decide(ctx, l)
	if err != nil {
		return t, nil, err
	}
	if l.Said.Pull.Head.OID != p.Head.OID {
		return t, nil, fmt.Errorf("the head of pull request %d moved while it was decided about: the gate runs again for the new one", p.Number)
	}
	if queued != nil {
		return t, dec, nil
	}
	return t, dec, d.foretell(ctx, l, dec)
}

// proposalOf is the proposal of a pull request. The branch of a fork is named
// with its owner: anybody can call one as they like.
func proposalOf(p *forge.Pull) Proposal {
	out, ok := parseBranch(p.Head.Name)
	if !ok {
		out = Proposal{Branch: p.Head.Name, Verb: "propose"}
	}
	if p.Fork() {
		owner, _, _ := strings.Cut(p.Head.Repo, "/")
		out.Branch = owner + ":" + p.Head.Name
	}
	out.Head, out.Remote = p.Head.OID, true
	return out
}

// GateGroup decides about what the merge queue tries together: each pull
// request as it would land on those before it.
func (d *Desk) GateGroup(ctx context.Context, base, head git.OID, ref string) ([]*Judged, error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.have(ctx, w, head, ref); err != nil {
		return nil, err
	}
	line, err := d.firstParents(ctx, base, head)
	if err != nil {
		return nil, err
	}
	open, err := f.Pulls(ctx, "")
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(p forge.Pull) bool { return p.Base.Name != d.Main })
	var out []*Judged
	for _, c := range line {
		p := queuedPull(c, open)
		if p == nil {
			return nil, fmt.Errorf("commit %.10s of the merge queue belongs to no open pull request, so nobody knows who approved it: let the queue merge or squash, a rebase does not say whose it is", c.OID)
		}
		before := *w
		before.Main = c.Parents[0]
		if before.Base, err = d.open(ctx, before.Main); err != nil {
			return nil, err
		}
		j := &Judged{Number: p.Number, Head: head}
		j.Target, j.Decision, j.Err = d.judgePull(ctx, &before, p, c)
		out = append(out, j)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the merge queue's %.10s brings nothing", head)
	}
	return out, ctx.Err()
}

// firstParents are the commits of a line after base, oldest first.
func (d *Desk) firstParents(ctx context.Context, base, head git.OID) ([]*git.Commit, error) {
	var out []*git.Commit
	for id := head; id != base; {
		c, err := d.Repo.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(c.Parents) == 0 || len(out) > 1000 {
			return nil, fmt.Errorf("%.10s does not lead back to %.10s", head, base)
		}
		out = append([]*git.Commit{c}, out...)
		id = c.Parents[0]
	}
	return out, nil
}

// pullNumber is what GitHub ends the subject of a squash with. What stands before
// it is the title, in which anybody may write a number.
var pullNumber = lazyregexp.New(`\(#([0-9]+)\)$`)

// queuedPull finds the pull request that a commit of the queue was made of: by
// its second parent, or where it is a squash by the number that GitHub wrote.
func queuedPull(c *git.Commit, open []forge.Pull) *forge.Pull {
	subject, _, _ := strings.Cut(c.Message, "\n")
	number := 0
	if m := pullNumber.FindStringSubmatch(strings.TrimSpace(subject)); m != nil {
		number, _ = strconv.Atoi(m[1])
	}
	for i, p := range open {
		if len(c.Parents) == 2 && p.Head.OID == c.Parents[1] || len(c.Parents) == 1 && p.Number == number {
			return &open[i]
		}
	}
	return nil
}

// OpenPulls lists the numbers of the open pull requests into main; with a head,
// of those that stand at it.
func (d *Desk) OpenPulls(ctx context.Context, head git.OID) ([]int, error) {
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	pulls, err := f.Pulls(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, p := range pulls {
		if p.Base.Name == d.Main && (head == "" || p.Head.OID == head) {
			out = append([]int{p.Number}, out...)
		}
	}
	return out, nil
}
