package evidence

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// home is where gpg keeps its keys: near the root, since the path of its
// agent's socket may not be long.
func (c *corpus) home() string {
	return filepath.Join(os.TempDir(), "gpg-"+filepath.Base(c.dir)+short(c.dir))
}

// short tells the directories of different tests apart.
func short(dir string) string { return digestOf([]byte(`"` + dir + `"`))[:8] }

// hasGPG reports whether there is a gpg to compare with.
func (c *corpus) hasGPG() bool {
	_, err := exec.LookPath("gpg")
	return err == nil
}

// gpgProgram is what git runs as gpg: gpg at noon, when the commits say they
// were signed.
func (c *corpus) gpgProgram() string {
	name := filepath.Join(c.dir, "gpg-at-noon")
	script := "#!/bin/sh\nexec gpg --batch --no-tty --faked-system-time " + gpgTime(noon) + " \"$@\"\n"
	if err := os.WriteFile(name, []byte(script), 0o700); err != nil {
		c.t.Fatal(err)
	}
	return name
}

func gpgTime(at time.Time) string { return at.UTC().Format("20060102T150405") }

// gpg runs gpg at a time.
func (c *corpus) gpg(at time.Time, stdin string, args ...string) string {
	c.t.Helper()
	return c.must(stdin, append([]string{"gpg", "--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "",
		"--faked-system-time", gpgTime(at)}, args...)...)
}

func (c *corpus) pgpSign(who string, at time.Time, args ...string) string {
	c.t.Helper()
	return armoredOf(c.gpg(at, unsigned, append([]string{"--armor", "--local-user", who + "@example.com", "--detach-sign"}, args...)...))
}

// fillPGP adds what gpg signs. Keys are listed as they are once all is done.
func (c *corpus) fillPGP() {
	if !c.hasGPG() {
		return
	}
	if err := os.MkdirAll(c.home(), 0o700); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_, _ = c.run("", "gpgconf", "--kill", "all")
		os.RemoveAll(c.home())
	})
	begin := noon.AddDate(0, -6, 0)
	generate := func(who, algorithm, until string) {
		c.gpg(begin, "", "--quick-generate-key", who+" <"+who+"@example.com>", algorithm, "sign", until)
	}
	generate("erin", "ed25519", "never")
	generate("frank", "rsa2048", "never")
	generate("grace", "nistp256", "never")
	generate("heidi", "ed25519", "20261201T000000") // until after the signature
	generate("ivan", "ed25519", "never")            // shortened below
	generate("judy", "ed25519", "never")            // revoked below
	generate("mallory", "ed25519", "never")         // nobody's
	generate("olivia", "nistp384", "never")
	c.gpg(begin, "", "--quick-add-key", c.fingerprint("olivia"), "ed25519", "sign", "never")

	for _, who := range []string{"erin", "frank", "grace", "heidi", "olivia"} {
		c.add("pgp "+who, c.pgpSign(who, noon), Good)
	}
	c.add("pgp sha256", c.pgpSign("frank", noon, "--digest-algo", "SHA256"), Good)
	c.add("pgp stranger", c.pgpSign("mallory", noon), UnknownKey)
	c.add("pgp of an hour", c.pgpSign("erin", noon.Add(-2*time.Hour), "--default-sig-expire", "seconds=3600"), Expired)
	c.add("pgp expired", c.pgpSign("ivan", noon), Expired)
	c.add("pgp revoked", c.pgpSign("judy", noon), Expired)
	c.add("pgp twice", c.pgpSign("erin", noon)+c.pgpSign("frank", noon), BadSignature)

	c.gpg(begin.Add(time.Hour), "", "--quick-set-expire", c.fingerprint("ivan"), "20260701T000000")
	revocation, err := os.ReadFile(filepath.Join(c.home(), "openpgp-revocs.d", c.fingerprint("judy")+".rev"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.gpg(noon, strings.ReplaceAll(string(revocation), ":-----BEGIN", "-----BEGIN"), "--import")

	for _, who := range []string{"erin", "frank", "grace", "heidi", "ivan", "judy", "olivia"} {
		c.list(who, Key{Public: armoredOf(c.gpg(noon, "", "--armor", "--export", who+"@example.com"))})
	}
	c.gpg(noon, "", "--yes", "--delete-secret-and-public-key", c.fingerprint("mallory"))
}

// fingerprint is that of somebody's primary key.
func (c *corpus) fingerprint(who string) string {
	list := c.gpg(noon, "", "--with-colons", "--fingerprint", who+"@example.com")
	_, list, _ = strings.Cut(list, "\nfpr:")
	list, _, _ = strings.Cut(strings.TrimLeft(list, ":"), ":")
	return list
}

// agreeGPG asks gpg itself, as of noon, for its verdict word for word.
func (c *corpus) agreeGPG(keys Keyring) {
	if !c.hasGPG() {
		return
	}
	words := []struct {
		status string
		means  Verdict
	}{{"GOODSIG", Good}, {"BADSIG", BadSignature}, {"EXPKEYSIG", Expired}, {"REVKEYSIG", Expired}, {"EXPSIG", Expired}, {"NO_PUBKEY", UnknownKey}}
	for _, x := range c.cases {
		s := splitCommit([]byte(x.commit), headerSHA1)
		if !strings.HasPrefix(string(s.signature), "-----BEGIN PGP") || strings.Count(string(s.signature), "-----BEGIN") > 1 {
			continue
		}
		sig := filepath.Join(c.dir, "sig")
		if err := os.WriteFile(sig, s.signature, 0o600); err != nil {
			c.t.Fatal(err)
		}
		out, _ := c.run(string(s.payload), "gpg", "--batch", "--no-tty", "--faked-system-time", gpgTime(noon), "--status-fd", "1", "--verify", sig, "-")
		for _, w := range words {
			if got := keys.judgePGP(s.signature, s.payload, noon); strings.Contains(out, "[GNUPG:] "+w.status+" ") && got.Verdict != w.means {
				c.t.Errorf("%s: %s (%s), and gpg says %s", x.name, got.Verdict, got.Reason, w.status)
			}
		}
		if !strings.Contains(out, "[GNUPG:]") {
			c.t.Errorf("%s: gpg says nothing: %s", x.name, out)
		}
	}
}

// A key that expired after the signature says it was made was valid then, even
// years later; so says git when it is asked at that time. What GitHub signs is
// no person's.
func TestOpenPGPIsJudgedWhenItSaysItWasMade(t *testing.T) {
	c := newCorpus(t)
	if !c.hasGPG() {
		t.Skip("gpg is not installed, so there is nothing to sign with")
	}
	c.fillPGP()
	for _, x := range c.cases {
		if x.name != "pgp heidi" {
			continue
		}
		got := VerifyCommit([]byte(x.commit), NewKeyring(c.keys()), noon.AddDate(3, 0, 0))
		if got.Verdict != Good || got.Person != "heidi" || !got.Made.Equal(noon.Truncate(time.Second)) {
			t.Errorf("judged %+v", got)
		}
	}
}

// A person cannot list a forge's key, or everything merged there would be that
// person's work.
func TestForgeKeysAreNobodys(t *testing.T) {
	github, err := os.ReadFile("../pgpsig/github.asc")
	if err != nil {
		t.Fatal(err)
	}
	keys := NewKeyring([]PersonKeys{person("mallory", Key{Public: string(github)})}, ForgeKey{"ghe", "no key"})
	if got := strings.Join(keys.Problems(), "\n"); !strings.Contains(got, "signing key of mallory") || !strings.Contains(got, "that of GitHub") || !strings.Contains(got, "forge ghe") {
		t.Errorf("the problems are %q", got)
	}
}
