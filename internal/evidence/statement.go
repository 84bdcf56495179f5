// Package evidence owns the statements that prove what was approved, decided
// and merged: their form, their signatures, and the append-only branch that
// keeps them.
//
// It may import the standard library, sshsig, pgpsig, store for the people and
// forges whose keys are listed, memo and canonical. It never reads the clock, runs git or moves a ref: times are given,
// commits are written through the Repo its caller supplies, and heads are
// returned. It judges signatures, not authority: whether an approval counts is
// for approval to say. It does not recompute material digests either; a
// statement stores what doing so takes (content, files and excluded fields).
//
// A statement holds ids, digests and verdicts, the record's own bytes and what
// policy saw. It holds no e-mail address and no text a reviewer wrote, because
// what is written here can never be taken back.
package evidence

import (
	"encoding/json"
	"time"
)

// Branch is the name of the branch that evidence lives on.
const Branch = "gitsm-evidence"

// Namespace is the SSHSIG namespace of a statement's signature.
const Namespace = "gitsm"

// StatementType is the in-toto type of every statement.
const StatementType = "https://in-toto.io/Statement/v1"

// StoreID stands in the place of a record id for statements about a proposal
// that is about no record: one that changes policy or configuration alone, and
// checkpoints. No record can be called so.
const StoreID = "_store"

// Type is the kind of fact a statement states.
type Type string

// The types of statements.
const (
	Approval   Type = "approval"   // Person approves the proposal
	Rejection  Type = "rejection"  // Person asks for changes
	Withdrawal Type = "withdrawal" // Person takes the proposal, or an earlier approval, back
	Decision   Type = "decision"   // the gate judged the proposal
	Merge      Type = "merge"      // the proposal landed
	Checkpoint Type = "checkpoint" // main and the evidence branch stood there
)

// Types returns every type, sorted.
func Types() []Type {
	return []Type{Approval, Checkpoint, Decision, Merge, Rejection, Withdrawal}
}

// decider reports whether a statement of this type is one person's own word,
// so that it must name that person.
func (t Type) decider() bool {
	return t == Approval || t == Rejection || t == Withdrawal
}

// PredicateType is the URI of the predicate that a statement of type t holds.
func PredicateType(t Type) string { return "https://gitsm.dev/evidence/" + string(t) + "/v1" }

// Statement is an in-toto Statement v1. Type, Subject and PredicateType follow
// from the predicate; NewEntry fills them in.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is one thing a statement is about, by digest.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Predicate is what a statement states. Which of the optional parts it has
// depends on Kind.
type Predicate struct {
	Kind         Type             `json:"kind"`
	Time         time.Time        `json:"time"` // UTC, milliseconds; the author's word, which proves nothing
	Tool         Tool             `json:"tool"`
	Person       string           `json:"person,omitempty"` // who decides, or who acted; required for approval, rejection, withdrawal
	Record       RecordContent    `json:"record,omitzero"`
	Material     Material         `json:"material,omitzero"`
	Files        []File           `json:"files,omitempty"` // what the proposal changes outside the store, bound as well
	Proposal     Proposal         `json:"proposal,omitzero"`
	Contributors []Contributor    `json:"contributors,omitempty"`
	Decision     *DecisionFacts   `json:"decision,omitempty"`
	Merge        *MergeFacts      `json:"merge,omitempty"`
	Checkpoint   *CheckpointFacts `json:"checkpoint,omitempty"`
	Forge        *ForgeFacts      `json:"forge,omitempty"` // where the statement repeats what a forge said
}

// ForgeFacts is a forge's word for what a statement states. Whoever records it
// only repeats it.
type ForgeFacts struct {
	Repository string      `json:"repository"`           // host/owner/name
	Pull       int         `json:"pull"`                 // number of the pull request
	At         time.Time   `json:"at"`                   // by the forge's clock: submitted, merged or closed
	Review     int64       `json:"review,omitempty"`     // number of the review
	State      string      `json:"state,omitempty"`      // of the review, or of the pull request
	Account    string      `json:"account,omitempty"`    // who did it: github:583231
	Permission string      `json:"permission,omitempty"` // of who approved, on the repository: admin, write, read or none
	Asked      time.Time   `json:"asked,omitzero"`       // when that was asked, where it was more than a day after the review
	Statement  string      `json:"statement,omitempty"`  // path of the signed statement that the review carried
	Checks     []CheckFact `json:"checks,omitempty"`     // of the head, at the decision
	Rules      []RuleFact  `json:"rules,omitempty"`      // in force for the base branch, at the decision
	Exempt     []string    `json:"exempt,omitempty"`     // whom these do not hold; whether that is known, Unknown says
	Unknown    []string    `json:"unknown,omitempty"`    // what could not be read: checks, rules, who is exempt
}

// CheckFact is a check or commit status and what came of it.
type CheckFact struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Source string `json:"source,omitempty"`
}

// RuleFact is a rule of a ruleset, with the digest of its parameters.
type RuleFact struct {
	Type       string   `json:"type"`
	Ruleset    int64    `json:"ruleset,omitempty"`
	Parameters string   `json:"parameters,omitempty"` // SHA-256 of their canonical form
	Checks     []string `json:"checks,omitempty"`     // the statuses that it demands
}

// Tool names the versions that made the statement.
type Tool struct {
	Gitsm string `json:"gitsm"`
	OPA   string `json:"opa,omitempty"`
}

// RecordContent is the record as it was judged.
type RecordContent struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Blob    string `json:"blob,omitempty"`    // git blob id; empty when the proposal removes the record
	Content string `json:"content,omitempty"` // exact bytes; empty for a person, who is named by blob alone, and maybe in a merge, which follows a decision that has them
}

// Material is the digest an approval is bound to, and the fields it leaves out.
type Material struct {
	SHA256   string   `json:"sha256"`
	Excluded []string `json:"excluded,omitempty"`
}

// File is a file outside the store as the proposal leaves it.
type File struct {
	Path string `json:"path"`
	Mode string `json:"mode,omitempty"` // git's, six digits; empty when removed
	Blob string `json:"blob,omitempty"` // git's; empty when removed
}

// Proposal is the range of commits that was judged.
type Proposal struct {
	Branch string `json:"branch,omitempty"`
	Base   string `json:"base,omitempty"`
	Head   string `json:"head"`
}

// Contributor is somebody who had a hand in the proposal. A contributor whom
// people/ does not know has an Account or neither, never an address.
type Contributor struct {
	Person  string `json:"person,omitempty"`
	Account string `json:"account,omitempty"` // numeric account of a forge: github:583231
	Role    string `json:"role"`              // author, committer, co-author, opener, pusher, …
	Commit  string `json:"commit,omitempty"`
}

// DecisionFacts is what the gate found.
type DecisionFacts struct {
	Verdict      string          `json:"verdict"` // allow, pending, deny or error
	Risk         Risk            `json:"risk,omitzero"`
	Requirements []Requirement   `json:"requirements,omitempty"`
	Findings     []FindingFact   `json:"findings,omitempty"`
	PolicyDigest string          `json:"policy_digest"`
	InputDigest  string          `json:"input_digest"`    // SHA-256 of Input in canonical form
	Input        json.RawMessage `json:"input,omitempty"` // what policy saw; absent where it would hold a person's record
}

// Risk is policy's rating of the change.
type Risk struct {
	Score int    `json:"score"`
	Band  string `json:"band"`
}

// Requirement is one approval requirement and who met it.
type Requirement struct {
	ID        string     `json:"id"`
	From      []string   `json:"from,omitempty"`
	Need      int        `json:"need"`
	Given     int        `json:"given"`
	Approvers []Approver `json:"approvers,omitempty"`
	Ignored   []Ignored  `json:"ignored,omitempty"`
}

// Approver is one approval that counted.
type Approver struct {
	Person   string `json:"person"`
	Evidence string `json:"evidence,omitempty"` // path of the approval's statement
}

// Stranger is who is ignored where nothing but a name is known. Names are not
// kept; NewEntry puts this in their place.
const Stranger = "unknown"

// Ignored is one approval that did not count. Why is gitsm's own wording.
type Ignored struct {
	Who string `json:"who"` // person id or account, or Stranger
	Why string `json:"why"`
}

// FindingFact is a finding without its message, which policy may build from
// the record's text; evaluating Input again gives it back.
type FindingFact struct {
	Code     string `json:"code,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Severity string `json:"severity"`
	Waiver   string `json:"waiver,omitempty"` // id of the waiver that covered it
}

// MergeFacts is what landed, and whether it is what was approved.
type MergeFacts struct {
	Commit           string `json:"commit"`
	Base             string `json:"base"` // main before the landing
	Head             string `json:"head"` // the proposal's head that landed
	Method           string `json:"method"`
	ApprovedMaterial string `json:"approved_material,omitempty"`
	LandedMaterial   string `json:"landed_material,omitempty"`
	Identical        bool   `json:"identical"`
}

// CheckpointFacts says where the branches stood.
type CheckpointFacts struct {
	Genesis  string `json:"genesis"`
	Main     string `json:"main"`
	Evidence string `json:"evidence,omitempty"`
}

// ID is the record id that names the statement's directory.
func (p Predicate) ID() string {
	if p.Record.ID == "" {
		return StoreID
	}
	return p.Record.ID
}
