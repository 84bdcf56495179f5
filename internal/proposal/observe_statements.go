package proposal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/canonical"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
)

// said is the forge's word that a statement repeats.
func (o *observation) said(at time.Time, state string, who forge.Account) *evidence.ForgeFacts {
	return &evidence.ForgeFacts{Repository: o.repository, Pull: o.p.Number, At: at, State: state, Account: accountName(who)}
}

func accountName(who forge.Account) string {
	switch {
	case who.Ghost():
		return ""
	case who.Bot:
		return fmt.Sprintf("github-app:%d", who.ID)
	}
	return fmt.Sprintf("github:%d", who.ID)
}

// reviews are the statements about reviews. What a person could not have said
// with effect, since nobody knows them or they may not write, is no approval
// and recorded with the decision that passed it over.
func (o *observation) reviews(ctx context.Context) ([]*evidence.Entry, error) {
	keys, err := Keyring(o.w.Base)
	if err != nil {
		return nil, err
	}
	var out []*evidence.Entry
	for _, last := range o.l.Said.Reviews {
		person, err := o.d.account(o.w.Base, last.By)
		if err != nil {
			return nil, err
		}
		if person == "" || last.By.Bot {
			continue
		}
		for _, r := range o.stages(last) {
			kind, decisive := statementOf[r.State]
			if !decisive || o.has(kind, r.ID) {
				continue
			}
			if why, heard := o.void(r); !heard || why != "" {
				o.notes = append(o.notes, fmt.Sprintf("the review %s is not recorded: %s", r.URL, cmp.Or(why, "it is not heard")))
				continue
			}
			more, err := o.review(ctx, r, kind, person, keys)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	return out, nil
}

// stages are what is to be recorded of a review: of one that was dismissed once the
// proposal had landed what it said until then as well, which the landing rests on.
func (o *observation) stages(r forge.Review) []forge.Review {
	if was := r.AsOf(o.p.MergedAt); o.p.Merged && was.State != r.State {
		return []forge.Review{was, r}
	}
	return []forge.Review{r}
}

// review is the statement about one review, and the signed one that it carries.
func (o *observation) review(ctx context.Context, r forge.Review, kind evidence.Type, person string, keys evidence.Keyring) ([]*evidence.Entry, error) {
	p, err := o.d.predicateAt(ctx, o.w, o.l, r.Commit)
	if err != nil {
		return nil, err
	}
	p.Kind, p.Person, p.Time, p.Tool.OPA = kind, person, r.At, o.dec.OPA
	p.Forge = o.said(r.At, r.State, r.By)
	p.Forge.Review = r.ID
	switch {
	case kind == evidence.Withdrawal && !r.DismissedAt.IsZero():
		p.Forge.At = r.DismissedAt
	case kind == evidence.Withdrawal && o.has(evidence.Merge, 0):
		// The forge does not say when. It was not before the landing: with that,
		// all that had been dismissed was recorded.
		p.Forge.At = o.d.Now()
	case kind == evidence.Approval:
		p.Forge.Permission = o.l.Said.Permissions[r.By.ID]
		if now := o.d.Now(); now.Sub(r.At) > decision.Prompt {
			p.Forge.Asked = now
		}
	}
	signed := o.l.statement(r, person, keys, o.d.Now())
	if signed != nil {
		p.Forge.Statement = signed.Path
	}
	e, err := evidence.NewEntry(evidence.Statement{Predicate: p}, o.d.sign(ctx, evidence.Namespace))
	if err != nil || signed == nil {
		return []*evidence.Entry{e}, err
	}
	return []*evidence.Entry{e, signed}, nil
}

// void is why a review that was heard does not count, "" where nothing keeps it.
func (o *observation) void(r forge.Review) (why string, heard bool) {
	all := slices.Concat(o.l.Facts.Reviews, o.l.late)
	i := slices.IndexFunc(all, func(x approval.Review) bool { return x.Ref == r.URL })
	if i < 0 {
		return "", false
	}
	return all[i].Void, true
}

// predicateAt says what a commit of the proposal would land.
func (d *Desk) predicateAt(ctx context.Context, w *World, l *Loaded, commit git.OID) (evidence.Predicate, error) {
	f, dec, err := d.decideAt(ctx, w, l, commit)
	if err != nil {
		return evidence.Predicate{}, err
	}
	then := *l
	then.Facts, then.Head = *f, commit
	if then.Base, err = d.Repo.MergeBase(ctx, w.Main, commit); err != nil {
		return evidence.Predicate{}, err
	}
	return d.predicate(evidence.Approval, &then, dec, ""), nil
}

// closed says that a pull request was closed without having landed, and who did
// that. Where nobody knows the account, it is its opener's all the same.
func (o *observation) closed(ctx context.Context) (*evidence.Entry, error) {
	f, err := o.d.forge(ctx)
	if err != nil {
		return nil, err
	}
	who, err := f.Closer(ctx, o.p.Number)
	if err != nil {
		return nil, err
	}
	person, err := o.d.account(o.w.Base, who)
	if err != nil {
		return nil, err
	}
	if person = cmp.Or(person, o.l.Facts.Opener); person == "" {
		return nil, nil // nobody in people/ had to do with it, so nobody could say so
	}
	p := o.d.predicate(evidence.Withdrawal, o.l, o.dec, person)
	p.Time, p.Forge = o.p.ClosedAt, o.said(o.p.ClosedAt, "closed", who)
	return evidence.NewEntry(evidence.Statement{Predicate: p}, nil)
}

// landed are the decision that the landing rests on, made again with what was
// known when it landed, and the landing itself.
func (o *observation) landed(ctx context.Context, given []*evidence.Entry) ([]*evidence.Entry, error) {
	l := o.l
	l.Base = o.w.Main
	o.cite(given)
	at := o.p.MergedAt
	sign := o.d.sign(ctx, evidence.Namespace)
	e, err := o.d.decisionEntry(l, o.dec)
	if err != nil {
		return nil, err
	}
	p := e.Statement.Predicate
	p.Time, p.Forge = at, o.said(at, "merged", o.p.MergedBy)
	p.Contributors = o.contributors()
	o.circumstances(p.Forge)
	decided, err := evidence.NewEntry(evidence.Statement{Predicate: p}, sign)
	if err != nil {
		return nil, err
	}
	if e, err = o.d.mergeEntry(l, o.dec, o.dec.Material, o.p.MergeCommit); err != nil {
		return nil, err
	}
	m := e.Statement.Predicate
	m.Time, m.Forge, m.Merge.Method = at, o.said(at, "merged", o.p.MergedBy), o.way
	if given := approvedMaterial(o.dec, l.Facts.Reviews); given != "" {
		m.Merge.ApprovedMaterial, m.Merge.Identical = given, given == m.Merge.LandedMaterial
	}
	merged, err := evidence.NewEntry(evidence.Statement{Predicate: m}, sign)
	return []*evidence.Entry{decided, merged}, err
}

// cite names the statements of the reviews in the place of their addresses, so
// that the decision says which of the evidence it rests on.
func (o *observation) cite(given []*evidence.Entry) {
	at := map[string]string{} // path by the review's address
	for _, r := range o.l.Said.Reviews {
		for _, e := range slices.Concat(o.have, given) {
			if p := e.Statement.Predicate; p.Forge != nil && p.Forge.Review == r.ID && p.Kind != evidence.Withdrawal {
				at[r.URL] = e.Path
			}
		}
	}
	for _, n := range o.dec.Requirements {
		for i, ref := range n.Refs {
			if p := at[ref]; p != "" {
				n.Refs[i] = p
			}
		}
	}
}

// approvedMaterial is what those approved whose approval counted, "" where
// nobody's did.
func approvedMaterial(dec *decision.Decision, reviews []approval.Review) string {
	for _, n := range dec.Requirements {
		for _, r := range slices.Backward(reviews) {
			if r.State == approval.Approved && slices.Contains(n.Approvers, r.Person) && len(r.Excluded) == len(dec.Material.Excluded) {
				return r.Material
			}
		}
	}
	return ""
}

// contributors are who had a hand in it, by person and account.
func (o *observation) contributors() []evidence.Contributor {
	accounts := map[string]forge.Account{o.p.Author.Login: o.p.Author}
	for _, x := range o.l.Said.Pushes {
		accounts[x.By.Login] = x.By
	}
	var out []evidence.Contributor
	if o.l.Facts.Opener != "" {
		out = append(out, evidence.Contributor{Person: o.l.Facts.Opener, Account: accountName(o.p.Author), Role: "opener"})
	}
	for _, c := range o.l.Facts.Contributors {
		e := evidence.Contributor{Person: c.Person, Role: c.Role, Commit: c.Commit, Account: accountName(accounts[c.Who])}
		if c.Bot && e.Account == "" {
			e.Account = "github-app:0"
		}
		out = append(out, e)
	}
	return out
}

// circumstances are the checks of the head and the rules of main.
func (o *observation) circumstances(f *evidence.ForgeFacts) {
	for _, c := range o.l.Said.Checks {
		f.Checks = append(f.Checks, evidence.CheckFact{Name: plainName(c.Name), State: c.State, Source: plainName(c.Source)})
	}
	for _, r := range o.l.Said.Rules {
		fact := evidence.RuleFact{Type: r.Type, Ruleset: r.Ruleset}
		for _, name := range r.Statuses() {
			fact.Checks = append(fact.Checks, plainName(name))
		}
		var v any
		if json.Unmarshal(r.Parameters, &v) == nil && v != nil {
			if text, err := canonical.Marshal(v); err == nil {
				sum := sha256.Sum256(text)
				fact.Parameters = hex.EncodeToString(sum[:])
			}
		}
		f.Rules = append(f.Rules, fact)
	}
	for _, who := range o.l.Said.Exempt {
		f.Exempt = append(f.Exempt, plainName(who))
	}
	f.Unknown = o.l.Said.Unknown
}

// plainName takes addresses and line breaks out of a name that others gave.
func plainName(s string) string {
	words := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return strings.Contains(w, "@") })
	s = strings.Join(words, " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
}
