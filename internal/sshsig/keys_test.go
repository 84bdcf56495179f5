package sshsig

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// testKey is a freshly made key of one algorithm.
type testKey struct {
	private crypto.PrivateKey
	signer  ssh.Signer
}

// testKeys are made once: RSA keys take their time.
var testKeys = sync.OnceValue(func() map[string]testKey {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	p256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p521, err3 := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	long, err4 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		panic(err)
	}
	keys := map[string]testKey{}
	for name, private := range map[string]crypto.PrivateKey{
		"ed25519": ed, "ecdsa-p256": p256, "ecdsa-p521": p521, "rsa": long,
	} {
		signer, err := ssh.NewSignerFromKey(private)
		if err != nil {
			panic(err)
		}
		keys[name] = testKey{private: private, signer: signer}
	}
	return keys
})

// write stores the key the way ssh-keygen does and returns the private file's
// path; the public half is beside it.
func (k testKey) write(t *testing.T, dir, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(k.private, "test")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(k.private, "test", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "id")
	writeFile(t, path, string(pem.EncodeToMemory(block)))
	writeFile(t, path+".pub", k.line()+" test\n")
	return path
}

// line is the public key in authorized_keys form.
func (k testKey) line() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.signer.PublicKey())))
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// needKeygen skips where OpenSSH is not installed; everything it is compared
// with is tested without it as well.
func needKeygen(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(DefaultProgram); err != nil {
		t.Skip("ssh-keygen is not installed, so there is nothing to compare with")
	}
}

// keygen runs ssh-keygen and returns what it printed.
func keygen(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), DefaultProgram, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	return string(out), err
}

// sign makes a signature or fails the test.
func sign(t *testing.T, s Signer, namespace, message string) []byte {
	t.Helper()
	armored, err := s.Sign(context.Background(), namespace, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return armored
}

// hardwareKey imitates a security key: it signs what a FIDO token signs.
type hardwareKey struct {
	private ed25519.PrivateKey
	touched bool
}

func (h hardwareKey) PublicKey() ssh.PublicKey {
	wire := ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, h.private.Public().(ed25519.PublicKey), "ssh:"})
	key, err := ssh.ParsePublicKey(wire)
	if err != nil {
		panic(err)
	}
	return key
}

func (h hardwareKey) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	state := []byte{0}
	if h.touched {
		state[0] = 1
	}
	state = binary.BigEndian.AppendUint32(state, 7)
	application, digest := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	message := append(append(application[:], state...), digest[:]...)
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(h.private, message), Rest: state}, nil
}
