package proposal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/record"
)

// Todo is one thing that waits for the user.
type Todo struct {
	ID, Kind, Title, Branch string
	Todo                    string // approve, submit, merge, edit, mend, finish, review, close
	Risk                    string
	Why                     []string
	Command                 string
}

// Inbox lists what waits for the user: approvals only they and their peers can
// give, proposals of their own, and changes they implement.
func (d *Desk) Inbox(ctx context.Context) ([]Todo, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return nil, err
	}
	if d.User.Email == "" {
		return nil, &UsageError{What: "git does not know who you are, so nothing can wait for you", Fix: "git config --global user.email you@example.org"}
	}
	if !actor.Known {
		return nil, &RefusedError{What: fmt.Sprintf("%s is nobody in people/, so nothing can wait for you", d.User.Email),
			Fix: "gitsm person new ID --name NAME --email " + d.User.Email}
	}
	open, closed, err := d.branches(ctx, w, "")
	if err != nil {
		return nil, err
	}
	again, err := d.reopened(ctx, w, closed)
	if err != nil {
		return nil, err
	}
	open = append(open, again...)
	_, lawless := d.Judge.Policy(ctx, w.Base)
	var out []Todo
	for _, p := range open {
		l, err := d.Load(ctx, w, p)
		var dec *decision.Decision
		if err == nil {
			dec, err = d.Decide(ctx, l)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, unheard := errors.AsType[*forge.Error](err); unheard {
			return nil, err // that says nothing of the proposal
		}
		if err != nil && lawless != nil {
			continue // it is not this one that has to be mended
		}
		if err != nil { // one bad branch must not hide what waits besides
			out = append(out, Todo{ID: p.ID, Branch: p.Branch, Todo: "mend", Why: []string{err.Error()}, Command: "git switch " + p.Branch})
			continue
		}
		if t, mine := proposalTodo(l, dec, actor.ID); mine {
			out = append(out, t)
		}
	}
	if lawless != nil && len(out) == 0 {
		return nil, lawless
	} else if lawless != nil {
		return out, nil // what mends the policy comes first: nothing else can move
	}
	under, err := underWay(w, actor.ID)
	if err != nil {
		return nil, err
	}
	owed, err := d.owed(ctx, w, actor.ID)
	if err != nil {
		return nil, err
	}
	out = append(append(out, under...), owed...)
	slices.SortStableFunc(out, func(a, b Todo) int { return cmp.Or(cmp.Compare(a.Todo, b.Todo), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

func proposalTodo(l *Loaded, dec *decision.Decision, person string) (Todo, bool) {
	t := Todo{ID: l.ID, Branch: l.Branch, Risk: dec.Risk.Band}
	arg, requester := l.ID, ""
	switch c := l.Facts.Primary(); {
	case configures(&l.Facts):
		t.Kind, t.Title, arg = ConfigKind().Name, "configuration of the store", l.Branch
	case ruling(&l.Facts):
		t.Kind, t.Title, arg = PolicyKind().Name, "policy of the store", l.Branch
	case c == nil:
		t.Kind, t.Title, arg = "change", "files of the store", l.Branch
	case c.After == nil:
		return t, false
	default:
		t.Kind, t.Title, requester = c.Kind.Name, c.After.Title(), c.After.Str("requester")
	}
	if l.shared {
		arg = l.Branch
	}
	command := func(verb string) { t.Todo, t.Command = verb, fmt.Sprintf("gitsm %s %s %s", t.Kind, verb, arg) }
	for _, r := range dec.Requirements {
		if !r.Met && slices.Contains(r.Candidates, person) && !slices.Contains(r.Approvers, person) {
			t.Why = append(t.Why, r.Msg)
		}
	}
	if len(t.Why) > 0 && len(problems(dec)) == 0 {
		command("approve")
		return t, true
	}
	own := l.Facts.Opener == person || requester == person
	switch {
	case !own:
		return t, false
	case dec.Verdict == approval.Allow:
		command("merge")
	case dec.Verdict == approval.Deny:
		command("edit")
		t.Why = dec.Reasons
	case l.Unpublished():
		command("submit") // nobody else knows of it
		t.Why = dec.Reasons
	default:
		return t, false
	}
	return t, true
}

// underWay lists landed changes the person has to move on.
func underWay(w *World, person string) ([]Todo, error) {
	changes, err := w.Base.List("change")
	if err != nil {
		return nil, err
	}
	verbs := map[string]string{"implementing": "finish", "review": "close"}
	var out []Todo
	for _, c := range changes {
		verb := verbs[c.State()]
		if verb == "" || !concerns(c, person) {
			continue
		}
		if verb == "close" && c.Str("review", "summary") == "" && c.Str("implementation", "outcome") != "successful" {
			verb = "review"
		}
		out = append(out, Todo{ID: c.ID, Kind: "change", Title: c.Title(), Todo: verb, Command: fmt.Sprintf("gitsm change %s %s", verb, c.ID)})
	}
	return out, nil
}

func concerns(c *record.Record, person string) bool {
	return c.Str("requester") == person || c.Str("implementation", "implementer") == person || c.Str("owner") == "person:"+person
}

// owed lists the emergencies whose approval the person still owes.
func (d *Desk) owed(ctx context.Context, w *World, person string) ([]Todo, error) {
	changes, err := w.Base.List("change")
	if err != nil {
		return nil, err
	}
	var out []Todo
	for _, c := range changes {
		if !emergency(c) || c.Str("authoriser") != person {
			continue
		}
		dec, err := d.Assess(ctx, &Target{Kind: c.Kind, ID: c.ID, Landed: c})
		if err != nil {
			return nil, err
		}
		if dec.Verdict == approval.Pending {
			out = append(out, Todo{ID: c.ID, Kind: "change", Title: c.Title(), Todo: "approve", Risk: dec.Risk.Band, Why: dec.Reasons,
				Command: "gitsm change approve " + c.ID})
		}
	}
	return out, nil
}
