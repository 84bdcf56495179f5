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

// plainPredicate is a Predicate without its methods.
type plainPredicate Predicate

// wirePredicate is a predicate as it is written: with its time in one spelling.
type wirePredicate struct {
	plainPredicate
	Time string `json:"time"`
}

// wireStatement is a statement as it is written. Encoding it takes one pass,
// where the methods of Predicate would take two.
type wireStatement struct {
	Type          string        `json:"_type"`
	Subject       []Subject     `json:"subject"`
	PredicateType string        `json:"predicateType"`
	Predicate     wirePredicate `json:"predicate"`
}

func toWire(p Predicate) wirePredicate {
	return wirePredicate{plainPredicate(p), p.Time.UTC().Format(timeLayout)}
}

func fromWire(w wirePredicate) (Predicate, error) {
	at, err := time.Parse(timeLayout, w.Time)
	if err != nil {
		return Predicate{}, fmt.Errorf("time %q is not of the form %s", w.Time, timeLayout)
	}
	p := Predicate(w.plainPredicate)
	p.Time = at
	return p, nil
}

// MarshalJSON writes the time with its fixed number of decimals.
func (p Predicate) MarshalJSON() ([]byte, error) { return json.Marshal(toWire(p)) }

// UnmarshalJSON reads what MarshalJSON writes and refuses unknown fields, which
// a decoder's own setting would not reach through this method.
func (p *Predicate) UnmarshalJSON(text []byte) error {
	var w wirePredicate
	if err := decodeStrict(text, &w); err != nil {
		return err
	}
	read, err := fromWire(w)
	if err == nil {
		*p = read
	}
	return err
}

// encode writes st as RFC 8785 canonical JSON and a newline.
func encode(st Statement) ([]byte, error) {
	text, err := canonical.Marshal(wireStatement{st.Type, st.Subject, st.PredicateType, toWire(st.Predicate)})
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
	var w wireStatement
	if err := decodeStrict(raw, &w); err != nil {
		return st, err
	}
	p, err := fromWire(w.Predicate)
	if err != nil {
		return st, err
	}
	st = Statement{w.Type, w.Subject, w.PredicateType, p}
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
