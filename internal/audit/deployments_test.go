package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

func TestReadDeployments(t *testing.T) {
	const table = "id,time,service,extra\n7,2026-11-02T11:12:30Z,checkout,x\n8,2026-11-01T00:00:00+01:00,search,\n"
	got, err := audit.ReadDeployments("d.csv", []byte(table))
	if err != nil || len(got.List) != 2 || got.List[0].ID != "8" || got.List[1].Line != 2 || len(got.SHA256) != 64 {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = audit.ReadDeployments("d.json", []byte(`[{"id":"7","time":"2026-11-02T11:12:30Z","Change":"CHG-1","n":1}]`))
	if err != nil || len(got.List) != 1 || got.List[0].Change != "CHG-1" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = audit.ReadDeployments("sheet.csv", []byte("\ufeffTime,Change\r\n2026-11-02T11:12:30Z,CHG-1\r\n"))
	if err != nil || len(got.List) != 1 || got.List[0].Change != "CHG-1" {
		t.Errorf("%+v, %v", got, err)
	}
	for src, want := range map[string]string{
		"id;time;change\n7;2026-11-02T11:12:30Z;CHG-1\n":                      `no column is named time; the first line, with commas between, has ["id;time;change"]`,
		"time,change,TIME\n2026-11-02T11:12:30Z,CHG-1,2026-11-03T11:12:30Z\n": `two columns are named "time"`,
		"id,time,service\n7,yesterday,checkout\n":                             "d:2: time \"yesterday\" is not RFC 3339",
		"id,time\n7,2026-11-02T11:12:30Z\n":                                   "d:2: nothing says what was deployed",
		"id,time,service\n7,2026-11-02T11:12:30Z\n":                           "wrong number of fields",
		`[{"time":"2026-11-02T11:12:30Z"}]`:                                   "d:1: nothing says",
		`[{"time":`:                                                           "unexpected EOF",
	} {
		if _, err := audit.ReadDeployments("d", []byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
}

func TestCompleteness(t *testing.T) {
	s := healthy(t)
	pin := "artifacts: [{name: shop, digest: \"" + digestA + "\"}]\n"
	s.life(s.normal("scheduled")+pin, with(""))
	at := s.now.Format(time.RFC3339)
	tests := []struct {
		name, rows string
		want       audit.Verdict
		says, note string
	}{
		{"of a change", "1," + at + ",,CHG-20261103-F0RGED,\n", audit.Pass, "each of 1 deployment", ""},
		{"of an artifact", "1," + at + ",,," + digestA + "\n", audit.Pass, "", ""},
		{"of a service", "1," + at + ",checkout,,\n", audit.Pass, "", ""},
		{"of a change nobody knows", "1," + at + ",,CHG-20261103-N0BODY,\n", audit.Fail, "deployment 1 at", ""},
		{"of another artifact", "1," + at + ",,," + digestB + "\n", audit.Fail, "no change with the artifact", ""},
		{"of another service", "1," + at + ",search,,\n", audit.Fail, "no change of service search", ""},
		{"before the change began", "1,2026-11-01T00:00:00Z,,CHG-20261103-F0RGED,\n", audit.Fail, "was being carried out then", ""},
		{"of nothing", "", audit.CannotVerify, "an empty population proves nothing", ""},
		{"of a change, twice", "1," + at + ",,CHG-20261103-F0RGED,\n1," + at + ",,CHG-20261103-F0RGED,\n", audit.Pass, "each of 2 deployments", "listed more than once: 1"},
		{"of changes besides", "1,2026-11-02T11:12:30Z,checkout,,\n2," + at + ",,CHG-20261103-F0RGED,\n", audit.Pass, "", "no deployment belongs to: " + s.ids["emergency"]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := audit.ReadDeployments("d.csv", []byte("id,time,service,change,artifact\n"+tt.rows))
			s.must(err)
			a := s.auditor()
			a.Deployments = list
			r, err := a.Verify(s.ctx, audit.Scope{Checks: []string{audit.POP1}})
			s.must(err)
			sub := *s
			sub.TB = t
			sub.expect(r, audit.POP1, "", tt.want, tt.says)
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, tt.note) || tt.rows != "" && !strings.Contains(notes, list.SHA256) {
				t.Errorf("notes: %s", notes)
			}
		})
	}
	s.expect(s.verify(), audit.POP1, "", audit.NotApplicable, "--deployments")
}
