package evidence

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gitsm/gitsm/internal/sshsig"
)

// Key is one signing key of a person, with the time it may be used in.
type Key struct {
	Public       string    // authorized_keys line
	ValidAfter   time.Time // first instant it may be used; zero: from the beginning
	ValidBefore  time.Time // first instant it may no longer be used; zero: for ever
	RevokedSince time.Time // first instant it is no longer trusted; zero: never revoked
}

// PersonKeys are the signing keys of one person.
type PersonKeys struct {
	Person string // id
	Active bool
	Keys   []Key
}

// Verdict is what a keyring says of a signature. No two are ever folded into
// one: each calls for something else to be done.
type Verdict string

// The verdicts.
const (
	Good         Verdict = "good"        // valid, by a known key within its time
	BadSignature Verdict = "bad"         // damaged, altered, for another namespace, or by another person than named
	UnknownKey   Verdict = "unknown-key" // valid, by a key nobody, or more than one person, has
	Expired      Verdict = "expired"     // valid, by a known key outside its time, revoked, or of an inactive person
	Unsigned     Verdict = "unsigned"    // there is no signature
)

// Judgement is a verdict with what it rests on.
type Judgement struct {
	Verdict     Verdict
	Person      string // whose key it is; set for good and expired
	Fingerprint string // of the key, where the signature could be read
	Reason      string // why the verdict is not good; empty when it is
}

// Keyring knows whose keys are whose. The zero Keyring knows nobody.
type Keyring struct {
	keys     map[string][]holding // by the key's wire form
	problems []string
}

// holding is one person's listing of one key.
type holding struct {
	person string
	active bool
	key    Key
}

// NewKeyring builds a keyring. Keys that cannot be read are left out and told
// by Problems, so that one person's typing mistake does not hide another's key.
func NewKeyring(people []PersonKeys) Keyring {
	k := Keyring{keys: map[string][]holding{}}
	fingerprints := map[string]string{}
	for _, p := range people {
		for _, key := range p.Keys {
			pub, err := sshsig.ParseAuthorized(key.Public)
			if err != nil {
				k.problems = append(k.problems, fmt.Sprintf("a signing key of %s cannot be used: %v", p.Person, err))
				continue
			}
			wire := string(pub.Marshal())
			fingerprints[wire] = sshsig.Fingerprint(pub)
			k.keys[wire] = append(k.keys[wire], holding{p.Person, p.Active, key})
		}
	}
	for wire, held := range k.keys {
		if owners := ownersOf(held); len(owners) > 1 {
			k.problems = append(k.problems, ambiguous(fingerprints[wire], owners))
		}
	}
	slices.Sort(k.problems)
	return k
}

// Problems lists the keys that cannot be used and why, sorted.
func (k Keyring) Problems() []string { return slices.Clone(k.problems) }

// Judge says who signed message for namespace, as of at. The caller chooses
// at: the time of the first main commit that commits to the evidence, or now
// for what is being decided. A nil armored means that there is no signature.
func (k Keyring) Judge(armored []byte, namespace string, message []byte, at time.Time) Judgement {
	if armored == nil {
		return Judgement{Verdict: Unsigned, Reason: "there is no signature"}
	}
	sig, err := sshsig.Parse(armored)
	if errors.Is(err, sshsig.ErrUnsupportedKey) {
		return Judgement{Verdict: UnknownKey, Reason: err.Error()}
	}
	if err != nil {
		return Judgement{Verdict: BadSignature, Reason: err.Error()}
	}
	j := Judgement{Fingerprint: sshsig.Fingerprint(sig.PublicKey())}
	// The signature comes before the key: a damaged one must be called bad even
	// when the damage made its key one that nobody has.
	if err := sig.Verify(namespace, message); err != nil {
		j.Verdict, j.Reason = BadSignature, err.Error()
		return j
	}
	return k.Standing(sig.PublicKey(), at)
}

// Standing says whose key pub is, and whether what it signs counts as of at.
func (k Keyring) Standing(pub ssh.PublicKey, at time.Time) Judgement {
	j := Judgement{Fingerprint: sshsig.Fingerprint(pub)}
	held := k.keys[string(pub.Marshal())]
	switch owners := ownersOf(held); len(owners) {
	case 0:
		j.Verdict, j.Reason = UnknownKey, "nobody lists the key "+j.Fingerprint
	case 1:
		j.Person = owners[0]
		j.Verdict, j.Reason = standing(held, at)
	default:
		j.Verdict, j.Reason = UnknownKey, ambiguous(j.Fingerprint, owners)
	}
	return j
}

// Verify says whether person signed message for namespace, as of at. A good
// signature by somebody else is bad: what is signed and who signed it contradict
// each other.
func (k Keyring) Verify(person string, armored []byte, namespace string, message []byte, at time.Time) Judgement {
	j := k.Judge(armored, namespace, message, at)
	if j.Person != "" && j.Person != person {
		return Judgement{
			Verdict:     BadSignature,
			Fingerprint: j.Fingerprint,
			Reason:      fmt.Sprintf("it was made with the key of %s, not of %q", j.Person, person),
		}
	}
	return j
}

// usable reports whether a person has a key that would be good as of at.
func (k Keyring) usable(person string, at time.Time) bool {
	for _, held := range k.keys {
		if owners := ownersOf(held); len(owners) != 1 || owners[0] != person {
			continue
		}
		if v, _ := standing(held, at); v == Good {
			return true
		}
	}
	return false
}

// standing says what one person's listings of a key are worth as of at. One
// revocation ends every listing, since it is the key that is lost; otherwise one
// listing that covers the time is enough.
func standing(held []holding, at time.Time) (Verdict, string) {
	if at.IsZero() {
		return Expired, "no time was given to judge the key at"
	}
	who, reason := held[0].person, ""
	for _, h := range held {
		if !h.active {
			return Expired, who + " is not active"
		}
		if revoked := h.key.RevokedSince; !revoked.IsZero() && !at.Before(revoked) {
			return Expired, fmt.Sprintf("the key of %s is revoked since %s", who, utc(revoked))
		}
	}
	for _, h := range held {
		switch {
		case !h.key.ValidAfter.IsZero() && at.Before(h.key.ValidAfter):
			reason = fmt.Sprintf("the key of %s is valid only after %s", who, utc(h.key.ValidAfter))
		case !h.key.ValidBefore.IsZero() && !at.Before(h.key.ValidBefore):
			reason = fmt.Sprintf("the key of %s was valid only before %s", who, utc(h.key.ValidBefore))
		default:
			return Good, ""
		}
	}
	return Expired, reason
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ownersOf returns the different people among held, sorted.
func ownersOf(held []holding) []string {
	var out []string
	for _, h := range held {
		out = append(out, h.person)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func ambiguous(fingerprint string, owners []string) string {
	return fmt.Sprintf("the key %s is listed by %s; a key belongs to one person", fingerprint, strings.Join(owners, " and "))
}
