package proposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/store"
)

// Submission is how a proposal is shown on a forge.
type Submission struct {
	Draft bool
}

// pullRequest opens the pull request of a proposal, or brings the one there is
// up to date, and asks those for their review whose approval is missing.
// However often it is called, and whatever breaks off in between, there is one.
func (d *Desk) pullRequest(ctx context.Context, w *World, l *Loaded, dec *decision.Decision, sub Submission, out *Outcome) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	text := d.Describe(l, dec)
	text.Draft = sub.Draft
	p, err := d.openOrEdit(ctx, f, l, text, out)
	if err != nil {
		return err
	}
	out.Pull, out.URL = p.Number, p.URL
	if p.Draft && !sub.Draft {
		if err := f.ReadyPull(ctx, p.Number); err != nil {
			return err
		}
		out.Notes = append(out.Notes, fmt.Sprintf("pull request %d is no draft any more", p.Number))
	}
	return d.askReviewers(ctx, w, f, p, asked(l, dec), out)
}

func (d *Desk) openOrEdit(ctx context.Context, f Forge, l *Loaded, text forge.Text, out *Outcome) (*forge.Pull, error) {
	p, err := d.onlyPull(ctx, f, l)
	if err != nil {
		return nil, err
	}
	if p == nil {
		p, err = f.OpenPull(ctx, l.Branch, d.Main, text)
		if err == nil {
			out.Notes = append(out.Notes, fmt.Sprintf("opened pull request %d: %s", p.Number, p.URL))
			return p, nil
		}
		// It may be there all the same: because the answer got lost, or because
		// somebody else was quicker.
		if !forge.Uncertain(err) && !errors.Is(err, forge.ErrRefused) {
			return nil, err
		}
		found, look := d.onlyPull(ctx, f, l)
		if look != nil || found == nil {
			return nil, err
		}
		p = found
	}
	if p.Title == text.Title && p.Body == text.Body {
		return p, nil
	}
	if err := f.EditPull(ctx, p.Number, text); err != nil {
		return nil, err
	}
	out.Notes = append(out.Notes, fmt.Sprintf("pull request %d is up to date: %s", p.Number, p.URL))
	return p, nil
}

// onlyPull finds the pull request of a proposal. A branch is never used again,
// so one that was closed is the end of it.
func (d *Desk) onlyPull(ctx context.Context, f Forge, l *Loaded) (*forge.Pull, error) {
	pulls, err := f.Pulls(ctx, l.Branch)
	if err != nil {
		return nil, err
	}
	var open, over []forge.Pull
	for _, p := range pulls {
		switch {
		case p.Fork() || p.Base.Name != d.Main:
		case p.Open:
			open = append(open, p)
		default:
			over = append(over, p)
		}
	}
	switch {
	case len(open) > 0:
		return &open[0], nil
	case len(over) > 0:
		return nil, &RefusedError{What: fmt.Sprintf("pull request %d of %s was closed", over[0].Number, l.Branch),
			Fix: "open it again at " + over[0].URL + ", or propose it anew"}
	}
	return nil, nil
}

// asked is everybody whose approval would bring a proposal closer, and whoever
// authorised an emergency, who owes theirs once it has landed.
func asked(l *Loaded, dec *decision.Decision) (people []string) {
	for _, n := range dec.Requirements {
		people = append(people, n.Candidates...)
	}
	if c := l.Facts.Primary(); c != nil && c.Before == nil && c.After != nil && emergency(c.After) {
		people = append(people, c.After.Str("authoriser"))
	}
	slices.Sort(people)
	return slices.Compact(people)
}

// askReviewers asks people for their review. GitHub refuses a request as a whole
// for one person whom it cannot ask.
func (d *Desk) askReviewers(ctx context.Context, w *World, f Forge, p *forge.Pull, people []string, out *Outcome) error {
	dir, err := w.Base.Directory()
	if err != nil {
		return err
	}
	var logins []string
	for _, id := range people {
		login := dir.People[id].GitHub.Login
		if login == "" {
			out.Notes = append(out.Notes, fmt.Sprintf("people/%s has no account on the forge, so nobody can ask them there", id))
		} else if !strings.EqualFold(login, p.Author.Login) {
			logins = append(logins, login)
		}
	}
	slices.Sort(logins)
	if len(logins) == 0 {
		return nil
	}
	err = f.RequestReviews(ctx, p.Number, logins)
	if !errors.Is(err, forge.ErrRefused) || len(logins) == 1 {
		return noted(err, logins, out)
	}
	for _, l := range logins {
		if err := noted(f.RequestReviews(ctx, p.Number, []string{l}), []string{l}, out); err != nil {
			return err
		}
	}
	return nil
}

// noted keeps a refusal to ask somebody from stopping what was done already.
func noted(err error, logins []string, out *Outcome) error {
	if errors.Is(err, forge.ErrRefused) {
		out.Notes = append(out.Notes, fmt.Sprintf("%s could not be asked for a review: %v", strings.Join(logins, ", "), err))
		return nil
	}
	return err
}

// MergeOptions say how a pull request lands.
type MergeOptions struct {
	Method string // "" for the first that the repository allows
}

// mergePull lands an allowed proposal on the forge, at the head that was
// decided about.
func (d *Desk) mergePull(ctx context.Context, w *World, l *Loaded, dec *decision.Decision, opts MergeOptions) (*Outcome, error) {
	out := outcome(l, dec)
	out.DryRun = d.DryRun
	if !dec.Allowed() || d.DryRun {
		return out, nil
	}
	f, err := d.forge(ctx)
	if err != nil {
		return nil, err
	}
	method, err := d.method(ctx, f, l.Said, opts.Method)
	if err != nil {
		return nil, err
	}
	title, message, _ := strings.Cut(strings.TrimSpace(landingMessage(l, w.Evidence)), "\n")
	out.Pull, out.URL = l.Said.Pull.Number, l.Said.Pull.URL
	out.Main, err = f.Merge(ctx, &l.Said.Pull, forge.Landing{Head: l.Head, Method: method, Title: title, Message: strings.TrimSpace(message)}, l.Said.Queue())
	if err != nil {
		return nil, err
	}
	if out.Main == "" {
		dec.Verdict, dec.Reasons = approval.Pending, []string{"it waits in the merge queue"}
		return out, nil
	}
	out.Landed = true
	if _, err := d.Sync(ctx); err != nil {
		d.warn(fmt.Sprintf("landed at the forge, and not yet in this clone: %v", err))
	}
	return out, nil
}

// method is how a pull request lands here: as the repository and the rules of main
// let it. The merge queue has a method of its own.
func (d *Desk) method(ctx context.Context, f Forge, said *forge.Facts, wanted string) (string, error) {
	switch {
	case said.Queue() && wanted != "":
		return "", &UsageError{What: d.Main + " has a merge queue, which lands what is in it by a method of its own", Fix: "leave --method out"}
	case said.Queue():
		return "", nil
	}
	methods, err := f.Methods(ctx)
	methods = slices.DeleteFunc(methods, func(m string) bool { return !said.Takes(m) })
	switch {
	case err != nil:
		return "", err
	case len(methods) == 0:
		return "", &RefusedError{What: "the repository and the rules of " + d.Main + " let pull requests land in no way at all",
			Fix: "allow merge commits, squashes or rebases in the settings of the repository, the same as in the rules of " + d.Main}
	case wanted == "":
		return methods[0], nil
	case slices.Contains(methods, wanted):
		return wanted, nil
	}
	return "", &UsageError{What: fmt.Sprintf("the repository, or a rule of %s, does not let pull requests land by %q", d.Main, wanted), Fix: "--method " + strings.Join(methods, ", or --method ")}
}

// reviewPull says a person's opinion on the forge, under their own account; a
// statement that they signed travels along.
func (d *Desk) reviewPull(ctx context.Context, l *Loaded, op *Opinion, e *evidence.Entry) error {
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	if l.Said == nil {
		return &RefusedError{What: l.ID + " has no pull request yet", Fix: "whoever proposed it runs gitsm change submit " + l.ID}
	}
	who, _, err := f.Viewer(ctx)
	if err != nil {
		return err
	}
	if id, err := d.account(l.Facts.Base, who); err != nil || id != op.Person {
		if err != nil {
			return err
		}
		return &RefusedError{What: fmt.Sprintf("the token is %s's, and git says that you are %s", who.Login, op.Person),
			Fix: fmt.Sprintf("use a token of your own, or add the account: gitsm person edit %s --set github.login=%s --set github.id=%d", op.Person, who.Login, who.ID)}
	}
	state, body := forge.Approved, "Approved with gitsm."
	if op.State == approval.Rejected {
		state, body = forge.ChangesRequested, "Changes requested with gitsm."
	}
	if d.Remark != "" {
		body = d.Remark + "\n\n" + body
	}
	if e.Sig != nil {
		text, fits, err := withStatement(body, e)
		if err != nil {
			return err
		}
		if fits {
			body = text
		} else {
			op.Notes = append(op.Notes, "the record is too long for its signed statement to travel with the review, so it is observed, not signed")
		}
	}
	r, err := f.SubmitReview(ctx, l.Said.Pull.Number, l.Head, state, body)
	if forge.Uncertain(err) {
		if r = d.reviewBy(ctx, f, l, who, state); r != nil {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	op.URL = r.URL
	return nil
}

// reviewBy finds the review that a lost answer was about.
func (d *Desk) reviewBy(ctx context.Context, f Forge, l *Loaded, who forge.Account, state string) *forge.Review {
	said, err := f.Facts(ctx, l.Said.Pull.Number, nil)
	if err != nil {
		return nil
	}
	for i := len(said.Reviews) - 1; i >= len(l.Said.Reviews); i-- {
		if r := said.Reviews[i]; r.By.ID == who.ID && r.State == state && r.Commit == l.Head {
			return &r
		}
	}
	return nil
}

// account is the person of an account, "" where nobody in people/ has it.
func (d *Desk) account(s *store.Store, who forge.Account) (string, error) {
	dir, err := s.Directory()
	if err != nil {
		return "", err
	}
	id, _ := dir.ByAccount(who.ID, who.Login)
	return id, nil
}
