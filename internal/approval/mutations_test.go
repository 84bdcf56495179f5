package approval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutation takes one check out of the gate. tests is what has to notice: a
// package, and the tests in it where not all are run.
type mutation struct{ file, old, with, tests string }

// Where the checks of the gate are.
const (
	checks   = "internal/approval/checks.go"
	evaluate = "internal/approval/evaluate.go"
	reviews  = "internal/approval/reviews.go"
	people   = "internal/approval/people.go"
	hear     = "internal/decision/hear.go"
	made     = "internal/decision/hands.go"
	wrote    = "internal/decision/wrote.go"
	seal     = "internal/decision/seal.go"
	course   = "internal/decision/course.go"
	bodies   = "internal/proposal/body.go"
	forges   = "internal/forge/forge.go"
	counts   = "internal/decision/count.go"
	judge    = "internal/decision/judge.go"
	owners   = "internal/decision/owners.go"
	heard    = "internal/proposal/forge.go"
	gate     = "internal/proposal/gate_pull.go"
	posts    = "internal/proposal/pronounce.go"
	hands    = "internal/proposal/hands.go"
	facts    = "internal/proposal/facts.go"
	force    = "internal/proposal/authority.go"
	approves = "internal/proposal/approve.go"
	lands    = "internal/proposal/pull.go"
	through  = "internal/proposal/through.go"
	observes = "internal/proposal/observe.go"
	rulings  = "internal/audit/ruling.go"
	parts    = "internal/audit/hands.go"
	strays   = "internal/decision/files.go"
	besides  = "internal/proposal/besides.go"
	retros   = "internal/audit/emergency.go"
)

// The tests that notice.
const (
	approvals = "./internal/approval"
	decisions = "./internal/decision"
	holds     = "./internal/proposal -run ^(TestHold|TestPassed|TestProposalOf)$"
	local     = "./internal/proposal -run ^(TestHands|TestUnsigned|TestKeys|TestApprovalOfAnotherProposal|TestWithdrawnStaysWithdrawn|TestRejectedThenApproved|TestBranchUsedAgain)$"
	moving    = "./internal/proposal -run ^(TestHeadMoves|TestHeadMovesMeanwhile)$"
	queue     = "./internal/proposal -run ^(TestSquashQueue|TestMergeQueue)$"
	said      = "./internal/proposal -run ^TestWhatIsHeard$/"
	late      = "./internal/proposal -run ^TestLateRecording$/"
	landing   = "./internal/proposal -run ^TestPullsThatCannotLand$/"
)

// mutations are the gate's checks, each as what takes it out.
var mutations = []mutation{
	{evaluate, "\tj.objections()\n", "", approvals},
	{evaluate, "\tj.blockers = append(j.blockers, j.unknownContributors()...)\n", "", approvals},
	{evaluate, "\tj.blockers = append(j.blockers, j.unknownParties()...)\n", "", approvals},
	{evaluate, "\tj.blockers = append(j.blockers, j.Doubts...)\n", "", approvals},
	{evaluate, "\tif why := botReview(j, r); why != \"\" {\n\t\treturn why\n\t}\n", "", approvals},
	{evaluate, "n.Met = n.Need > 0 && n.Given >= n.Need", "n.Met = true", approvals},
	{evaluate, "botReview(j, r) != \"\" || voidReview(j, r) != \"\"", "false", approvals},
	{evaluate, "inactivePerson(j, p, req) == \"\" && ", "", approvals},
	{evaluate, " && outsider(j, p, req) == \"\"", "", approvals},
	{evaluate, "len(j.errs) > 0:", "false:", approvals},
	{evaluate, "len(j.denials) > 0:", "false:", approvals},
	{evaluate, "len(j.blockers) > 0 || len(unmet) > 0:", "len(unmet) > 0:", approvals},
	{evaluate, "len(j.blockers) > 0 || len(unmet) > 0:", "len(j.blockers) > 0:", approvals},
	{evaluate, "j.humans(valid[i]), ", "valid[i], ", approvals},
	{reviews, "r.State == Dismissed\n}", "false\n}", approvals},
	{reviews, "if instant && severity(r) < severity(prev) {", "if false {", approvals},
	{reviews, "if instant && r.State == Approved && j.strength(r) == j.strength(prev) && j.covers(prev) && !j.covers(r) {", "if false {", approvals},
	{reviews, "if j.strength(r) >= j.strength(prev) {", "if true {", approvals},
	{reviews, "\tif r.Void != \"\" {\n\t\treturn -2\n\t}\n", "", approvals},
	{people, "a != \"\" && b != \"\" && j.human(a) == j.human(b)", "a != \"\" && b != \"\" && false", approvals},
	{people, "t.Active {", "true {", approvals},
	{checks, "c.Person == \"\" && !c.Bot", "false", approvals},
	{hear, "\tf.opener(dir, h.Said.Pull.Author)\n", "", decisions},
	{hear, "\tf.pushers(dir, h)\n", "", decisions},
	{hear, "&& h.Brought(p)", "&& false", decisions},
	{hear, "\tif why != \"\" {\n\t\tf.Contributors", "\tif false {\n\t\tf.Contributors", decisions},
	{hear, "return p.After == head.OID })", "return p.After == head.OID || true })", decisions},
	{hear, "} else if !r.At.After(h.Until) {", "} else {", decisions},
	{hear, "\tw.AuthorIs, _ = dir.ByAccount(c.Author.ID, c.Author.Login)\n", "", decisions},
	{hear, "\tw.CommitterIs, _ = dir.ByAccount(c.Committer.ID, c.Committer.Login)\n", "", decisions},
	{hear, "\tw.Web = w.Web || c.Web\n", "\tw.Web = true\n", decisions},
	{hear, "case !sure:", "case false:", decisions},
	{hear, "} else if !h.Said.Retargeted.IsZero() && !r.At.After(h.Said.Retargeted) {", "} else if false {", decisions},
	{hear, "case p == \"\":", "case false:", decisions},
	{hear, "case p != forge.Write && p != forge.Admin:", "case false:", decisions},
	{hear, "if then := h.Recorded[r.ID]; then != \"\"", "if then := h.Recorded[r.ID]; false", decisions},
	{hear, "\tm, err := h.Material(r.Commit)\n", "\tm, err := h.Material(h.Said.Pull.Head.OID)\n", decisions},
	{hear, "Bot: r.By.Bot}", "}", decisions},
	{hear, "forge.ChangesRequested: approval.Rejected", "forge.ChangesRequested: approval.Commented", decisions},
	{hear, "forge.Dismissed: approval.Dismissed", "forge.Dismissed: approval.Commented", decisions},
	{hear, "f.Opener = c.Person; f.Opener == \"\"", "f.Opener = c.Person; false", decisions},
	{made, "for _, m := range coAuthors.FindAllStringSubmatch(c.Message, -1) {", "for _, m := range coAuthors.FindAllStringSubmatch(\"\", -1) {", decisions},
	{made, "if c.Committer.Email != c.Author.Email && !w.Web {", "if false {", decisions},
	{made, "if account != \"\" && account != c.Person {", "if false {", decisions},
	{made, "if len(f.Files) > 0 || slices", "if slices", decisions},
	{made, "slices.ContainsFunc(f.Changes, more)", "len(f.Changes) < 0 && more(f.Changes[0])", "./internal/proposal -run ^TestNewcomer$"},
	{made, "c.Kind.Name != \"person\" || c.Before", "c.Kind.Owner != \"people\" || c.Before", decisions},
	{made, "|| c.Before != nil || c.Unread", "", decisions},
	{wrote, "\t\tfor _, f := range undone {\n\t\t\tbound[f.Path] = true\n\t\t}\n", "", said + "another_moved"},
	{wrote, "out[i] = c.Edited || ", "out[i] = ", said + "conflict_resolved"},
	{seal, "case !w.Bound:", "case false:", decisions},
	{seal, "case s.Bad != \"\":", "case false:", decisions},
	{seal, "case s.Owed != \"\" && (asked || steps):", "case s.Owed != \"\" && (asked && false || steps):", decisions},
	{seal, "case s.Owed != \"\" && (asked || steps):", "case s.Owed != \"\" && (asked || steps && false):", decisions},
	{seal, "case asked && s.Trust != \"\"", "case false && s.Trust != \"\"", decisions},
	{course, "dir.Human(who) == dir.Human(approver)", "who == approver", "./internal/decision -run ^TestApproverApart$"},
	{course, "f.Authority[c.ID].Approvers", "f.Authority[f.ID].Approvers", "./internal/decision -run ^TestApproverApart$"},
	{course, "dir.Human(who) == dir.Human(authoriser)", "who == authoriser", "./internal/decision -run ^TestAuthoriserApart$"},
	{course, "\t\tout = append(out, alone(f, c, dir)...)\n", "", "./internal/decision -run ^TestAuthoriserApart$"},
	{judge, "\tcover.hands = f.hands()\n", "", "./internal/decision -run ^TestWaiverOfWhoBringsTheChange$"},
	{judge, "unread(pol, &f), lifted))", "unread(pol, &f), lifted[:0]))", "./internal/decision -run ^TestLifted$"},
	{judge, "unread(pol, &f), lifted))", "lifted))", "./internal/decision -run ^TestUnreadOnMain$"},
	{judge, "case r.Count > out[i].Count:", "case false:", "./internal/decision -run ^TestAskedAlike$"},
	{"internal/decision/lift.go", "is.Change == was.Change && is.since(approved)", "is.Change == was.Change && (true || is.since(approved))", "./internal/decision -run ^TestLifted$"},
	{counts, "slices.Concat(f.Contributors, f.askers())", "f.Contributors", decisions},
	{counts, "\t\tfacts.Requester = p.After.Str(\"requester\")\n", "", decisions},
	{counts, "\t\tfacts.Implementers = append(facts.Implementers, implementers(&f.Changes[i])...)\n", "\t\t_ = implementers(&f.Changes[i])\n", decisions},
	{counts, "Human: b.dir.Human(id)}", "}", decisions},
	{counts, "Active: person.IsActive(), ", "Active: person.IsActive() || true, ", decisions},
	{counts, "Active: team.IsActive()}", "Active: true}", decisions},
	{counts, "facts.MinimumTrust = b.strictest(ask.bands)", "facts.MinimumTrust = approval.Claimed", decisions},
	{counts, "\tfacts.Doubts = f.doubts(b.dir, len(ask.reqs) > 0, facts.MinimumTrust)\n", "", decisions},
	{counts, "errs > 0 && d.Verdict != approval.Error {", "errs < 0 {", decisions},
	{judge, "slices.Concat(ownerRequirements(&f), ", "slices.Concat(", decisions},
	{judge, "\tif !c.Landed {\n", "\tif false {\n", decisions},
	{judge, "\t\task.add(res.Risk.Band, requirements(res, f.Retro))\n", "", decisions},
	{owners, "\tout = append(out, answerable(f)...)\n", "", decisions},
	{owners, "c.Kind.Name == \"change\" && c.Before == nil })", "false })", "./internal/decision -run ^TestFilesBesideRecords$"},
	{owners, "if i < 0 || f.Base.Config.Bootstrap", "if true || f.Base.Config.Bootstrap", decisions},
	{"internal/store/directory.go", "\tif number == 0 {\n\t\treturn \"\", false\n\t}\n", "\tif id = d.byLogin[strings.ToLower(login)]; id != \"\" {\n\t\treturn id, true\n\t}\n", decisions},
	{heard, "case l.Said == nil:\n", "case l.Said == nil && false:\n", holds},
	{heard, "case l.Said.Pull.Base.Name != main:", "case false:", holds},
	{heard, "case l.Said.Pull.Head.OID != l.Head:", "case false:", holds},
	{heard, "case l.Said.Pull.Draft:", "case false:", holds},
	{heard, "case !l.Said.Pull.Open && !l.Said.Pull.Merged:", "case false:", holds},
	{heard, "case !l.Said.Pull.Merged && l.passesForLanding() != \"\":", "case false:", holds},
	{heard, "case !l.Said.Pull.Merged && l.unrecorded():", "case false:", holds},
	{heard, "if why != \"\" && dec.Verdict == approval.Allow {", "if false {", holds},
	{heard, "if said.Pull.Head.OID == p.Head.OID {", "if true {", moving},
	{heard, "if i >= 0 && l.work[i].Bound {", "if false {", said + "pushed_by_who_approves$"},
	{heard, "\t\t\t\treturn true // it was replaced since\n", "", said + "replaced"},
	{bodies, "p.Kind != statementOf[r.State], ", "", said + "statement_of_a_rejection"},
	{bodies, "p.Person != person, ", "", said + "statement_of_somebody_else"},
	{bodies, "p.Proposal.Branch != l.Branch && !late, ", "late && false, ", said + "statement_about_another"},
	{bodies, "e.Judge(keys, now).Verdict != evidence.Good:", "e.Judge(keys, now).Verdict == \"\":", said + "statement_of_a_key"},
	{bodies, "if p.Time.Before(x.At) || carries(x, e) {", "if false {", said + "statement_of_before_a_rejection"},
	{bodies, "again && was != r.ID {", "again && was == 0 {", said + "edited_since"},
	{hear, "f.Reviews = slices.Clone(h.Refused)", "f.Reviews = nil", said + "rejected_in_an_earlier"},
	{facts, "ok && other(p) && e.Ends(p.Proposal.Branch) == \"\" {", "ok && other(p) {", said + "by_who_closed_it"},
	{"internal/audit/ruling.go", "r.facts.Refused(t.otherwise(l))...", "r.facts.Refused(nil)...", "./internal/audit -run ^TestRefusedUnderAnotherName$"},
	{hear, "r.AsOf(h.Until)))", "r))", late + "dismissed_after"},
	{hear, "case landed && !r.At.After(h.Vouched):", "case false:", late + "left_since$"},
	{hear, "!r.At.After(h.Vouched):", "!h.Vouched.IsZero():", late + "after_the_gate"},
	{hear, "h.Asked.Sub(later(r.At, h.Until)) > Prompt:", "false:", late + "only_since"},
	{hear, "landed && h.Recorded[r.ID] == \"\" && ", "landed && ", late + "when_the_review_came"},
	{forges, " && !c.At.After(at) })", " })", late + "status_of_after"},
	{forges, " || !f.Posted[i].Bot {", " {", late + "somebody_forged"},
	{heard, "Recorded: l.recorded,", "Recorded: nil,", said + "moves_to_other_content"},
	{gate, "\tif p.Merged {\n", "\tif false {\n", said + "merged_already"},
	{gate, "\tif p.Base.Name != d.Main {\n", "\tif false {\n", landing + "retargeted"},
	{gate, "if l.Said.Pull.Head.OID != p.Head.OID {", "if false {", moving},
	{gate, "\tif p.Fork() {\n", "\tif false {\n", holds},
	{gate, "\t\tif p == nil {\n", "\t\tif p == nil && false {\n\t\t\tcontinue\n\t\t}\n\t\tif p == nil {\n\t\t\tcontinue\n\t\t}\n\t\tif false {\n", queue},
	{gate, "&& p.Head.OID == c.Parents[1]", "", queue},
	{gate, "&& p.Number == number", "&& number >= 0", queue},
	{posts, "now.Head.OID != j.Head {", "now.Head.OID == \"\" {", moving},
	{hands, "Edited: true} // in the merge", "Edited: false} // in the merge", said + "conflict_resolved"},
	{hands, "&& tree == c.Tree &&", "&& tree != \"\" &&", said + "conflict_resolved"},
	{hands, "work[i].Seal.Trust == approval.Observed", "true", said + "made_it"},
	{hands, "decision.Seal{Bad: work[i].Seal.Bad}", "decision.Seal{}", said + "bad_signature"},
	{hands, "case j.Verdict == evidence.BadSignature:", "case false:", said + "bad_signature"},
	{hands, "case j.Verdict == evidence.Unsigned:\n\t\ts.Owed =", "case j.Verdict == evidence.Unsigned:\n\t\t_ =", "./internal/scripts/audit -run ^TestScripts$/^who_made_it$"},
	{facts, "if p.Proposal.Branch != l.Branch && !retro {", "if p.Proposal.Branch != l.Branch && !retro && false {", local},
	{hear, "x.State == approval.Rejected && f.again(x)", "false", "./internal/scripts/landing -run ^TestScripts$/^rejected$"},
	{facts, "if why := e.Ends(l.Branch); why != \"\" {", "if why := e.Ends(l.Branch); false {", local},
	{facts, "\tif err == nil && onForge {\n", "\tif false {\n", landing + "draft"},
	{force, "if !accounted(entries, rec) {", "if false {", "./internal/proposal -run ^TestLandedBesides$"},
	{force, "if !decision.Rests(c) {", "if c.ID != l.ID {", "./internal/proposal -run ^TestStartedBesides$"},
	{through, "return !gated ||", "return gated || true ||", holds},
	{lands, "if !dec.Allowed() || d.DryRun {", "if d.DryRun {", "./internal/proposal -run ^TestMergeOfWhatIsNotAllowed$"},
	{lands, "err != nil || id != op.Person {", "err != nil || id == \"\" {", "./internal/proposal -run ^TestTokenOfAnother$"},
	{observes, "own, said)", "own, said[:0])", "./internal/scripts/github -run ^TestScripts$/^github_rebase$"},
	{observes, "case !slices.ContainsFunc(own[:i], func(x *git.Commit) bool { return replays(at, x) }):", "case i >= 0:", "./internal/scripts/github -run ^TestScripts$/^github_rebase$"},
	{besides, "m.Method == forge.Rebase && before[m.Base] && after[m.Commit]", "m.Method == forge.Rebase && false", "./internal/scripts/github -run ^TestScripts$/^github_several$"},
	{facts, "decision.Lands(own, landed,", "decision.Lands(own[:0], landed,", "./internal/scripts/github -run ^TestScripts$/^github_alike$"},
	{parts, "\t\tf.Contributors = slices.DeleteFunc(f.Contributors, byForge)\n", "", "./internal/scripts/github -run ^TestScripts$/^github_merger$"},
	{strays, "case p.Stays():", "case false:", "./internal/decision -run ^TestAboutNothingNew$"},
	{rulings, "entries(t.ledger.byRecord[topic(subject(l))])", "entries(nil)", "./internal/audit -run ^TestObjectionOfAFastClock$"},
	{retros, "case over(it) != nil:", "case false:", "./internal/audit -run ^TestEmergencyTakenBack$"},
	{approves, "\tif l.over != \"\" && (l.Said == nil || !l.Said.Pull.Open) {\n", "\tif false {\n", local},
	{approves, "!counts && (typ != evidence.Rejection || !objects(then, actor.ID)) {", "!counts && false {", "./internal/proposal -run ^(TestRejectedThenApproved|TestHands|TestLife)$"},
}

// listed are the checks that stand in a list, each taken out of it: a check that is
// not used would not compile.
func listed(t *testing.T, root string) (out []mutation) {
	src, err := os.ReadFile(filepath.Join(root, checks))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"inputChecks", "personChecks", "reviewChecks"} {
		_, rest, _ := strings.Cut(string(src), "var "+list+" = ")
		_, body, _ := strings.Cut(rest, "{\n\t")
		body, _, _ = strings.Cut(body, ",\n}")
		for _, name := range strings.Split(body, ", ") {
			out = append(out, mutation{checks, body, strings.Replace(", "+body, ", "+name, "", 1)[2:], approvals})
		}
	}
	return out
}
