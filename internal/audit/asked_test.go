package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

// checkCase lands a change whose text is edited, and says what a check makes
// of it.
type checkCase struct {
	name, code string
	edit       func(s *scene, text string) string
	want       audit.Verdict
	says       string
}

// replaced puts something else in the place of a part of the text.
func replaced(old, other string) func(*scene, string) string {
	return func(s *scene, text string) string {
		s.Helper()
		if !strings.Contains(text, old) {
			s.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(text, old, other, 1)
	}
}

func with(more string) func(*scene, string) string {
	return func(_ *scene, text string) string { return text + more }
}

const digestA, digestB = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

func askedCases() []checkCase {
	return []checkCase{
		{"as it should be", audit.REQ1, with(""), audit.Pass, "alice requested it"},
		{"no reason", audit.REQ1, replaced("reason: because it is needed\n", ""), audit.Fail, "does not say why it was needed"},
		{"a placeholder for a reason", audit.REQ1, replaced("because it is needed", "TBC"), audit.Fail, "does not say why"},
		{"requested by a stranger", audit.REQ1, replaced("requester: alice", "requester: stranger"), audit.Fail, "stranger, who requested it, was nobody"},
		{"requested by nobody", audit.REQ1, replaced("requester: alice\n", ""), audit.Fail, "names nobody who requested it"},
		{"a service nobody knows", audit.IMP1, replaced("[checkout]", "[checkout, ghost]"), audit.Fail, "not in the catalogue: service ghost"},
		{"an asset nobody knows", audit.IMP1, with("assets: [db-9]\n"), audit.Fail, "asset db-9"},
		{"a service of the catalogue", audit.IMP1, with(""), audit.Pass, "names checkout"},
		{"security in words", audit.IMP2, with("security_impact: it opens no port\n"), audit.Pass, "says what it does to security"},
		{"security left out at low risk", audit.IMP2, with(""), audit.NotApplicable, "its risk was low"},
		{"security left out at high risk", audit.IMP2, risky, audit.Fail, "does not say what it does to security"},
		{"security in words at high risk", audit.IMP2, func(s *scene, text string) string { return risky(s, text) + "security_impact: it opens no port\n" }, audit.Pass, "says what"},
		{"tested", audit.TST1, with(""), audit.Pass, "the record's word"},
		{"tested and pinned", audit.TST1, with("artifacts: [{name: shop, digest: \"" + digestA + "\"}]\n"), audit.Pass, "what was tested: shop " + digestA},
		{"not tested", audit.TST1, replaced("test: rehearsed, ", ""), audit.Fail, "does not say how it was tested"},
		{"tested by its own word no", audit.TST1, replaced("backout_tested: true", "backout_tested: true, tested: \"no\""), audit.Fail, "says that it was not tested"},
		{"no standard change", audit.STD1, with(""), audit.NotApplicable, "it is no standard change"},
	}
}

// risky makes the risk of a change high: it is in a service nobody knows.
func risky(_ *scene, text string) string {
	text = strings.Replace(text, "backout_tested: true", "backout_tested: false, data_change: irreversible", 1)
	return strings.Replace(text, "done_before: often", "done_before: never", 1)
}

func TestWhatWasAskedFor(t *testing.T) {
	s := healthy(t)
	for _, c := range askedCases() {
		t.Run(c.code+" "+c.name, func(t *testing.T) {
			s := s.copyOf(t)
			s.forge(approved(c.edit(s, s.normal("scheduled"))))
			s.expect(s.verifyOf(forged), c.code, forged, c.want, c.says)
		})
	}
}

// life lands a change, its start and its end; the end's text is edited.
func (s *scene) life(first string, edit func(*scene, string) string) {
	s.Helper()
	s.forge(approved(first))
	from, to := s.now.Format(time.RFC3339), s.now.Add(time.Hour).Format(time.RFC3339)
	begun := strings.Replace(first, "state: scheduled", "state: implementing", 1) + "implementation: {started_at: \"" + from + "\", implementer: alice}\n"
	s.forge(forgery{content: begun, decision: true, branch: "gitsm/" + forged + "/start-aaaa"})
	over := strings.Replace(first, "state: scheduled", "state: review", 1) + "implementation: {started_at: \"" + from + "\", finished_at: \"" + to + "\", implementer: alice, outcome: successful}\n"
	s.forge(forgery{content: edit(s, over), decision: true, branch: "gitsm/" + forged + "/finish-aaaa"})
}

func TestWhatWasCarriedOut(t *testing.T) {
	s := healthy(t)
	pin := "artifacts: [{name: shop, digest: \"" + digestA + "\"}]\n"
	keep := func(s *scene) string { return s.normal("scheduled") }
	tests := []struct {
		checkCase
		first func(*scene) string
	}{
		{checkCase{"as it should be", audit.IMPL, with(""), audit.Pass, "alice carried it out"}, keep},
		{checkCase{"by a stranger", audit.IMPL, replaced("implementer: alice", "implementer: stranger"), audit.Fail, "carried out by stranger"}, keep},
		{checkCase{"by nobody", audit.IMPL, replaced("implementer: alice, ", ""), audit.Fail, "carried out by unknown"}, keep},
		{checkCase{"without an end", audit.IMPL, func(_ *scene, text string) string {
			i := strings.Index(text, "finished_at")
			return text[:i] + text[i+strings.Index(text[i:], ", ")+2:]
		}, audit.Fail, "does not say when work began and ended"}, keep},
		{checkCase{"without an outcome", audit.IMPL, replaced(", outcome: successful", ""), audit.Fail, "does not say how it ended"}, keep},
		{checkCase{"with the artifact that was approved", audit.IMPL, with(""), audit.Pass, "artifacts that were approved: shop"}, func(s *scene) string { return keep(s) + pin }},
		{checkCase{"with another artifact", audit.IMPL, replaced(digestA, digestB), audit.Fail, "shop " + digestB + " carried out"}, func(s *scene) string { return keep(s) + pin }},
		{checkCase{"verified", audit.VER1, with(""), audit.Pass, "it ended successful"}, keep},
		{checkCase{"not verified", audit.VER1, with(""), audit.Fail, "nothing says whether it worked"}, func(s *scene) string {
			return strings.Replace(keep(s), ", verify: orders are placed", "", 1)
		}},
		{checkCase{"verified afterwards", audit.VER1, replaced("outcome: successful", "outcome: successful, notes: orders came in"), audit.Pass, "implementation.notes"}, func(s *scene) string {
			return strings.Replace(keep(s), ", verify: orders are placed", "", 1)
		}},
		{checkCase{"documents linked", audit.DOC1, with("links: [{url: \"https://wiki.example.org/checkout\"}]\n"), audit.Pass, "it links to 1 document"}, keep},
		{checkCase{"nothing to document", audit.DOC1, with(""), audit.NotApplicable, "nothing says"}, keep},
		{checkCase{"not on record", audit.DOC1, with(""), audit.Fail, "the catalogue lacked asset db-9"}, func(s *scene) string { return keep(s) + "assets: [db-9]\n" }},
	}
	for _, c := range tests {
		t.Run(c.code+" "+c.name, func(t *testing.T) {
			s := s.copyOf(t)
			s.life(c.first(s), c.edit)
			s.expect(s.verifyOf(forged), c.code, forged, c.want, c.says)
		})
	}
}
