// Package pgpsig owns OpenPGP signatures of commits: reading one armored
// detached signature, holding it against public keys, and GitHub's keys, with
// which GitHub signs what is merged or edited on its pages.
//
// It may import the standard library and ProtonMail/go-crypto. It never signs,
// never decides whose key a key is or whether it counts (evidence does), and
// reads no keyring but what it is given.
package pgpsig

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Begin is how an armored signature begins.
const Begin = "-----BEGIN PGP SIGNATURE-----"

// ErrUnsupported is returned for signatures of a version or by an algorithm
// that cannot be judged.
var ErrUnsupported = errors.New("the signature is of a kind that is not judged")

// Signature is a parsed signature. Parsing says nothing about its validity.
type Signature struct{ packet *packet.Signature }

// Parse reads one armored signature over bytes. It is stricter than gpg: one
// armour and nothing around it but line ends, one signature in it, and never
// one over text, whose line ends could be others, or over a broken hash.
func Parse(armored []byte) (*Signature, error) {
	body, err := dearmor(armored)
	if err != nil {
		return nil, fmt.Errorf("reading an OpenPGP signature: %w", err)
	}
	rest := bytes.NewReader(body)
	first, err := packet.Read(rest)
	if unsupported := pgperrors.UnsupportedError(""); errors.As(err, &unsupported) {
		return nil, fmt.Errorf("reading an OpenPGP signature: %w: %w", ErrUnsupported, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading an OpenPGP signature: %w", err)
	}
	sig, ok := first.(*packet.Signature)
	if !ok {
		return nil, errors.New("reading an OpenPGP signature: something else is in its armour")
	}
	if rest.Len() > 0 {
		return nil, errors.New("reading an OpenPGP signature: other bytes follow it")
	}
	if sig.SigType != packet.SigTypeBinary {
		return nil, errors.New("reading an OpenPGP signature: it is not over bytes, as git's are")
	}
	if (&packet.Config{}).RejectMessageHashAlgorithm(sig.Hash) || !sig.Hash.Available() {
		return nil, fmt.Errorf("reading an OpenPGP signature: its hash %s proves nothing", sig.Hash)
	}
	return &Signature{sig}, nil
}

// Made is when the signature says it was made. It is the signer's word.
func (s *Signature) Made() time.Time { return s.packet.CreationTime.UTC() }

// Ended reports whether the signature itself was given an end that came before
// at.
func (s *Signature) Ended(at time.Time) bool {
	life := s.packet.SigLifetimeSecs
	return life != nil && *life > 0 && !at.Before(s.packet.CreationTime.Add(time.Duration(*life)*time.Second))
}

// Issuer names the key that the signature says it was made with: a fingerprint
// or, where it says no more, a key id.
func (s *Signature) Issuer() string {
	switch {
	case len(s.packet.IssuerFingerprint) > 0:
		return fmt.Sprintf("%X", s.packet.IssuerFingerprint)
	case s.packet.IssuerKeyId != nil:
		return fmt.Sprintf("%016X", *s.packet.IssuerKeyId)
	}
	return "unnamed"
}

// Matches reports whether the signature names the key or one of its subkeys as
// the one it was made with.
func (s *Signature) Matches(k *Key) bool { return s.maker(k.public) != nil }

// maker is the one among keys that the signature names.
func (s *Signature) maker(keys []*packet.PublicKey) *packet.PublicKey {
	for _, pub := range keys {
		if s.packet.CheckKeyIdOrFingerprint(pub) {
			return pub
		}
	}
	return nil
}

// Verify reports whether the key or one of its subkeys made the signature over
// message. Whether the key was valid then, Standing says.
func (s *Signature) Verify(k *Key, message []byte) error {
	pub := s.maker(k.public)
	if pub == nil {
		return fmt.Errorf("verifying an OpenPGP signature: it was made with %s, not with %s", s.Issuer(), k.Fingerprint())
	}
	hash, err := s.packet.PrepareVerify()
	if err != nil {
		return fmt.Errorf("verifying an OpenPGP signature: %w", err)
	}
	hash.Write(message)
	if err := pub.VerifySignature(hash, s.packet); err != nil {
		return fmt.Errorf("verifying an OpenPGP signature: %w", err)
	}
	return nil
}
