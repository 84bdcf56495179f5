package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/record"
)

func TestHumans(t *testing.T) {
	people := map[string]record.Person{
		"ann":  {Emails: []string{"ann@example.org"}, SigningKeys: []record.SigningKey{{Key: "ssh-ed25519 AAAA one"}}},
		"anna": {Emails: []string{" ANN@example.org "}, GitHub: record.GitHub{ID: 7}},
		"bea":  {GitHub: record.GitHub{ID: 7, Login: "Bea"}},
		"cid":  {GitHub: record.GitHub{Login: "bea"}},
		"dot":  {SigningKeys: []record.SigningKey{{Key: "ssh-ed25519 AAAA two"}}},
		"eve":  {Emails: []string{""}, SigningKeys: []record.SigningKey{{Key: "ssh-ed25519"}}},
		"fay":  {Emails: []string{""}, SigningKeys: []record.SigningKey{{Key: "ssh-ed25519"}}},
		"gus":  {},
	}
	d := &Directory{People: people, humans: humans(people)}
	want := map[string]string{"ann": "ann", "anna": "ann", "bea": "ann", "cid": "ann", "dot": "ann", "eve": "eve", "fay": "fay", "gus": "gus"}
	if diff := cmp.Diff(want, d.humans); diff != "" {
		t.Errorf("humans (-want +got):\n%s", diff)
	}
	if got := d.Human("stranger"); got != "stranger" {
		t.Errorf("a stranger is %q", got)
	}
	for _, tt := range []struct{ a, b, want string }{
		{"ann", "anna", "an e-mail address"}, {"anna", "bea", "a GitHub account"}, {"bea", "cid", "a GitHub login"},
		{"ann", "dot", "a signing key"}, {"dot", "cid", "a third record"}, {"eve", "fay", ""}, {"ann", "ann", ""}, {"ann", "gus", ""},
	} {
		if got := d.Shared(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s share %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
}
