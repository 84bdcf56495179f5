package evidence

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/big"

	"golang.org/x/crypto/ssh"
)

// softCurve is softToken for a security key of the older kind.
type softCurve struct{ private *ecdsa.PrivateKey }

func (c *corpus) p256() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	return key
}

func (s softCurve) PublicKey() ssh.PublicKey {
	point, err := s.private.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type, Curve string
		Point       []byte
		Application string
	}{ssh.KeyAlgoSKECDSA256, "nistp256", point, "ssh:"}))
	if err != nil {
		panic(err)
	}
	return key
}

func (s softCurve) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	state := binary.BigEndian.AppendUint32([]byte{1}, 7)
	application, digest := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	whole := sha256.Sum256(append(append(application[:], state...), digest[:]...))
	r, t, err := ecdsa.Sign(rand.Reader, s.private, whole[:])
	if err != nil {
		return nil, err
	}
	return &ssh.Signature{Format: ssh.KeyAlgoSKECDSA256, Blob: ssh.Marshal(struct{ R, S *big.Int }{r, t}), Rest: state}, nil
}
