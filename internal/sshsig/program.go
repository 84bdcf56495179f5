package sshsig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"
)

// DefaultProgram is what git runs to sign where gpg.ssh.program is not set.
const DefaultProgram = "ssh-keygen"

// Runner runs a program and returns its standard output. An error carries what
// the program wrote to standard error. A nil stdin means that the program reads
// from the terminal gitsm itself was started on, so that it can ask for a
// passphrase or a PIN; what it writes to standard error should then reach that
// terminal as well, since "touch your key" is said there.
type Runner func(ctx context.Context, name string, args []string, stdin []byte) ([]byte, error)

// programSigner has another program sign: for keys with a passphrase, keys held
// by an agent and keys in hardware.
type programSigner struct {
	program string
	path    string // key file handed to the program; "" when literal is set
	literal string // public key in authorized_keys form, written out for each signature
	key     ssh.PublicKey
	run     Runner
}

// ProgramSigner signs by running program the way git does. key is the path of
// a private or public key file, or a public key in authorized_keys form whose
// private half an agent holds. An empty program is ssh-keygen.
func ProgramSigner(program, key string, run Runner) (Signer, error) {
	if program == "" {
		program = DefaultProgram
	}
	if run == nil {
		return nil, fmt.Errorf("preparing to sign with %s: no way to run programs was given", program)
	}
	s := programSigner{program: program, run: run}
	if literal, ok := literalKey(key); ok {
		pub, err := ParseAuthorized(literal)
		if err != nil {
			return nil, fmt.Errorf("reading user.signingkey: %w", err)
		}
		s.literal, s.key = literal, pub
		return s, nil
	}
	pub, err := publicHalf(key)
	if err != nil {
		return nil, err
	}
	s.path, s.key = key, pub
	return s, nil
}

func (s programSigner) PublicKey() ssh.PublicKey { return s.key }

// Sign hands the message over in a file, as git does. ssh-keygen would also
// read it from standard input, but then it takes the passphrase from there too,
// and programs other than ssh-keygen know only what git asks of them.
func (s programSigner) Sign(ctx context.Context, namespace string, message []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gitsm-sign-")
	if err != nil {
		return nil, fmt.Errorf("preparing to sign: %w", err)
	}
	defer os.RemoveAll(dir)
	payload := filepath.Join(dir, "payload")
	if err := os.WriteFile(payload, message, 0o600); err != nil {
		return nil, fmt.Errorf("preparing to sign: %w", err)
	}
	args, err := s.args(dir, namespace)
	if err != nil {
		return nil, err
	}
	if _, err := s.run(ctx, s.program, append(args, payload), nil); err != nil {
		return nil, fmt.Errorf("signing with %s: %w", s.program, err)
	}
	armored, err := os.ReadFile(payload + ".sig")
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("signing with %s: it ended well but wrote no signature; check gpg.ssh.program", s.program)
	}
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %w", s.program, err)
	}
	// A program can be misconfigured to use another key, and a signature that
	// does not verify would be recorded for good.
	if err := Verify(s.key, armored, namespace, message); err != nil {
		return nil, fmt.Errorf("checking what %s signed: %w", s.program, err)
	}
	return bytes.ReplaceAll(armored, []byte("\r\n"), []byte("\n")), nil
}

// args are the arguments before the payload's name. -U tells ssh-keygen that
// the private half is in the agent and not in the file.
func (s programSigner) args(dir, namespace string) ([]string, error) {
	args := []string{"-Y", "sign", "-n", namespace, "-f"}
	if s.literal == "" {
		return append(args, s.path), nil
	}
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, []byte(s.literal+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("preparing to sign: %w", err)
	}
	return append(args, file, "-U"), nil
}
