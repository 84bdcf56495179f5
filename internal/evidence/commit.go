package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/pgpsig"
)

// CommitNamespace is the SSHSIG namespace of git's own signatures.
const CommitNamespace = "git"

// Headers that hold a commit's signature. A repository's object format decides
// which of them is its own; the other signs the commit's translation.
const (
	headerSHA1   = "gpgsig"
	headerSHA256 = "gpgsig-sha256"
)

// VerifyCommit judges the signature of a commit object, given as its raw bytes
// without the object header, as of at. SSH and OpenPGP signatures are judged;
// one by X.509 is an unknown key here, with the reason.
//
// It is stricter than git: a commit that says anything twice is bad however
// well it is signed, since one reader sees the first and another the last, and
// so is one with a second signature, which the first does not cover.
func VerifyCommit(raw []byte, k Keyring, at time.Time) Judgement {
	own, ok := ownHeader(raw)
	if !ok {
		return Judgement{Verdict: BadSignature, Reason: "it is not a commit object"}
	}
	s := splitCommit(raw, own)
	switch {
	case s.own > 1 || s.other > 1:
		return Judgement{Verdict: BadSignature, Reason: "the commit has more than one " + own + " header"}
	case s.own+s.other > 0 && s.twice != "":
		return Judgement{Verdict: BadSignature, Reason: "the commit has more than one " + s.twice + " header"}
	case s.own == 1 && s.other > 0:
		return Judgement{Verdict: BadSignature, Reason: "the commit has a second signature, which the first does not cover"}
	case s.own == 0:
		return Judgement{Verdict: Unsigned, Reason: "the commit has no " + own + " header"}
	case bytes.HasPrefix(s.signature, []byte(pgpsig.Begin)):
		return k.judgePGP(s.signature, s.payload, at)
	case bytes.HasPrefix(s.signature, []byte("-----BEGIN SIGNED MESSAGE-----")):
		return Judgement{Verdict: UnknownKey, Reason: "X.509 signatures are not judged; sign with an SSH key (git config gpg.format ssh) or an OpenPGP key"}
	}
	return k.Judge(s.signature, CommitNamespace, s.payload, at)
}

// VerifyCommitter is VerifyCommit for a commit that says it was made by person,
// "" where it names nobody in people/. One that was signed with somebody else's
// key contradicts itself.
func VerifyCommitter(raw []byte, k Keyring, at time.Time, person string) Judgement {
	j := VerifyCommit(raw, k, at)
	if j.Verdict == Good && j.Forge == "" && person != "" && j.Person != person {
		j.Verdict = BadSignature
		j.Reason = fmt.Sprintf("it was made with the key of %s, and the commit says that %s made it", j.Person, person)
	}
	return j
}

// ownHeader tells the repository's object format from the length of the tree's
// id, which every commit begins with.
func ownHeader(raw []byte) (string, bool) {
	line, _, found := bytes.Cut(raw, []byte("\n"))
	id, tree := bytes.CutPrefix(line, []byte("tree "))
	if !found || !tree || !formObject.Match(id) {
		return "", false
	}
	if len(id) == hex.EncodedLen(sha256.Size) {
		return headerSHA256, true
	}
	return headerSHA1, true
}

// splitResult is a commit taken apart: what was signed, and the signature.
type splitResult struct {
	payload, signature []byte
	own, other         int    // how many headers of each kind there are
	twice              string // a header that stands there again, and may only once
}

// once are the headers that a commit has one of.
var once = []string{"tree", "author", "committer", "encoding"}

// splitCommit takes the signature out of a commit's bytes in the way git does:
// the payload leaves out the repository's own signature header and every other
// header whose name begins with gpgsig, each with its continuation lines.
func splitCommit(raw []byte, own string) splitResult {
	s := splitResult{signature: []byte{}}
	const (
		plain = iota
		inOwn
		inOther
	)
	state := plain
	seen := map[string]bool{}
	for len(raw) > 0 {
		line := raw
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			line = raw[:end+1]
		}
		value, begins := bytes.CutPrefix(line, []byte(own+" "))
		switch {
		case line[0] == '\n': // the message follows; nothing in it is a header
			s.payload = append(s.payload, raw...)
			return s
		case begins:
			s.own++
			state = inOwn
			s.signature = append(s.signature, value...)
		case line[0] == ' ' && state == inOwn:
			s.signature = append(s.signature, line[1:]...)
		case line[0] == ' ' && state == inOther:
		case bytes.HasPrefix(line, []byte(headerSHA1)):
			s.other++
			state = inOther
		default:
			state = plain
			s.payload = append(s.payload, line...)
			name, _, _ := strings.Cut(string(line), " ")
			if seen[name] && slices.Contains(once, name) {
				s.twice = name
			}
			seen[name] = true
		}
		raw = raw[len(line):]
	}
	return s
}
