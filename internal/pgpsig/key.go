package pgpsig

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// BeginKey is how an armored public key begins.
const BeginKey = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

// maxKey bounds what is decoded: a key with many names and certifications has
// tens of kilobytes.
const maxKey = 256 << 10

// ErrWeak says of a key that its signatures prove too little: RSA shorter than
// 2048 bits, DSA, or a broken curve.
var ErrWeak = errors.New("the key is too weak")

// ErrUnfit says of a key that it was not made to sign, or that nothing binds it
// to its owner.
var ErrUnfit = errors.New("the key is not one to sign with")

// Key is a public key with its subkeys. It is safe for concurrent use.
type Key struct {
	raw    []byte // its packets; the library remembers verdicts in what it parsed, so each look is at a new copy
	public []*packet.PublicKey
}

// ParseKeys reads armored public keys, as `gpg --armor --export` prints them.
// Several armours may follow one another.
func ParseKeys(text string) ([]*Key, error) {
	if len(text) > maxKey {
		return nil, fmt.Errorf("reading an OpenPGP key: %d bytes are more than any key has", len(text))
	}
	var out []*Key
	for rest := strings.TrimSpace(text); rest != ""; {
		if !strings.HasPrefix(rest, BeginKey) {
			return nil, fmt.Errorf("reading an OpenPGP key: it does not begin with %q", BeginKey)
		}
		one := rest
		if i := strings.Index(rest[1:], "\n-----BEGIN"); i >= 0 {
			one = rest[:i+2]
		}
		rest = strings.TrimSpace(rest[len(one):])
		keys, err := parseBlock(one)
		if err != nil {
			return nil, fmt.Errorf("reading an OpenPGP key: %w", err)
		}
		out = append(out, keys...)
	}
	if len(out) == 0 {
		return nil, errors.New("reading an OpenPGP key: it is empty")
	}
	return out, nil
}

func parseBlock(text string) ([]*Key, error) {
	block, err := armor.Decode(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	packets := packet.NewReader(block.Body)
	var out []*Key
	for {
		e, err := openpgp.ReadEntity(packets)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		k, err := newKey(e)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func newKey(e *openpgp.Entity) (*Key, error) {
	var raw bytes.Buffer
	if err := e.Serialize(&raw); err != nil {
		return nil, err
	}
	k := &Key{raw: raw.Bytes(), public: []*packet.PublicKey{e.PrimaryKey}}
	for _, s := range e.Subkeys {
		k.public = append(k.public, s.PublicKey)
	}
	return k, nil
}

// Fingerprint names the primary key as gpg does.
func (k *Key) Fingerprint() string { return fmt.Sprintf("%X", k.public[0].Fingerprint) }

// Standing says what was wrong, at the time that a signature says it was made,
// with the key that made it; nil where nothing was. It is an *ExpiredError for
// a key outside its time or revoked, ErrWeak or ErrUnfit for one no signature is
// accepted from.
func (k *Key) Standing(s *Signature) error {
	e, err := openpgp.ReadEntity(packet.NewReader(bytes.NewReader(k.raw)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	made, config := s.Made(), &packet.Config{}
	if made.Before(e.PrimaryKey.CreationTime) {
		return &ExpiredError{fmt.Sprintf("the key was made at %s, later than the signature says it was", e.PrimaryKey.CreationTime.UTC().Format(time.RFC3339))}
	}
	self, err := e.VerifyPrimaryKey(made, config)
	if err != nil {
		return standing(err, made)
	}
	used := e.PrimaryKey
	for _, sub := range e.Subkeys {
		if !s.packet.CheckKeyIdOrFingerprint(sub.PublicKey) {
			continue
		}
		used = sub.PublicKey
		if self, err = sub.Verify(made, config); err != nil {
			return standing(err, made)
		}
	}
	if self.FlagsValid && !self.FlagSign || !used.CanSign() {
		return fmt.Errorf("%w: its owner made it for something else", ErrUnfit)
	}
	return strong(used, config)
}

// ExpiredError says that a key was revoked or outside its time.
type ExpiredError struct{ Why string }

func (e *ExpiredError) Error() string { return e.Why }

// standing words what the library says of a key as of a time.
func standing(err error, made time.Time) error {
	switch {
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return &ExpiredError{"the key is revoked by its owner"}
	case errors.Is(err, pgperrors.ErrKeyExpired):
		return &ExpiredError{fmt.Sprintf("the key had expired by %s, when the signature says it was made", made.Format(time.RFC3339))}
	}
	return fmt.Errorf("%w: %w", ErrUnfit, err)
}

// strong refuses keys whose signatures prove too little.
func strong(pub *packet.PublicKey, config *packet.Config) error {
	if config.RejectPublicKeyAlgorithm(pub.PubKeyAlgo) {
		return fmt.Errorf("%w: its algorithm is out of use", ErrWeak)
	}
	switch pub.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		if bits, err := pub.BitLength(); err != nil || bits < config.MinimumRSABits() {
			return fmt.Errorf("%w: the RSA key has %d bits", ErrWeak, bits)
		}
	case packet.PubKeyAlgoECDSA, packet.PubKeyAlgoEdDSA:
		if curve, err := pub.Curve(); err != nil || config.RejectCurve(curve) {
			return fmt.Errorf("%w: its curve %s is out of use", ErrWeak, curve)
		}
	}
	return nil
}

// github are the keys of GitHub's web-flow account, as GitHub publishes them.
//
//go:embed github.asc
var github string

// GitHubText is GitHub's keys as GitHub publishes them.
func GitHubText() string { return github }

// GitHub are the keys with which GitHub signs merges and edits made on its
// pages, by fingerprint
// 968479A1AFF927E37D1A566BB5690EEEBB952194 (since 2024) and
// 5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23 (2017 to 2024). Such a signature
// says that it happened on GitHub, and nothing of who approved it.
func GitHub() []*Key {
	keys, err := ParseKeys(github)
	if err != nil {
		panic(err) // a test reads the file
	}
	return keys
}
