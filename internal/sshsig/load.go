package sshsig

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

// ErrNoKey is returned where git has no SSH key configured to sign with. A
// configured key that cannot be used is another error, so that nothing goes
// unsigned because of a typing mistake.
var ErrNoKey = errors.New("no SSH signing key configured")

// Config is what git is configured to sign with.
type Config struct {
	Format  string // gpg.format; git's default, openpgp, when empty
	Key     string // user.signingkey
	Program string // gpg.ssh.program; ssh-keygen when empty
	Home    string // what ~ stands for in Key
	Dir     string // what a relative Key is relative to: the top of the work tree
}

// Load finds the key git would sign with. A plain private key file is used in
// this process, so no other program needs to be installed; a key with a
// passphrase, in an agent or in hardware is left to the program git names.
func Load(cfg Config, run Runner) (Signer, error) {
	if cfg.Format != "ssh" {
		return nil, formatError(cfg)
	}
	if cfg.Key == "" {
		return nil, fmt.Errorf("%w: gpg.format is ssh but user.signingkey is not set (gpg.ssh.defaultKeyCommand is not run); git config user.signingkey ~/.ssh/id_ed25519", ErrNoKey)
	}
	if _, ok := literalKey(cfg.Key); ok {
		return ProgramSigner(cfg.Program, cfg.Key, run)
	}
	path, err := expand(cfg)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading user.signingkey: %w", err)
	}
	if isPrivate(text) {
		return loadPrivate(path, cfg.Program, run)
	}
	return loadPublic(path, string(text), cfg.Program, run)
}

// formatError says which of the ways of not signing with SSH is configured.
func formatError(cfg Config) error {
	const fix = "git config gpg.format ssh && git config user.signingkey ~/.ssh/id_ed25519"
	switch {
	case cfg.Format == "" && cfg.Key == "":
		return fmt.Errorf("%w: %s", ErrNoKey, fix)
	case cfg.Format == "":
		return fmt.Errorf("%w: gpg.format is not set, so git takes user.signingkey for an OpenPGP key: %s", ErrNoKey, fix)
	}
	return fmt.Errorf("%w: gpg.format is %s, and gitsm signs with SSH keys alone: %s", ErrNoKey, cfg.Format, fix)
}

// loadPrivate signs here when it can. What this process cannot open (a
// passphrase, a handle to hardware) ssh-keygen can.
func loadPrivate(path, program string, run Runner) (Signer, error) {
	signer, err := FileSigner(path)
	if err == nil || errors.Is(err, ErrUnsupportedKey) {
		return signer, err
	}
	return ProgramSigner(program, path, run)
}

// loadPublic looks for the private half where ssh-keygen does, beside the
// public one, and leaves everything else to the program and its agent.
func loadPublic(path, text, program string, run Runner) (Signer, error) {
	pub, err := ParseAuthorized(text)
	if err != nil {
		return nil, fmt.Errorf("reading user.signingkey %s: %w", path, err)
	}
	private, ok := strings.CutSuffix(path, ".pub")
	if ok {
		signer, err := FileSigner(private)
		if err == nil && !bytes.Equal(signer.PublicKey().Marshal(), pub.Marshal()) {
			return nil, fmt.Errorf("reading user.signingkey: %s is not the public half of %s; ssh-keygen -y -f %s > %s", path, private, private, path)
		}
		if err == nil {
			return signer, nil
		}
	}
	return ProgramSigner(program, path, run)
}

// literalKey tells a key written into the configuration from a path, as git
// does: everything after key::, and anything that begins with ssh-.
func literalKey(value string) (string, bool) {
	if literal, ok := strings.CutPrefix(value, "key::"); ok {
		return literal, true
	}
	return value, strings.HasPrefix(value, "ssh-")
}

// expand turns user.signingkey into a path.
func expand(cfg Config) (string, error) {
	rest, home := strings.CutPrefix(cfg.Key, "~/")
	switch {
	case home && cfg.Home == "":
		return "", fmt.Errorf("reading user.signingkey %s: the home directory is not known; give the whole path", cfg.Key)
	case home:
		return filepath.Join(cfg.Home, rest), nil
	case strings.HasPrefix(cfg.Key, "~"), strings.HasPrefix(cfg.Key, "%("):
		return "", fmt.Errorf("reading user.signingkey %s: only ~/ is expanded; give the whole path", cfg.Key)
	case filepath.IsAbs(cfg.Key):
		return cfg.Key, nil
	}
	return filepath.Join(cfg.Dir, cfg.Key), nil
}

// isPrivate tells a private key file from a public one by its content; names
// are only a habit.
func isPrivate(text []byte) bool {
	block, _ := pem.Decode(text)
	return block != nil && strings.HasSuffix(block.Type, "PRIVATE KEY")
}

// publicHalf reads the public key of a key file that this process cannot or
// need not open: the file itself when it is public, the part that OpenSSH keeps
// in the clear in a private file, else the .pub beside it.
func publicHalf(path string) (ssh.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	if !isPrivate(text) {
		pub, err := ParseAuthorized(string(text))
		if err != nil {
			return nil, fmt.Errorf("reading the signing key %s: %w", path, err)
		}
		return pub, nil
	}
	if pub, ok := clearPublic(text); ok {
		return pub, supported(pub)
	}
	beside, err := os.ReadFile(path + ".pub")
	if err != nil {
		return nil, fmt.Errorf("reading the public half of %s: %w; ssh-keygen -y -f %s > %s.pub", path, err, path, path)
	}
	pub, err := ParseAuthorized(string(beside))
	if err != nil {
		return nil, fmt.Errorf("reading %s.pub: %w", path, err)
	}
	return pub, nil
}

// clearPublic reads the public key from the head of OpenSSH's private key
// format, which is never encrypted.
func clearPublic(text []byte) (ssh.PublicKey, bool) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "OPENSSH PRIVATE KEY" {
		return nil, false
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte("openssh-key-v1\x00"))
	if !ok {
		return nil, false
	}
	var head struct {
		Cipher, KDF, KDFOptions string
		Keys                    uint32
		Public                  []byte
		Rest                    []byte `ssh:"rest"`
	}
	if err := ssh.Unmarshal(body, &head); err != nil || head.Keys != 1 {
		return nil, false
	}
	pub, err := ssh.ParsePublicKey(head.Public)
	return pub, err == nil
}
