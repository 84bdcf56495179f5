package evidence

import "time"

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

// Judge says whether the person the statement names signed it, as of at.
func (e *Entry) Judge(keys Keyring, at time.Time) Judgement { panic("unwritten") }

// Trust says what the entry is worth as of at, and whose word it is.
func (e *Entry) Trust(keys Keyring, at time.Time) (Trust, string, error) { panic("unwritten") }
