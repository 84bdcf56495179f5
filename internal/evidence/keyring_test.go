package evidence

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/sshsig"
)

func TestKeyringVerdicts(t *testing.T) {
	message := []byte("it may land\n")
	sign := func(who, namespace string) []byte {
		armored, err := sshsig.NewSigner(signerOf(who)).Sign(context.Background(), namespace, message)
		if err != nil {
			t.Fatal(err)
		}
		return armored
	}
	windowed := func(name string, after, before, revoked time.Time) Key {
		return Key{Public: publicOf(name), ValidAfter: after, ValidBefore: before, RevokedSince: revoked}
	}
	var open time.Time
	day := 24 * time.Hour
	keys := NewKeyring([]PersonKeys{
		person("alice", key("alice"), key("laptop")),
		person("bob", windowed("bob", noon, noon.Add(day), open)),
		person("carol", windowed("carol", open, open, noon)),
		person("dave", windowed("dave", noon.Add(-9*day), noon.Add(-8*day), open), windowed("dave", noon, open, open)),
		person("erin", windowed("erin", open, open, noon), key("erin")),
		{Person: "frank", Active: false, Keys: []Key{key("frank")}},
		person("grace", key("shared")), person("heidi", key("shared")),
		person("ivan", key("ivan"), Key{Public: "ssh-ed25519 AAAA"}),
	})
	good := sign("alice", "gitsm")
	for _, tt := range []struct {
		name    string
		armored []byte
		message []byte
		at      time.Time
		person  string // asked for
		want    Verdict
		reason  string
	}{
		{"good", good, message, noon, "alice", Good, ""},
		{"second key", sign("laptop", "gitsm"), message, noon, "alice", Good, ""},
		{"beside a broken key", sign("ivan", "gitsm"), message, noon, "ivan", Good, ""},
		{"no signature", nil, message, noon, "alice", Unsigned, "no signature"},
		{"empty signature", []byte{}, message, noon, "alice", BadSignature, "empty"},
		{"not a signature", []byte("x"), message, noon, "alice", BadSignature, "does not begin"},
		{"flipped byte of the message", good, flip(message, 0), noon, "alice", BadSignature, "did not verify"},
		{"flipped byte of the signature", flip(good, len(good)/2), message, noon, "alice", BadSignature, ""},
		{"wrong namespace", sign("alice", "git"), message, noon, "alice", BadSignature, `made for "git"`},
		{"two signatures", append(bytes.Clone(good), good...), message, noon, "alice", BadSignature, "second armour"},
		{"another person's key", good, message, noon, "bob", BadSignature, "the key of alice, not of \"bob\""},
		{"another person's expired key", sign("carol", "gitsm"), message, noon, "alice", BadSignature, "the key of carol"},
		{"nobody's key", sign("mallory", "gitsm"), message, noon, "alice", UnknownKey, "nobody lists"},
		{"nobody's key, flipped", flip(sign("mallory", "gitsm"), 200), message, noon, "alice", BadSignature, ""},
		{"shared key", sign("shared", "gitsm"), message, noon, "grace", UnknownKey, "listed by grace and heidi"},
		{"before its time", sign("bob", "gitsm"), message, noon.Add(-1), "bob", Expired, "only after 2026-11-20T12:00:00Z"},
		{"at its first instant", sign("bob", "gitsm"), message, noon, "bob", Good, ""},
		{"at its last instant", sign("bob", "gitsm"), message, noon.Add(day - 1), "bob", Good, ""},
		{"after its time", sign("bob", "gitsm"), message, noon.Add(day), "bob", Expired, "only before 2026-11-21T12:00:00Z"},
		{"before it was revoked", sign("carol", "gitsm"), message, noon.Add(-1), "carol", Good, ""},
		{"when it was revoked", sign("carol", "gitsm"), message, noon, "carol", Expired, "revoked since"},
		{"between two windows", sign("dave", "gitsm"), message, noon.Add(-day), "dave", Expired, "only"},
		{"in the first of two windows", sign("dave", "gitsm"), message, noon.Add(-9 * day), "dave", Good, ""},
		{"in the second of two windows", sign("dave", "gitsm"), message, noon, "dave", Good, ""},
		{"revoked in one listing", sign("erin", "gitsm"), message, noon, "erin", Expired, "revoked since"},
		{"somebody who left", sign("frank", "gitsm"), message, noon, "frank", Expired, "frank is not active"},
		{"no time given", good, message, time.Time{}, "alice", Expired, "no time was given"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := keys.Verify(tt.person, tt.armored, "gitsm", tt.message, tt.at)
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("Verify = %+v, want %s, %q", got, tt.want, tt.reason)
			}
			if (got.Reason == "") != (got.Verdict == Good) {
				t.Errorf("%s with the reason %q", got.Verdict, got.Reason)
			}
			if known := got.Verdict == Good || got.Verdict == Expired; known != (got.Person == tt.person) || !known && got.Person != "" {
				t.Errorf("%s names %q", got.Verdict, got.Person)
			}
		})
	}
}

// flip returns a copy of b with one bit of byte i changed, to another character
// of base64 where it is one.
func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	if b[i] == '\n' {
		i++
	}
	b[i] ^= 1
	return b
}

func TestKeyringProblems(t *testing.T) {
	keys := NewKeyring([]PersonKeys{
		person("heidi", key("shared")),
		person("grace", key("shared"), key("shared")),
		person("ivan", Key{Public: "ssh-ed25519 AAAA"}),
		person("alice", key("alice"), key("alice")),
	})
	fingerprint := sshsig.Fingerprint(signerOf("shared").PublicKey())
	got := keys.Problems()
	if len(got) != 2 || !strings.HasPrefix(got[0], "a signing key of ivan cannot be used: ") ||
		got[1] != "the key "+fingerprint+" is listed by grace and heidi; a key belongs to one person" {
		t.Errorf("problems %q", got)
	}
	if got := (Keyring{}).Problems(); len(got) != 0 {
		t.Errorf("an empty keyring has problems: %v", got)
	}
}

func TestTrust(t *testing.T) {
	keys := NewKeyring([]PersonKeys{
		person("alice", key("alice")), person("bob", key("bob")),
		person("carol", Key{Public: publicOf("carol"), RevokedSince: noon}),
	})
	by := func(who string) func(*Predicate) { return func(p *Predicate) { p.Person = who } }
	signed := entry(t, Approval, "alice")
	flipped := *signed
	flipped.Sig = flip(signed.Sig, len(signed.Sig)/2)
	moved := *entry(t, Approval, "", at(time.Second))
	moved.Sig = signed.Sig
	emptied := *signed
	emptied.Sig = []byte{}
	bare := *signed
	bare.Sig = nil
	for _, tt := range []struct {
		name    string
		e       *Entry
		want    Trust
		who     string
		verdict Verdict
		err     string
	}{
		{"own key", signed, Signed, "alice", Good, ""},
		{"rejection", entry(t, Rejection, "alice"), Signed, "alice", Good, ""},
		{"withdrawal", entry(t, Withdrawal, "alice"), Signed, "alice", Good, ""},
		{"decision", entry(t, Decision, "alice"), Signed, "alice", Good, ""},
		{"signature file missing", &bare, Claimed, "alice", Unsigned, ""},
		{"signature file empty", &emptied, Broken, "", BadSignature, "empty"},
		{"signature flipped", &flipped, Broken, "", BadSignature, "verifying"},
		{"signature of another statement", &moved, Broken, "", BadSignature, "did not verify"},
		{"signed by another person", entry(t, Approval, "bob"), Broken, "", BadSignature, `the key of bob, not of "alice"`},
		{"signed by nobody known", entry(t, Approval, "mallory"), Claimed, "alice", UnknownKey, ""},
		{"signed with a revoked key", entry(t, Approval, "carol", by("carol")), Claimed, "carol", Expired, ""},
		{"unsigned", entry(t, Approval, ""), Claimed, "alice", Unsigned, ""},
		{"signed, but for nobody", entry(t, Merge, "alice", by("")), Claimed, "", Good, ""},
		{"damaged, and for nobody", func() *Entry {
			e := *entry(t, Merge, "alice", by(""))
			e.Sig = flip(e.Sig, len(e.Sig)/2)
			return &e
		}(), Broken, "", BadSignature, "verifying"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trust, who, err := tt.e.Trust(keys, noon)
			wantError(t, err, tt.err)
			if trust != tt.want || who != tt.who {
				t.Errorf("Trust = %s by %q, want %s by %q", trust, who, tt.want, tt.who)
			}
			if got := tt.e.Judge(keys, noon); got.Verdict != tt.verdict {
				t.Errorf("Judge = %+v, want %s", got, tt.verdict)
			}
		})
	}
}

func TestTrustIsOrdered(t *testing.T) {
	order := []Trust{Claimed, Observed, Signed}
	for i, weaker := range order {
		for j, stronger := range order {
			if got := stronger.AtLeast(weaker); got != (j >= i) {
				t.Errorf("%s at least %s: %t", stronger, weaker, got)
			}
		}
	}
	for _, nothing := range []Trust{Broken, "", "sigend"} {
		if nothing.AtLeast(Claimed) || nothing.AtLeast(nothing) || Signed.AtLeast(nothing) {
			t.Errorf("%q is worth something, or within reach", nothing)
		}
	}
}

// What anybody could have written in the name of somebody who has a key is no
// approval; a claim of who has none is one, and nothing is needed to object.
func TestUnproven(t *testing.T) {
	by := func(who string) func(*Predicate) { return func(p *Predicate) { p.Person = who } }
	keys := NewKeyring([]PersonKeys{
		person("alice", key("alice")), person("bob"), person("carol", Key{Public: publicOf("carol"), RevokedSince: noon}),
		person("dave", Key{Public: publicOf("dave"), RevokedSince: noon}, key("new")), person("grace", key("shared")), person("heidi", key("shared")),
		{Person: "frank", Active: false, Keys: []Key{key("frank")}},
	})
	for _, tt := range []struct {
		name string
		e    *Entry
		want string
	}{
		{"signed", entry(t, Approval, "alice"), ""},
		{"unsigned", entry(t, Approval, ""), "is unsigned, and alice has a signing key"},
		{"by an unknown key", entry(t, Approval, "mallory"), "is not proven by the signing key that alice has (nobody lists the key"},
		{"by another's key, which is bad and no claim", entry(t, Approval, "dave"), ""},
		{"by a revoked key, with another one in force", entry(t, Approval, "dave", by("dave")), "the key of dave is revoked since"},
		{"unsigned, without a key", entry(t, Approval, "", by("bob")), ""},
		{"unsigned, without a key in force", entry(t, Approval, "", by("carol")), ""},
		{"unsigned, with a key that is not theirs alone", entry(t, Approval, "", by("grace")), ""},
		{"unsigned, by somebody who left", entry(t, Approval, "", by("frank")), ""},
		{"an objection", entry(t, Rejection, ""), ""},
		{"a withdrawal", entry(t, Withdrawal, ""), ""},
	} {
		if got := tt.e.Unproven(keys, noon); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
