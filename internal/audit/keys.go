package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// keys judges signatures by the people of the time. It is safe for concurrent
// use.
type keys struct {
	t *trail

	mu    sync.Mutex
	rings map[*store.Directory]evidence.Keyring
	seals map[git.OID]seal
}

// seal is what the signature of a commit or statement is worth.
type seal struct {
	evidence.Judgement
	trust evidence.Trust
	void  string // why an approval does not count whatever its trust, "" where it may
}

func newKeys(t *trail) *keys {
	return &keys{t: t, rings: map[*store.Directory]evidence.Keyring{}, seals: map[git.OID]seal{}}
}

// ring is the keyring of an epoch's people.
func (k *keys) ring(e *history.Epoch) evidence.Keyring {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.rings[e.People]
	if !ok {
		r = evidence.NewKeyring(personKeys(e.People))
		k.rings[e.People] = r
	}
	return r
}

// personKeys lists the keys of people, sorted by person. A time that cannot be
// read makes its key unusable: it could mean that the key is revoked.
func personKeys(dir *store.Directory) []evidence.PersonKeys {
	var out []evidence.PersonKeys
	for id, p := range dir.People {
		pk := evidence.PersonKeys{Person: id, Active: p.IsActive()}
		for _, key := range p.SigningKeys {
			after, ok1 := instant(key.ValidAfter)
			before, ok2 := instant(key.ValidBefore)
			revoked, ok3 := instant(key.RevokedSince)
			if ok1 && ok2 && ok3 {
				pk.Keys = append(pk.Keys, evidence.Key{Public: key.Key, ValidAfter: after, ValidBefore: before, RevokedSince: revoked})
			}
		}
		out = append(out, pk)
	}
	slices.SortFunc(out, func(a, b evidence.PersonKeys) int { return cmp.Compare(a.Person, b.Person) })
	return out
}

func instant(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// statement judges a statement by the people of the first landing that commits
// to it; by those main has now where none does. A landing is judged by the
// people before it, so that no proposal brings the key its approval is signed
// with.
func (k *keys) statement(it *item) seal {
	head := k.t.h.Head()
	if it.anchor == history.Unanchored {
		return k.statementBy(it, head.After, k.t.Now)
	}
	l := k.t.h.Line[it.anchor]
	epoch := l.After
	if c := k.t.h.Commits[it.Statement.Predicate.Proposal.Head]; c != nil && c.Landing == l {
		epoch = l.Before
	}
	return k.statementBy(it, epoch, l.Committer.When)
}

func (k *keys) statementBy(it *item, e *history.Epoch, at time.Time) seal {
	s := seal{Judgement: it.Judge(k.ring(e), at), trust: evidence.Claimed, void: it.Unproven(k.ring(e), at)}
	switch {
	case s.Verdict == evidence.BadSignature:
		s.trust = evidence.Broken
	case s.Verdict == evidence.Good && it.Statement.Predicate.Person != "":
		s.trust = evidence.Signed
	}
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
	s = seal{Judgement: evidence.VerifyCommit(full.Raw, k.ring(l.Before), l.Committer.When), trust: evidence.Claimed}
	if s.Verdict == evidence.Good {
		s.trust = evidence.Signed
		if who, known := l.Before.Person(c.Committer.Email); known && who != s.Person {
			s.Verdict, s.trust = evidence.BadSignature, evidence.Broken
			s.Reason = fmt.Sprintf("it was made with the key of %s, and the commit says that %s made it", s.Person, who)
		}
	} else if s.Verdict == evidence.BadSignature {
		s.trust = evidence.Broken
	}
	k.mu.Lock()
	k.seals[c.OID] = s
	k.mu.Unlock()
	return s, nil
}
