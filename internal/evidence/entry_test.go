package evidence

import (
	"bytes"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStampSortsByTime(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 11, 20, 10, 11, 12, 123999999, time.UTC), "20261120T101112123Z"},
		{time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC), "20261120T101112000Z"},
		{time.Date(2026, 11, 20, 0, 0, 0, 5e6, time.FixedZone("", 3600)), "20261119T230000005Z"},
	} {
		if got := stamp(tt.at); got != tt.want {
			t.Errorf("stamp(%s) = %s, want %s", tt.at, got, tt.want)
		}
	}
}

// A statement is what its bytes are, where its name says. Each case departs
// from a good file by one thing; the first is the twin that departs by nothing.
func TestParseRefuses(t *testing.T) {
	e := entry(t, Decision, "")
	replace := func(old, new string) []byte {
		if !bytes.Contains(e.Raw, []byte(old)) {
			t.Fatalf("the statement has no %q", old)
		}
		return bytes.Replace(bytes.Clone(e.Raw), []byte(old), []byte(new), 1)
	}
	dir, name := path.Split(e.Path)
	for _, tt := range []struct {
		name string
		path string // "" where the name follows the bytes, as a forger would have it
		raw  []byte
		want string
	}{
		{"as recorded", e.Path, e.Raw, ""},
		{"renamed digest", e.Path[:len(e.Path)-9] + "0000.json", e.Raw, "renamed or changed"},
		{"renamed type", strings.Replace(e.Path, "decision", "approval", 1), e.Raw, "renamed or changed"},
		{"renamed time", strings.Replace(e.Path, "123Z", "124Z", 1), e.Raw, "renamed or changed"},
		{"moved to another record", "evidence/CHG-20261120-000000/" + name, e.Raw, "renamed or changed"},
		{"moved up", name, e.Raw, "renamed or changed"},
		{"moved by a detour", dir + "./" + name, e.Raw, "renamed or changed"},
		{"altered under its name", e.Path, replace(`"given":1`, `"given":2`), "renamed or changed"},
		{"type changed", "", replace(`"kind":"decision"`, `"kind":"approval"`), "predicateType"},
		{"predicate type changed", "", replace("evidence/decision/v1", "evidence/approval/v1"), "predicateType"},
		{"other version", "", replace("evidence/decision/v1", "evidence/decision/v2"), "predicateType"},
		{"extra field", "", replace(`{"_type"`, `{"Note":"x","_type"`), `unknown field "Note"`},
		{"extra field inside", "", replace(`"given":1`, `"given":1,"granted":2`), `unknown field "granted"`},
		{"key twice", "", replace(`"given":1`, `"given":2,"given":1`), "Duplicate key"},
		{"key in another case", "", replace(`"predicate":{`, `"predicate":{"Person":"alice",`), "keys"},
		{"key twice in another case", "", replace(`{"approvers":`, `{"From":[],"approvers":`), "keys"},
		{"null for absent", "", replace(`[{"code":"CHG012","rule":"CHG012","severity":"warning"}]`, `null`), "keys"},
		{"empty part", "", replace(`"person":"alice","proposal"`, `"merge":null,"person":"alice","proposal"`), "keys"},
		{"space", "", replace(`,`, `, `), "canonical"},
		{"other order", "", replace(`"given":1,"id":"owner"`, `"id":"owner","given":1`), "canonical"},
		{"needless escape", "", replace(`"owner"`, `"own\u0065r"`), "canonical"},
		{"other number", "", replace(`"given":1`, `"given":1.0`), ""},
		{"bad UTF-8", "", replace(`owner`, "own\xffr"), ""},
		{"no final newline", "", bytes.TrimSuffix(e.Raw, []byte("\n")), "newline"},
		{"two final newlines", "", append(bytes.Clone(e.Raw), '\n'), "newline"},
		{"two statements", "", append(bytes.Clone(e.Raw), e.Raw...), "something follows"},
		{"BOM", "", append([]byte("\ufeff"), e.Raw...), "invalid character"},
		{"time with nanoseconds", "", replace("12:00:00.123Z", "12:00:00.123000Z"), "not of the form"},
		{"time in another zone", "", replace("12:00:00.123Z", "13:00:00.123+01:00"), "not of the form"},
		{"altered record", "", replace("id: CHG", "id: chg"), "record.content is not blob"},
		{"another subject", "", replace(`{"gitCommit":"`+head, `{"gitCommit":"`+base), "subject"},
		{"null", "", []byte("null\n"), ""},
		{"empty", "", nil, "EOF"},
		{"array", "", []byte("[]\n"), "cannot unmarshal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.path
			if p == "" {
				p = pathOf(e.Statement.Predicate, tt.raw)
			}
			_, err := Parse(p, tt.raw, nil)
			if tt.want == "" && tt.name != "as recorded" {
				if err == nil {
					t.Error("accepted")
				}
				return
			}
			wantError(t, err, tt.want)
		})
	}
}

func TestParseBoundsSize(t *testing.T) {
	_, err := Parse("evidence/x/y.json", make([]byte, maxStatement+1), nil)
	wantError(t, err, "larger than any")
}

// Signatures are judged later and by somebody who has the keys; parsing keeps
// whatever is there, and keeps nothing apart from an empty file.
func TestParseKeepsTheSignature(t *testing.T) {
	e := entry(t, Approval, "alice")
	for _, sig := range [][]byte{nil, {}, []byte("x"), e.Sig} {
		got, err := Parse(e.Path, e.Raw, sig)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sig, got.Sig); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, kind := range Types() {
		e := entry(f, kind, "alice")
		f.Add(e.Path, e.Raw, e.Sig)
	}
	f.Add("evidence/x/y.json", []byte(`{"_type":"","predicate":{"time":"x"}}`), []byte(nil))
	f.Fuzz(func(t *testing.T, p string, raw, sig []byte) {
		// A forger would give the file the name its bytes call for.
		if st, err := decode(raw); err == nil {
			p = pathOf(st.Predicate, raw)
		}
		e, err := Parse(p, raw, sig)
		if err != nil {
			return
		}
		if !isEntryPath(e.Path) || path.Clean(e.Path) != e.Path {
			t.Fatalf("accepted at %q, where no evidence is kept", e.Path)
		}
		again, err := encode(e.Statement)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("accepted %q, which is written %q (%v)", raw, again, err)
		}
		if trust, _, _ := e.Trust(Keyring{}, noon); trust == Signed {
			t.Fatal("signed by nobody")
		}
	})
}

func BenchmarkNewEntry(b *testing.B) {
	st, sign := Statement{Predicate: samplePredicate(Approval)}, signAs("alice")
	for b.Loop() {
		if _, err := NewEntry(st, sign); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAndTrust(b *testing.B) {
	e, keys := entry(b, Decision, "alice"), NewKeyring([]PersonKeys{person("alice", key("alice"))})
	for b.Loop() {
		again, err := Parse(e.Path, e.Raw, e.Sig)
		if err != nil {
			b.Fatal(err)
		}
		if trust, _, err := again.Trust(keys, noon); trust != Signed || err != nil {
			b.Fatal(trust, err)
		}
	}
}
