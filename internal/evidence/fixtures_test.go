package evidence

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gowebpki/jcs"
	"golang.org/x/crypto/ssh"

	"github.com/gitsm/gitsm/internal/sshsig"
)

const (
	genesis = "1111111111111111111111111111111111111111"
	base    = "2222222222222222222222222222222222222222"
	head    = "3333333333333333333333333333333333333333"
	landing = "4444444444444444444444444444444444444444"
	changed = "CHG-20261120-7K3F2M"
)

var (
	sha  = strings.Repeat("ab", 32)
	noon = time.Date(2026, 11, 20, 12, 0, 0, 123e6, time.UTC)
)

// signerOf makes the same key for the same name each time.
func signerOf(name string) ssh.Signer {
	seed := sha256.Sum256([]byte(name))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err)
	}
	return signer
}

// publicOf is the public key of signerOf(name) in authorized_keys form.
func publicOf(name string) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signerOf(name).PublicKey())))
}

// signAs signs statements with the key of that name.
func signAs(name string) func([]byte) ([]byte, error) {
	return sshsig.Func(context.Background(), sshsig.NewSigner(signerOf(name)), Namespace)
}

func person(id string, keys ...Key) PersonKeys {
	return PersonKeys{Person: id, Active: true, Keys: keys}
}

func key(name string) Key { return Key{Public: publicOf(name)} }

// content is a record whose bytes are awkward to write down: quotes, a BOM,
// CRLF, markup and a line separator.
const content = "\ufeffid: CHG-20261120-7K3F2M\r\ntitle: \"a < b & \\\"c\\\"\" # \u2028\n"

// samplePredicate is a complete statement of the kind.
func samplePredicate(kind Type) Predicate {
	p := Predicate{
		Kind: kind, Time: noon, Person: "alice",
		Tool: Tool{Gitsm: "v0.1.0", OPA: "1.22.0"},
		Record: RecordContent{
			ID: changed, Kind: "change", Path: "changes/2026/11/" + changed + ".yaml",
			Blob: blobID([]byte(content), base), Content: content,
		},
		Material:     Material{SHA256: sha, Excluded: []string{"review", "state"}},
		Files:        []File{{Path: "app/main.go", Mode: "100755", Blob: base}, {Path: "old file"}},
		Proposal:     Proposal{Branch: "gitsm/" + changed + "/new-7k3f", Base: base, Head: head},
		Contributors: []Contributor{{Person: "bob", Role: "author", Commit: head}, {Account: "github:583231", Role: "pusher"}},
	}
	switch kind {
	case Decision:
		p.Decision = &DecisionFacts{
			Verdict: "allow", Risk: Risk{Score: 42, Band: "high"},
			Requirements: []Requirement{{
				ID: "owner", From: []string{"team:payments"}, Need: 1, Given: 1,
				Approvers: []Approver{{Person: "alice", Evidence: "evidence/" + changed + "/x.json"}},
				Ignored:   []Ignored{{Who: "bob", Why: "bob wrote the change"}},
			}},
			Findings:     []FindingFact{{Code: "CHG012", Rule: "CHG012", Severity: "warning"}},
			PolicyDigest: sha,
			Input:        json.RawMessage(`{"now": "2026-11-20T12:00:00Z", "record": {"title": "a < b", "tier": -1.50e1, "big": 9007199254740991}}`),
		}
		p.Decision.InputDigest = "sha256:" + digestOf(p.Decision.Input)
	case Merge:
		p.Merge = &MergeFacts{
			Commit: landing, Base: base, Head: head, Method: "merge",
			ApprovedMaterial: sha, LandedMaterial: sha, Identical: true,
		}
	case Checkpoint:
		return Predicate{
			Kind: kind, Time: noon, Tool: p.Tool, Person: "alice",
			Checkpoint: &CheckpointFacts{Genesis: genesis, Main: base, Evidence: head},
		}
	}
	return p
}

// digestOf is the SHA-256 of canonical JSON, "" for what is none.
func digestOf(text []byte) string {
	canonical, err := jcs.Transform(text)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// entry makes a statement of the kind, signed by signer unless that is "".
func entry(t testing.TB, kind Type, signer string, change ...func(*Predicate)) *Entry {
	t.Helper()
	p := samplePredicate(kind)
	for _, f := range change {
		f(&p)
	}
	sign := signAs(signer)
	if signer == "" {
		sign = nil
	}
	e, err := NewEntry(Statement{Predicate: p}, sign)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// at moves a statement in time.
func at(d time.Duration) func(*Predicate) {
	return func(p *Predicate) { p.Time = p.Time.Add(d) }
}

// memRepo keeps commits in memory. Its ids are digests of everything in a
// commit, as git's are.
type memRepo struct {
	commits map[string]memCommit
}

type memCommit struct {
	parents []string
	files   fstest.MapFS
	spec    CommitSpec
}

func newMemRepo() *memRepo { return &memRepo{commits: map[string]memCommit{}} }

func (r *memRepo) FS(_ context.Context, commit string) (fs.FS, error) {
	c, ok := r.commits[commit]
	if !ok {
		return nil, fmt.Errorf("no commit %s", commit)
	}
	return c.files, nil
}

func (r *memRepo) IsAncestor(_ context.Context, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	for _, p := range r.commits[b].parents {
		if ok, err := r.IsAncestor(context.Background(), a, p); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (r *memRepo) WriteEvidence(_ context.Context, c CommitSpec) (string, error) {
	files := fstest.MapFS{}
	if len(c.Parents) > 0 {
		maps.Copy(files, r.commits[c.Parents[0]].files)
	}
	for name, content := range c.Files {
		files[name] = &fstest.MapFile{Data: content, Mode: 0o644}
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %+v\n", c.Parents, c.Message, c.By)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%q %q\n", name, files[name].Data)
	}
	oid := hex.EncodeToString(hash.Sum(nil))[:40]
	r.commits[oid] = memCommit{c.Parents, files, c}
	return oid, nil
}

// put writes a commit that no ledger would.
func (r *memRepo) put(t *testing.T, parent string, files map[string]string) string {
	t.Helper()
	spec := CommitSpec{Parents: []string{parent}, Files: map[string][]byte{}}
	for name, content := range files {
		spec.Files[name] = []byte(content)
	}
	oid, err := r.WriteEvidence(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return oid
}

// names lists the files of a commit.
func (r *memRepo) names(commit string) []string {
	return slices.Sorted(maps.Keys(r.commits[commit].files))
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Errorf("no error, want %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q", err, want)
	}
}

// needProgram skips a comparison with a program that is not installed.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed, so there is nothing to compare with", name)
	}
}
