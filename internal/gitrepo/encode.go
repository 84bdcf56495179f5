package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gitsm/gitsm/internal/git"
)

// encodeCommit returns the bytes of the commit that spec describes, signed if
// it says so. The signature covers the bytes without the header that holds it.
func encodeCommit(f *format, tree git.OID, spec git.CommitSpec) ([]byte, error) {
	var head bytes.Buffer
	fmt.Fprintf(&head, "tree %s\n", tree)
	seen := map[git.OID]bool{}
	for _, p := range spec.Parents {
		if err := f.check("parent", p); err != nil {
			return nil, err
		}
		if seen[p] {
			return nil, fmt.Errorf("parent %s is given twice", p)
		}
		seen[p] = true
		fmt.Fprintf(&head, "parent %s\n", p)
	}
	for _, who := range []struct {
		role string
		sig  git.Signature
	}{{"author", spec.Author}, {"committer", spec.Committer}} {
		text, err := encodeSignature(who.sig)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", who.role, err)
		}
		fmt.Fprintf(&head, "%s %s\n", who.role, text)
	}
	message, err := encodeMessage(spec.Message)
	if err != nil {
		return nil, err
	}
	raw := append(bytes.Clone(head.Bytes()), message...)
	if spec.Sign == nil {
		return raw, nil
	}
	armored, err := spec.Sign(raw)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	if err := addSignature(&head, f.sigHeader, armored); err != nil {
		return nil, err
	}
	return append(head.Bytes(), message...), nil
}

// addSignature adds a header whose continuation lines are indented by one space.
func addSignature(head *bytes.Buffer, name string, armored []byte) error {
	text := strings.TrimRight(string(armored), "\r\n")
	if text == "" || strings.ContainsAny(text, "\x00\r") {
		return errors.New("signing: the signature is not armored text")
	}
	fmt.Fprintf(head, "%s %s\n", name, strings.ReplaceAll(text, "\n", "\n "))
	return nil
}

// encodeSignature writes "Name <email> seconds +hhmm".
func encodeSignature(s git.Signature) (string, error) {
	name, email := strings.TrimSpace(s.Name), strings.TrimSpace(s.Email)
	switch {
	case name == "" || email == "":
		return "", errors.New("a commit needs a name and an e-mail address")
	case strings.ContainsAny(name+email, "<>\n\x00") || !utf8.ValidString(name+email):
		return "", fmt.Errorf("%q <%q> has characters that git does not allow in a name", name, email)
	case s.When.IsZero() || s.When.Unix() < 0:
		return "", errors.New("a commit needs a time after 1970")
	}
	return fmt.Sprintf("%s <%s> %d %s", name, email, s.When.Unix(), s.When.Format("-0700")), nil
}

// encodeMessage returns the blank line and the message, which ends with a line
// break.
func encodeMessage(message string) (string, error) {
	if strings.ContainsRune(message, 0) || !utf8.ValidString(message) {
		return "", errors.New("the message is not text: it must be UTF-8 without NUL")
	}
	return "\n" + strings.TrimRight(message, "\n") + "\n", nil
}
