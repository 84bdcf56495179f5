package sshsig

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestFromSeed(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, SeedSize)
	s, err := FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := PrivateFile(seed, "alice")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := FileSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file.PublicKey().Marshal(), s.PublicKey().Marshal()) {
		t.Error("the file holds another key than the seed determines")
	}
	sig, err := s.Sign(t.Context(), "gitsm", []byte("approved"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(file.PublicKey(), sig, "gitsm", []byte("approved")); err != nil {
		t.Error(err)
	}
	if err := Verify(file.PublicKey(), sig, "gitsm", []byte("rejected")); err == nil {
		t.Error("a signature held for other bytes")
	}
}

func TestFromSeedRefusesOtherLengths(t *testing.T) {
	for _, n := range []int{0, SeedSize - 1, SeedSize + 1} {
		if _, err := FromSeed(make([]byte, n)); err == nil {
			t.Errorf("a seed of %d bytes was taken", n)
		}
		if _, err := PrivateFile(make([]byte, n), ""); err == nil {
			t.Errorf("a file was made of a seed of %d bytes", n)
		}
	}
}
