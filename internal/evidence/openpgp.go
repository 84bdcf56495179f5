package evidence

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/pgpsig"
)

// pgpHolding is one person's listing of one OpenPGP key, which may have
// subkeys.
type pgpHolding struct {
	holding
	public *pgpsig.Key
}

// GitHub is the Forge of judgements of what GitHub signed.
const GitHub = "GitHub"

// github are GitHub's keys, read once.
var github = sync.OnceValue(pgpsig.GitHub)

// ForgeKey is a key with which a forge signs what is merged or edited on its
// pages.
type ForgeKey struct {
	Forge  string // its name, for people
	Public string // armored OpenPGP public keys
}

// forgeHolding is a forge's listing of one key.
type forgeHolding struct {
	forge  string
	public *pgpsig.Key
}

// addForges takes in the keys of forges, GitHub's first.
func (k *Keyring) addForges(forges []ForgeKey) {
	for _, public := range github() {
		k.forges = append(k.forges, forgeHolding{GitHub, public})
	}
	for _, f := range forges {
		keys, err := pgpsig.ParseKeys(f.Public)
		if err != nil {
			k.problems = append(k.problems, fmt.Sprintf("a key of forge %s cannot be used: %v", f.Forge, err))
		}
		for _, public := range keys {
			k.forges = append(k.forges, forgeHolding{f.Forge, public})
		}
	}
}

// addPGP takes in a person's armored keys. A forge's key is nobody's, or
// whatever is merged on its pages would be that person's work.
func (k *Keyring) addPGP(h holding) error {
	if h.key.Authority {
		return errors.New("an OpenPGP key signs no SSH certificates")
	}
	keys, err := pgpsig.ParseKeys(h.key.Public)
	if err != nil {
		return err
	}
	for _, public := range keys {
		for _, f := range k.forges {
			if f.public.Fingerprint() == public.Fingerprint() {
				return fmt.Errorf("it is that of %s, which signs with it what is merged there", f.forge)
			}
		}
		k.pgp = append(k.pgp, pgpHolding{h, public})
	}
	return nil
}

func (k Keyring) ownersOfPGP(fingerprint string) []string {
	var held []holding
	for _, p := range k.pgp {
		if p.public.Fingerprint() == fingerprint {
			held = append(held, p.holding)
		}
	}
	return ownersOf(held)
}

// judgePGP says who made an OpenPGP signature over message, as of at. Whether
// the key was valid by its owner's own word is judged at the time the signature
// says it was made, as git and gpg do, and whether its listing is, as of at.
func (k Keyring) judgePGP(armored, message []byte, at time.Time) Judgement {
	sig, err := pgpsig.Parse(armored)
	if errors.Is(err, pgpsig.ErrUnsupported) {
		return Judgement{Verdict: UnknownKey, Reason: err.Error()}
	}
	if err != nil {
		return Judgement{Verdict: BadSignature, Reason: err.Error()}
	}
	j := Judgement{Made: sig.Made(), Fingerprint: sig.Issuer()}
	var public *pgpsig.Key
	var held []holding
	for _, p := range k.pgp {
		if sig.Matches(p.public) {
			public, held = p.public, append(held, p.holding)
		}
	}
	if i := slices.IndexFunc(k.forges, func(f forgeHolding) bool { return sig.Matches(f.public) }); i >= 0 {
		public, j.Forge = k.forges[i].public, k.forges[i].forge
	}
	if public == nil {
		j.Verdict, j.Reason = UnknownKey, "nobody lists the OpenPGP key "+j.Fingerprint
		return j
	}
	j = j.made(sig, public, message, at)
	if j.Verdict == Good && j.Forge == "" {
		return j.held(held, at, "")
	}
	if owners := ownersOf(held); len(owners) == 1 && j.Verdict == Expired {
		j.Person = owners[0]
	}
	return j
}

// made judges a signature by its key alone.
func (j Judgement) made(sig *pgpsig.Signature, public *pgpsig.Key, message []byte, at time.Time) Judgement {
	if err := sig.Verify(public, message); err != nil {
		j.Verdict, j.Reason = BadSignature, err.Error()
		return j
	}
	err := public.Standing(sig)
	switch expired := (*pgpsig.ExpiredError)(nil); {
	case errors.As(err, &expired):
		j.Verdict, j.Reason = Expired, err.Error()
	case err != nil:
		j.Verdict, j.Reason = UnknownKey, err.Error()
	case sig.Ended(at):
		j.Verdict, j.Reason = Expired, fmt.Sprintf("the signature, made at %s by its own word, was given an end that has passed", utc(sig.Made()))
	default:
		j.Verdict = Good
	}
	return j
}
