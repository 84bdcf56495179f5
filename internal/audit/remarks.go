package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
)

// remarks are notes on the signatures that were judged so far: what of them is
// the signer's word, what a forge's signature is worth, and what was signed with
// a key that was lost by then, as is known now.
func (k *keys) remarks() []string {
	k.mu.Lock()
	seals := maps.Clone(k.seals)
	k.mu.Unlock()
	claimed, forges := 0, map[string]int{}
	for _, s := range seals {
		switch {
		case s.Forge != "":
			forges[s.Forge]++
		case !s.Made.IsZero():
			claimed++
		}
	}
	var out []string
	if claimed > 0 {
		out = append(out, fmt.Sprintf("openpgp: %s judged by the key as it was when the signature says it was made; that time is the signer's claim", were(claimed, "signature")))
	}
	for _, forge := range slices.Sorted(maps.Keys(forges)) {
		out = append(out, fmt.Sprintf("forge: %s signed by %s, which says that they were merged or edited there, and never that anybody approved them", were(forges[forge], "commit"), forge))
	}
	for _, r := range k.ring(k.t.h.Head().After).Revocations() {
		if list := k.affected(r); len(list) > 0 {
			out = append(out, fmt.Sprintf("revoked: the key %s of %s is revoked since %s, and what was signed with it since counted before that was known: %s", r.Fingerprint, r.Person, utc(r.Since), strings.Join(list, ", ")))
		}
	}
	return out
}

// affected lists the commits and statements that a key signed once it was no
// longer to be trusted, and that count, since they came before people/ said so.
// What came after it counts nowhere.
func (k *keys) affected(r evidence.Revocation) []string {
	counts := func(s seal, at time.Time) bool {
		return s.Verdict == evidence.Good && strings.HasSuffix(r.Fingerprint, s.Fingerprint) && !at.Before(r.Since)
	}
	var out []string
	k.mu.Lock()
	for id, s := range k.seals {
		if c := k.t.h.Commits[id]; c != nil && c.Landing != nil && counts(s, c.Landing.Committer.When) {
			out = append(out, "commit "+short(id))
		}
	}
	k.mu.Unlock()
	for _, it := range k.t.ledger.items {
		at := k.t.Now
		if it.anchor != history.Unanchored {
			at = k.t.h.At(it.anchor).Committer.When
		}
		if counts(k.statement(it), at) {
			out = append(out, it.Path)
		}
	}
	slices.Sort(out)
	return out
}
