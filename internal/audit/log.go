package audit

import (
	"context"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/history"
)

// Log returns the events that a filter chooses, in the order of main's line.
// Records may be named by the ends of their ids.
func (a *Auditor) Log(ctx context.Context, f history.Filter) ([]history.Event, error) {
	t, evidenceTip, err := a.begin(ctx)
	if err != nil {
		return nil, err
	}
	keeps := a.Kept != nil && len(f.Services) == 0 // which events do not name
	if keeps {
		if k, ok := unpackLog(a.Kept.Load(), t.keptKey()); ok {
			if out, ok, err := t.goOn(ctx, k, evidenceTip, f); ok || err != nil {
				return out, err
			}
		}
	}
	if err := t.read(ctx, evidenceTip); err != nil {
		return nil, err
	}
	if keeps && len(f.Records) == 0 {
		return t.logAndKeep(ctx, f)
	}
	return t.log(ctx, f)
}

// log derives the events that a filter chooses, and reads no other evidence.
func (t *trail) log(ctx context.Context, f history.Filter) ([]history.Event, error) {
	var err error
	if f.Records, err = exact(f.Records, t.matching); err != nil {
		return nil, err
	}
	wanted := func(string) bool { return true }
	if len(f.Records) > 0 {
		reads := t.concerning(func(k dossierKey) bool { return slices.Contains(f.Records, k.id) })
		wanted = func(id string) bool { return slices.Contains(f.Records, id) || reads(id) }
	}
	if err := t.attest(ctx, wanted); err != nil {
		return nil, err
	}
	return t.events(ctx, f)
}

// logAndKeep derives all events, keeps those that are settled, and chooses.
func (t *trail) logAndKeep(ctx context.Context, f history.Filter) ([]history.Event, error) {
	if err := t.attest(ctx, func(string) bool { return true }); err != nil {
		return nil, err
	}
	events, err := t.sealed(ctx, history.Filter{})
	if err != nil {
		return nil, err
	}
	none := &keptLog{}
	t.keep(none, events)
	return none.answer(f, slices.Collect(maps.Keys(t.everKnown())), events.list)
}

// exact spells out the ids that a person gave.
func exact(texts []string, matching func(string) []string) ([]string, error) {
	var out []string
	for _, text := range texts {
		ids := slices.DeleteFunc(matching(text), func(id string) bool { return id == "" })
		switch len(ids) {
		case 0:
			return nil, &NotFoundError{text}
		case 1:
			out = append(out, ids[0])
		default:
			slices.Sort(ids)
			return nil, &AmbiguousError{Short: text, Records: ids}
		}
	}
	return out, nil
}

// events derives events and says how much each is worth.
func (t *trail) events(ctx context.Context, f history.Filter) ([]history.Event, error) {
	out, err := t.sealed(ctx, f)
	return out.list, err
}

// derived is the events of a line of landings.
type derived struct {
	list []history.Event
	upTo []int // how many of them come up to and with each landing
}

// sealed is events, with where each landing's end.
func (t *trail) sealed(ctx context.Context, f history.Filter) (out derived, err error) {
	if out.list, out.upTo, err = t.h.EventsByLanding(ctx, f); err != nil {
		return out, err
	}
	err = each(ctx, t.workers(), len(out.list), func(ctx context.Context, i int) error {
		e := &out.list[i]
		s, err := t.seal(ctx, *e)
		e.Trust, e.Signature = string(s.trust), string(s.Verdict)
		return err
	})
	if out.list == nil {
		out.list = []history.Event{}
	}
	return out, err
}

// seal judges what an event rests on: the statement of an opinion, the commit
// of everything else.
func (t *trail) seal(ctx context.Context, e history.Event) (seal, error) {
	if s, ok := t.carried[e.Evidence]; ok && history.IsOpinion(e) {
		return s, nil
	}
	if history.IsOpinion(e) {
		if it := t.ledger.byPath[e.Evidence]; it != nil {
			return t.keys.statement(it), nil
		}
	}
	if c := t.h.Commits[e.Commit]; c != nil {
		return t.keys.commit(ctx, c)
	}
	return seal{}, nil
}
