// Package forge owns the words for a place where proposals are reviewed: pull
// requests, reviews, accounts and permissions, and the errors that decide what
// happens next.
//
// It is a leaf of plain values: it imports the standard library alone and
// talks to nobody, so that packages can say what they need of a forge without
// importing the one that reaches it.
package forge

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Account is somebody as a forge knows them. The zero ID is nobody: an account
// that was deleted since.
type Account struct {
	ID    int64 // never changes, and decides who somebody is
	Login string
	Bot   bool // the forge itself calls the account a machine
}

// Ghost reports whether the account is gone.
func (a Account) Ghost() bool { return a.ID == 0 }

// Branch is one side of a pull request.
type Branch struct {
	Name string // without refs/heads/
	OID  string
	Repo string // owner/name; "" where that repository is gone
}

// Pull is a pull request.
type Pull struct {
	Number      int
	URL         string // where people look at it
	Title, Body string
	Open        bool
	Draft       bool
	Merged      bool
	Base, Head  Branch
	Author      Account
	MergedBy    Account // the zero account unless merged
	MergeCommit string  // what landed; "" unless merged
	Created     time.Time
	Updated     time.Time // when something happened to it last: it closed, a review came
	ClosedAt    time.Time // zero while open
	MergedAt    time.Time // zero unless merged
}

// Fork reports whether the proposal comes from another repository, or from one
// that is gone.
func (p *Pull) Fork() bool { return p.Head.Repo != p.Base.Repo }

// The states of a review, as the forge has it now.
const (
	Approved         = "approved"
	ChangesRequested = "changes-requested"
	Dismissed        = "dismissed"
	Commented        = "commented"
)

// Review is one review of a pull request.
type Review struct {
	ID     int64
	By     Account
	State  string
	At     time.Time // when it was submitted, by the forge's clock
	Commit string    // what it was given for; the forge may move it to a rebased head
	Body   string
	URL    string

	// Of a review that was dismissed: what it said before, and when and by whom it
	// was dismissed; zero values where the forge does not say.
	Was         string
	DismissedAt time.Time
	DismissedBy Account
}

// AsOf is the review as it stood at a time: one that was dismissed later said then
// what it had said before.
func (r Review) AsOf(at time.Time) Review {
	if r.State == Dismissed && r.Was != "" && r.DismissedAt.After(at) {
		r.State = r.Was
	}
	return r
}

// Commit is what the forge knows of a commit besides what git says.
type Commit struct {
	OID               string
	Author, Committer Account // ghosts where no account has the address
	// Web says that the forge made the commit itself, in the author's name, and
	// signed it: its committer is nobody.
	Web bool
}

// Push is one movement of a branch.
type Push struct {
	By            Account
	Before, After string
	Forced        bool
}

// The permissions on a repository, weakest first.
const (
	None  = "none"
	Read  = "read"
	Write = "write"
	Admin = "admin"
)

// Check is a check run or commit status of a commit.
type Check struct {
	Name   string
	State  string // success, failure, pending, error, neutral, skipped, …
	Source string // who reported it: the login of a status's creator, or an app's slug
	URL    string

	// Of a status: its number, which grows, what it says, when it was posted, and
	// whether a machine posted it.
	ID   int64
	Text string
	At   time.Time
	Bot  bool
}

// BranchProtection is the Source of rules that come from a branch's own
// protection, which rulesets have come to replace.
const BranchProtection = "branch protection"

// Protection is that of a branch itself.
type Protection struct {
	Rules  []Rule   // the same, in the words of rulesets
	Exempt []string // who is not held by it
}

// Rule is one rule of the rulesets that apply to a branch, or of its own
// protection in the words of those. Parameters are as
// the forge gave them, since it has types of rules that nobody knew before.
type Rule struct {
	Type       string
	Ruleset    int64
	Source     string // repository or organisation that has the ruleset
	Parameters json.RawMessage
}

// Statuses are the commit statuses that a rule demands.
func (r Rule) Statuses() (out []string) {
	var p struct {
		Checks []struct{ Context string } `json:"required_status_checks"`
	}
	if r.Type == "required_status_checks" && json.Unmarshal(r.Parameters, &p) == nil {
		for _, c := range p.Checks {
			out = append(out, c.Context)
		}
	}
	return out
}

// Spared are those whom a branch's own protection does not hold, where it demands
// what the rulesets of the branch do not.
func (p *Protection) Spared(rulesets []Rule) []string {
	covers := func(own Rule) func(Rule) bool {
		return func(r Rule) bool {
			missing := func(status string) bool { return !slices.Contains(r.Statuses(), status) }
			return r.Type == own.Type && !slices.ContainsFunc(own.Statuses(), missing)
		}
	}
	for _, own := range p.Rules {
		if !slices.ContainsFunc(rulesets, covers(own)) {
			return p.Exempt
		}
	}
	return nil
}

// Status is a commit status to post.
type Status struct {
	Context     string
	State       string // success, failure, pending or error
	Description string // cut to what the forge takes
	URL         string
}

// Comment is a comment on a pull request.
type Comment struct {
	ID   int64
	By   Account
	Body string
	URL  string
}

// Facts is what a forge says of one pull request, read at one moment. Everything
// in it is whole: what could not be read to the end is an error instead.
type Facts struct {
	Pull        Pull
	Reviews     []Review           // oldest first
	Requested   []string           // logins and org/team slugs whose review was asked for
	Commits     map[string]Commit  // by id, of those that the pull request brings
	Pushes      []Push             // of its head branch, newest first
	NoPushes    string             // why nobody can say who pushed; "" where Pushes is whole
	Retargeted  time.Time          // when it was last sent into another branch, zero where it never was
	Permissions map[int64]string   // of everybody who reviewed, by account
	Teams       map[string][]int64 // members by org/team slug, of teams the token may read
	Checks      []Check            // of the head, sorted by name
	Posted      []Check            // every status of the head, newest first
	Rules       []Rule             // of the base branch
	Exempt      []string           // whom they do not hold, once it has merged
	Unknown     []string           // what the token may not read, in words
}

// Passed is when the latest status of a context that stood on the head at a time was
// posted, zero where it does not say that it passed, or where no machine posted it:
// anybody who may write can post one.
func (f *Facts) Passed(context string, at time.Time) time.Time {
	i := slices.IndexFunc(f.Posted, func(c Check) bool { return c.Name == context && !c.At.After(at) })
	if i < 0 || f.Posted[i].State != "success" || !f.Posted[i].Bot {
		return time.Time{}
	}
	return f.Posted[i].At
}

// Text is what a pull request says of itself.
type Text struct {
	Title, Body string
	Draft       bool // only a new one is made a draft
}

// Says reports whether a check is a status that says the same as another would.
// The forge may have cut what it says.
func (c Check) Says(s Status) bool {
	begun, cut := strings.CutSuffix(c.Text, "…")
	return c.Name == s.Context && c.State == s.State && (c.Text == s.Description || cut && strings.HasPrefix(s.Description, begun))
}

// The ways in which a pull request can land.
const (
	MergeCommit = "merge"
	Squash      = "squash"
	Rebase      = "rebase"
)

// Landing asks for a pull request to be merged.
type Landing struct {
	Head           string // what was decided about; another head is refused
	Method         string // MergeCommit, Squash or Rebase; the queue has its own
	Title, Message string // of the commit on the base branch
}

// Takes reports whether the rules of the base branch let a pull request land by a
// method, which the repository itself may allow or not.
func (f *Facts) Takes(method string) bool {
	for _, r := range f.Rules {
		var p struct {
			Methods []string `json:"allowed_merge_methods"`
		}
		switch {
		case r.Type == "required_linear_history" && method == MergeCommit:
			return false
		case r.Type != "pull_request" || json.Unmarshal(r.Parameters, &p) != nil || len(p.Methods) == 0:
		case !slices.Contains(p.Methods, method):
			return false
		}
	}
	return true
}

// Queue reports whether the base branch takes pull requests through a merge
// queue alone.
func (f *Facts) Queue() bool {
	return slices.ContainsFunc(f.Rules, func(r Rule) bool { return r.Type == "merge_queue" })
}
