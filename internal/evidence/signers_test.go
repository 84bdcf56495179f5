package evidence

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func signersOfTest() []PersonKeys {
	return []PersonKeys{
		person("bob", Key{Public: publicOf("bob") + " bob's laptop", ValidAfter: noon, ValidBefore: noon.Add(time.Hour)}),
		person("alice", key("alice"), Key{Public: publicOf("laptop"), RevokedSince: noon.Truncate(time.Second)}),
		{Person: "frank", Keys: []Key{key("frank")}},
		person("grace", key("shared")), person("heidi", key("shared")),
		person("ivan", Key{Public: "ssh-ed25519 AAAA\nmallory ssh-ed25519 AAAA"}),
		person("judy", Key{Public: publicOf("judy"), ValidAfter: noon, RevokedSince: noon}),
		person("* mallory", key("mallory")),
		person("old", Key{Public: publicOf("old"), ValidAfter: time.Unix(-1, 0), ValidBefore: time.Unix(0, 0)}),
	}
}

func TestAllowedSigners(t *testing.T) {
	got := string(AllowedSigners(signersOfTest()))
	want := `# left out: a signing key of ivan cannot be used: reading a public key: more than one line; give each key on its own
# left out: the key SHA256:nz2etlufJWvabMILRmmQ+9u3Og4UVEJ9yKmut+cDZxE is listed by grace and heidi; a key belongs to one person
# left out: "* mallory" is not an active person
alice namespaces="gitsm,git" ` + publicOf("alice") + `
alice namespaces="gitsm,git",valid-before="20261120115959Z" ` + publicOf("laptop") + `
bob namespaces="gitsm,git",valid-after="20261120120001Z",valid-before="20261120130000Z" ` + publicOf("bob") + `
# left out: "frank" is not an active person
# left out: the key SHA256:` + fingerprintOf("judy") + ` of judy, which is never valid
# left out: the key SHA256:` + fingerprintOf("old") + ` of old, which is never valid
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(AllowedSigners(nil)) != 0 {
		t.Error("nobody may sign, and yet there are signers")
	}
}

func fingerprintOf(name string) string {
	keys := NewKeyring([]PersonKeys{person("x", key(name)), person("y", key(name))})
	_, rest, _ := strings.Cut(keys.Problems()[0], "SHA256:")
	fingerprint, _, _ := strings.Cut(rest, " ")
	return fingerprint
}

// ssh-keygen with the file says what the keyring says, for the statement that a
// reader without gitsm has in hand.
func TestAllowedSignersAgreesWithKeyring(t *testing.T) {
	needProgram(t, "ssh-keygen")
	people := signersOfTest()
	keys, dir := NewKeyring(people), t.TempDir()
	signers := filepath.Join(dir, "allowed_signers")
	if err := os.WriteFile(signers, AllowedSigners(people), 0o600); err != nil {
		t.Fatal(err)
	}
	second := noon.Truncate(time.Second)
	for _, tt := range []struct {
		signer, claims string
		at             time.Time
		want           bool
	}{
		{"alice", "alice", second, true},
		{"alice", "bob", second, false},
		{"laptop", "alice", second.Add(-time.Second), true},
		{"laptop", "alice", second, false},
		{"bob", "bob", second, false},
		{"bob", "bob", second.Add(time.Second), true},
		{"bob", "bob", second.Add(time.Hour), true},
		{"bob", "bob", second.Add(time.Hour + time.Second), false},
		{"frank", "frank", second, false},
		{"shared", "grace", second, false},
		{"judy", "judy", second, false},
		{"old", "old", second, false},
		{"mallory", "alice", second, false},
	} {
		e := entry(t, Approval, tt.signer, func(p *Predicate) { p.Person = tt.claims })
		name := tt.signer + " for " + tt.claims + " at " + utc(tt.at)
		if got := e.Judge(keys, tt.at); (got.Verdict == Good) != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
		sig := filepath.Join(dir, "sig")
		if err := os.WriteFile(sig, e.Sig, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "ssh-keygen", "-Y", "verify", "-f", signers, "-I", tt.claims,
			"-n", Namespace, "-s", sig, "-O", "verify-time="+openSSHTime(tt.at))
		cmd.Stdin = strings.NewReader(string(e.Raw))
		if out, err := cmd.CombinedOutput(); (err == nil) != tt.want {
			t.Errorf("%s: ssh-keygen: %v\n%s", name, err, out)
		}
	}
}
