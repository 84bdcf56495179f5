package sshsig

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Certificate is what an authority says of the key that made a signature.
type Certificate struct{ cert *ssh.Certificate }

// Certificate returns what came with the key of the signature, nil for a plain
// key.
func (s *Signature) Certificate() *Certificate {
	if cert, ok := s.sig.PublicKey.(*ssh.Certificate); ok {
		return &Certificate{cert}
	}
	return nil
}

// Authority is the key that signed the certificate.
func (c *Certificate) Authority() ssh.PublicKey { return c.cert.SignatureKey }

// Key is the key that it is about.
func (c *Certificate) Key() ssh.PublicKey { return c.cert.Key }

// Names reports whether the certificate is for somebody. One that names nobody
// is for nobody, as OpenSSH has it for signatures.
func (c *Certificate) Names(principal string) bool {
	return slices.Contains(c.cert.ValidPrincipals, principal)
}

// Principals are the names it is for.
func (c *Certificate) Principals() string { return strings.Join(c.cert.ValidPrincipals, ", ") }

// Genuine reports whether the authority signed the certificate. Anybody can
// make one that says so.
func (c *Certificate) Genuine() error {
	sig := c.cert.Signature
	if sig == nil || sig.Format == ssh.KeyAlgoRSA {
		return errors.New("verifying an SSH certificate: it is signed with SHA-1")
	}
	unsigned := *c.cert
	unsigned.Signature = nil
	text := unsigned.Marshal()
	text = text[:len(text)-4] // the length of the signature, which is last
	if err := c.cert.SignatureKey.Verify(text, sig); err != nil {
		return fmt.Errorf("verifying an SSH certificate: %w", err)
	}
	return nil
}

// Unfit says why no signature with the certificate is accepted, whoever it is
// for; nil where one may be. The options that OpenSSH knows restrict logins.
func (c *Certificate) Unfit() error {
	if c.cert.CertType != ssh.UserCert {
		return fmt.Errorf("%w: the certificate is a host's", ErrUnsupportedKey)
	}
	for option := range c.cert.CriticalOptions {
		if !slices.Contains([]string{"force-command", "source-address", "verify-required"}, option) {
			return fmt.Errorf("%w: the certificate has the option %q, which nobody knows", ErrUnsupportedKey, option)
		}
	}
	return supported(c.cert.SignatureKey)
}

// Window is the time the certificate is good for: from its first instant to
// the first after it, zero where there is none.
func (c *Certificate) Window() (from, to time.Time) {
	if c.cert.ValidAfter > 0 {
		from = unix(c.cert.ValidAfter)
	}
	if c.cert.ValidBefore < math.MaxInt64 {
		to = unix(c.cert.ValidBefore)
	}
	return from, to
}

func unix(seconds uint64) time.Time {
	return time.Unix(int64(min(seconds, math.MaxInt64)), 0).UTC()
}
