package audit_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// pgpKey is a key made when the scene began, and its public half as a block of
// YAML.
func (s *scene) pgpKey(indent string) (sign func([]byte) ([]byte, error), block string) {
	s.Helper()
	config := &packet.Config{Time: s.tick, Algorithm: packet.PubKeyAlgoEdDSA}
	e, err := openpgp.NewEntity("web", "", "noreply@ghe.example.org", config)
	s.must(err)
	var out bytes.Buffer
	w, err := armor.Encode(&out, openpgp.PublicKeyType, nil)
	s.must(err)
	s.must(e.Serialize(w))
	s.must(w.Close())
	sign = func(b []byte) ([]byte, error) {
		var sig bytes.Buffer
		err := openpgp.ArmoredDetachSign(&sig, []*openpgp.Entity{e}, bytes.NewReader(b), &openpgp.SignParams{Config: config})
		return sig.Bytes(), err
	}
	return sign, "|\n" + indent + strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", "\n"+indent) + "\n"
}

// pushSigned puts a commit on main that is signed some other way.
func (s *scene) pushSigned(who git.Signature, sign func([]byte) ([]byte, error), files map[string]string) git.OID {
	s.Helper()
	base := s.ref(mainRef)
	id := s.write(git.CommitSpec{Base: base, Parents: []git.OID{base}, Files: edits(files), Author: who, Committer: who, Message: "edit on the forge", Sign: sign})
	s.move(mainRef, id)
	return id
}

// What a forge signed was merged or edited there, which is its word and nobody's
// approval.
func TestForgeSignatureIsNoApproval(t *testing.T) {
	s := newScene(t)
	sign, block := s.pgpKey("      ")
	s.found("forge_keys:\n  - forge: GHE\n    key: " + block)
	id := s.pushSigned(signature("web", s.tick()), sign, map[string]string{forgedPath: s.filler()})
	p, err := s.auditor().Show(s.ctx, forged)
	s.must(err)
	if e := p.Events[0]; e.Commit != id || e.Trust != string(evidence.Observed) || e.Signature != string(evidence.Good) {
		t.Errorf("the event is %+v", e)
	}
	r := s.verify()
	s.expect(r, audit.POP2, forged, audit.Fail, "straight on main")
	if c, _ := verdict(r, audit.APR1, forged); c.Verdict == audit.Pass {
		t.Errorf("a forge's signature approved it: %s", c.Reason)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "forge: 1 commit was signed by GHE") {
		t.Errorf("the notes are %s", notes)
	}
}

// A commit signed with a person's OpenPGP key is that person's, as of the time
// it says it was signed, which is said to be a claim.
func TestPersonSignsWithOpenPGP(t *testing.T) {
	s := newScene(t)
	sign, block := s.pgpKey("      ")
	s.found("")
	person := s.file(mainRef, "people/alice.yaml")
	s.push("carol", map[string]string{"people/alice.yaml": strings.Replace(person, "signing_keys:\n", "signing_keys:\n  - key: "+block, 1)})
	s.pushSigned(signature("alice", s.tick()), sign, map[string]string{forgedPath: s.filler()})
	p, err := s.auditor().Show(s.ctx, forged)
	s.must(err)
	if e := p.Events[0]; e.Trust != string(evidence.Signed) || e.Actor != "alice" {
		t.Errorf("the event is %+v", e)
	}
	if notes := strings.Join(s.verify().Notes, "\n"); !strings.Contains(notes, "openpgp: 1 signature was judged") || !strings.Contains(notes, "the signer's claim") {
		t.Errorf("the notes are %s", notes)
	}
}

// A key that turns out to have been lost revokes nothing that was landed with
// it, and the audit lists what it was used for since.
func TestRevokedKeyListsWhatItSigned(t *testing.T) {
	s := healthy(t)
	if notes := strings.Join(s.verify().Notes, "\n"); strings.Contains(notes, "revoked: ") {
		t.Errorf("with no key revoked the notes are %s", notes)
	}
	approval := s.statement(s.ids["closed"], "-approval-")
	bob := s.file(mainRef, "people/bob.yaml")
	revoke := func(since time.Time) string {
		s := s.copyOf(t)
		s.push("carol", map[string]string{"people/bob.yaml": revoked(s, bob, since)})
		return strings.Join(s.verify().Notes, "\n")
	}
	if notes := revoke(s.now.AddDate(0, 0, -30)); !strings.Contains(notes, "of bob is revoked since") || !strings.Contains(notes, approval) || !strings.Contains(notes, "commit ") {
		t.Errorf("revoked before all, the notes are %s", notes)
	}
	if notes := revoke(s.now.Add(time.Hour)); strings.Contains(notes, "revoked: ") {
		t.Errorf("revoked afterwards, the notes are %s", notes)
	}
}

// revoked adds the revocation to the first key of a person.
func revoked(s *scene, person string, since time.Time) string {
	s.Helper()
	i := strings.Index(person, "- key: ")
	if i < 0 {
		s.Fatalf("no key in %s", person)
	}
	end := i + strings.Index(person[i:], "\n")
	return person[:end] + "\n    revoked_since: \"" + since.Format(time.RFC3339) + "\"" + person[end:]
}
