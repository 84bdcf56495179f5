package audit_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// verdictScenes are stores, by what is the matter with them, that between them
// show every verdict of every check.
func verdictScenes() map[string]func(*scene) *audit.Report {
	verify := func(do func(*scene)) func(*scene) *audit.Report {
		return func(s *scene) *audit.Report {
			do(s)
			return s.verify()
		}
	}
	deployed := func(service string) func(*scene) *audit.Report {
		return func(s *scene) *audit.Report {
			s.life(s.normal("scheduled"), with(""))
			rows := "time,service\n"
			if service != "" {
				rows += s.now.Format(time.RFC3339) + "," + service + "\n"
			}
			a := s.auditor()
			var err error
			a.Deployments, err = audit.ReadDeployments("d.csv", []byte(rows))
			s.must(err)
			r, err := a.Verify(s.ctx, audit.Scope{})
			s.must(err)
			return r
		}
	}
	out := map[string]func(*scene) *audit.Report{
		"healthy": verify(func(*scene) {}),
		"no evidence": verify(func(s *scene) {
			s.must(s.repo.UpdateRefs(s.ctx, "gone", []git.RefUpdate{{Name: evidenceRef, Old: s.ref(evidenceRef)}}))
		}),
		"documented": verify(func(s *scene) {
			s.life(s.normal("scheduled", "security_impact: it opens no port\n"), with("links: [{url: \"https://wiki.example.org/checkout\"}]\n"))
		}),
		"poor": verify(func(s *scene) {
			text := risky(s, s.normal("scheduled", "assets: [db-9]\n"))
			for _, gone := range []string{"reason: because it is needed\n", "test: rehearsed, ", "backout: restore the snapshot, ", ", verify: orders are placed"} {
				text = replaced(gone, "")(s, text)
			}
			s.life(text, replaced("implementer: alice", "implementer: stranger"))
		}),
		"closed without review": verify(func(s *scene) {
			failed := replaced("outcome: successful", "outcome: failed")
			s.life(s.normal("scheduled"), func(s *scene, text string) string {
				return replaced("state: review", "state: closed")(s, failed(s, text))
			})
		}),
		"unreadable": verify(func(s *scene) {
			s.forge(approved(s.normal("scheduled")))
			s.begin(s.normal("scheduled"))
			s.push("alice", map[string]string{forgedPath: "title: [\n"})
		}),
		"unreadable from the beginning": verify(func(s *scene) { s.push("alice", map[string]string{forgedPath: "title: [\n"}) }),
		"standard":                      verify(func(s *scene) { s.standard("restart") }),
		"standard without model":        verify(func(s *scene) { s.standard("reboot") }),
		"on a forge": verify(func(s *scene) {
			s.push("alice", map[string]string{"gitsm.yaml": s.file(mainRef, "gitsm.yaml") + "forge: github\n"})
		}),
		"rated lower": verify(func(s *scene) {
			s.gateThenForce(approved(s.normal("scheduled")), func(d *decision.Decision) *evidence.DecisionFacts {
				f := recorded(d)
				f.Risk.Score = 1
				return f
			})
		}),
		"deployed": deployed("checkout"), "deployed without a change": deployed("search"), "nothing deployed": deployed(""),
	}
	// Of the tamper matrix, one attack for each check that it is about.
	for _, a := range matrix() {
		if name := "attacked, " + a.check; out[name] == nil && a.ends == "" && a.refuse == nil && a.note == "" {
			out[name] = func(s *scene) *audit.Report {
				a.do(s)
				r, err := s.audit()
				s.must(err)
				return r
			}
		}
	}
	return out
}

// standard lands a standard change of a model.
func (s *scene) standard(model string) {
	s.Helper()
	s.push("alice", map[string]string{"models/restart.yaml": restartModel})
	s.forge(forgery{content: replaced("model: restart", "model: "+model)(s, restartChange), decision: true})
}

// shows is where a check comes to each of its verdicts.
type shows struct{ pass, fail, notApplicable, cannotVerify string }

// verdictTable has a row for each check.
func verdictTable() map[string]shows {
	const healthy, gone, poor, blind, begun = "healthy", "no evidence", "poor", "unreadable", "unreadable from the beginning"
	return map[string]shows{
		audit.POP1: {"deployed", "deployed without a change", healthy, "nothing deployed"},
		audit.POP2: {healthy, "attacked, POP-2", healthy, gone},
		audit.REQ1: {healthy, poor, healthy, begun},
		audit.IMP1: {healthy, poor, healthy, gone},
		audit.IMP2: {"documented", poor, healthy, gone},
		audit.RSK1: {healthy, "rated lower", healthy, gone},
		audit.APR1: {healthy, "attacked, APR-1", healthy, gone},
		audit.APR2: {healthy, "attacked, APR-2", healthy, gone},
		audit.APR3: {healthy, "attacked, APR-3", healthy, gone},
		audit.SOD1: {healthy, "attacked, SOD-1", healthy, gone},
		audit.TST1: {healthy, poor, healthy, begun},
		audit.IMPL: {healthy, poor, healthy, blind},
		audit.VER1: {healthy, poor, healthy, blind},
		audit.DOC1: {"documented", poor, healthy, gone},
		audit.STD1: {"standard", "standard without model", healthy, begun},
		audit.CFG1: {"", "", healthy, "on a forge"}, // no evidence says yet how a forge protected its branches
		audit.TMP1: {healthy, "attacked, TMP-1", gone, gone},
		audit.EMG1: {healthy, "attacked, EMG-1", healthy, gone},
		audit.PIR1: {healthy, "closed without review", healthy, blind},
		audit.BCK1: {healthy, poor, healthy, begun},
		audit.SCH1: {healthy, "attacked, SCH-1", healthy, gone},
		audit.POL1: {healthy, "attacked, POL-1", healthy, gone},
	}
}

// Every check can come to each of its verdicts, and does where it should: one
// that never says cannot-verify takes what it does not know for something.
func TestEveryVerdictOfEveryCheck(t *testing.T) {
	template := healthy(t)
	scenes, table := verdictScenes(), verdictTable()
	reports := map[string]*audit.Report{}
	for _, code := range audit.Codes() {
		row, ok := table[code.ID]
		if !ok {
			t.Errorf("%s has no row", code.ID)
		}
		for want, name := range map[audit.Verdict]string{audit.Pass: row.pass, audit.Fail: row.fail, audit.NotApplicable: row.notApplicable, audit.CannotVerify: row.cannotVerify} {
			if name == "" && code.ID == audit.CFG1 {
				continue
			}
			do := scenes[name]
			if do == nil {
				t.Errorf("%s has no case that comes to %s: there is no scene %q", code.ID, want, name)
				continue
			}
			if reports[name] == nil {
				reports[name] = do(template.copyOf(t))
			}
			if !slices.ContainsFunc(reports[name].Checks, func(c audit.Check) bool { return c.Check == code.ID && c.Verdict == want && c.Reason != "" }) {
				t.Errorf("%s: %s comes to %s nowhere, but to:%s", name, code.ID, want, verdictsOf(reports[name], code.ID))
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(table)) {
		if !slices.ContainsFunc(audit.Codes(), func(c audit.Code) bool { return c.ID == code }) {
			t.Errorf("there is no check %s", code)
		}
	}
}

func verdictsOf(r *audit.Report, code string) string {
	var out strings.Builder
	for _, c := range r.Checks {
		if c.Check == code {
			out.WriteString("\n  " + c.Record + " " + string(c.Verdict) + ": " + c.Reason)
		}
	}
	return out.String()
}
