package proposal

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
)

// A signed statement travels in the body of a review, where nobody who reads
// the review sees it.
const (
	statementBegins = "<!-- gitsm-statement "
	statementEnds   = " -->"
	maxBody         = 60000   // characters; a review takes 65536
	maxStatement    = 1 << 20 // bytes of a statement, unpacked
)

// sealed is a statement with its signature, as a review carries it.
type sealed struct {
	Statement []byte `json:"statement"`
	Signature []byte `json:"signature"`
}

// withStatement adds a signed statement to a body. ok is false where it is too
// long for one.
func withStatement(body string, e *evidence.Entry) (text string, ok bool, err error) {
	raw, err := json.Marshal(sealed{e.Raw, e.Sig})
	if err != nil {
		return "", false, fmt.Errorf("packing the statement: %w", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(raw); err != nil {
		return "", false, fmt.Errorf("packing the statement: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", false, fmt.Errorf("packing the statement: %w", err)
	}
	text = body + "\n\n" + statementBegins + base64.StdEncoding.EncodeToString(packed.Bytes()) + statementEnds
	return text, len(text) <= maxBody, nil
}

// statement is the statement that a review carries: one that its author signed, of
// this proposal, that says what the review says. Whoever may write can edit what
// others wrote, and put there what they had signed before: one that an earlier
// review carried, or that is older than their last word before the review, is not
// of it. It is nil where the review carries no such statement.
func (l *Loaded) statement(r forge.Review, person string, keys evidence.Keyring, now time.Time) *evidence.Entry {
	e, err := statementIn(r.Body)
	if err != nil || e == nil {
		return nil
	}
	p := e.Statement.Predicate
	late := p.Proposal.Branch == "" && p.ID() == l.topic() && l.Said.Pull.Merged && r.At.After(l.Said.Pull.MergedAt) // of an emergency
	switch {
	case p.Kind != statementOf[r.State], p.Person != person, p.Proposal.Branch != l.Branch && !late, e.Judge(keys, now).Verdict != evidence.Good:
		return nil
	}
	for _, x := range l.Said.Reviews {
		if x.By.ID != r.By.ID || x.State == forge.Commented || x.ID == r.ID || x.At.After(r.At) {
			continue
		}
		if p.Time.Before(x.At) || carries(x, e) {
			return nil
		}
	}
	if was, again := l.carried[e.Path]; again && was != r.ID {
		return nil
	}
	return e
}

// statementOf is what states a review of each state.
var statementOf = map[string]evidence.Type{forge.Approved: evidence.Approval, forge.ChangesRequested: evidence.Rejection, forge.Dismissed: evidence.Withdrawal}

// statementIn reads the statement that a body carries, nil where it carries
// none. Whose it is and whether it is signed is for the caller to ask.
func statementIn(body string) (*evidence.Entry, error) {
	_, rest, found := strings.Cut(body, statementBegins)
	if !found {
		return nil, nil
	}
	text, _, found := strings.Cut(rest, statementEnds)
	if !found {
		return nil, errors.New("the statement in the review breaks off")
	}
	packed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("reading the statement in the review: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("reading the statement in the review: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(z, maxStatement))
	if err != nil {
		return nil, fmt.Errorf("reading the statement in the review: %w", err)
	}
	var s sealed
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("reading the statement in the review: %w", err)
	}
	return evidence.ParseCopy("the statement in the review", s.Statement, s.Signature)
}
