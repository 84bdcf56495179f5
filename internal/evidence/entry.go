package evidence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/sshsig"
)

// Where statements are kept, and how their files end.
const (
	rootDir = "evidence"
	jsonExt = ".json"
)

// Entry is a statement as the evidence branch keeps it.
type Entry struct {
	Path      string // evidence/<id>/<utc-ms>-<type>-<digest8>.json
	Raw       []byte // exact bytes of the statement's file
	Sig       []byte // armored signature over Raw; nil when unsigned
	Statement Statement
}

// SigPath is where the entry's signature is kept.
func (e *Entry) SigPath() string { return e.Path + ".sig" }

// NewEntry completes st with what follows from its predicate, checks it, and
// has sign sign the file's bytes in Namespace. A nil sign leaves it unsigned.
func NewEntry(st Statement, sign func([]byte) ([]byte, error)) (*Entry, error) {
	st, err := complete(st)
	if err != nil {
		return nil, err
	}
	raw, err := encode(st)
	if err != nil {
		return nil, err
	}
	var sig []byte
	if sign != nil {
		if sig, err = signed(raw, sign); err != nil {
			return nil, err
		}
	}
	// Reading back is the proof that what is recorded can be read for ever, and
	// gives callers the same Statement a later reader gets.
	return Parse(pathOf(st.Predicate, raw), raw, sig)
}

// complete fills in the parts of st that its predicate determines.
func complete(st Statement) (Statement, error) {
	p := &st.Predicate
	if p.Time.IsZero() {
		return st, errors.New("writing a statement: it has no time")
	}
	p.Time = p.Time.UTC().Truncate(time.Millisecond)
	if !utf8.ValidString(p.Record.Content) {
		return st, fmt.Errorf("writing a statement: %s is not UTF-8 and cannot be kept", p.Record.Path)
	}
	p.Files = slices.SortedFunc(slices.Values(p.Files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if p.Decision != nil {
		p.Decision = withoutNames(*p.Decision)
	}
	if p.Forge != nil {
		f := *p.Forge
		f.At = f.At.UTC().Truncate(time.Millisecond)
		p.Forge = &f
	}
	if st.Type == "" {
		st.Type = StatementType
	}
	if st.PredicateType == "" {
		st.PredicateType = PredicateType(p.Kind)
	}
	if st.Subject == nil {
		st.Subject = Subjects(*p)
	}
	return st, nil
}

// withoutNames returns d with Stranger in the place of everybody who was ignored
// under a name. A name comes from commits and forges, where anybody can be
// called anything, and must neither be kept nor stop a decision.
func withoutNames(d DecisionFacts) *DecisionFacts {
	d.Requirements = slices.Clone(d.Requirements)
	for i, r := range d.Requirements {
		ignored := slices.Clone(r.Ignored)
		for j := range ignored {
			if !formToken.MatchString(ignored[j].Who) {
				ignored[j].Who = Stranger
			}
		}
		d.Requirements[i].Ignored = ignored
	}
	return &d
}

// signed signs raw and makes sure that the signature is one Parse and a keyring
// could accept: a signature that is never good must not be recorded for good.
func signed(raw []byte, sign func([]byte) ([]byte, error)) ([]byte, error) {
	armored, err := sign(raw)
	if err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	sig, err := sshsig.Parse(armored)
	if err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	if err := sig.Verify(Namespace, raw); err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	return armored, nil
}

// EntryError is a file of the evidence branch that is no statement.
type EntryError struct {
	Path string
	Err  error
}

func (e *EntryError) Error() string { return fmt.Sprintf("reading %s: %v", Shown(e.Path), e.Err) }

// Unwrap returns what is wrong with the file.
func (e *EntryError) Unwrap() error { return e.Err }

// Shown is a path of the branch for people: quoted where it holds what cannot be
// seen or breaks the line, since anybody can give a file any name.
func Shown(p string) string {
	if quoted := strconv.Quote(p); quoted != `"`+p+`"` {
		return quoted
	}
	return p
}

// Parse reads a statement kept at p. The name must be the one its content
// determines, so that a statement can be neither renamed nor moved. A nil sig
// means that there is no signature file. Whether sig is good is for Judge. Every
// error is an *EntryError.
func Parse(p string, raw, sig []byte) (*Entry, error) {
	st, err := decode(raw)
	if err != nil {
		return nil, &EntryError{p, err}
	}
	if err := validate(st); err != nil {
		return nil, &EntryError{p, err}
	}
	if want := pathOf(st.Predicate, raw); p != want {
		return nil, &EntryError{p, fmt.Errorf("its content belongs at %s; it was renamed or changed", want)}
	}
	return &Entry{Path: p, Raw: raw, Sig: sig, Statement: st}, nil
}

// ParseCopy reads a statement that is kept elsewhere under any name, on the
// same terms as Parse.
func ParseCopy(name string, raw, sig []byte) (*Entry, error) {
	st, err := decode(raw)
	if err != nil {
		return nil, &EntryError{name, err}
	}
	e, err := Parse(pathOf(st.Predicate, raw), raw, sig)
	if err != nil {
		return nil, &EntryError{name, err}
	}
	return e, nil
}

// pathOf is the only path a statement may have.
func pathOf(p Predicate, raw []byte) string {
	digest := sha256.Sum256(raw)
	name := stamp(p.Time) + "-" + string(p.Kind) + "-" + hex.EncodeToString(digest[:4]) + jsonExt
	return path.Join(rootDir, p.ID(), name)
}

// stamp writes a time so that names sort by it and no file system minds.
func stamp(t time.Time) string {
	t = t.UTC()
	return t.Format("20060102T150405") + fmt.Sprintf("%03dZ", t.Nanosecond()/int(time.Millisecond))
}

// namePattern is the form of a statement's file name, signature or not.
var namePattern = lazyregexp.New(`^[0-9]{8}T[0-9]{9}Z-[a-z]+-[0-9a-f]{8}\.json(\.sig)?$`)
