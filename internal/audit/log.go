package audit

import (
	"context"
	"crypto/sha256"
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
	key := t.keptKey(evidenceTip)
	if keeps {
		if k, ok := unpackLog(a.Kept.Load(), key); ok {
			return k.choose(f)
		}
	}
	if err := t.read(ctx, evidenceTip); err != nil {
		return nil, err
	}
	if keeps && len(f.Records) == 0 {
		return t.keep(ctx, f, key)
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
		reads := t.about(func(k dossierKey) bool { return slices.Contains(f.Records, k.id) })
		wanted = func(id string) bool { return slices.Contains(f.Records, id) || reads(id) }
	}
	if err := t.attest(ctx, wanted); err != nil {
		return nil, err
	}
	return t.events(ctx, f)
}

// keep derives all events and chooses among them. They are kept, but for those
// that are not settled: an opinion that main does not commit to yet is judged
// by the keys of the moment.
func (t *trail) keep(ctx context.Context, f history.Filter, key [sha256.Size]byte) ([]history.Event, error) {
	events, err := t.log(ctx, history.Filter{})
	if err != nil {
		return nil, err
	}
	k := &keptLog{ids: slices.Sorted(maps.Keys(t.everKnown())), events: events}
	settled := !slices.ContainsFunc(events, func(e history.Event) bool {
		it := t.ledger.byPath[e.Evidence]
		return history.IsOpinion(e) && (it == nil || it.anchor == history.Unanchored)
	})
	if settled {
		t.Kept.Save(k.pack(key))
	}
	return k.choose(f)
}

// choose is the log of a filter without services, from that of all events.
func (k *keptLog) choose(f history.Filter) ([]history.Event, error) {
	var err error
	f.Records, err = exact(f.Records, func(text string) []string { return matching(slices.Values(k.ids), text) })
	if err != nil {
		return nil, err
	}
	out := []history.Event{}
	for _, e := range k.events {
		if f.Chooses(e) {
			out = append(out, e)
		}
	}
	return out, nil
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
	out, err := t.h.Events(ctx, f)
	if err != nil {
		return nil, err
	}
	err = each(ctx, t.workers(), len(out), func(ctx context.Context, i int) error {
		s, err := t.seal(ctx, out[i])
		out[i].Trust, out[i].Signature = string(s.trust), string(s.Verdict)
		return err
	})
	if out == nil {
		out = []history.Event{}
	}
	return out, err
}

// seal judges what an event rests on: the statement of an opinion, the commit
// of everything else.
func (t *trail) seal(ctx context.Context, e history.Event) (seal, error) {
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
