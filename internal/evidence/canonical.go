package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gitsm/gitsm/internal/canonical"
)

// timeLayout is RFC 3339 in UTC with exactly three decimals, so that one
// instant has one spelling.
const timeLayout = "2006-01-02T15:04:05.000Z"

// maxStatement bounds what is parsed: a record of 256 KiB, once as content and
// once inside the input, with a large catalogue around it.
const maxStatement = 16 << 20

// MarshalJSON writes the time with its fixed number of decimals.
func (p Predicate) MarshalJSON() ([]byte, error) {
	type plain Predicate
	return json.Marshal(struct {
		plain
		Time string `json:"time"`
	}{plain(p), p.Time.UTC().Format(timeLayout)})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses unknown fields, which
// a decoder's own setting would not reach through this method.
func (p *Predicate) UnmarshalJSON(text []byte) error {
	type plain Predicate
	var wire struct {
		plain
		Time string `json:"time"`
	}
	if err := decodeStrict(text, &wire); err != nil {
		return err
	}
	at, err := time.Parse(timeLayout, wire.Time)
	if err != nil {
		return fmt.Errorf("time %q is not of the form %s", wire.Time, timeLayout)
	}
	*p = Predicate(wire.plain)
	p.Time = at
	return nil
}

// encode writes st as RFC 8785 canonical JSON and a newline.
func encode(st Statement) ([]byte, error) {
	text, err := canonical.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("writing a statement: %w", err)
	}
	return append(text, '\n'), nil
}

// decode reads exactly what encode writes. Comparing with a fresh encoding
// refuses, in one step, duplicate keys, keys in another case, another order or
// spelling, and anything before or after.
func decode(raw []byte) (Statement, error) {
	var st Statement
	if len(raw) > maxStatement {
		return st, fmt.Errorf("a statement of %d bytes is larger than any gitsm writes", len(raw))
	}
	if err := decodeStrict(raw, &st); err != nil {
		return st, err
	}
	again, err := encode(st)
	if err != nil {
		return st, err
	}
	if !bytes.Equal(again, raw) {
		return st, notCanonical(raw)
	}
	return st, nil
}

// notCanonical says why raw is not the encoding of what it decodes to.
func notCanonical(raw []byte) error {
	text, err := canonical.Transform(raw)
	switch {
	case err != nil:
		return err // a duplicate key, bad UTF-8, a lone surrogate
	case !bytes.Equal(append(text, '\n'), raw):
		return errors.New("it is not canonical JSON (RFC 8785) and one newline")
	}
	return errors.New("it has keys, or spells out empty ones, that a statement does not have")
}

func decodeStrict(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}
