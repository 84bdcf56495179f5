package evidence

import (
	"crypto/sha1" //nolint:gosec // git's own object id
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Names of the subjects that are no file. The colon keeps them apart from
// paths of the repository.
const (
	subjectMaterial = "gitsm:material"
	subjectProposal = "gitsm:proposal"
	subjectLanding  = "gitsm:landing"
	subjectMain     = "gitsm:main"
	subjectEvidence = "gitsm:evidence"
)

// Subjects returns what p is about: the record's blob, the material digest,
// the files outside the store and the commits. It is a function of p, so that a
// statement cannot be about one thing and say another.
func Subjects(p Predicate) []Subject {
	var out []Subject
	add := func(name, algorithm, digest string) {
		if digest != "" {
			out = append(out, Subject{Name: name, Digest: map[string]string{algorithm: digest}})
		}
	}
	add(p.Record.Path, objectDigest("Blob", p.Record.Blob), p.Record.Blob)
	add(subjectMaterial, "sha256", p.Material.SHA256)
	for _, f := range p.Files {
		add(f.Path, objectDigest("Blob", f.Blob), f.Blob)
	}
	add(subjectProposal, objectDigest("Commit", p.Proposal.Head), p.Proposal.Head)
	if m := p.Merge; m != nil {
		add(subjectLanding, objectDigest("Commit", m.Commit), m.Commit)
	}
	if c := p.Checkpoint; c != nil {
		add(subjectMain, objectDigest("Commit", c.Main), c.Main)
		add(subjectEvidence, objectDigest("Commit", c.Evidence), c.Evidence)
	}
	return out
}

// objectDigest names the algorithm of a git object id. in-toto's gitBlob and
// gitCommit are SHA-1 by definition, so SHA-256 repositories need other names.
func objectDigest(object, oid string) string {
	if len(oid) == hex.EncodedLen(sha256.Size) {
		return "git" + object + "Sha256"
	}
	return "git" + object
}

// blobID is the id git gives content in a repository whose ids look like like.
func blobID(content []byte, like string) string {
	head := fmt.Sprintf("blob %d\x00", len(content))
	if len(like) == hex.EncodedLen(sha256.Size) {
		sum := sha256.Sum256(append([]byte(head), content...))
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(append([]byte(head), content...)) //nolint:gosec // git's own object id
	return hex.EncodeToString(sum[:])
}
