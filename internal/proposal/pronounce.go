package proposal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
)

// StatusContext is the name of the status that the gate posts.
const StatusContext = "gitsm/gate"

// commentMark begins the comment of the gate, so that it is found again.
const commentMark = "<!-- gitsm-gate -->\n"

// states are what verdicts are called in a commit status.
var states = map[approval.Verdict]string{
	approval.Allow: "success", approval.Deny: "failure", approval.Pending: "pending", approval.Error: "error",
}

// PostVerdict says of a commit what the gate found.
func (d *Desk) PostVerdict(ctx context.Context, commit git.OID, v approval.Verdict, line, url string) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	return f.PostStatus(ctx, commit, forge.Status{Context: StatusContext, State: states[v], Description: line, URL: url})
}

// Pronounce says of the head of a pull request what the gate found, unless the same
// stands there: GitHub keeps a thousand statuses of a commit, and then takes no more.
// again reports that another run of the gate spoke while this one decided, which may
// have known something newer: then it has to be decided once more, or the older
// answer would stand.
func (d *Desk) Pronounce(ctx context.Context, j *Judged, v approval.Verdict, line, url string) (again bool, err error) {
	f, err := d.forge(ctx)
	if err != nil {
		return false, err
	}
	said := forge.Status{Context: StatusContext, State: states[v], Description: line, URL: url}
	known := j.Err == nil && j.Target != nil && j.Target.Proposal != nil && j.Target.Proposal.Said != nil
	if !known { // it could not be decided, which holds whatever others say
		return false, f.PostStatus(ctx, j.Head, said)
	}
	before := ofGate(j.Target.Proposal.Said.Posted)
	if !stands(before, said) {
		if err := f.PostStatus(ctx, j.Head, said); err != nil {
			return false, err
		}
	}
	now, err := f.Statuses(ctx, j.Head)
	if err != nil {
		return false, err
	}
	now = ofGate(now)
	newer := slices.IndexFunc(now, func(c forge.Check) bool { return len(before) > 0 && c.ID <= before[0].ID })
	if newer < 0 {
		newer = len(now)
	}
	return slices.ContainsFunc(now[:newer], func(c forge.Check) bool { return !c.Says(said) }), nil
}

// ofGate are the statuses of the gate, newest first.
func ofGate(posted []forge.Check) []forge.Check {
	return slices.DeleteFunc(slices.Clone(posted), func(c forge.Check) bool { return c.Name != StatusContext })
}

// stands reports whether the newest of some statuses says the same already. Where it
// is not one machine that has said them all, nobody knows which of them the rules of
// the branch go by, so that it does not.
func stands(posted []forge.Check, s forge.Status) bool {
	return len(posted) > 0 && posted[0].Says(s) && posted[0].Bot &&
		!slices.ContainsFunc(posted, func(c forge.Check) bool { return c.Source != posted[0].Source })
}

// PostComment says what the gate found in the one comment it has on a pull
// request. Once the head has moved the comment of the newer one stands.
func (d *Desk) PostComment(ctx context.Context, j *Judged, body string) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	now, err := f.Pull(ctx, j.Number)
	if err != nil || now.Head.OID != j.Head {
		return err
	}
	comments, err := f.Comments(ctx, j.Number)
	if err != nil {
		return err
	}
	body = commentMark + body
	mine := func(c forge.Comment) (bool, error) {
		if marked := strings.HasPrefix(c.Body, commentMark); !marked || c.By.Bot {
			return marked, nil
		}
		me, _, err := f.Viewer(ctx)
		if errors.Is(err, forge.ErrForbidden) || errors.Is(err, forge.ErrNotFound) {
			return false, nil // tokens of workflows have no viewer, and their comments are a machine's
		}
		return err == nil && !me.Ghost() && c.By.ID == me.ID, err
	}
	for _, c := range comments {
		yes, err := mine(c)
		if err != nil {
			return err
		}
		if yes && c.Body == body {
			return nil
		}
		if yes {
			return f.Say(ctx, j.Number, c.ID, body)
		}
	}
	return f.Say(ctx, j.Number, 0, body)
}
