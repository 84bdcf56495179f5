package approval

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSceneIsAllowed(t *testing.T) {
	got := newScene().evaluate()
	want := Result{
		Verdict: Allow,
		Requirements: []Node{{
			ID: "owner", Need: 1, Given: 1, From: []string{"team:ops"}, Approvers: []string{"bob"}, Refs: []string{"evidence/1"},
			Candidates: []string{}, Ignored: []Ignored{}, Msg: "ops runs it", Reason: "approved by bob", Met: true,
		}},
		Blockers: []Ignored{},
		Reasons:  []string{"owner: approved by bob"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// gateCase changes the scene so that it must not be allowed, and has a twin,
// as near as can be, that must.
type gateCase struct {
	name string
	bad  func(*scene)
	want Verdict
	why  string // must occur among ignored, blockers or reasons
	twin func(*scene)
}

func TestGate(t *testing.T) {
	for _, c := range gateCases() {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			c.bad(s)
			got := s.evaluate()
			if got.Verdict != c.want {
				t.Errorf("verdict %s, want %s\n%s", got.Verdict, c.want, dump(got))
			}
			if !strings.Contains(dump(got), c.why) {
				t.Errorf("no reason says %q\n%s", c.why, dump(got))
			}
			s = newScene()
			c.twin(s)
			if got := s.evaluate(); got.Verdict != Allow {
				t.Errorf("twin: verdict %s, want allow\n%s", got.Verdict, dump(got))
			}
		})
	}
}

func dump(r Result) string {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func gateCases() []gateCase {
	var all []gateCase
	for _, list := range [][]gateCase{whoCases(), partCases(), contentCases(), sequenceCases(), approverCases(), inputCases()} {
		all = append(all, list...)
	}
	return all
}

// as makes the one approval that of person.
func as(person string) func(*scene) {
	return func(s *scene) { s.f.Reviews = []Review{s.review(person, Approved, 1)} }
}

// with edits the one approval.
func with(edit func(*Review)) func(*scene) {
	return func(s *scene) { edit(&s.f.Reviews[0]) }
}

func same(*scene) {}

func whoCases() []gateCase {
	return []gateCase{
		{"nobody approved", func(s *scene) { s.f.Reviews = nil }, Pending, "0 of 1 given; waiting for bob or carol", same},
		{"outsider", as("mallory"), Pending, "is not among team:ops", as("carol")},
		{"bot", with(func(r *Review) { r.Bot = true }), Pending, "is a bot", same},
		{"unknown account", with(func(r *Review) { r.Person, r.Who = "", "@bobby" }), Pending, "@bobby", same},
		{"unknown person", as("stranger"), Pending, "is nobody in people/", as("bob")},
		{"inactive", as("gone"), Pending, "is inactive", func(s *scene) { s.f.People["gone"] = Person{Active: true}; as("gone")(s) }},
		{"void", with(func(r *Review) { r.Void = "may only read the repository" }), Pending, "may only read", same},
		{"claimed below observed", with(func(r *Review) { r.Trust = Claimed }), Pending, "is claimed, and at least observed is needed", with(func(r *Review) { r.Trust = Observed })},
		{"observed below signed", func(s *scene) { s.f.MinimumTrust = Signed; s.f.Reviews[0].Trust = Observed }, Pending, "at least signed", func(s *scene) { s.f.MinimumTrust = Signed }},
		{"no trust", func(s *scene) { s.f.MinimumTrust = Claimed; s.f.Reviews[0].Trust = "" }, Pending, "is without trust", func(s *scene) { s.f.MinimumTrust = Claimed; s.f.Reviews[0].Trust = Claimed }},
		{"trust nobody defined", with(func(r *Review) { r.Trust = "absolute" }), Pending, "is absolute", same},
		{"one human twice", func(s *scene) { s.reqs[0].Count = 2; s.add("bob", Approved, 2) }, Pending, "1 of 2 given; waiting for carol", func(s *scene) { s.reqs[0].Count = 2; s.add("carol", Approved, 2) }},
		{"one human, two spellings", func(s *scene) { s.reqs[0].Count = 2; s.add("person:bob", Approved, 2) }, Pending, "1 of 2 given", with(func(r *Review) { r.Person = "person:bob" })},
		{"one human, two records", func(s *scene) { s.sameHuman("bob", "carol"); s.reqs[0].Count = 2; s.add("carol", Approved, 2) }, Pending, "is the same human as bob, who counts already", func(s *scene) { s.reqs[0].Count = 2; s.add("carol", Approved, 2) }},
		{"one human, two records, two requirements", func(s *scene) { s.sameHuman("bob", "dave"); s.alsoCab(); s.add("dave", Approved, 2) }, Pending, "dave", func(s *scene) { s.alsoCab(); s.add("dave", Approved, 2) }},
		{"comment", with(func(r *Review) { r.State = Commented }), Pending, "0 of 1", func(s *scene) { s.add("bob", Commented, 2) }},
	}
}

func partCases() []gateCase {
	took := func(role string) func(*scene) {
		return func(s *scene) {
			s.f.Contributors = append(s.f.Contributors, Contributor{Person: "bob", Who: "Bob", Role: role, Commit: "ffffeeee0000111122223333"})
		}
	}
	other := func(s *scene) {
		s.f.Contributors = append(s.f.Contributors, Contributor{Person: "carol", Who: "Carol", Role: "author", Commit: "ffff"})
	}
	stranger := func(c Contributor) func(*scene) {
		return func(s *scene) { s.f.Contributors = append(s.f.Contributors, c) }
	}
	return []gateCase{
		{"requester", func(s *scene) { s.f.Requester = "bob" }, Pending, "requested this change", func(s *scene) { s.f.Requester = "carol" }},
		{"requester by reference", func(s *scene) { s.f.Requester = "person:bob" }, Pending, "requested this change", func(s *scene) { s.f.Requester = "" }},
		{"requester in capitals", func(s *scene) { s.f.Requester = "Bob" }, Pending, "requested this change", func(s *scene) { s.f.Requester = "Alice" }},
		{"requesting team", func(s *scene) { s.f.Requester = "team:closed" }, Pending, "requested this change", func(s *scene) { s.f.Requester = "team:cab" }},
		{"implementer", func(s *scene) { s.f.Implementers = []string{"alice", "bob"} }, Pending, "implements this change", func(s *scene) { s.f.Implementers = []string{"alice", "dave"} }},
		{"opener", func(s *scene) { s.f.Opener = "bob" }, Pending, "opened this proposal", func(s *scene) { s.f.Opener = "" }},
		{"requester under another record", func(s *scene) { s.sameHuman("alice", "bob") }, Pending, "requested this change as alice", func(s *scene) { s.sameHuman("alice", "dave") }},
		{"opener under another record", func(s *scene) { s.sameHuman("dave", "bob"); s.f.Opener = "dave" }, Pending, "opened this proposal as dave", func(s *scene) { s.f.Opener = "dave" }},
		{"author under another record", func(s *scene) { s.sameHuman("carol", "bob"); other(s) }, Pending, "author of ffff as carol", other},
		{"author", took("author"), Pending, "author of ffffeeee0000", other},
		{"committer", took("committer"), Pending, "committer of ffffeeee0000", other},
		{"co-author", took("co-author"), Pending, "co-author of ffffeeee0000", other},
		{"pusher", took("pusher"), Pending, "pusher of ffffeeee0000", other},
		{"unknown author", stranger(Contributor{Who: "Some One <some@one.example>", Role: "author", Commit: "abcdef0123456789"}), Pending, `"who": "Some One"`, stranger(Contributor{Person: "dave", Who: "Dave", Role: "author", Commit: "abcdef"})},
		{"unknown author says which commit", stranger(Contributor{Who: "x@y.example", Role: "author", Commit: "abcdef0123456789"}), Pending, "author of abcdef012345, and is nobody in people/: add", same},
		{"a bot that the forge does not vouch for", stranger(Contributor{Who: "fix[bot]", Role: "author", Commit: "ab"}), Pending, "fix[bot]", stranger(Contributor{Who: "fix[bot]", Role: "author", Commit: "ab", Bot: true})},
		{"doubtful author", func(s *scene) { as("bob")(s); s.f.Doubts = []Ignored{{"alice", "is said to have made abcdef0123"}} }, Pending, "alice: is said to have made abcdef0123", as("bob")},
		{"unknown author, nothing required", func(s *scene) { s.reqs = nil; stranger(Contributor{Who: "x", Role: "author"})(s) }, Pending, "is nobody in people/", func(s *scene) { s.reqs = nil }},
		{"misspelt requester", func(s *scene) { s.f.Requester = "bobb" }, Pending, "named as requester", func(s *scene) { s.f.Requester = "dave" }},
		{"misspelt implementer", func(s *scene) { s.f.Implementers = []string{"team:opps"} }, Pending, "named as implementer", func(s *scene) { s.f.Implementers = nil }},
	}
}

func contentCases() []gateCase {
	return []gateCase{
		{"content changed", func(s *scene) { s.content["plan"] = "else" }, Pending, "is stale: the content has changed since it was given at 2026-11-20T10:01:00Z", func(s *scene) { s.content["state"] = "else" }},
		{"immaterial field changed, but not for this statement", func(s *scene) { s.content["notes"] = "else" }, Pending, "is stale", func(s *scene) {
			s.f.Reviews[0].Excluded = []string{"notes", "state"}
			s.f.Reviews[0].Material, _ = s.digest([]string{"notes", "state"})
			s.content["notes"] = "else"
		}},
		{"leaves out what counts", func(s *scene) {
			s.f.Reviews[0].Excluded = []string{"state", "plan"}
			s.f.Reviews[0].Material, _ = s.digest([]string{"state", "plan"})
		}, Pending, "is stale: given at 2026-11-20T10:01:00Z without regard to plan, which counts today", func(s *scene) {
			s.f.Reviews[0].Excluded = nil
			s.f.Reviews[0].Material, _ = s.digest(nil)
		}},
		{"base allows less than it did", func(s *scene) { s.b.Allowed = nil }, Pending, "without regard to state", func(s *scene) { s.b.Allowed = []string{"state"} }},
		{"names no content", with(func(r *Review) { r.Material = "" }), Pending, "does not say which content", same},
		{"no content matches no digest", func(s *scene) {
			s.b.Material = func([]string) (string, error) { return "", nil }
			s.f.Reviews[0].Material = ""
		}, Pending, "is stale", same},
		{"exclusion list in another order", func(s *scene) {
			s.f.Reviews[0].Excluded = []string{"plan", "state"}
		}, Pending, "is stale", func(s *scene) {
			s.f.Reviews[0].Material, _ = s.digest([]string{"state", "notes"})
			s.f.Reviews[0].Excluded = []string{"state", "notes", "state"}
		}},
		{"digest cannot be computed", func(s *scene) {
			s.b.Material = func([]string) (string, error) { return "", errors.New("disk on fire") }
		}, Error, "computing the digest of today's content: disk on fire", same},
		{"nothing is bound", func(s *scene) { s.b.Material = nil }, Error, "no content is bound", same},
	}
}

func sequenceCases() []gateCase {
	seq := func(states ...string) func(*scene) {
		return func(s *scene) {
			s.f.Reviews = nil
			for i, st := range states {
				s.add("bob", st, i+1)
			}
		}
	}
	weaken := func(i int, f func(*scene)) func(*scene) {
		return func(s *scene) { f(s); s.f.Reviews[i].Trust = Claimed }
	}
	return []gateCase{
		{"rejected", func(s *scene) { s.add("carol", Rejected, 2) }, Deny, "rejected at 2026-11-20T10:02:00Z", func(s *scene) { s.add("mallory", Rejected, 2) }},
		{"rejected by one who contributed", func(s *scene) { s.add("alice", Rejected, 2) }, Deny, "rejected", func(s *scene) { s.add("gone", Rejected, 2) }},
		{"rejected long ago", func(s *scene) { s.add("carol", Rejected, 2); s.f.Reviews[1].Material = "old" }, Deny, "rejected", func(s *scene) { s.add("carol", Rejected, 2); s.add("carol", Approved, 3) }},
		{"rejected without proof", func(s *scene) { s.add("carol", Rejected, 2); s.f.Reviews[1].Trust = Claimed }, Deny, "rejected", func(s *scene) { s.add("carol", Rejected, 2); s.f.Reviews[1].Bot = true }},
		{"approved, then rejected", seq(Approved, Rejected), Deny, "rejected", seq(Rejected, Approved)},
		{"approved, then rejected, then commented", seq(Approved, Rejected, Commented), Deny, "rejected", seq(Approved, Commented)},
		{"dismissed revives nothing", seq(Approved, Dismissed), Pending, "withdrawn or dismissed", seq(Dismissed, Approved)},
		{"approved, rejection dismissed", seq(Approved, Rejected, Dismissed), Pending, "what was said before stays so", seq(Approved, Rejected, Dismissed, Approved)},
		{"order, not clock", func(s *scene) {
			seq(Approved, Rejected)(s)
			s.f.Reviews[0].Time = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		}, Deny, "rejected", func(s *scene) {
			seq(Rejected, Approved)(s)
			s.f.Reviews[0].Time = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		}},
		{"same place in the order", func(s *scene) { s.add("bob", Rejected, 1); s.f.Reviews[1].Time = time.Time{} }, Deny, "rejected", func(s *scene) { s.add("bob", Commented, 1) }},
		{"rejected and approved in one instant", func(s *scene) {
			seq(Rejected, Approved)(s)
			s.f.Reviews[1].Time = s.f.Reviews[0].Time
		}, Deny, "rejected", func(s *scene) { seq(Rejected, Approved)(s); s.f.Reviews[1].Time = s.f.Reviews[0].Time.Add(1) }},
		{"withdrawn and approved in one instant", func(s *scene) {
			seq(Dismissed, Approved)(s)
			s.f.Reviews[1].Time = s.f.Reviews[0].Time
		}, Pending, "withdrawn or dismissed", func(s *scene) { seq(Dismissed, Approved)(s); s.f.Reviews[1].Time = s.f.Reviews[0].Time.Add(1) }},
		{"approved twice in one instant, both of other content", func(s *scene) {
			atOnce(s, "old", "older")
		}, Pending, "is stale", func(s *scene) { atOnce(s, "", "old") }},
		{"approved twice in one instant, the proven one of other content", func(s *scene) {
			atOnce(s, "", "old")
			s.f.Reviews[0].Trust = Claimed
		}, Pending, "is stale", func(s *scene) { atOnce(s, "old", "") }},
		{"unproven approval lifts no rejection", weaken(1, seq(Rejected, Approved)), Deny, "rejected", seq(Rejected, Approved)},
		{"nor does an unproven dismissal", func(s *scene) { weaken(1, seq(Rejected, Dismissed))(s); s.add("carol", Approved, 9) }, Deny, "rejected", func(s *scene) { seq(Rejected, Dismissed)(s); s.add("carol", Approved, 9) }},
		{"nor does a void approval", func(s *scene) { seq(Rejected, Approved)(s); s.f.Reviews[1].Void = "edited" }, Deny, "rejected", seq(Rejected, Approved)},
		{"nor by way of an unproven rejection", func(s *scene) {
			seq(Rejected, Rejected, Approved)(s)
			s.f.Reviews[1].Trust, s.f.Reviews[2].Trust = Claimed, Claimed
			s.add("carol", Approved, 9)
		}, Deny, "rejected", func(s *scene) { seq(Rejected, Rejected, Approved)(s); s.f.Reviews[1].Trust = Claimed }},
		{"an unproven dismissal withdraws", weaken(1, seq(Approved, Dismissed)), Pending, "withdrawn or dismissed", weaken(1, seq(Approved, Approved))},
		{"a void rejection withdraws", func(s *scene) { seq(Approved, Rejected)(s); s.f.Reviews[1].Void = "edited" }, Pending, "rejected without effect: edited", func(s *scene) { seq(Approved, Approved)(s); s.f.Reviews[1].Void = "edited" }},
	}
}

// atOnce has bob approve twice in one instant, "" for the content of today.
func atOnce(s *scene, materials ...string) {
	s.f.Reviews = nil
	for i, m := range materials {
		s.add("bob", Approved, i+1)
		r := &s.f.Reviews[i]
		r.Time = s.f.Reviews[0].Time
		if m != "" {
			r.Material = m
		}
	}
}

// Of two approvals in one instant it is said which one counts, whatever the
// order they come in.
func TestWhichOfTwoCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*scene)
		want string
	}{
		{"the one of today's content, first", func(s *scene) { atOnce(s, "", "old") }, "evidence/1"},
		{"the one of today's content, last", func(s *scene) { atOnce(s, "old", "") }, "evidence/2"},
		{"the last of two of today's content", func(s *scene) { atOnce(s, "", "") }, "evidence/2"},
		{"the better proven", func(s *scene) { atOnce(s, "", ""); s.f.Reviews[1].Trust = Claimed }, "evidence/1"},
		{"of two instants the later", func(s *scene) { s.add("bob", Approved, 2) }, "evidence/2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			c.do(s)
			for range 2 {
				if n := s.evaluate().Requirements[0]; len(n.Refs) != 1 || n.Refs[0] != c.want {
					t.Errorf("%v counts, not %s: %s", n.Refs, c.want, n.Reason)
				}
				slices.Reverse(s.f.Reviews)
			}
		})
	}
}

func approverCases() []gateCase {
	from := func(from ...string) func(*scene) {
		return func(s *scene) { s.reqs[0].From = from }
	}
	both := func(a, b []string, approvers ...string) func(*scene) {
		return func(s *scene) {
			s.reqs = []Requirement{{ID: "a", From: a, Count: 1}, {ID: "b", From: b, Count: 1}}
			s.f.Reviews = nil
			for i, p := range approvers {
				s.add(p, Approved, i+1)
			}
		}
	}
	ops, cab, all := []string{"team:ops"}, []string{"team:cab"}, []string{"team:cab", "team:ops"}
	return []gateCase{
		{"no approvers", from(), Pending, "nobody may approve: the requirement names no approvers", from("person:bob")},
		{"inactive team", from("team:closed"), Pending, "team:closed is inactive", from("team:closed", "team:ops")},
		{"team of inactive people", from("team:left"), Pending, "team:left has no active member", from("team:left", "person:bob")},
		{"team of nobody", from("team:empty"), Pending, "team:empty has no active member", from("team:empty", "team:ops")},
		{"team of those who did it", func(s *scene) { s.f.Teams["ops"] = Team{Members: []string{"alice"}, Active: true} }, Pending, "no active member without a part in the work", same},
		{"inactive person", from("person:gone"), Pending, "person:gone is inactive", from("person:bob")},
		{"requester alone may approve", from("person:alice"), Pending, "person:alice requested this change", from("person:bob", "person:alice")},
		{"unknown team", from("team:opps"), Error, "team:opps, which is not on record", from("team:ops")},
		{"unknown team beside a known one", from("team:opps", "team:ops"), Error, "team:opps, which is not on record", from("team:cab", "team:ops")},
		{"unknown person", from("person:bobby", "team:ops"), Error, "person:bobby, which is not on record", from("person:carol", "team:ops")},
		{"a team is no person", from("person:ops", "team:ops"), Error, "person:ops", same},
		{"neither team nor person", from("bob"), Error, `write team:\u003cid\u003e or person:\u003cid\u003e`, from("person:bob")},
		{"more than there are", func(s *scene) { s.reqs[0].Count = 3; s.add("carol", Approved, 2) }, Pending, "2 of 3 given; cannot be met, only bob, carol may approve", func(s *scene) { s.reqs[0].Count = 2; s.add("carol", Approved, 2) }},
		{"one human, two roles", both(ops, cab, "carol"), Pending, "counts for a; one person fills one role", func(s *scene) {
			both(ops, cab, "carol")(s)
			s.reqs[1].Shared = true
		}},
		{"a shared role takes nobody away", both(ops, []string{"person:bob"}, "bob"), Pending, "counts for b", func(s *scene) {
			both(ops, []string{"person:bob"}, "bob")(s)
			s.reqs[0].Shared = true
		}},
		{"two people, but both for the same role", both(ops, cab, "bob", "mallory"), Pending, "waiting for carol or dave", both(ops, cab, "bob", "carol")},
		{"one of two is enough only for one", both(all, cab, "bob"), Pending, "b: 0 of 1 given; waiting for carol or dave", both(all, cab, "carol", "bob")},
		{"too few people for all roles", both([]string{"person:dave"}, []string{"person:dave"}, "dave"), Pending, "the same people are needed for other requirements", both([]string{"person:dave"}, cab, "carol", "dave")},
	}
}

func inputCases() []gateCase {
	return []gateCase{
		{"policy did not run", func(s *scene) { s.reqs, s.f.Judged = nil, false }, Error, "no policy was evaluated", func(s *scene) { s.reqs = nil }},
		{"count 0", func(s *scene) { s.reqs[0].Count = 0 }, Error, "asks for 0 approvals", same},
		{"count below 0", func(s *scene) { s.reqs[0].Count = -1 }, Error, "asks for -1 approvals", same},
		{"requirement without id", func(s *scene) { s.reqs[0].ID = "" }, Error, "has no id", same},
		{"no minimum trust", func(s *scene) { s.f.MinimumTrust = "" }, Error, "minimum trust", func(s *scene) { s.f.MinimumTrust, s.reqs = "", nil }},
		{"misspelt minimum trust", func(s *scene) { s.f.MinimumTrust = "singed" }, Error, `\"singed\" is not one of`, func(s *scene) { s.f.MinimumTrust = Signed }},
		{"unreadable review", func(s *scene) { s.add("mallory", Commented, 2); s.f.Reviews[1].Unreadable = "bad signature" }, Error, "review of mallory (evidence/2) cannot be relied on: bad signature", func(s *scene) { s.add("mallory", Commented, 2) }},
		{"unreadable and superseded", func(s *scene) { s.add("bob", Approved, 0); s.f.Reviews[1].Unreadable = "cut short" }, Error, "cut short", func(s *scene) { s.add("bob", Approved, 0) }},
		{"unknown state", func(s *scene) { s.add("bob", "APPROVED", 2) }, Error, `unknown state \"APPROVED\"`, same},
		{"error outranks rejection", func(s *scene) { s.add("carol", Rejected, 2); s.reqs[0].Count = 0 }, Error, "rejected", same},
		{"rejection outranks pending", func(s *scene) { s.add("carol", Rejected, 2); s.reqs[0].Count = 3 }, Deny, "owner: 1 of 3 given", same},
	}
}

func TestSurplusIsNotIgnored(t *testing.T) {
	s := newScene()
	s.add("carol", Approved, 2)
	n := s.evaluate().Requirements[0]
	if diff := cmp.Diff([]string{"bob", "carol"}, n.Approvers); diff != "" || n.Given != 2 || len(n.Ignored) != 0 {
		t.Errorf("%+v", n)
	}
}

// What waits for somebody is not stuck; what waits for more than there are is.
func TestStuck(t *testing.T) {
	for _, c := range approverCases() {
		s := newScene()
		c.bad(s)
		for _, n := range s.evaluate().Requirements {
			impossible := strings.Contains(n.Reason, "cannot be met") || strings.Contains(n.Reason, "nobody may approve")
			if n.Stuck != impossible {
				t.Errorf("%s: %s: stuck is %v: %s", c.name, n.ID, n.Stuck, n.Reason)
			}
		}
	}
}

// Somebody outside requirement b who counts for a is no news on b.
func TestIgnoredListsOnlyWhatHelps(t *testing.T) {
	s := newScene()
	s.reqs = append(s.reqs, Requirement{ID: "zz", From: []string{"person:dave"}, Count: 1})
	s.add("mallory", Approved, 2)
	n := s.evaluate().Requirements[1]
	if diff := cmp.Diff([]Ignored{{"mallory", "is not among person:dave"}}, n.Ignored); diff != "" {
		t.Error(diff)
	}
}

// An approval that fits two places fills the one that fewest people could fill.
func TestScarcePlaceFirst(t *testing.T) {
	s := newScene()
	s.reqs = []Requirement{{ID: "a", From: []string{"person:bob", "person:dave"}, Count: 1}, {ID: "b", From: []string{"person:bob"}, Count: 1}}
	res := s.evaluate()
	if res.Requirements[0].Met || !res.Requirements[1].Met {
		t.Error(dump(res))
	}
}

// Who can help a requirement includes those who free somebody for it.
func TestCandidatesThroughOthers(t *testing.T) {
	s := newScene()
	s.reqs = []Requirement{{ID: "a", From: []string{"person:bob", "person:dave"}, Count: 1}, {ID: "b", From: []string{"person:bob", "person:carol"}, Count: 1}}
	res := s.evaluate()
	if diff := cmp.Diff([]string{"carol", "dave"}, res.Requirements[1].Candidates); diff != "" {
		t.Error(dump(res), diff)
	}
	s.add("dave", Approved, 2)
	if res := s.evaluate(); res.Verdict != Allow {
		t.Error(dump(res))
	}
}

func TestManyCommitsOfOneStranger(t *testing.T) {
	s := newScene()
	for _, c := range []string{"c3", "c1", "c2", "c1"} {
		s.f.Contributors = append(s.f.Contributors, Contributor{Who: "Zoe", Role: "author", Commit: c})
	}
	got := s.evaluate().Blockers
	if len(got) != 1 || !strings.HasPrefix(got[0].Why, "author of c1 and 2 more commits") {
		t.Error(got)
	}
}

func TestNameOnly(t *testing.T) {
	for in, want := range map[string]string{
		"": "somebody unnamed", "a@b.example": "somebody unnamed", "Ann <ann@b.example>": "Ann", "@ann": "@ann", "ann": "ann",
	} {
		if got := nameOnly(in); got != want {
			t.Errorf("nameOnly(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	s := newScene()
	s.reqs[0].Count = 2
	s.add("mallory", Approved, 2)
	got, err := json.Marshal(s.evaluate())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"verdict":"pending","requirements":[{"id":"owner","need":2,"given":1,"from":["team:ops"],"approvers":["bob"],"candidates":["carol"],` +
		`"ignored":[{"who":"mallory","why":"is not among team:ops"}],"msg":"ops runs it","reason":"1 of 2 given; waiting for carol","met":false}],` +
		`"blockers":[],"reasons":["owner: 1 of 2 given; waiting for carol"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	empty, _ := json.Marshal(Evaluate(nil, Facts{Judged: true}, Binding{}))
	if diff := cmp.Diff(`{"verdict":"allow","requirements":[],"blockers":[],"reasons":["policy asks for no approval"]}`, string(empty)); diff != "" {
		t.Error(diff)
	}
}
