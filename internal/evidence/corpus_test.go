package evidence

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gitsm/gitsm/internal/sshsig"
)

// A corpus is a repository of signed commits, made with the programs that
// people sign with, and what those programs say of each.
type corpus struct {
	t      *testing.T
	dir    string // keys
	repo   string
	people map[string]*PersonKeys
	cases  []corpusCase
}

type corpusCase struct {
	name, commit string
	want         Verdict
	looser       bool // git accepts it all the same
}

// unsigned is the payload of every commit of the corpus.
var unsigned = withHeader(strings.Replace(payload(emptyTree1), "\nauthor", "\nparent "+base+"\nparent "+strings.Repeat("7", len(base))+"\nauthor", 1), "encoding", []byte("iso-8859-1"))

func newCorpus(t *testing.T) *corpus {
	needProgram(t, "git")
	needProgram(t, "ssh-keygen")
	c := &corpus{t: t, dir: t.TempDir(), repo: t.TempDir(), people: map[string]*PersonKeys{}}
	git(t, c.repo, "", "init", "-q")
	return c
}

// run runs a program at a fixed time zone and returns what it printed.
func (c *corpus) run(stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), args[0], args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "GNUPGHOME="+c.home())
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *corpus) must(stdin string, args ...string) string {
	c.t.Helper()
	out, err := c.run(stdin, args...)
	if err != nil {
		c.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func (c *corpus) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

func (c *corpus) list(who string, keys ...Key) {
	if c.people[who] == nil {
		c.people[who] = &PersonKeys{Person: who, Active: true}
	}
	c.people[who].Keys = append(c.people[who].Keys, keys...)
}

func (c *corpus) keys() []PersonKeys {
	var out []PersonKeys
	for _, p := range c.people {
		out = append(out, *p)
	}
	return out
}

func (c *corpus) add(name, signature string, want Verdict) {
	c.cases = append(c.cases, corpusCase{name: name, commit: withHeader(unsigned, "gpgsig", []byte(signature)), want: want})
}

// keygen makes a key pair and returns the public half.
func (c *corpus) keygen(name string, args ...string) string {
	c.must("", append([]string{"ssh-keygen", "-q", "-N", "", "-C", name, "-f", name}, args...)...)
	return strings.TrimSpace(c.read(name + ".pub"))
}

// sshSign signs with ssh-keygen, as git has it done.
func (c *corpus) sshSign(key, namespace string) string {
	c.t.Helper()
	return armoredOf(c.must(unsigned, "ssh-keygen", "-Y", "sign", "-n", namespace, "-f", key))
}

// armoredOf drops what a program says beside an armour.
func armoredOf(out string) string { return out[strings.Index(out, "-----BEGIN"):] }

// certify has an authority sign a certificate for a new key.
func (c *corpus) certify(key, authority string, args ...string) {
	c.keygen(key, "-t", "ed25519")
	c.must("", append(append([]string{"ssh-keygen", "-q", "-s", authority, "-I", key}, args...), key+".pub")...)
}

// fillSSH adds what ssh-keygen signs.
func (c *corpus) fillSSH() {
	for name, args := range map[string][]string{
		"ed25519": {"-t", "ed25519"}, "rsa": {"-t", "rsa", "-b", "2048"}, "ecdsa256": {"-t", "ecdsa", "-b", "256"},
		"ecdsa384": {"-t", "ecdsa", "-b", "384"}, "ecdsa521": {"-t", "ecdsa", "-b", "521"},
	} {
		c.list("alice", Key{Public: c.keygen(name, args...)})
		c.add("ssh "+name, c.sshSign(name, "git"), Good)
	}
	for name, window := range map[string]Key{
		"later": {ValidAfter: noon.Add(time.Hour)}, "earlier": {ValidBefore: noon.Add(-time.Hour)}, "revoked": {RevokedSince: noon.Add(-time.Hour)},
	} {
		window.Public = c.keygen(name, "-t", "ed25519")
		c.list("bob", window)
		c.add("ssh key, "+name, c.sshSign(name, "git"), Expired)
	}
	c.keygen("stranger", "-t", "ed25519")
	c.add("ssh stranger", c.sshSign("stranger", "git"), UnknownKey)
	c.add("ssh for a file", c.sshSign("ed25519", "file"), BadSignature)
	c.add("ssh for evidence", c.sshSign("ed25519", "gitsm"), BadSignature)
	c.add("ssh twice", c.sshSign("ed25519", "git")+c.sshSign("ecdsa256", "git"), BadSignature)
	c.cases[len(c.cases)-1].looser = true
	hardware := softToken{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	c.list("carol", Key{Public: sshsig.Authorized(hardware.PublicKey())})
	armored, err := sshsig.NewSigner(hardware).Sign(context.Background(), "git", []byte(unsigned))
	if err != nil {
		c.t.Fatal(err)
	}
	c.add("ssh hardware", string(armored), Good)
	curved := softCurve{c.p256()}
	c.list("carol", Key{Public: sshsig.Authorized(curved.PublicKey())})
	if armored, err = sshsig.NewSigner(curved).Sign(context.Background(), "git", []byte(unsigned)); err != nil {
		c.t.Fatal(err)
	}
	c.add("ssh hardware, ecdsa", string(armored), Good)
}

// fillCertificates adds what certified keys sign.
func (c *corpus) fillCertificates() {
	c.list("alice", Key{Public: c.keygen("ca", "-t", "ed25519"), Authority: true})
	c.list("dave", Key{Public: c.keygen("ca-rsa", "-t", "rsa", "-b", "2048"), Authority: true}, Key{Public: c.keygen("ca-old", "-t", "ed25519"), Authority: true, ValidBefore: noon.Add(-time.Hour)})
	c.keygen("ca-strange", "-t", "ed25519")
	for _, x := range []struct {
		name, authority string
		args            []string
		want            Verdict
	}{
		{"certificate", "ca", []string{"-n", "alice"}, Good},
		{"certificate by rsa", "ca-rsa", []string{"-n", "dave,ops"}, Good},
		{"certificate in its time", "ca", []string{"-n", "alice", "-V", "20261101:20261201"}, Good},
		{"certificate with an option", "ca", []string{"-n", "alice", "-O", "force-command=/bin/true"}, Good},
		{"certificate over", "ca", []string{"-n", "alice", "-V", "20260101:20260201"}, Expired},
		{"certificate to come", "ca", []string{"-n", "alice", "-V", "20270101:20270201"}, Expired},
		{"certificate of an old authority", "ca-old", []string{"-n", "dave"}, Expired},
		{"certificate for another", "ca", []string{"-n", "mallory"}, UnknownKey},
		{"certificate for nobody", "ca", nil, UnknownKey},
		{"certificate of a stranger", "ca-strange", []string{"-n", "alice"}, UnknownKey},
		{"certificate of a host", "ca", []string{"-h", "-n", "alice"}, UnknownKey},
	} {
		key := strings.ReplaceAll(x.name, " ", "-")
		c.certify(key, x.authority, x.args...)
		c.add(x.name, c.sshSign(key+"-cert.pub", "git"), x.want)
	}
	// The authority's own key is nobody's to sign with.
	c.add("authority itself", c.sshSign("ca", "git"), UnknownKey)
}

// accepts asks git about each commit, in the order they were added.
func (c *corpus) accepts(commits []string) []bool {
	c.t.Helper()
	signers := filepath.Join(c.dir, "allowed_signers")
	if err := os.WriteFile(signers, AllowedSigners(c.keys()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	var files strings.Builder
	for i, commit := range commits {
		name := filepath.Join(c.t.TempDir(), "commit")
		if err := os.WriteFile(name, []byte(commit), 0o600); err != nil {
			c.t.Fatal(i, err)
		}
		files.WriteString(name + "\n")
	}
	ids := strings.Fields(git(c.t, c.repo, files.String(), "hash-object", "-t", "commit", "-w", "--literally", "--stdin-paths"))
	args := []string{"git", "-C", c.repo, "-c", "gpg.ssh.allowedSignersFile=" + signers, "-c", "gpg.program=" + c.gpgProgram()}
	var out []bool
	for _, id := range ids {
		_, err := c.run("", append(args, "verify-commit", id)...)
		out = append(out, err == nil)
	}
	return out
}

// What git, ssh-keygen and gpg say of commits that they signed, and of those
// commits with a bit changed in each of their headers, is said here as well.
func TestSignaturesAgree(t *testing.T) {
	c := newCorpus(t)
	c.fillSSH()
	c.fillCertificates()
	c.fillPGP()
	var commits []string
	var wants []corpusCase
	for _, x := range c.cases {
		commits, wants = append(commits, x.commit), append(wants, x)
		if x.want == Good {
			for where, commit := range flips(x.commit) {
				commits, wants = append(commits, commit), append(wants, corpusCase{name: x.name + ", a bit of " + where, want: BadSignature})
			}
		}
	}
	keys, disagreements := NewKeyring(c.keys()), 0
	for i, accepted := range c.accepts(commits) {
		x := wants[i]
		got := VerifyCommit([]byte(commits[i]), keys, noon.Truncate(time.Second))
		if got.Verdict != x.want && (x.commit != "" || got.Verdict == Good) {
			t.Errorf("%s: judged %+v, want %s", x.name, got, x.want)
		}
		if accepted != (got.Verdict == Good) && !x.looser {
			disagreements++
			t.Errorf("%s: git accepts it: %t, and here it is %s: %s", x.name, accepted, got.Verdict, got.Reason)
		}
	}
	c.agreeSSH(keys)
	c.agreeGPG(keys)
	t.Logf("%d commits, %d of them with a bit changed, %d disagreements with git", len(commits), len(commits)-len(c.cases), disagreements)
}

// flips returns the commit with one bit changed, by the name of the header.
func flips(commit string) map[string]string {
	out := map[string]string{}
	lines := strings.SplitAfter(commit, "\n")
	at := 0
	for i, line := range lines {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(line, " "):
			name = "signature"
		case name == "parent" && out[name] != "":
			name = "second parent"
		case line == "\n":
			name = "message"
			at, line = at+1, lines[i+1]
		}
		if pos := at + len(line)*3/4; out[name] == "" && commit[pos] != '\n' && !strings.Contains(line, "-----") {
			out[name] = commit[:pos] + string(commit[pos]^1) + commit[pos+1:]
		}
		if name == "message" {
			return out
		}
		at += len(line)
	}
	return out
}

// agreeSSH asks ssh-keygen itself: whether a signature is one at all, and
// whether it is by one of those who may sign.
func (c *corpus) agreeSSH(keys Keyring) {
	for _, x := range c.cases {
		s := splitCommit([]byte(x.commit), headerSHA1)
		if !strings.HasPrefix(string(s.signature), "-----BEGIN SSH") || x.looser {
			continue
		}
		sig := filepath.Join(c.dir, "sig")
		if err := os.WriteFile(sig, s.signature, 0o600); err != nil {
			c.t.Fatal(err)
		}
		got := keys.Judge(s.signature, CommitNamespace, s.payload, noon.Truncate(time.Second))
		if _, err := c.run(string(s.payload), "ssh-keygen", "-Y", "check-novalidate", "-n", "git", "-s", sig); (err == nil) == (got.Verdict == BadSignature) {
			c.t.Errorf("%s: %s, and ssh-keygen -Y check-novalidate: %v", x.name, got.Verdict, err)
		}
		good := false
		for _, who := range []string{"alice", "bob", "carol", "dave"} {
			_, err := c.run(string(s.payload), "ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", who, "-n", "git", "-s", sig,
				"-Overify-time="+noon.Format("20060102150405"))
			if good = good || err == nil; err == nil && got.Person != who {
				c.t.Errorf("%s: by %q, and ssh-keygen -Y verify says %s", x.name, got.Person, who)
			}
		}
		if good != (got.Verdict == Good) {
			c.t.Errorf("%s: %s, and ssh-keygen -Y verify finds somebody: %t", x.name, got.Verdict, good)
		}
	}
}

// softToken imitates a security key that was touched.
type softToken struct{ private ed25519.PrivateKey }

func (s softToken) PublicKey() ssh.PublicKey {
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, s.private.Public().(ed25519.PublicKey), "ssh:"}))
	if err != nil {
		panic(err)
	}
	return key
}

func (s softToken) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	state := binary.BigEndian.AppendUint32([]byte{1}, 7)
	application, digest := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	message := append(append(application[:], state...), digest[:]...)
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(s.private, message), Rest: state}, nil
}

// A statement may be signed with a certified key, on the terms that commits are.
func TestCertificatesSignStatements(t *testing.T) {
	c := newCorpus(t)
	c.list("alice", Key{Public: c.keygen("ca", "-t", "ed25519"), Authority: true})
	c.keygen("ca-strange", "-t", "ed25519")
	for name, x := range map[string]struct {
		authority, principal, validity string
		want                           Verdict
	}{
		"good": {"ca", "alice", "20261101:20261201", Good}, "over": {"ca", "alice", "20260101:20260201", Expired},
		"another's": {"ca", "carol", "20261101:20261201", UnknownKey}, "strange": {"ca-strange", "alice", "20261101:20261201", UnknownKey},
	} {
		t.Run(name, func(t *testing.T) {
			key := strings.ReplaceAll(name, "'", "")
			c.certify(key, x.authority, "-n", x.principal, "-V", x.validity)
			e, err := NewEntry(Statement{Predicate: samplePredicate(Approval)}, func(raw []byte) ([]byte, error) {
				return []byte(armoredOf(c.must(string(raw), "ssh-keygen", "-Y", "sign", "-n", Namespace, "-f", key+"-cert.pub"))), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			trust, _, err := e.Trust(NewKeyring(c.keys()), noon)
			if j := e.Judge(NewKeyring(c.keys()), noon); j.Verdict != x.want || (trust == Signed) != (x.want == Good) || err != nil {
				t.Errorf("judged %+v and %s (%v), want %s", j, trust, err, x.want)
			}
		})
	}
}
