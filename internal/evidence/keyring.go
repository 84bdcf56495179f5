package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gitsm/gitsm/internal/pgpsig"
	"github.com/gitsm/gitsm/internal/sshsig"
)

// Key is one signing key of a person, with the time it may be used in.
type Key struct {
	Public       string    // authorized_keys line, or an armored OpenPGP public key
	Authority    bool      // it signs certificates that name the person, and nothing else
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
	Person      string    // whose key it is; set for good and expired, unless Forge is
	Forge       string    // the forge that signed, for what was merged or edited there; it says nothing of who approved
	Made        time.Time // when an OpenPGP signature says it was made, at which its key was judged: the signer's word
	Fingerprint string    // of the key, where the signature could be read
	Reason      string    // why the verdict is not good; empty when it is
}

// Keyring knows whose keys are whose. The zero Keyring knows nobody.
type Keyring struct {
	keys        map[string][]holding // by the key's wire form
	authorities map[string][]holding // the same, of those that sign certificates
	pgp         []pgpHolding
	forges      []forgeHolding
	problems    []string
	observes    bool // statements that repeat a forge's word are observed
}

// holding is one person's listing of one key.
type holding struct {
	person string
	active bool
	key    Key
}

// NewKeyring builds a keyring of people's keys and of those of forges; GitHub's
// are always in it. Keys that cannot be read are left out and told
// by Problems, so that one person's typing mistake does not hide another's key.
func NewKeyring(people []PersonKeys, forges ...ForgeKey) Keyring {
	k := Keyring{keys: map[string][]holding{}, authorities: map[string][]holding{}}
	k.addForges(forges)
	for _, p := range people {
		for _, key := range p.Keys {
			if err := k.add(holding{p.Person, p.Active, key}); err != nil {
				k.problems = append(k.problems, fmt.Sprintf("a signing key of %s cannot be used: %v", p.Person, err))
			}
		}
	}
	for _, held := range k.keys {
		if owners := ownersOf(held); len(owners) > 1 {
			k.problems = append(k.problems, ambiguous(nameOf(held[0].key), owners))
		}
	}
	for _, p := range k.pgp {
		if owners := k.ownersOfPGP(p.public.Fingerprint()); len(owners) > 1 {
			k.problems = append(k.problems, ambiguous(p.public.Fingerprint(), owners))
		}
	}
	slices.Sort(k.problems)
	k.problems = slices.Compact(k.problems)
	return k
}

func (k *Keyring) add(h holding) error {
	if strings.HasPrefix(h.key.Public, pgpsig.BeginKey) {
		return k.addPGP(h)
	}
	pub, err := sshsig.ParseAuthorized(h.key.Public)
	if err != nil {
		return err
	}
	into := k.keys
	if h.key.Authority {
		into = k.authorities
	}
	wire := string(pub.Marshal())
	into[wire] = append(into[wire], h)
	return nil
}

// nameOf is the fingerprint of a key that ParseAuthorized has read.
func nameOf(key Key) string {
	pub, err := sshsig.ParseAuthorized(key.Public)
	if err != nil {
		return ""
	}
	return sshsig.Fingerprint(pub)
}

// Revocation is a key that is no longer trusted from a moment on.
type Revocation struct {
	Person      string
	Fingerprint string // as Judgement has it
	Since       time.Time
}

// Revocations lists the revoked keys, by person and then by time. Of an
// OpenPGP key it is the primary one that is named.
func (k Keyring) Revocations() []Revocation {
	var out []Revocation
	add := func(h holding, fingerprint string) {
		if !h.key.RevokedSince.IsZero() {
			out = append(out, Revocation{h.person, fingerprint, h.key.RevokedSince})
		}
	}
	for _, held := range k.keys {
		for _, h := range held {
			add(h, nameOf(h.key))
		}
	}
	for _, p := range k.pgp {
		add(p.holding, p.public.Fingerprint())
	}
	slices.SortFunc(out, func(a, b Revocation) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), a.Since.Compare(b.Since), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
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
	cert := sig.Certificate()
	pub := sig.PublicKey()
	if cert != nil {
		pub = cert.Key()
	}
	j := Judgement{Fingerprint: sshsig.Fingerprint(pub)}
	// The signature comes before the key: a damaged one must be called bad even
	// when the damage made its key one that nobody has.
	err = sig.Verify(namespace, message)
	if err == nil && cert != nil {
		err = cert.Genuine()
	}
	if err != nil {
		j.Verdict, j.Reason = BadSignature, err.Error()
		return j
	}
	if cert != nil {
		return k.certified(j, cert, k.keys[string(pub.Marshal())], at)
	}
	return k.Standing(pub, at)
}

// Standing says whose key pub is, and whether what it signs counts as of at.
func (k Keyring) Standing(pub ssh.PublicKey, at time.Time) Judgement {
	j := Judgement{Fingerprint: sshsig.Fingerprint(pub)}
	return j.held(k.keys[string(pub.Marshal())], at, "nobody lists the key "+j.Fingerprint)
}

// held finishes a judgement by whose key it is.
func (j Judgement) held(by []holding, at time.Time, nobody string) Judgement {
	switch owners := ownersOf(by); len(owners) {
	case 0:
		j.Verdict, j.Reason = UnknownKey, nobody
	case 1:
		j.Person = owners[0]
		j.Verdict, j.Reason = standing(by, at)
	default:
		j.Verdict, j.Reason = UnknownKey, ambiguous(j.Fingerprint, owners)
	}
	return j
}

// certified judges a signature that came with a certificate, which is whose the
// certificate says if that person lists its authority. What is said of the key
// itself counts as well: a certificate does not take back a revocation.
func (k Keyring) certified(j Judgement, cert *sshsig.Certificate, plain []holding, at time.Time) Judgement {
	if err := cert.Unfit(); err != nil {
		j.Verdict, j.Reason = UnknownKey, err.Error()
		return j
	}
	held := slices.DeleteFunc(slices.Clone(k.authorities[string(cert.Authority().Marshal())]), func(h holding) bool { return !cert.Names(h.person) })
	authority := sshsig.Fingerprint(cert.Authority())
	if len(held) > 0 && len(plain) > 0 {
		held = append(held, plain...)
	}
	j = j.held(held, at, fmt.Sprintf("nobody of %q lists %s as an authority for certificates", cert.Principals(), authority))
	if j.Verdict != Good {
		return j
	}
	switch from, to := cert.Window(); {
	case at.Before(from):
		j.Verdict, j.Reason = Expired, fmt.Sprintf("the certificate of %s is valid only after %s", j.Person, utc(from))
	case !to.IsZero() && !at.Before(to):
		j.Verdict, j.Reason = Expired, fmt.Sprintf("the certificate of %s was valid only before %s", j.Person, utc(to))
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

// Signs reports whether a person has a key that would be good as of at, so that
// nobody has to take their word.
func (k Keyring) Signs(person string, at time.Time) bool {
	for _, held := range slices.Concat(slices.Collect(maps.Values(k.keys)), byPerson(k.authorities, person)) {
		if owners := ownersOf(held); len(owners) != 1 || owners[0] != person {
			continue
		}
		if v, _ := standing(held, at); v == Good {
			return true
		}
	}
	return false
}

// byPerson are the listings of keys by one person.
func byPerson(keys map[string][]holding, person string) [][]holding {
	var out [][]holding
	for _, held := range keys {
		out = append(out, slices.DeleteFunc(slices.Clone(held), func(h holding) bool { return h.person != person }))
	}
	return out
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
