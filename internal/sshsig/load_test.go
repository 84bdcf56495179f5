package sshsig

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// program imitates ssh-keygen -Y sign with a key it holds, and remembers how it
// was called.
type program struct {
	signer Signer
	args   []string
	name   string
	key    string // content of the key file it was given
	alter  func(armored []byte) []byte
}

func (p *program) run(ctx context.Context, name string, args []string, stdin []byte) ([]byte, error) {
	p.name, p.args = name, args
	if stdin != nil {
		return nil, errors.New("the terminal must stay with the program")
	}
	if p.signer == nil {
		return nil, errors.New("exit status 255: Couldn't get agent socket?")
	}
	key, err := os.ReadFile(args[slices.Index(args, "-f")+1])
	if err != nil {
		return nil, err
	}
	p.key = string(key)
	payload := args[len(args)-1]
	message, err := os.ReadFile(payload)
	if err != nil {
		return nil, err
	}
	armored, err := p.signer.Sign(ctx, args[slices.Index(args, "-n")+1], message)
	if err != nil {
		return nil, err
	}
	if p.alter != nil {
		armored = p.alter(armored)
	}
	if armored == nil {
		return nil, nil
	}
	return nil, os.WriteFile(payload+".sig", armored, 0o600)
}

// What this process can sign with alone, it signs with alone.
func TestLoadFiles(t *testing.T) {
	for name, key := range testKeys() {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			path := key.write(t, home, "")
			for _, cfg := range []Config{
				{Format: "ssh", Key: path},
				{Format: "ssh", Key: path + ".pub"},
				{Format: "ssh", Key: "~/id", Home: home},
				{Format: "ssh", Key: "~/id.pub", Home: home},
				{Format: "ssh", Key: "id", Dir: home},
			} {
				s, err := Load(cfg, nil)
				if err != nil {
					t.Fatalf("%+v: %v", cfg, err)
				}
				armored := sign(t, s, "git", message)
				wantError(t, Verify(key.signer.PublicKey(), armored, "git", []byte(message)), "")
			}
		})
	}
}

// What this process cannot sign with, the program signs with.
func TestLoadProgram(t *testing.T) {
	key := testKeys()["ed25519"]
	encrypted, public := t.TempDir(), t.TempDir()
	path := key.write(t, encrypted, "secret")
	lone := filepath.Join(public, "agent.pub")
	writeFile(t, lone, key.line()+" alice\n")
	named := filepath.Join(public, "agent")
	writeFile(t, named, key.line()+"\n")
	for _, tt := range []struct {
		name     string
		cfg      Config
		program  string
		file     string // "" where the key is written out
		fromText string
	}{
		{"passphrase", Config{Key: path}, "ssh-keygen", path, ""},
		{"public half of a passphrase", Config{Key: path + ".pub"}, "ssh-keygen", path + ".pub", ""},
		{"agent", Config{Key: lone}, "ssh-keygen", lone, ""},
		{"agent, unusual name", Config{Key: named}, "ssh-keygen", named, ""},
		{"literal", Config{Key: "key::" + key.line()}, "ssh-keygen", "", key.line() + "\n"},
		{"bare literal", Config{Key: key.line()}, "ssh-keygen", "", key.line() + "\n"},
		{"other program", Config{Key: key.line(), Program: "/opt/sign"}, "/opt/sign", "", key.line() + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &program{signer: NewSigner(key.signer)}
			tt.cfg.Format = "ssh"
			s, err := Load(tt.cfg, p.run)
			if err != nil {
				t.Fatal(err)
			}
			if Fingerprint(s.PublicKey()) != Fingerprint(key.signer.PublicKey()) {
				t.Errorf("signs with %s", Fingerprint(s.PublicKey()))
			}
			armored := sign(t, s, "gitsm", message)
			wantError(t, Verify(key.signer.PublicKey(), armored, "gitsm", []byte(message)), "")
			want := fmt.Sprint([]string{"-Y", "sign", "-n", "gitsm", "-f"})
			if p.name != tt.program || fmt.Sprint(p.args[:5]) != want {
				t.Errorf("ran %s %v", p.name, p.args)
			}
			if tt.file != "" && (p.args[5] != tt.file || slices.Contains(p.args, "-U")) {
				t.Errorf("ran with key %v, want %s and no -U", p.args, tt.file)
			}
			if tt.fromText != "" && (p.key != tt.fromText || !slices.Contains(p.args, "-U")) {
				t.Errorf("ran with %v and key %q, want -U and %q", p.args, p.key, tt.fromText)
			}
			if _, err := os.Stat(p.args[len(p.args)-1]); !os.IsNotExist(err) {
				t.Errorf("the payload was left behind: %v", err)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	key, dir := testKeys()["ed25519"], t.TempDir()
	path := key.write(t, dir, "")
	other := filepath.Join(dir, "other")
	writeFile(t, other, read(t, path))
	writeFile(t, other+".pub", testKeys()["ecdsa-p256"].line())
	empty := filepath.Join(dir, "empty")
	writeFile(t, empty, "")
	weak := filepath.Join(dir, "weak")
	writeFile(t, weak, testKeys()["rsa"].line()[:60])
	for _, tt := range []struct {
		name string
		cfg  Config
		none bool // ErrNoKey: go on unsigned
		want string
	}{
		{"nothing configured", Config{}, true, "git config gpg.format ssh"},
		{"openpgp by default", Config{Key: "ABCD1234"}, true, "OpenPGP key"},
		{"openpgp", Config{Format: "openpgp", Key: "ABCD1234"}, true, "gpg.format is openpgp"},
		{"x509", Config{Format: "x509", Key: "x"}, true, "gpg.format is x509"},
		{"no key", Config{Format: "ssh"}, true, "gpg.ssh.defaultKeyCommand"},
		{"no file", Config{Format: "ssh", Key: filepath.Join(dir, "absent")}, false, "absent"},
		{"directory", Config{Format: "ssh", Key: dir}, false, "user.signingkey"},
		{"no home", Config{Format: "ssh", Key: "~/id"}, false, "home directory is not known"},
		{"other user's home", Config{Format: "ssh", Key: "~bob/id", Home: dir}, false, "only ~/ is expanded"},
		{"prefix", Config{Format: "ssh", Key: "%(prefix)/id"}, false, "only ~/ is expanded"},
		{"empty file", Config{Format: "ssh", Key: empty}, false, "reading user.signingkey"},
		{"half a public key", Config{Format: "ssh", Key: weak}, false, "reading user.signingkey"},
		{"halves of two keys", Config{Format: "ssh", Key: other + ".pub"}, false, "is not the public half"},
		{"empty literal", Config{Format: "ssh", Key: "key::"}, false, "reading user.signingkey"},
		{"broken literal", Config{Format: "ssh", Key: "ssh-ed25519 AAAA"}, false, "reading user.signingkey"},
		{"two literals", Config{Format: "ssh", Key: "key::" + key.line() + "\n" + key.line()}, false, "more than one line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.cfg, (&program{}).run)
			wantError(t, err, tt.want)
			if errors.Is(err, ErrNoKey) != tt.none {
				t.Errorf("ErrNoKey = %t: %v", !tt.none, err)
			}
		})
	}
}

func TestProgramSignerErrors(t *testing.T) {
	key, other := testKeys()["ed25519"], NewSigner(testKeys()["ecdsa-p256"].signer)
	for _, tt := range []struct {
		name string
		p    program
		want string
	}{
		{"works", program{signer: NewSigner(key.signer)}, ""},
		{"CRLF", program{signer: NewSigner(key.signer), alter: func(a []byte) []byte {
			return bytes.ReplaceAll(a, []byte("\n"), []byte("\r\n"))
		}}, ""},
		{"fails", program{}, "agent socket"},
		{"writes nothing", program{signer: other, alter: func([]byte) []byte { return nil }}, "wrote no signature"},
		{"writes nonsense", program{signer: other, alter: func([]byte) []byte { return []byte("x") }}, "does not begin"},
		{"uses another key", program{signer: other}, "it was made with"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ProgramSigner("", "key::"+key.line(), tt.p.run)
			if err != nil {
				t.Fatal(err)
			}
			armored, err := s.Sign(context.Background(), "gitsm", []byte(message))
			wantError(t, err, tt.want)
			if bytes.Contains(armored, []byte("\r")) {
				t.Errorf("kept carriage returns: %q", armored)
			}
		})
	}
	if _, err := ProgramSigner("", key.line(), nil); err == nil {
		t.Error("made a signer that can run nothing")
	}
}

func TestFileSignerErrors(t *testing.T) {
	dir := t.TempDir()
	path := testKeys()["ed25519"].write(t, dir, "secret")
	if _, err := FileSigner(path); !errors.Is(err, ErrEncrypted) {
		t.Errorf("a key with a passphrase: %v", err)
	}
	_, err := FileSigner(path + ".pub")
	wantError(t, err, "reading the signing key")
	_, err = FileSigner(filepath.Join(dir, "absent"))
	wantError(t, err, "absent")
}

// The whole way with the real program: a passphrase, an agent, a literal.
func TestProgramIsOpenSSH(t *testing.T) {
	needKeygen(t)
	key, dir := testKeys()["ed25519"], t.TempDir()
	path := key.write(t, dir, "secret")
	ask := filepath.Join(dir, "ask")
	writeFile(t, ask, "#!/bin/sh\necho secret\n")
	if err := os.Chmod(ask, 0o700); err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force")
	run := func(ctx context.Context, name string, args []string, _ []byte) ([]byte, error) {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = environ
		return cmd.Output()
	}
	signs := func(t *testing.T, value string) error {
		s, err := Load(Config{Format: "ssh", Key: value}, run)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Sign(t.Context(), "gitsm", []byte(message)) // verified by the signer itself
		return err
	}
	wantError(t, signs(t, path), "")
	wantError(t, signs(t, path+".pub"), "")
	wantError(t, signs(t, "key::"+key.line()), "signing with ssh-keygen") // no agent yet

	environ = append(environ, startAgent(t)...)
	add := exec.CommandContext(t.Context(), "ssh-add", "-q", path)
	add.Env = environ
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("ssh-add: %v\n%s", err, out)
	}
	wantError(t, signs(t, "key::"+key.line()), "")
	wantError(t, signs(t, "key::"+testKeys()["ecdsa-p256"].line()), "signing with ssh-keygen")
}

// startAgent starts an agent of the test's own and returns what points to it.
func startAgent(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("ssh-agent"); err != nil {
		t.Skip("ssh-agent is not installed, so there is no agent to ask")
	}
	dir, err := os.MkdirTemp("", "agent") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	agent := exec.Command("ssh-agent", "-D", "-a", socket)
	out, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		agent.Process.Kill()
		agent.Wait()
		os.RemoveAll(dir)
	})
	if _, err := out.Read(make([]byte, 1)); err != nil { // it prints once it listens
		t.Fatal(err)
	}
	return []string{"SSH_AUTH_SOCK=" + socket}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text)) + "\n"
}

// Where the private half cannot be opened here, the public one still says whose
// signature it will be.
func TestPublicHalf(t *testing.T) {
	dir, key := t.TempDir(), testKeys()["rsa"]
	pemFile := func(name, kind string, headers map[string]string, body []byte) string {
		path := filepath.Join(dir, name)
		writeFile(t, path, string(pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: body})))
		return path
	}
	locked := map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}
	beside := pemFile("beside", "RSA PRIVATE KEY", locked, []byte("secret"))
	writeFile(t, beside+".pub", key.line()+"\n")
	damaged := pemFile("damaged", "RSA PRIVATE KEY", locked, []byte("secret"))
	writeFile(t, damaged+".pub", key.line()[:40])

	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token := hardwareKey{private, true}
	handle := func(public []byte, count uint32) []byte {
		return append([]byte("openssh-key-v1\x00"), ssh.Marshal(struct {
			Cipher, KDF, Options string
			Count                uint32
			Public, Handle       []byte
		}{"none", "none", "", count, public, []byte("handle")})...)
	}
	weak := shortRSA(t).PublicKey().Marshal()
	for _, tt := range []struct {
		name, path string
		key        ssh.PublicKey
		want       string
	}{
		{"beside an old format", beside, key.signer.PublicKey(), ""},
		{"inside a hardware handle", pemFile("token", "OPENSSH PRIVATE KEY", nil, handle(token.PublicKey().Marshal(), 1)), token.PublicKey(), ""},
		{"nowhere", pemFile("lone", "RSA PRIVATE KEY", locked, []byte("secret")), nil, "ssh-keygen -y -f"},
		{"damaged beside", damaged, nil, "damaged.pub"},
		{"two keys in one file", pemFile("two", "OPENSSH PRIVATE KEY", nil, handle(weak, 2)), nil, "ssh-keygen -y -f"},
		{"wrong magic", pemFile("magic", "OPENSSH PRIVATE KEY", nil, []byte("openssh-key-v2\x00")), nil, "ssh-keygen -y -f"},
		{"too weak", pemFile("weak-handle", "OPENSSH PRIVATE KEY", nil, handle(weak, 1)), nil, "shorter than 2048"},
		{"no key at all", filepath.Join(dir, "absent"), nil, "absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ProgramSigner("", tt.path, (&program{}).run)
			wantError(t, err, tt.want)
			if err == nil && Fingerprint(s.PublicKey()) != Fingerprint(tt.key) {
				t.Errorf("signs with %s", Fingerprint(s.PublicKey()))
			}
		})
	}
}
