package sshsig

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// SeedSize is the length of the seed of a throw-away key, in bytes.
const SeedSize = ed25519.SeedSize

// FromSeed signs with the ed25519 key that a seed determines. It is for
// simulations and tests: whoever knows the seed has the key.
func FromSeed(seed []byte) (Signer, error) {
	private, err := keyFromSeed(seed)
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		return nil, fmt.Errorf("making a throw-away key: %w", err)
	}
	return NewSigner(key), nil
}

// PrivateFile returns the key of FromSeed as ssh-keygen would have written it
// to a file, without a passphrase.
func PrivateFile(seed []byte, comment string) ([]byte, error) {
	private, err := keyFromSeed(seed)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return nil, fmt.Errorf("writing a throw-away key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

func keyFromSeed(seed []byte) (ed25519.PrivateKey, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("making a throw-away key: the seed has %d bytes and needs %d", len(seed), SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
