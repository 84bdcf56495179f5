package evidence

import (
	"cmp"
	"fmt"
	"slices"
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
	BadSignature Verdict = "bad"         // damaged, altered, for another namespace, or contradicting what was signed
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
	for _, p := range people {
		for _, key := range p.Keys {
			pub, err := sshsig.ParseAuthorized(key.Public)
			if err != nil {
				k.problems = append(k.problems, fmt.Sprintf("a signing key of %s: %v", p.Person, err))
				continue
			}
			wire := string(pub.Marshal())
			k.keys[wire] = append(k.keys[wire], holding{p.Person, p.Active, key})
		}
	}
	for wire, held := range k.keys {
		if owners := ownersOf(held); len(owners) > 1 {
			k.problems = append(k.problems, ambiguous([]byte(wire), owners))
		}
	}
	slices.Sort(k.problems)
	return k
}

// Problems lists the keys that cannot be used and why, sorted.
func (k Keyring) Problems() []string { return slices.Clone(k.problems) }

// Judge says who signed message for namespace, as of at. The caller chooses
// at: the time of the first main commit that commits to the evidence, or now
// for what is being decided.
func (k Keyring) Judge(armored []byte, namespace string, message []byte, at time.Time) Judgement {
	panic("unwritten")
}

// Verify says whether person signed message for namespace, as of at.
func (k Keyring) Verify(person string, armored []byte, namespace string, message []byte, at time.Time) Judgement {
	panic("unwritten")
}

func ownersOf(held []holding) []string {
	var out []string
	for _, h := range held {
		out = append(out, h.person)
	}
	slices.SortFunc(out, cmp.Compare)
	return slices.Compact(out)
}

func ambiguous(wire []byte, owners []string) string {
	pub, err := ssh.ParsePublicKey(wire)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("key %s is listed by %v", sshsig.Fingerprint(pub), owners)
}
