package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

// except lands an exception of a failed check; bob is whoever proposes it.
func (s *scene) except(c audit.Check, by, acceptedBy string, until time.Time, edit func(string) string) {
	s.Helper()
	var commits []string
	for _, r := range c.RestsOn {
		if len(r) == 40 && strings.Trim(r, "0123456789abcdef") == "" {
			commits = append(commits, r)
		}
	}
	text := "apiVersion: gitsm/v1\nkind: exception\nid: pushed\ntitle: Pushed in a hurry\ncheck: " + c.Check + "\nrecord: " + c.Record +
		"\nrests_on: [" + strings.Join(commits, ", ") + "]\nreason: the gate was not there yet\naccepted_by: " + acceptedBy + "\nuntil: " + until.Format(time.RFC3339) + "\n"
	s.forge(forgery{kind: "exception", id: "pushed", path: "exceptions/pushed.yaml", content: edit(text), by: by, asked: []string{"team:change-managers"},
		require: "owners-waivers", given: []forgedWord{{person: "carol", key: "carol"}}, decision: true})
}

func same(text string) string { return text }

func TestExceptions(t *testing.T) {
	s := healthy(t)
	in := func(d time.Duration) time.Time { return s.now.Add(d) }
	const year = 365 * 24 * time.Hour
	tests := []struct {
		name, by, acceptedBy string
		pusher               string
		until                time.Time
		edit                 func(string) string
		more                 func(*scene, string)
		want                 audit.Verdict
		says                 string
	}{
		{name: "accepted", want: audit.Accepted, says: "accepted by carol until"},
		{name: "accepted, and named by kind", edit: func(x string) string { return strings.Replace(x, "record: ", "record: change:", 1) }, want: audit.Accepted, says: "exceptions/pushed.yaml"},
		{name: "of another kind", edit: func(x string) string { return strings.Replace(x, "record: ", "record: incident:", 1) }, want: audit.Fail, says: "straight on main"},
		{name: "of another check", edit: func(x string) string { return strings.Replace(x, "POP-2", "SOD-1", 1) }, want: audit.Fail, says: "straight on main"},
		{name: "expired", until: in(-time.Hour), want: audit.Fail, says: "does not count: it ended at"},
		{name: "accepted by somebody who did not approve", acceptedBy: "erin", want: audit.Fail, says: "erin, who is said to have accepted it, did not approve it"},
		{name: "accepted by whoever did it", pusher: "carol", want: audit.Fail, says: "carol, who accepted it, "},
		{name: "for one push, and there is another", more: func(s *scene, p string) {
			s.push("mallory", map[string]string{p: strings.Replace(s.file(mainRef, p), "Rotate once", "Rotate twice", 1)})
		}, want: audit.Fail, says: "straight on main"},
		{name: "pushed", more: func(s *scene, _ string) {
			s.push("mallory", map[string]string{"exceptions/pushed.yaml": s.file(mainRef, "exceptions/pushed.yaml") + "# and more\n"})
		}, want: audit.Fail, says: "its own checks do not pass"},
		{name: "removed", more: func(s *scene, _ string) { s.push("mallory", map[string]string{"exceptions/pushed.yaml": "-"}) }, want: audit.Fail, says: "straight on main"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			id := s.ids["scheduled"]
			p := "changes/2026/11/" + id + ".yaml"
			if tt.pusher == "" {
				tt.pusher = "mallory"
			}
			s.push(tt.pusher, map[string]string{p: strings.Replace(s.file(mainRef, p), "Rotate the certificates", "Rotate once", 1)})
			failedCheck := s.expect(s.verifyOf(id), audit.POP2, id, audit.Fail)
			if tt.edit == nil {
				tt.edit = same
			}
			if tt.acceptedBy == "" {
				tt.acceptedBy = "carol"
			}
			if tt.until.IsZero() {
				tt.until = in(year)
			}
			s.except(failedCheck, "bob", tt.acceptedBy, tt.until, tt.edit)
			if tt.more != nil {
				tt.more(s, p)
			}
			r := s.verify()
			c := s.expect(r, audit.POP2, id, tt.want, tt.says)
			if tt.want == audit.Accepted {
				if !strings.Contains(c.Reason, "straight on main") || r.Summary.Accepted != 1 {
					t.Errorf("%s; %d accepted", c.Reason, r.Summary.Accepted)
				}
				s.expect(s.verifyOf(id), audit.POP2, id, audit.Accepted)
			}
		})
	}
}

// TestExceptionsOfOwnDeeds holds that nobody accepts what they did to policy or
// to the evidence themselves.
func TestExceptionsOfOwnDeeds(t *testing.T) {
	s := healthy(t)
	policy := func(s *scene, who string) {
		s.push(who, map[string]string{"policy/more.rego": "package gitsm.change\n"})
	}
	removal := func(s *scene, who string) {
		head := s.ref(evidenceRef)
		gone := strings.Fields(s.git("ls-tree", "-r", "--name-only", head, "evidence/"+s.ids["scheduled"]+"/"))[0]
		s.move(evidenceRef, s.commit(who, map[string]string{gone: "-"}, head))
	}
	for _, tt := range []struct {
		name, who string
		do        func(*scene, string)
		check, id string
		want      audit.Verdict
		says      string
	}{
		{"policy, by another", "mallory", policy, audit.POL1, "", audit.Accepted, "accepted by carol"},
		{"policy, by whoever accepts", "carol", policy, audit.POL1, "", audit.Fail, "does not count: carol, who accepted it, made "},
		{"evidence, by another", "mallory", removal, audit.TMP1, s.ids["scheduled"], audit.Accepted, "accepted by carol"},
		{"evidence, by whoever accepts", "carol", removal, audit.TMP1, s.ids["scheduled"], audit.Fail, "does not count: carol, who accepted it, made "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			tt.do(s, tt.who)
			found := s.expect(s.verify(), tt.check, tt.id, audit.Fail)
			s.except(found, "bob", "carol", s.now.AddDate(1, 0, 0), func(x string) string { return strings.Replace(x, "record: \n", "", 1) })
			s.expect(s.verify(), tt.check, tt.id, tt.want, tt.says)
		})
	}
}
