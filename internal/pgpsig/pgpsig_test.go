package pgpsig

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const message = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"

func at(when time.Time) *packet.Config {
	return &packet.Config{Time: func() time.Time { return when }, Algorithm: packet.PubKeyAlgoEdDSA, DefaultHash: crypto.SHA512}
}

func entity(t *testing.T, config *packet.Config) *openpgp.Entity {
	t.Helper()
	e, err := openpgp.NewEntity("Alice", "", "alice@example.org", config)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func public(t *testing.T, e *openpgp.Entity) *Key {
	t.Helper()
	keys, err := ParseKeys(exported(t, e))
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	return keys[0]
}

func exported(t *testing.T, e *openpgp.Entity) string {
	t.Helper()
	var out bytes.Buffer
	w, err := armor.Encode(&out, openpgp.PublicKeyType, nil)
	if err == nil {
		err = errors.Join(e.Serialize(w), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}

func sign(t *testing.T, e *openpgp.Entity, config *packet.Config) string {
	t.Helper()
	var out bytes.Buffer
	if err := openpgp.ArmoredDetachSign(&out, []*openpgp.Entity{e}, strings.NewReader(message), &openpgp.SignParams{Config: config}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGitHub(t *testing.T) {
	var got []string
	for _, k := range GitHub() {
		got = append(got, k.Fingerprint())
	}
	want := []string{"968479A1AFF927E37D1A566BB5690EEEBB952194", "5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23"}
	if !slices.Equal(got, want) {
		t.Errorf("GitHub's keys are %v, not %v", got, want)
	}
}

func TestVerify(t *testing.T) {
	alice, mallory := entity(t, at(noon.AddDate(-1, 0, 0))), entity(t, at(noon.AddDate(-1, 0, 0)))
	key := public(t, alice)
	sig, err := Parse([]byte(sign(t, alice, at(noon))))
	if err != nil {
		t.Fatal(err)
	}
	if !sig.Made().Equal(noon) || !strings.HasSuffix(key.Fingerprint(), sig.Issuer()) {
		t.Errorf("made at %s by %s", sig.Made(), sig.Issuer())
	}
	if err := errors.Join(sig.Verify(key, []byte(message)), key.Standing(sig)); err != nil {
		t.Error(err)
	}
	if err := sig.Verify(key, []byte(message+"x")); err == nil {
		t.Error("an altered message verifies")
	}
	if err := sig.Verify(public(t, mallory), []byte(message)); err == nil || sig.Matches(public(t, mallory)) {
		t.Error("it verifies with another key")
	}
}

func TestStanding(t *testing.T) {
	year := noon.AddDate(-1, 0, 0)
	lived := at(year)
	lived.KeyLifetimeSecs = 3600
	short := &packet.Config{Time: at(year).Time, RSABits: 1024, MinRSABits: 1024, Algorithm: packet.PubKeyAlgoRSA}
	revoke := func(reason packet.ReasonForRevocation, when time.Time) func(*openpgp.Entity) {
		return func(e *openpgp.Entity) {
			if err := e.Revoke(reason, "", at(when)); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := func(*openpgp.Entity) {}
	for _, tt := range []struct {
		name   string
		made   *packet.Config
		signed time.Time
		then   func(*openpgp.Entity)
		want   string // "" for nothing wrong
		fit    bool   // it is the time that is wrong
	}{
		{"valid", at(year), noon, none, "", true},
		{"expired later", lived, year.Add(time.Minute), none, "", true},
		{"revoked as lost", at(year), noon, revoke(packet.KeyCompromised, noon.AddDate(0, 1, 0)), "revoked", true},
		{"retired before", at(year), noon, revoke(packet.KeyRetired, noon.AddDate(0, -1, 0)), "revoked", true},
		{"retired afterwards", at(year), noon, revoke(packet.KeyRetired, noon.AddDate(0, 1, 0)), "", true},
		{"short", short, noon, none, "too weak", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := entity(t, tt.made)
			config := at(tt.signed)
			config.MinRSABits = 1024
			sig, err := Parse([]byte(sign(t, e, config)))
			if err != nil {
				t.Fatal(err)
			}
			tt.then(e)
			err = public(t, e).Standing(sig)
			var expired *ExpiredError
			switch {
			case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("standing is %v, want %q", err, tt.want)
			case err != nil && errors.As(err, &expired) != tt.fit:
				t.Errorf("%v is an ExpiredError: %t", err, !tt.fit)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	e := entity(t, at(noon.AddDate(-1, 0, 0)))
	good := sign(t, e, at(noon))
	var text bytes.Buffer
	if err := openpgp.ArmoredDetachSign(&text, []*openpgp.Entity{e}, strings.NewReader(message), &openpgp.SignParams{Config: at(noon), TextSig: true}); err != nil {
		t.Fatal(err)
	}
	body := strings.TrimSuffix(strings.TrimSpace(good), "\n"+end)
	for name, tt := range map[string]struct{ armored, want string }{
		"empty":               {"", "does not begin"},
		"text before":         {"x\n" + good, "does not begin"},
		"text after":          {good + "x\n", "does not end"},
		"twice":               {good + "\n" + good, "illegal base64"},
		"two in one armour":   {twice(t, good), "other bytes follow"},
		"over text":           {text.String(), "not over bytes"},
		"a key":               {strings.ReplaceAll(exported(t, e), "PUBLIC KEY BLOCK", "SIGNATURE"), "something else"},
		"no empty line":       {strings.Replace(good, "\n\n", "\n", 1), "no empty line"},
		"checksum of another": {body + "\n=AAAA\n" + end, "checksum"},
		"cut":                 {body[:len(body)-8] + "\n" + end, ""},
		"long":                {Begin + "\n\n" + strings.Repeat("A", maxSignature) + "\n" + end, "more than any"},
	} {
		if _, err := Parse([]byte(tt.armored)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	for name, tolerated := range map[string]string{
		"CRLF": strings.ReplaceAll(good, "\n", "\r\n"), "a checksum": body + "\n=" + checksum(t, good) + "\n" + end, "a header": strings.Replace(good, "\n\n", "\nVersion: x\n\n", 1), "lines after": good + "\n\n",
	} {
		if _, err := Parse([]byte(tolerated)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// twice repeats the packets within an armour.
func twice(t *testing.T, armored string) string {
	t.Helper()
	raw, err := dearmor([]byte(armored))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := armor.Encode(&out, "PGP SIGNATURE", nil)
	if err == nil {
		_, err = w.Write(append(raw, raw...))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// checksum is that of an armour, by gpg's reckoning as the corpus of evidence
// shows.
func checksum(t *testing.T, armored string) string {
	t.Helper()
	raw, err := dearmor([]byte(armored))
	if err != nil {
		t.Fatal(err)
	}
	sum := crc24(raw)
	return base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

func TestParseKeysRefuses(t *testing.T) {
	e := entity(t, at(noon))
	for name, text := range map[string]string{
		"empty": "", "ssh": "ssh-ed25519 AAAA", "damaged": strings.Replace(exported(t, e), "\n\n", "\n\n????", 1),
		"signature": strings.ReplaceAll(sign(t, e, at(noon)), "SIGNATURE", "PUBLIC KEY BLOCK"), "long": BeginKey + strings.Repeat("A", maxKey),
	} {
		if keys, err := ParseKeys(text); err == nil {
			t.Errorf("%s: read as %d keys", name, len(keys))
		}
	}
}

func FuzzParse(f *testing.F) {
	github, err := os.ReadFile("github.asc")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(github)
	f.Add([]byte(Begin + "\n\nAAAA\n=AAAA\n" + end))
	keys := GitHub()
	f.Fuzz(func(t *testing.T, text []byte) {
		if sig, err := Parse(text); err == nil {
			for _, k := range keys {
				if sig.Verify(k, text) == nil {
					t.Error("GitHub signed what the fuzzer made")
				}
				_ = k.Standing(sig)
			}
		}
		if keys, err := ParseKeys(string(text)); err == nil && len(keys) == 0 {
			t.Error("no key was read, without an error")
		}
	})
}
