// Package sshsig owns SSH signatures: OpenSSH's armored detached format
// (SSHSIG), made and checked in Go with plain key files, or made by the program
// git names where only that program reaches the key.
//
// It may import the standard library, golang.org/x/crypto/ssh and
// github.com/hiddeco/sshsig. It never decides whose key a key is or whether it
// counts (evidence does), never reads git's configuration (the caller hands it
// over as Config) and never starts a process but through the Runner it is given.
package sshsig

import (
	"bytes"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// ErrUnsupportedKey is returned for keys no signature is accepted from: DSA,
// and RSA keys shorter than 2048 bits.
var ErrUnsupportedKey = errors.New("unsupported key")

// minRSABits is the least length of an RSA key that is accepted.
const minRSABits = 2048

// Signer makes armored signatures with one key.
type Signer interface {
	// Sign signs message for namespace. A signer that runs a program may wait
	// for a passphrase or a touch; ctx ends that wait.
	Sign(ctx context.Context, namespace string, message []byte) (armored []byte, err error)
	// PublicKey is the public half of the key that signs.
	PublicKey() ssh.PublicKey
}

// Func binds s to a namespace, for callers that sign bytes and need not know
// what a signer is.
func Func(ctx context.Context, s Signer, namespace string) func([]byte) ([]byte, error) {
	return func(message []byte) ([]byte, error) { return s.Sign(ctx, namespace, message) }
}

// Signature is a parsed signature. Parsing says nothing about its validity.
type Signature struct {
	sig *sshsig.Signature
}

// Parse reads one armored signature. It is stricter than ssh-keygen: one
// armour and nothing around it but line ends, no bytes that the signature does
// not cover, SHA-256 or SHA-512, and never RSA with SHA-1. Everything it refuses
// is either damage or room to hide something in.
func Parse(armored []byte) (*Signature, error) {
	blob, err := dearmor(armored)
	if err != nil {
		return nil, err
	}
	sig, err := sshsig.ParseSignature(blob)
	if err != nil {
		return nil, fmt.Errorf("reading the SSH signature: %w", err)
	}
	key := sig.PublicKey
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	if err := supported(key); err != nil {
		return nil, err
	}
	if len(sig.Signature.Rest) != 0 && !strings.HasPrefix(key.Type(), "sk-") {
		return nil, errors.New("reading the SSH signature: bytes follow the signature proper")
	}
	// The reserved field and any second spelling of a number are not signed, so
	// only the one spelling that writing would produce is read.
	if !bytes.Equal(sig.Marshal(), blob) {
		return nil, errors.New("reading the SSH signature: it is not written the way OpenSSH writes it")
	}
	return &Signature{sig: sig}, nil
}

// PublicKey is the key the signature says it was made with. Where a certificate
// came with it, that is one, and Certificate has the key proper.
func (s *Signature) PublicKey() ssh.PublicKey { return s.sig.PublicKey }

// Verify reports whether the signature was made over message, for exactly
// namespace, with the key it carries. Whose key that is, the caller must know.
func (s *Signature) Verify(namespace string, message []byte) error {
	if namespace == "" {
		return errors.New("verifying an SSH signature: no namespace given")
	}
	if s.sig.Namespace != namespace {
		return fmt.Errorf("verifying an SSH signature: it was made for %q, not for %q", s.sig.Namespace, namespace)
	}
	err := sshsig.Verify(bytes.NewReader(message), s.sig, s.sig.PublicKey, s.sig.HashAlgorithm, namespace)
	if err != nil {
		return fmt.Errorf("verifying an SSH signature: %w", err)
	}
	return nil
}

// Verify reports whether armored is a signature by pub over message for
// namespace.
func Verify(pub ssh.PublicKey, armored []byte, namespace string, message []byte) error {
	sig, err := Parse(armored)
	if err != nil {
		return err
	}
	if !bytes.Equal(pub.Marshal(), sig.PublicKey().Marshal()) {
		return fmt.Errorf("verifying an SSH signature: it was made with %s, not with %s",
			Fingerprint(sig.PublicKey()), Fingerprint(pub))
	}
	return sig.Verify(namespace, message)
}

// KeyOf returns the key that armored says it was made with, without verifying.
func KeyOf(armored []byte) (ssh.PublicKey, error) {
	sig, err := Parse(armored)
	if err != nil {
		return nil, err
	}
	return sig.PublicKey(), nil
}

// ParseAuthorized reads one public key as ssh-keygen writes it to a .pub file:
// type, base64 and an optional comment, on one line and without options.
func ParseAuthorized(line string) (ssh.PublicKey, error) {
	line = strings.TrimSpace(line)
	if strings.ContainsAny(line, "\r\n") {
		return nil, errors.New("reading a public key: more than one line; give each key on its own")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return nil, errors.New("reading a public key: it is cut off or mistyped; give it as in a .pub file: ssh-ed25519 AAAA…")
	}
	if len(options) != 0 {
		return nil, errors.New("reading a public key: options before the key are not allowed; begin with its type")
	}
	if err := supported(key); err != nil {
		return nil, err
	}
	return key, nil
}

// Authorized writes a key as ParseAuthorized reads it, without a comment.
func Authorized(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// Fingerprint names a key as ssh-keygen does: SHA256:….
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

// supported refuses keys whose signatures prove too little.
func supported(key ssh.PublicKey) error {
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return nil
	case ssh.KeyAlgoRSA:
		return supportedRSA(key)
	}
	return fmt.Errorf("%w type %s: use an ed25519, ecdsa, rsa, or hardware-backed (sk) key", ErrUnsupportedKey, key.Type())
}

func supportedRSA(key ssh.PublicKey) error {
	crypto, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return fmt.Errorf("%w: the RSA key cannot be measured", ErrUnsupportedKey)
	}
	pub, ok := crypto.CryptoPublicKey().(*rsa.PublicKey)
	if !ok || pub.N.BitLen() < minRSABits {
		return fmt.Errorf("%w: the RSA key is shorter than %d bits", ErrUnsupportedKey, minRSABits)
	}
	return nil
}
