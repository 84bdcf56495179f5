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
	if person == "" {
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
	case j.Verdict == Good && person != "":
		return Signed, person, nil
	}
	return Claimed, person, nil
}
