package sshsig

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const message = "it may land\n"

func TestSignAndVerify(t *testing.T) {
	for name, key := range testKeys() {
		t.Run(name, func(t *testing.T) {
			s := NewSigner(key.signer)
			armored := sign(t, s, "gitsm", message)
			for _, tt := range []struct {
				name, namespace, message string
				pub                      ssh.PublicKey
				want                     string
			}{
				{"same", "gitsm", message, s.PublicKey(), ""},
				{"altered message", "gitsm", "it may Land\n", s.PublicKey(), "verifying"},
				{"other namespace", "git", message, s.PublicKey(), `made for "gitsm", not for "git"`},
				{"longer namespace", "gitsm2", message, s.PublicKey(), "not for"},
				{"no namespace", "", message, s.PublicKey(), "no namespace"},
				{"other key", "gitsm", message, otherKey(t), "it was made with SHA256:"},
			} {
				t.Run(tt.name, func(t *testing.T) {
					wantError(t, Verify(tt.pub, armored, tt.namespace, []byte(tt.message)), tt.want)
				})
			}
			if key, err := KeyOf(armored); err != nil || Fingerprint(key) != Fingerprint(s.PublicKey()) {
				t.Errorf("KeyOf = %v, %v", key, err)
			}
		})
	}
}

// Every bit of a signature counts: flipping any of them must be noticed.
func TestEveryBitCounts(t *testing.T) {
	s := NewSigner(testKeys()["ed25519"].signer)
	blob, err := dearmor(sign(t, s, "gitsm", message))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(blob) * 8 {
		flipped := bytes.Clone(blob)
		flipped[i/8] ^= 1 << (i % 8)
		if Verify(s.PublicKey(), armor(flipped), "gitsm", []byte(message)) == nil {
			t.Errorf("bit %d of byte %d may be flipped", i%8, i/8)
		}
	}
	wantError(t, Verify(s.PublicKey(), armor(blob), "gitsm", []byte(message)), "")
}

func TestSignHonoursContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := NewSigner(testKeys()["ed25519"].signer)
	if _, err := Func(ctx, s, "gitsm")([]byte(message)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := Func(ctx, s, "gitsm")([]byte(message)); !errors.Is(err, context.Canceled) {
		t.Errorf("signing after the end: %v", err)
	}
	if _, err := s.Sign(context.Background(), "", []byte(message)); err == nil {
		t.Error("signed without a namespace")
	}
}

func TestParseArmour(t *testing.T) {
	good := string(sign(t, NewSigner(testKeys()["ed25519"].signer), "gitsm", message))
	body := strings.TrimSuffix(strings.TrimPrefix(good, armorBegin+"\n"), armorEnd+"\n")
	for _, tt := range []struct{ name, armored, want string }{
		{"as written", good, ""},
		{"CRLF", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"no final newline", strings.TrimSuffix(good, "\n"), ""},
		{"empty lines after it", good + "\n\r\n", ""},
		{"one long line", armorBegin + "\n" + strings.ReplaceAll(body, "\n", "") + "\n" + armorEnd + "\n", ""},
		{"nothing", "", "empty"},
		{"blank", " \n\n", "empty"},
		{"text before", "x\n" + good, "does not begin"},
		{"blank line before", "\n" + good, "does not begin"},
		{"text after", good + "x\n", "does not end"},
		{"space after", good + " ", "does not end"},
		{"twice", good + good, "second armour"},
		{"once and a half", good + armorBegin + "\n", "does not end"},
		{"only the begin", armorBegin, "does not end"},
		{"cut off", strings.TrimSuffix(good, armorEnd+"\n"), "does not end"},
		{"no body", armorBegin + "\n" + armorEnd + "\n", "reading the SSH signature"},
		{"no base64", armorBegin + "\n!\n" + armorEnd + "\n", "illegal base64"},
		{"space in base64", strings.Replace(good, "U1NI", "U1 NI", 1), "illegal base64"},
		{"other PEM", strings.ReplaceAll(good, "SSH SIGNATURE", "PGP SIGNATURE"), "does not begin"},
		{"header", armorBegin + "\nComment: x\n\n" + body + armorEnd + "\n", "illegal base64"},
		{"huge", armorBegin + "\n" + strings.Repeat("A", maxArmor) + "\n" + armorEnd + "\n", "more than any signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.armored))
			wantError(t, err, tt.want)
		})
	}
}

// The last character before the padding has bits that decode to nothing: a
// second spelling of the same signature.
func TestParseRefusesASecondSpelling(t *testing.T) {
	s := NewSigner(testKeys()["ed25519"].signer)
	for _, namespace := range []string{"a", "ab", "abc"} {
		armored := sign(t, s, namespace, message)
		i := bytes.IndexByte(armored, '=')
		if i < 0 {
			continue
		}
		wantError(t, Verify(s.PublicKey(), armored, namespace, []byte(message)), "")
		armored[i-1]++
		wantError(t, Verify(s.PublicKey(), armored, namespace, []byte(message)), "illegal base64")
		return
	}
	t.Fatal("no namespace gave a signature with padding")
}

// blob is the wire form of a signature, written out so that each part of it can
// be made wrong.
type blob struct {
	Magic               [6]byte
	Version             uint32
	Key                 string
	Namespace, Reserved string
	Hash                string
	Signature           string
}

// goodBlob signs message by hand.
func goodBlob(t *testing.T, key ssh.Signer, algorithm string) blob {
	t.Helper()
	digest := sha512.Sum512([]byte(message))
	data := append([]byte("SSHSIG"), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{"gitsm", "", "sha512", digest[:]})...)
	sig, err := key.Sign(rand.Reader, data)
	if algorithm != "" {
		sig, err = key.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, data, algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return blob{
		Magic: [6]byte([]byte("SSHSIG")), Version: 1, Key: string(key.PublicKey().Marshal()),
		Namespace: "gitsm", Hash: "sha512", Signature: string(ssh.Marshal(sig)),
	}
}

func TestParseBlob(t *testing.T) {
	ed, long := testKeys()["ed25519"].signer, testKeys()["rsa"].signer
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &ssh.Certificate{Key: ed.PublicKey(), CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	if err := certificate.SignCert(rand.Reader, ed); err != nil {
		t.Fatal(err)
	}
	short := &ssh.Certificate{Key: shortRSA(t).PublicKey(), CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	if err := short.SignCert(rand.Reader, ed); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		key       ssh.Signer
		algorithm string
		change    func(*blob)
		want      string
	}{
		{"ed25519", ed, "", func(*blob) {}, ""},
		{"rsa sha512", long, ssh.KeyAlgoRSASHA512, func(*blob) {}, ""},
		{"rsa sha256", long, ssh.KeyAlgoRSASHA256, func(*blob) {}, ""},
		{"rsa sha1", long, ssh.KeyAlgoRSA, func(*blob) {}, "invalid signature format"},
		{"short rsa", shortRSA(t), ssh.KeyAlgoRSASHA512, func(*blob) {}, "shorter than 2048"},
		{"touched hardware", hardwareKey{private, true}, "", func(*blob) {}, ""},
		{"untouched hardware", hardwareKey{private, false}, "", func(*blob) {}, "user presence"},
		{"certificate", ed, "", func(b *blob) { b.Key = string(certificate.Marshal()) }, ""},
		{"certificate of a short key", ed, "", func(b *blob) { b.Key = string(short.Marshal()) }, "shorter than 2048"},
		{"wrong magic", ed, "", func(b *blob) { b.Magic[0] = 's' }, "invalid magic"},
		{"version 2", ed, "", func(b *blob) { b.Version = 2 }, "unsupported signature version"},
		{"sha1 digest", ed, "", func(b *blob) { b.Hash = "sha1" }, "unsupported hash"},
		{"no digest", ed, "", func(b *blob) { b.Hash = "" }, "unsupported hash"},
		{"sha256 claimed", ed, "", func(b *blob) { b.Hash = "sha256" }, "did not verify"},
		{"other namespace claimed", ed, "", func(b *blob) { b.Namespace = "git" }, "not for"},
		{"reserved used", ed, "", func(b *blob) { b.Reserved = "x" }, "not written the way"},
		{"bytes after the signature", ed, "", func(b *blob) { b.Signature += "x" }, "bytes follow"},
		{"no signature", ed, "", func(b *blob) { b.Signature = "" }, "reading the SSH signature"},
		{"no key", ed, "", func(b *blob) { b.Key = "" }, "reading the SSH signature"},
		{"other key", ed, "", func(b *blob) { b.Key = string(otherKey(t).Marshal()) }, "did not verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := goodBlob(t, tt.key, tt.algorithm)
			tt.change(&b)
			wantError(t, check(ssh.Marshal(b)), tt.want)
		})
	}
	wire := ssh.Marshal(goodBlob(t, ed, ""))
	wantError(t, check(wire), "")
	wantError(t, check(append(wire, 0)), "reading the SSH signature")
	wantError(t, check(wire[:len(wire)-1]), "reading the SSH signature")
}

// check parses and verifies a signature blob over message.
func check(wire []byte) error {
	sig, err := Parse(armor(wire))
	if err != nil {
		return err
	}
	return sig.Verify("gitsm", []byte(message))
}

func TestParseAuthorized(t *testing.T) {
	line := testKeys()["ed25519"].line()
	for _, tt := range []struct{ name, line, want string }{
		{"plain", line, ""},
		{"comment", line + " alice laptop", ""},
		{"newline", line + "\n", ""},
		{"empty", "", "reading a public key"},
		{"two keys", line + "\n" + line, "more than one line"},
		{"commented out", "# x\n" + line, "more than one line"},
		{"options", "no-pty " + line, "options"},
		{"authority", "cert-authority " + line, "options"},
		{"private", "-----BEGIN OPENSSH PRIVATE KEY-----", "reading a public key"},
		{"cut off", line[:len(line)-8], "reading a public key"},
		{"short rsa", string(ssh.MarshalAuthorizedKey(shortRSA(t).PublicKey())), "shorter than 2048"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseAuthorized(tt.line)
			wantError(t, err, tt.want)
		})
	}
}

func TestAgreesWithOpenSSH(t *testing.T) {
	needKeygen(t)
	for name, key := range testKeys() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := key.write(t, dir, "")
			signers := filepath.Join(dir, "allowed_signers")
			writeFile(t, signers, "alice "+key.line()+"\n")

			ours := sign(t, NewSigner(key.signer), "gitsm", message)
			writeFile(t, filepath.Join(dir, "sig"), string(ours))
			verify := []string{"-Y", "verify", "-f", signers, "-I", "alice", "-s", filepath.Join(dir, "sig"), "-n"}
			if _, err := keygen(t, message, append(verify, "gitsm")...); err != nil {
				t.Errorf("ssh-keygen refuses our signature: %v", err)
			}
			if _, err := keygen(t, message, append(verify, "git")...); err == nil {
				t.Error("ssh-keygen takes our signature for another namespace")
			}

			theirs, err := keygen(t, message, "-Y", "sign", "-n", "gitsm", "-f", path)
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, Verify(key.signer.PublicKey(), []byte(theirs), "gitsm", []byte(message)), "")
			wantError(t, Verify(key.signer.PublicKey(), []byte(theirs), "gitsm", []byte("x")), "verifying")
			if name == "ed25519" && theirs != string(ours) { // the one algorithm without chance
				t.Errorf("written differently:\n%s%s", ours, theirs)
			}

			short, err := keygen(t, message, "-Y", "sign", "-O", "hashalg=sha256", "-n", "gitsm", "-f", path)
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, Verify(key.signer.PublicKey(), []byte(short), "gitsm", []byte(message)), "")
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, key := range testKeys() {
		armored, err := NewSigner(key.signer).Sign(context.Background(), "gitsm", []byte(message))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(armored)
		f.Add(armored[:len(armored)/2])
		f.Add(append(armored, armored...))
	}
	f.Add([]byte(armorBegin + "\n" + armorEnd))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, armored []byte) {
		sig, err := Parse(armored)
		if err != nil {
			return
		}
		// What is accepted has one meaning: its own text, in our spelling.
		block, rest := pem.Decode(armored)
		if block == nil || block.Type != "SSH SIGNATURE" || len(bytes.TrimSpace(rest)) != 0 {
			t.Fatalf("accepted what PEM does not: %q", armored)
		}
		if !bytes.Equal(block.Bytes, sig.sig.Marshal()) {
			t.Fatalf("accepted bytes that are not the signature's: %x", block.Bytes)
		}
		if sig.PublicKey() == nil || sig.Verify("", nil) == nil {
			t.Fatal("accepted without a key or a namespace")
		}
	})
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Errorf("no error, want %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q", err, want)
	}
}

func otherKey(t *testing.T) ssh.PublicKey {
	t.Helper()
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// shortRSA is a key of 1024 bits.
func shortRSA(t *testing.T) ssh.Signer {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}
