package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

const restartModel = "apiVersion: gitsm/v1\nkind: model\nid: restart\ntitle: Restart\nuse: change\nowner: team:payments\nstate: active\n" +
	"scope: {services: [checkout]}\nlocked: {plan: {implement: run the playbook}}\ndefaults: {reason: it hangs}\nopen: [plan.verify]\n"

const restartChange = "apiVersion: gitsm/v1\nkind: change\nid: " + forged + "\ntitle: Restart\ntype: standard\nstate: scheduled\nrequester: alice\n" +
	"model: restart\nservices: [checkout]\nreason: it hangs again\nplan: {implement: run the playbook, verify: it answers}\n"

func TestStandardChange(t *testing.T) {
	s := healthy(t)
	day := func(d time.Duration) string { return s.now.Add(d * 24 * time.Hour).Format(time.RFC3339) }
	tests := []struct {
		name, model, change string // replacements "old|new"
		want                audit.Verdict
		says                string
	}{
		{"within its model", "", "", audit.Pass, "within its model restart"},
		{"no model named", "", "model: restart\n|", audit.Fail, "names no model"},
		{"a model nobody knows", "", "model: restart|model: reboot", audit.Fail, "no model reboot"},
		{"a retired model", "state: active|state: retired", "", audit.Fail, "no active model"},
		{"a model of requests", "use: change|use: request", "", audit.Fail, "no active model of changes"},
		{"a model that has expired", "state: active|state: active\nexpires: \"" + day(-1) + "\"", "", audit.Fail, "it expired at"},
		{"a model that expires later", "state: active|state: active\nexpires: \"" + day(9) + "\"", "", audit.Pass, ""},
		{"a model that begins later", "state: active|state: active\nvalid_from: \"" + day(1) + "\"", "", audit.Fail, "only from"},
		{"a locked field that differs", "", "run the playbook|run another", audit.Fail, "plan.implement differs from what it locks"},
		{"a locked field left out", "", "implement: run the playbook, |", audit.Fail, "plan.implement differs from what it locks"},
		{"a field that is not open", "", "verify: it answers|verify: it answers, backout: none", audit.Fail, "plan.backout is not left open"},
		{"another service", "scope: {services: [checkout]}|scope: {services: [search]}", "", audit.Fail, "service checkout is not in its scope"},
		{"a tier", "scope: {services: [checkout]}|scope: {tiers: [3]}", "", audit.Pass, ""},
		{"another tier", "scope: {services: [checkout]}|scope: {tiers: [4]}", "", audit.Fail, "service checkout is not in its scope"},
		{"everything", "scope: {services: [checkout]}|scope: {all: true}", "services: [checkout]|services: [checkout]\nassets: [db-1]", audit.Pass, ""},
		{"another asset", "", "services: [checkout]|services: [checkout]\nassets: [db-1]", audit.Fail, "asset db-1 is not in its scope"},
		{"another environment", "scope: {services: [checkout]}|scope: {services: [checkout], environments: [staging]}", "", audit.Fail, "environment unknown is not in its scope"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			edit := func(text, replacement string) string {
				old, other, ok := strings.Cut(replacement, "|")
				if ok {
					return replaced(old, other)(s, text)
				}
				return text
			}
			s.push("alice", map[string]string{"models/restart.yaml": edit(restartModel, tt.model)})
			s.forge(forgery{content: edit(restartChange, tt.change), decision: true})
			s.expect(s.verifyOf(forged), audit.STD1, forged, tt.want, tt.says)
		})
	}
}

func TestProtectionOfAForge(t *testing.T) {
	s := newScene(t)
	s.found("bootstrap: true\nforge: github\n")
	s.expect(s.verify(), audit.CFG1, "", audit.CannotVerify, "no evidence says how its branches were protected")
}
