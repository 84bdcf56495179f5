// Package approval owns the question whose approval counts: requirements and
// facts in, a verdict with a reason on every node out, including why an
// approval was not counted.
//
// It is pure and imports the standard library alone. It never reads a clock, a
// file, git, a forge or a policy; forges and evidence fill Facts, policy gives
// the requirements. What it cannot judge is an error, never an allowance.
package approval

import "time"

// Verdict is the answer of Evaluate. The worst reason wins:
// error > deny > pending > allow.
type Verdict string

// The four verdicts.
const (
	Allow   Verdict = "allow"
	Pending Verdict = "pending"
	Deny    Verdict = "deny"
	Error   Verdict = "error" // could not be judged; never to be read as allow
)

// The states of a review. Approved, Rejected and Dismissed are decisive: the
// latest of them is what a person says. A comment changes nothing.
const (
	Approved  = "approved"
	Rejected  = "rejected"
	Dismissed = "dismissed" // withdrawn or dismissed; what came before stays dead
	Commented = "commented"
)

// The kinds of trust, weakest first.
const (
	Claimed  = "claimed"  // self-asserted
	Observed = "observed" // the forge's word
	Signed   = "signed"   // the approver's own valid key
)

// Requirement is one approval that policy asks for.
type Requirement struct {
	ID    string
	From  []string // "team:<id>" or "person:<id>"; an empty list is nobody
	Count int      // distinct people, at least 1
	Msg   string   // why policy asks
	// Shared is policy's word that a person may count here and for another
	// requirement as well. Without it one human fills one role.
	Shared bool
}

// Person is what must be known of a person record.
type Person struct {
	Active bool
	// Human is the same for all records of one human, "" for the record's own
	// id. However many they are, they approve once, and have a part in what one
	// of them has a part in.
	Human string
}

// Team is what must be known of a team record.
type Team struct {
	Members []string // person ids
	Active  bool
}

// Contributor is somebody who had a hand in the bound content, or brought it.
type Contributor struct {
	// Person is the person id, resolved by the caller against the base first;
	// "" when the identity is nobody's we know, which blocks.
	Person string
	Who    string // what the commit or the forge calls them, never an e-mail address
	Role   string // "author", "committer", "co-author", "pusher", "opener"
	Commit string // "" when the role is not of one commit
	// Bot says that the forge itself knows the account as a machine. It must
	// never be derived from a name. A bot needs no person to stand for it.
	Bot bool
}

// Review is one review or approval statement, of any state.
type Review struct {
	Person   string // person id; "" when the account is nobody's we know
	Who      string // account or name as the source gives it, for messages
	State    string // Approved, Rejected, Dismissed or Commented
	Time     time.Time
	Order    int      // position in the source's own sequence; clocks decide nothing
	Material string   // digest of the content that was reviewed
	Excluded []string // what that digest leaves out
	Trust    string   // Claimed, Observed or Signed
	Ref      string   // evidence path or address
	Bot      bool
	// Void is why the source says that this review must not count, such as
	// "the account may only read the repository"; "" when there is no reason.
	Void string
	// Unreadable is what is wrong with the statement: bad signature, digest
	// that does not match, JSON that does not parse. It makes the verdict error.
	Unreadable string
}

// Facts is everything Evaluate may know about people and proposal. Ids may
// carry the "person:" prefix. Requester and Implementers may name a team,
// which then stands for each of its members.
type Facts struct {
	People       map[string]Person
	Teams        map[string]Team
	Requester    string
	Implementers []string
	Opener       string // "" where nobody opened it; an unknown opener is a Contributor without Person
	Contributors []Contributor
	// Doubts are identities that the caller cannot vouch for, each with the
	// reason. They block, as whoever made the work must not approve it.
	Doubts       []Ignored
	Reviews      []Review
	MinimumTrust string // Claimed, Observed or Signed; anything else is an error
	// Judged says that policy was evaluated. Without it, no requirements
	// means that nobody asked, which is an error.
	Judged bool
}

// Binding ties an approval to the content that is about to land.
type Binding struct {
	// Material returns the digest of today's content without excluded.
	Material func(excluded []string) (string, error)
	// Allowed is the base's exclusion list.
	Allowed []string
}

// Result is the verdict as a tree. Every slice is sorted and none is nil.
type Result struct {
	Verdict      Verdict   `json:"verdict"`
	Requirements []Node    `json:"requirements"`
	Blockers     []Ignored `json:"blockers"` // rejections, and identities nobody can vouch for
	Reasons      []string  `json:"reasons"`  // why this verdict, worst first
}

// Node is one requirement and what became of it.
type Node struct {
	ID         string    `json:"id"`
	Need       int       `json:"need"`
	Given      int       `json:"given"`
	From       []string  `json:"from"`
	Approvers  []string  `json:"approvers"`  // counted person ids
	Refs       []string  `json:"-"`          // where the approval of each of Approvers is kept
	Candidates []string  `json:"candidates"` // person ids whose approval would bring it closer; none when met
	Ignored    []Ignored `json:"ignored"`
	Msg        string    `json:"msg"`
	Reason     string    `json:"reason"` // why it is met or not
	Met        bool      `json:"met"`
	// Stuck says that it cannot be met even if everybody approves who may.
	// It is advice, and no part of what is recorded.
	Stuck bool `json:"-"`
}

// Ignored is somebody whose word was not counted, and why.
type Ignored struct {
	Who string `json:"who"`
	Why string `json:"why"`
}
