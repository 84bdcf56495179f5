package validate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/validate"
)

func TestMoreConforms(t *testing.T) {
	s, v := openMore(t), validate.New()
	for file := range more {
		rec := at(t, s, file)
		got, err := v.Schema(s, rec)
		if err != nil {
			t.Fatal(err)
		}
		refs, err := v.References(s, rec)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(append(got, refs...), v.Times(rec)...); len(got) > 0 {
			t.Errorf("%s: %v", file, lines(got))
		}
	}
}

// Each case makes one record of the scene say what means nothing.
func TestFieldsTogether(t *testing.T) {
	const window, model, waiver, service = "windows/sunday-night.yaml", "models/database-access.yaml", "waivers/no-test-system.yaml", "services/checkout.yaml"
	tests := []struct {
		name, file, old, new string
		want, fix            string // no finding where want is empty
	}{
		{"window without an end", window, "end: 2026-11-23T02:00:00+01:00\n", "",
			"7:8-33 SCH008 nothing says when the window is over", "gitsm window edit sunday-night --set duration=4h, or set end"},
		{"window with a duration instead", window, "end: 2026-11-23T02:00:00+01:00\n", "duration: 4h\n", "", ""},
		{"window with both", window, "timezone:", "duration: 4h\ntimezone:",
			"9:11-13 SCH008 end and duration both say how long the window lasts", "take one of them out"},
		{"window of no length", window, "end: 2026-11-23T02:00:00+01:00\n", "duration: 0h0m\n",
			"8:11-15 SCH008 a window of no length holds nothing", "gitsm window edit sunday-night --set duration=4h"},
		{"maintenance with a strength", window, "state: active", "strength: soft\nstate: active",
			"6:11-15 SCH008 a maintenance window permits: only a freeze has a strength", "take strength out"},
		{"freeze with a strength", window, "type: maintenance", "type: freeze\nstrength: soft", "", ""},
		{"rrule without FREQ", window, "FREQ=WEEKLY;BYDAY=SU", "BYDAY=SU",
			"10:8-16 SCH008 rrule does not say how often: it has no FREQ", "gitsm window edit sunday-night --set 'rrule=FREQ=WEEKLY;BYDAY=SU'"},
		{"exdates without rrule", window, "rrule: FREQ=WEEKLY;BYDAY=SU\n", "",
			"10:10-37 SCH008 a window without rrule happens once, so no occurrence can be left out", "take exdates out, or say in rrule how the window recurs"},
		{"key that is none", "people/alice.yaml", "AAAAC3NzaC1lZDI1NTE5AAAAIO7CgQPl9ZGym6Nz4Ez1PfYVUHcE0RX1KaGptgNEhz8u", "AAAA",
			"8:10-39 SCH005 signing_keys[0].key is no key: reading a public key: it is cut off or mistyped; give it as in a .pub file: ssh-ed25519 AAAA…", "copy the whole line of the .pub file, or all that gpg --armor --export prints"},
		{"OpenPGP key that is none", "people/alice.yaml", "  - key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO7CgQPl9ZGym6Nz4Ez1PfYVUHcE0RX1KaGptgNEhz8u alice@laptop",
			"  - key: |-\n      -----BEGIN PGP PUBLIC KEY BLOCK-----\n      AAAA",
			"8:10-10:11 SCH005 signing_keys[0].key is no key: reading an OpenPGP key: EOF", "copy the whole line of the .pub file, or all that gpg --armor --export prints"},
		{"unknown zone", window, "Europe/Berlin", "Europe/Atlantis",
			`9:11-26 SCH005 there is no time zone "Europe/Atlantis"`, "write an IANA name, such as Europe/London or UTC"},
		{"scope of nothing", window, "{services: [checkout], environments: [production]}", "{}",
			"12:8-10 SCH008 scope names nothing, so it covers nothing", "name services, tiers, assets, or say all: true"},
		{"scope of environments alone", window, "services: [checkout], ", "",
			"12:8-36 SCH008 scope names nothing, so it covers nothing", "name services, tiers, assets, or say all: true"},
		{"scope of all", window, "services: [checkout]", "all: true", "", ""},
		{"scope that denies all", window, "services: [checkout]", "all: false",
			"12:8-48 SCH008 scope names nothing, so it covers nothing", "name services, tiers, assets, or say all: true"},
		{"scope of all and some", window, "services: [checkout]", "all: true, services: [checkout]",
			"12:14-18 SCH008 scope names everything and services besides", "take all out, or services"},
		{"scope of a model", model, "scope: {services: [checkout], assets: [db-1]}", "scope: {}",
			"8:8-10 SCH008 scope names nothing, so it covers nothing", "name services, tiers, assets, or say all: true"},
		{"scope of a waiver", waiver, "{services: [checkout], kinds: [change]}", "{}",
			"6:8-10 SCH008 scope names nothing, so it covers nothing", "name records, services, kinds, or say all: true"},
		{"all of the replicas", service, "need: 1", "need: 2", "", ""},
		{"more replicas than there are", service, "need: 1", "need: 3",
			"7:29-30 SCH008 depends_on[1] needs 3 of 2", "need fewer of them, or name more in of"},
		{"own waiver", waiver, "approver: bob", "approver: alice",
			"9:11-16 SCH008 alice asks for the waiver and cannot answer for it as well", "name somebody else as approver"},
		{"locked placeholder", model, "backout: Revoke the role", "backout: TBC",
			"10:19-22 SCH008 plan.backout is locked and says nothing", "fill it in, or leave it out of locked"},
		{"locked nothing", model, "plan: {backout: Revoke the role}", "plan: {}",
			"10:9-11 SCH008 plan is locked and says nothing", "fill it in, or leave it out of locked"},
		{"locked and filled in", model, "  services: [checkout]\n", "  plan: {backout: Revoke}\n",
			"12:19-25 SCH008 plan.backout is locked as well", "leave it out of locked or of defaults"},
		{"locked and open", model, "[answers]", "[plan.backout]",
			"13:8-20 SCH008 plan.backout is left open, and plan.backout is locked", "leave it out of locked or of open"},
		{"open above what is locked", model, "[answers]", "[plan]",
			"13:8-12 SCH008 plan is left open, and plan.backout is locked", "leave it out of locked or of open"},
		{"open and unknown", model, "[answers]", "[answer]",
			"13:8-14 SCH008 answer is left open, and no request has such a field", "gitsm schema request shows the fields there are"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := openMore(t, edit{tt.file, tt.old, tt.new})
			got, err := validate.New().Schema(s, at(t, s, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(got) == 1 && got[0].Fix != tt.fix {
				t.Errorf("fix %q, want %q", got[0].Fix, tt.fix)
			}
		})
	}
}

// What is not well formed is not asked what it means.
func TestFieldsTogetherLater(t *testing.T) {
	s := openMore(t, edit{"windows/sunday-night.yaml", "end: 2026-11-23T02:00:00+01:00\n", "duration: long\n"})
	got, err := validate.New().Schema(s, at(t, s, "windows/sunday-night.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`8:11-15 SCH005 duration is "long" and should be a duration, such as 45m or 2h30m`}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
