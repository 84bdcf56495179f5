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

	"github.com/gitsm/gitsm/internal/evidence"
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
