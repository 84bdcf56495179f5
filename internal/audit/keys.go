package audit

import (
	"context"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// keys judges signatures by the people of the time. It is safe for concurrent
// use.
type keys struct {
	t *trail

	mu    sync.Mutex
	rings map[*history.Epoch]evidence.Keyring
	seals map[git.OID]seal
}

// seal is what the signature of a commit or statement is worth.
type seal struct {
	evidence.Judgement
	trust evidence.Trust
	void  string // why an approval does not count whatever its trust, "" where it may
}

func newKeys(t *trail) *keys {
	return &keys{t: t, rings: map[*history.Epoch]evidence.Keyring{}, seals: map[git.OID]seal{}}
}

// ring is the keyring of an epoch: its people, and its forge.
func (k *keys) ring(e *history.Epoch) evidence.Keyring {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.rings[e]
	if !ok {
		r = evidence.KeyringOf(e.People, e.Config)
		k.rings[e] = r
	}
	return r
}

// statement judges a statement by the people of the first landing that commits
// to it; by those main has now where none does. A landing is judged by the
// people before it, so that no proposal brings the key its approval is signed
// with.
func (k *keys) statement(it *item) seal {
	if it.anchor == history.Unanchored {
		return k.statementBy(it, k.t.h.Now(), k.t.Now)
	}
	l := k.t.h.At(it.anchor)
	epoch := l.After
	if c := k.t.h.Commits[it.Statement.Predicate.Proposal.Head]; c != nil && c.Landing == l {
		epoch = l.Before
	}
	return k.statementBy(it, epoch, l.Committer.When)
}

func (k *keys) statementBy(it *item, e *history.Epoch, at time.Time) seal {
	s := seal{Judgement: it.Judge(k.ring(e), at), void: it.Unproven(k.ring(e), at)}
	s.trust, _, _ = it.Trust(k.ring(e), at) // the judgement has the reason
	return s
}

// review judges a statement for a landing: as statement does or, where that
// finds no good signature, as the gate did when it decided. A key that came to
// be known in between counted then.
func (k *keys) review(it *item, l *history.Landing) seal {
	s := k.statement(it)
	if s.trust != evidence.Claimed {
		return s
	}
	then := k.statementBy(it, l.Before, l.Committer.When)
	if then.trust == evidence.Signed {
		return then
	}
	s.void = then.void
	return s
}

// commit judges the signature of a commit that main contains, by the people
// before the landing that brought it.
func (k *keys) commit(ctx context.Context, c *history.Commit) (seal, error) {
	k.mu.Lock()
	s, ok := k.seals[c.OID]
	k.mu.Unlock()
	if ok || c.Landing == nil {
		return s, nil
	}
	full, err := k.t.Repo.Commit(ctx, c.OID)
	if err != nil {
		return s, err
	}
	l := c.Landing
	who, _ := l.Before.Person(c.Committer.Email)
	s = seal{Judgement: evidence.VerifyCommitter(full.Raw, k.ring(l.Before), l.Committer.When, who), trust: evidence.Claimed}
	switch {
	case s.Verdict == evidence.Good && s.Forge != "":
		s.trust = evidence.Observed
	case s.Verdict == evidence.Good:
		s.trust = evidence.Signed
	case s.Verdict == evidence.BadSignature:
		s.trust = evidence.Broken
	}
	k.mu.Lock()
	k.seals[c.OID] = s
	k.mu.Unlock()
	return s, nil
}
