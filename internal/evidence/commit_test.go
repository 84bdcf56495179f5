package evidence

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/sshsig"
)

// gitSign signs the way git has commits signed.
func gitSign(who string) func([]byte) ([]byte, error) {
	return sshsig.Func(context.Background(), sshsig.NewSigner(signerOf(who)), CommitNamespace)
}

// emptyTrees are the ids of the empty tree, which every repository knows.
const (
	emptyTree1   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	emptyTree256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
)

// payload is a commit without a signature.
func payload(tree string) string {
	stamp := fmt.Sprintf("A U Thor <author@example.com> %d +0000", noon.Unix())
	return "tree " + tree + "\nauthor " + stamp + "\ncommitter " + stamp + "\n\nLand it\n\ngpgsig is a header\n gpgsig too\n"
}

// withHeader puts a header of several lines before the message.
func withHeader(commit, name string, value []byte) string {
	head, message, _ := strings.Cut(commit, "\n\n")
	text := strings.TrimSuffix(string(value), "\n")
	return head + "\n" + name + " " + strings.ReplaceAll(text, "\n", "\n ") + "\n\n" + message
}

func TestVerifyCommit(t *testing.T) {
	keys := []PersonKeys{
		person("alice", key("alice")),
		person("bob", Key{Public: publicOf("bob"), ValidBefore: noon.Truncate(time.Second)}),
		person("carol", Key{Public: publicOf("carol"), ValidAfter: noon.Truncate(time.Second)}),
		person("grace", key("shared")), person("heidi", key("shared")),
	}
	plain, plain256 := payload(emptyTree1), payload(emptyTree256)
	sign := func(commit, who string) []byte {
		armored, err := gitSign(who)([]byte(commit))
		if err != nil {
			t.Fatal(err)
		}
		return armored
	}
	signed := withHeader(plain, "gpgsig", sign(plain, "alice"))
	foreign := []byte("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
	encoded := strings.Replace(plain, "\n\n", "\nencoding x\n\n", 1)
	twoAuthors := strings.Replace(plain, "\ncommitter", "\nauthor M <m@example.com> 1 +0000\ncommitter", 1)
	twoTrees := "tree " + emptyTree1 + "\n" + plain
	twoEncodings := strings.Replace(encoded, "\n\n", "\nencoding y\n\n", 1)
	wrongNamespace, err := signAs("alice")([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	mergetag := withHeader(plain, "mergetag", []byte("object "+emptyTree1+"\ntype commit\ngpgsig x\ngpgsig-sha256 y"))
	for _, tt := range []struct {
		name, commit string
		want         Verdict
		person       string
		reason       string
		looser       bool // git accepts it all the same
	}{
		{"signed", signed, Good, "alice", "", false},
		{"unsigned", plain, Unsigned, "", "no gpgsig header", false},
		{"altered message", strings.Replace(signed, "Land it", "Land It", 1), BadSignature, "", "did not verify", false},
		{"altered tree", strings.Replace(signed, emptyTree1, base, 1), BadSignature, "", "did not verify", false},
		{"header added", strings.Replace(signed, "\n\n", "\nencoding x\n\n", 1), BadSignature, "", "did not verify", false},
		{"header after the signature", withHeader(encoded, "gpgsig", sign(encoded, "alice")), Good, "alice", "", false},
		{"header before all others", strings.Replace(plain, "\n", "\ngpgsig "+strings.ReplaceAll(strings.TrimSpace(string(sign(plain, "alice"))), "\n", "\n ")+"\n", 1), Good, "alice", "", false},
		{"unknown key", withHeader(plain, "gpgsig", sign(plain, "mallory")), UnknownKey, "", "nobody lists", false},
		{"shared key", withHeader(plain, "gpgsig", sign(plain, "shared")), UnknownKey, "", "grace and heidi", false},
		{"expired key", withHeader(plain, "gpgsig", sign(plain, "bob")), Expired, "bob", "only before", false},
		{"new key", withHeader(plain, "gpgsig", sign(plain, "carol")), Good, "carol", "", false},
		{"evidence's namespace", withHeader(plain, "gpgsig", wrongNamespace), BadSignature, "", `made for "gitsm"`, false},
		{"two headers", withHeader(signed, "gpgsig", sign(plain, "alice")), BadSignature, "", "more than one", true},
		{"two signatures", withHeader(plain, "gpgsig", append(sign(plain, "alice"), sign(plain, "mallory")...)), BadSignature, "", "second armour", true},
		{"both formats", withHeader(signed, "gpgsig-sha256", foreign), BadSignature, "", "second signature", true},
		{"other format first", withHeader(withHeader(plain, "gpgsig-sha256", foreign), "gpgsig", sign(plain, "alice")), BadSignature, "", "second signature", true},
		{"other format alone", withHeader(plain, "gpgsig-sha256", sign(plain, "alice")), Unsigned, "", "no gpgsig header", false},
		{"other format twice", withHeader(withHeader(signed, "gpgsig-sha256", foreign), "gpgsig-sha256", foreign), BadSignature, "", "more than one", true},
		{"signed merge of a signed tag", withHeader(mergetag, "gpgsig", sign(mergetag, "alice")), Good, "alice", "", false},
		{"two authors", withHeader(twoAuthors, "gpgsig", sign(twoAuthors, "alice")), BadSignature, "", "more than one author header", true},
		{"two trees", withHeader(twoTrees, "gpgsig", sign(twoTrees, "alice")), BadSignature, "", "more than one tree header", true},
		{"two encodings", withHeader(twoEncodings, "gpgsig", sign(twoEncodings, "alice")), BadSignature, "", "more than one encoding header", true},
		{"a header like a signature's", withHeader(signed, "gpgsignature", []byte("x")), BadSignature, "", "second signature", true},
		{"empty signature", withHeader(plain, "gpgsig", nil), BadSignature, "", "empty", false},
		{"no signature at all", withHeader(plain, "gpgsig", []byte("alice says so")), BadSignature, "", "does not begin", false},
		{"OpenPGP", withHeader(plain, "gpgsig", []byte("-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----")), BadSignature, "", "reading an OpenPGP signature", false},
		{"X.509", withHeader(plain, "gpgsig", []byte("-----BEGIN SIGNED MESSAGE-----\nx")), UnknownKey, "", "X.509 signatures are not judged", false},
		{"SHA-256 repository", withHeader(plain256, "gpgsig-sha256", sign(plain256, "alice")), Good, "alice", "", false},
		{"SHA-256 repository, unsigned", plain256, Unsigned, "", "no gpgsig-sha256 header", false},
		{"SHA-256 repository, translated", withHeader(plain256, "gpgsig", sign(plain256, "alice")), Unsigned, "", "no gpgsig-sha256 header", false},
		{"SHA-256 repository, altered", strings.Replace(withHeader(plain256, "gpgsig-sha256", sign(plain256, "alice")), "Land it", "Land", 1), BadSignature, "", "did not verify", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := VerifyCommit([]byte(tt.commit), NewKeyring(keys), noon)
			if got.Verdict != tt.want || got.Person != tt.person || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("VerifyCommit = %+v, want %s by %q, %q", got, tt.want, tt.person, tt.reason)
			}
			if accepts, ok := gitAccepts(t, tt.commit, keys); ok && accepts != (tt.want == Good || tt.looser) {
				t.Errorf("git verify-commit accepts it: %t", accepts)
			}
		})
	}
}

func TestVerifyCommitRefusesWhatIsNoCommit(t *testing.T) {
	for _, raw := range []string{"", "x", "tree ", "tree " + emptyTree1, "tree x\n\n", "object " + emptyTree1 + "\n", "\n", " gpgsig x\n"} {
		if got := VerifyCommit([]byte(raw), Keyring{}, noon); got.Verdict != BadSignature {
			t.Errorf("%q is judged %+v", raw, got)
		}
	}
}

// gitAccepts asks git itself, where it and ssh-keygen are installed.
func gitAccepts(t *testing.T, commit string, people []PersonKeys) (accepts, asked bool) {
	t.Helper()
	for _, program := range []string{"git", "ssh-keygen"} {
		if _, err := exec.LookPath(program); err != nil {
			return false, false
		}
	}
	dir, format := t.TempDir(), "sha1"
	if strings.HasPrefix(commit, "tree "+emptyTree256) {
		format = "sha256"
	}
	signers := filepath.Join(dir, "allowed_signers")
	if err := os.WriteFile(signers, AllowedSigners(people), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "", "init", "-q", "--object-format="+format)
	git(t, dir, "", "config", "gpg.ssh.allowedSignersFile", signers)
	git(t, dir, "", "mktree")
	oid := git(t, dir, commit, "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	cmd := exec.CommandContext(t.Context(), "git", "-C", dir, "verify-commit", strings.TrimSpace(oid))
	return cmd.Run() == nil, true
}

// git runs git in dir, apart from the user's own configuration.
func git(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// A commit that git itself signed is good here.
func TestVerifyCommitByGit(t *testing.T) {
	needProgram(t, "git")
	needProgram(t, "ssh-keygen")
	dir := t.TempDir()
	id := filepath.Join(dir, "id")
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", id).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	public, err := os.ReadFile(id + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	keys := NewKeyring([]PersonKeys{person("alice", Key{Public: string(public)})})
	for _, format := range []string{"sha1", "sha256"} {
		repo := filepath.Join(dir, format)
		git(t, dir, "", "init", "-q", "--object-format="+format, repo)
		tree := strings.TrimSpace(git(t, repo, "", "mktree"))
		commit := git(t, repo, "Land it\n", "-c", "gpg.format=ssh", "-c", "user.signingkey="+id,
			"-c", "user.name=A", "-c", "user.email=a@example.com", "commit-tree", "-S", tree)
		raw := git(t, repo, "", "cat-file", "commit", strings.TrimSpace(commit))
		if got := VerifyCommit([]byte(raw), keys, noon); got.Verdict != Good || got.Person != "alice" {
			t.Errorf("%s: %+v", format, got)
		}
	}
}

func FuzzVerifyCommit(f *testing.F) {
	plain := payload(emptyTree1)
	armored, err := gitSign("alice")([]byte(plain))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(withHeader(plain, "gpgsig", armored)))
	f.Add([]byte(withHeader(plain, "gpgsig-sha256", armored)))
	f.Add([]byte(plain))
	f.Add([]byte("tree " + emptyTree1 + "\ngpgsig\n gpgsig \n"))
	keys := NewKeyring([]PersonKeys{person("alice", key("alice"))})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := VerifyCommit(raw, keys, noon)
		if got.Verdict != Good {
			return
		}
		// Only what alice signed can be good: the payload, whatever was put
		// around it.
		if own, _ := ownHeader(raw); !bytes.Equal(splitCommit(raw, own).payload, []byte(plain)) {
			t.Fatalf("good: %q", raw)
		}
	})
}
