package evidence

import (
	"fmt"
	"time"
)

// Trust is how much a fact rests on anything but its author's word.
type Trust string

// The levels of trust, from the weakest. Broken is none of them: a fact whose
// signature contradicts it counts nowhere.
const (
	Broken   Trust = "bad"
	Claimed  Trust = "claimed"  // self-asserted
	Observed Trust = "observed" // the forge's word, recorded by the gate's identity
	Signed   Trust = "signed"   // the decider's own valid key
)

// AtLeast reports whether t is worth at least min. A level nobody knows is
// neither worth anything nor ever reached.
func (t Trust) AtLeast(min Trust) bool {
	return min.rank() > 0 && t.rank() >= min.rank()
}

func (t Trust) rank() int {
	switch t {
	case Claimed:
		return 1
	case Observed:
		return 2
	case Signed:
		return 3
	}
	return 0
}

// Judge says whether the person the statement names signed it, as of at. Where
// it names nobody, it says who did.
func (e *Entry) Judge(keys Keyring, at time.Time) Judgement {
	person := e.Statement.Predicate.Person
	if person == "" || e.repeats() { // who records what a forge said signs for nobody
		return keys.Judge(e.Sig, Namespace, e.Raw, at)
	}
	return keys.Verify(person, e.Sig, Namespace, e.Raw, at)
}

// Trust says what the entry is worth as of at, and whose word it is: the
// decider's for an approval, rejection or withdrawal.
//
// Only a good signature by that person makes it signed. A signature by a key
// nobody has, or that was not valid then, proves nothing in either direction,
// and whoever made it could have left it away: what remains is the claim, and
// Judge has the reason. A bad signature is an error and Broken, never a claim:
// somebody altered the statement or signed in another's name.
func (e *Entry) Trust(keys Keyring, at time.Time) (Trust, string, error) {
	person := e.Statement.Predicate.Person
	switch j := e.Judge(keys, at); {
	case j.Verdict == BadSignature:
		return Broken, "", fmt.Errorf("verifying %s: %s", e.SigPath(), j.Reason)
	case e.repeats() && keys.observes:
		return Observed, person, nil
	case j.Verdict == Good && person != "" && !e.repeats():
		return Signed, person, nil
	}
	return Claimed, person, nil
}

// repeats reports whether the statement is a forge's word and not its person's.
func (e *Entry) repeats() bool { return e.Statement.Predicate.Forge != nil }

// Unproven says why an approval must not count, however little trust policy
// asks for: the person it names has a key to prove it with, as of at, and it is
// not proven. Anybody can write a statement in their name. It is "" where it is
// proven, where the person has no key and can only claim, and for statements
// that only take approval away. One with a bad signature is no claim at all,
// and for Trust to report.
func (e *Entry) Unproven(keys Keyring, at time.Time) string {
	p := e.Statement.Predicate
	if p.Kind != Approval || p.Person == "" || !keys.Signs(p.Person, at) || e.repeats() && keys.observes {
		return ""
	}
	const fix = "approve again, signed with that key (git config user.signingkey)"
	switch j := e.Judge(keys, at); j.Verdict {
	case Unsigned:
		return fmt.Sprintf("is unsigned, and %s has a signing key: %s", p.Person, fix)
	case UnknownKey, Expired:
		return fmt.Sprintf("is not proven by the signing key that %s has (%s): %s", p.Person, j.Reason, fix)
	}
	return ""
}
