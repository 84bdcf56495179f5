package scripts

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hiddeco/sshsig"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

// people makes an SSH key for each name, the same one every time, under $KEYS,
// and becomes the first of them.
func people(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(WriteKeys(ts.Getenv("KEYS"), args...))
	as(ts, false, args[:1])
}

// WriteKeys writes the key pair of each name into a directory.
func WriteKeys(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		key := Key(name)
		block, err := ssh.MarshalPrivateKey(key, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pub"), []byte(PublicKey(key)+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Key is the key of a made-up person; it is no secret.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("gitsm test key of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// PublicKey is a key's public half as people/ and authorized_keys have it.
func PublicKey(key ed25519.PrivateKey) string {
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		panic(err) // an ed25519 key always has one
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))
}

// as makes git believe that another person sits at the keyboard. With
// -unsigned that person has no key.
func as(ts *testscript.TestScript, neg bool, args []string) {
	unsigned := len(args) == 2 && args[1] == "-unsigned"
	key := filepath.Join(ts.Getenv("KEYS"), args[0])
	if _, err := os.Stat(key); err != nil || unsigned {
		key = ""
	}
	ts.Check(os.WriteFile(ts.Getenv("GIT_CONFIG_GLOBAL"), Identity(args[0], key), 0o644))
}

// Identity is the git configuration of a person; key is the file they sign
// with, "" for none.
func Identity(name, key string) []byte {
	config := fmt.Sprintf("[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n[user]\n\tname = %s\n\temail = %s@example.org\n", strings.ToUpper(name[:1])+name[1:], name)
	if key != "" {
		config += fmt.Sprintf("\tsigningkey = %s\n[gpg]\n\tformat = ssh\n[commit]\n\tgpgsign = true\n[gpg \"ssh\"]\n\tprogram = sign-ssh\n", filepath.ToSlash(key))
	}
	return []byte(config)
}

// signSSH is what git calls to sign a commit, so that git commit -S works
// where OpenSSH is not installed: sign-ssh -Y sign -n git -f KEY FILE. To check
// a signature is left to OpenSSH.
func signSSH() {
	if len(os.Args) > 2 && os.Args[2] != "sign" {
		cmd := exec.Command("ssh-keygen", os.Args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			os.Exit(1)
		}
		return
	}
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "sign-ssh:", err)
			os.Exit(1)
		}
	}
	if len(os.Args) != 8 || os.Args[2] != "sign" || os.Args[4] != "git" {
		fail(fmt.Errorf("git calls it with %q", os.Args[1:]))
	}
	pem, err := os.ReadFile(os.Args[6])
	fail(err)
	key, err := ssh.ParsePrivateKey(pem)
	fail(err)
	commit, err := os.Open(os.Args[7])
	fail(err)
	sig, err := sshsig.Sign(commit, key, sshsig.HashSHA512, "git")
	fail(err)
	fail(os.WriteFile(os.Args[7]+".sig", sshsig.Armor(sig), 0o600))
}
