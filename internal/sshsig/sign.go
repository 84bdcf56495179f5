package sshsig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// ErrEncrypted is returned by FileSigner for a key that needs a passphrase.
var ErrEncrypted = errors.New("the private key is protected by a passphrase")

// keySigner signs in this process.
type keySigner struct {
	key ssh.Signer
}

// NewSigner signs with a key held in memory.
func NewSigner(key ssh.Signer) Signer { return keySigner{key: key} }

// FileSigner signs with an unencrypted private key file. A key that needs a
// passphrase is ErrEncrypted: this process never asks for one, the program of
// ProgramSigner does.
func FileSigner(path string) (Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		return nil, fmt.Errorf("reading the signing key %s: %w", path, ErrEncrypted)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the signing key %s: %w", path, err)
	}
	if err := supported(key.PublicKey()); err != nil {
		return nil, fmt.Errorf("reading the signing key %s: %w", path, err)
	}
	return keySigner{key: key}, nil
}

func (s keySigner) PublicKey() ssh.PublicKey { return s.key.PublicKey() }

func (s keySigner) Sign(ctx context.Context, namespace string, message []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sig, err := sshsig.Sign(bytes.NewReader(message), s.key, sshsig.HashSHA512, namespace)
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %w", Fingerprint(s.key.PublicKey()), err)
	}
	return armor(sig.Marshal()), nil
}
