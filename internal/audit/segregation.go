package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/record"
)

// segregation is SOD-1: whoever approved had no hand in the work, then or
// later. It is only as good as the names: where commits or approvals are not
// signed, anybody may stand behind two of them.
func segregation(ctx context.Context, d *dossier) ([]answer, error) {
	var out []answer
	for _, s := range d.steps {
		r := s.ruling
		switch {
		case r == nil:
			continue
		case r.err != nil:
			out = append(out, r.unjudged())
			continue
		case len(r.relied) == 0:
			continue
		}
		f, err := d.apart(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, f...)
	}
	if len(out) == 0 {
		out = append(out, inapplicable("nobody's approval was asked for"))
	}
	return out, nil
}

// apart looks at one landing and the approvals it rests on.
func (d *dossier) apart(ctx context.Context, r *ruling) ([]answer, error) {
	hands := d.hands(r)
	rests := append([]string{r.landing.OID}, r.evidence()...)
	var out []answer
	for i, x := range r.relied {
		for _, h := range hands {
			if h.person == x.person {
				out = append(out, failed(append(rests, h.rest), "%s approved and %s", x.person, h.did))
			} else if what := r.landing.Before.People.Shared(h.person, x.person); what != "" {
				out = append(out, failed(append(rests, h.rest), "%s approved and shares %s with %s, who %s", x.person, what, h.person, h.did))
			}
		}
		for _, y := range r.relied[:i] {
			if what := r.landing.Before.People.Shared(x.person, y.person); what != "" {
				out = append(out, failed(rests, "%s and %s approved and share %s: one human counted twice", y.person, x.person, what))
			}
		}
		out = append(out, x.proof()...)
	}
	commits, err := d.t.proof(ctx, r)
	out = append(out, commits...)
	for i := range d.steps {
		// A landing that does both was proved above.
		if began := d.steps[i].beginning(); err == nil && began != nil && began.landing.Index > r.landing.Index && !d.superseded(r) {
			commits, err = d.t.proof(ctx, began)
			out = append(out, commits...)
		}
	}
	if len(out) == 0 && err == nil {
		out = append(out, passed(rests, "%s approved and had no other part in it", strings.Join(people(r.relied), " and ")))
	}
	return out, err
}

// part is what somebody did in the course of a change.
type part struct{ person, did, rest string }

// hands lists who had a part in the change: as the record says, then or later,
// and as the commits say.
func (d *dossier) hands(r *ruling) []part {
	var out []part
	add := func(ref, did, rest string) {
		id := strings.TrimPrefix(ref, "person:")
		if team, ok := strings.CutPrefix(ref, "team:"); ok {
			for _, m := range r.landing.Before.People.Teams[team].Members {
				out = append(out, part{m, did + " as a member of " + team, rest})
			}
			return
		}
		if id != "" && !slices.ContainsFunc(out, func(p part) bool { return p.person == id && p.did == did }) {
			out = append(out, part{id, did, rest})
		}
	}
	for _, s := range d.steps {
		if s.after == nil || s.Index < r.landing.Index || d.superseded(r) {
			continue
		}
		add(s.after.Str("implementation", "implementer"), "implemented it", s.OID)
		if began := s.beginning(); began != nil {
			for _, c := range began.facts.Contributors {
				add(c.Person, fmt.Sprintf("was %s of %s, by which work began", c.Role, short(c.Commit)), c.Commit)
			}
		}
	}
	if p := r.facts.Primary(); p != nil && p.After != nil {
		add(p.After.Str("requester"), "requested it", r.landing.OID)
	}
	add(r.facts.Opener, "proposed it", r.landing.Head)
	for _, c := range r.facts.Contributors {
		add(c.Person, fmt.Sprintf("was %s of %s", c.Role, short(c.Commit)), c.Commit)
	}
	return out
}

// beginning is the ruling of a step that says who carries the change out; nil of
// any other, and of one that could not be judged.
func (s *step) beginning() *ruling {
	who := func(r *record.Record) string {
		if r == nil {
			return ""
		}
		return r.Str("implementation", "implementer")
	}
	if s.ruling == nil || s.ruling.err != nil || who(s.after) == "" || who(s.after) == who(s.before) {
		return nil
	}
	return s.ruling
}

// superseded reports whether work began on the strength of a later landing, so
// that whoever approved this one was free to do it.
func (d *dossier) superseded(r *ruling) bool {
	start := d.started()
	if start == nil {
		return false
	}
	auth := d.authorised(start)
	return auth != nil && auth.Index > r.landing.Index
}

// proof says whether it was the approver who approved.
func (x reliance) proof() []answer {
	switch {
	case x.item == nil:
		return []answer{failed(nil, "an approval by %s that was counted is not in the evidence", x.person)}
	case x.seal.trust == evidence.Broken:
		return []answer{failed([]string{x.path}, "the signature of %s's approval is bad: %s", x.person, x.seal.Reason)}
	case x.seal.trust == evidence.Observed: // the forge knows who it was
	case x.seal.trust != evidence.Signed:
		return []answer{unverifiable([]string{x.path}, "that it was %s who approved is only claimed: %s", x.person, x.seal.Reason)}
	}
	return nil
}

// proof says whether the commits were made by those they name.
func (t *trail) proof(ctx context.Context, r *ruling) ([]answer, error) {
	var out []answer
	for _, c := range r.commits {
		s, err := t.keys.commit(ctx, c)
		if err != nil {
			return nil, err
		}
		switch {
		case onForge(r.landing) && s.Verdict != evidence.BadSignature: // the forge said who opened, pushed and committed
		case s.trust == evidence.Observed:
			out = append(out, unverifiable([]string{c.OID}, "who made commit %s is %s's word: it was merged or edited there", short(c.OID), s.Forge))
		case s.Verdict == evidence.Good:
		case s.Verdict == evidence.BadSignature:
			out = append(out, failed([]string{c.OID}, "the signature of commit %s is bad: %s", short(c.OID), s.Reason))
		default:
			out = append(out, unverifiable([]string{c.OID}, "who made commit %s is only claimed: %s", short(c.OID), s.Reason))
		}
	}
	for _, c := range r.facts.Contributors {
		if c.Person == "" && !c.Bot {
			out = append(out, unverifiable([]string{c.Commit}, "%s of %s is nobody in people/", c.Role, short(c.Commit)))
		}
	}
	return out, nil
}

func people(list []reliance) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.person)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
