package evidence

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"pgregory.net/rapid"
)

func TestEveryTypeReadsBack(t *testing.T) {
	for _, kind := range Types() {
		t.Run(string(kind), func(t *testing.T) {
			e := entry(t, kind, "alice")
			again, err := Parse(e.Path, e.Raw, e.Sig)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, again); diff != "" {
				t.Error(diff)
			}
			want := samplePredicate(kind)
			if d := want.Decision; d != nil {
				d.Input = json.RawMessage(`{"now":"2026-11-20T12:00:00Z","record":{"big":9007199254740991,"tier":-15,"title":"a < b"}}`)
			}
			if diff := cmp.Diff(want, again.Statement.Predicate); diff != "" {
				t.Errorf("the predicate changed on the way: %s", diff)
			}
		})
	}
}

// The bytes are a contract: signatures and names are made over them.
func TestBytesOfAStatement(t *testing.T) {
	e := entry(t, Approval, "")
	want := `{"_type":"https://in-toto.io/Statement/v1","predicate":{` +
		`"contributors":[{"commit":"` + head + `","person":"bob","role":"author"},{"account":"github:583231","role":"pusher"}],` +
		`"files":[{"blob":"` + base + `","mode":"100755","path":"app/main.go"},{"path":"old file"}],` +
		`"kind":"approval","material":{"excluded":["review","state"],"sha256":"` + sha + `"},"person":"alice",` +
		`"proposal":{"base":"` + base + `","branch":"gitsm/CHG-20261120-7K3F2M/new-7k3f","head":"` + head + `"},` +
		`"record":{"blob":"3689b452356436f8cf68adf9fd0708a20cf69975","content":"` + "\ufeff" + `id: CHG-20261120-7K3F2M\r\ntitle: \"a < b & \\\"c\\\"\" # ` + "\u2028" + `\n",` +
		`"id":"CHG-20261120-7K3F2M","kind":"change","path":"changes/2026/11/CHG-20261120-7K3F2M.yaml"},` +
		`"time":"2026-11-20T12:00:00.123Z","tool":{"gitsm":"v0.1.0","opa":"1.22.0"}},` +
		`"predicateType":"https://gitsm.dev/evidence/approval/v1","subject":[` +
		`{"digest":{"gitBlob":"3689b452356436f8cf68adf9fd0708a20cf69975"},"name":"changes/2026/11/CHG-20261120-7K3F2M.yaml"},` +
		`{"digest":{"sha256":"` + sha + `"},"name":"gitsm:material"},` +
		`{"digest":{"gitBlob":"` + base + `"},"name":"app/main.go"},` +
		`{"digest":{"gitCommit":"` + head + `"},"name":"gitsm:proposal"}]}` + "\n"
	if diff := cmp.Diff(want, string(e.Raw)); diff != "" {
		t.Error(diff)
	}
	if want := "evidence/CHG-20261120-7K3F2M/20261120T120000123Z-approval-"; !strings.HasPrefix(e.Path, want) {
		t.Errorf("path %s does not begin with %s", e.Path, want)
	}
	if e.SigPath() != e.Path+".sig" || e.Sig != nil {
		t.Errorf("signature %q at %s", e.Sig, e.SigPath())
	}
}

// A repository of SHA-256 objects needs names in-toto does not define, since
// its gitBlob and gitCommit are SHA-1.
func TestStatementsOfSHA256Repositories(t *testing.T) {
	e := entry(t, Approval, "alice", func(p *Predicate) {
		p.Files = nil
		p.Record.Blob = blobID([]byte(p.Record.Content), strings.Repeat("0", 64))
		p.Proposal.Head = strings.Repeat("a", 64)
	})
	var algorithms []string
	for _, s := range e.Statement.Subject {
		for name := range s.Digest {
			algorithms = append(algorithms, name)
		}
	}
	if want := []string{"gitBlobSha256", "sha256", "gitCommitSha256"}; !slices.Equal(algorithms, want) {
		t.Errorf("algorithms %v, want %v", algorithms, want)
	}
	inToto(t, e)
}

func TestInTotoReadsStatements(t *testing.T) {
	for _, kind := range Types() {
		inToto(t, entry(t, kind, ""))
	}
}

// inToto has in-toto's own library read and validate a statement.
func inToto(t *testing.T, e *Entry) {
	t.Helper()
	var st intoto.Statement
	if err := protojson.Unmarshal(e.Raw, &st); err != nil {
		t.Errorf("%s: in-toto cannot read it: %v", e.Path, err)
		return
	}
	if err := st.Validate(); err != nil {
		t.Errorf("%s: in-toto refuses it: %v", e.Path, err)
	}
	if got := st.GetPredicate().GetFields()["kind"].GetStringValue(); got != string(e.Statement.Predicate.Kind) {
		t.Errorf("%s: in-toto reads kind %q", e.Path, got)
	}
}

// What a statement can hold is held by this list: ids, digests, names of git,
// words of a fixed list, and, under "quoted", what is not ours to word. A field
// for an e-mail address or for what a reviewer wrote has no place in it, since
// what is recorded can never be taken back.
func TestStatementsHoldNoFreeText(t *testing.T) {
	allowed := map[string]string{
		"_type": "word", "predicateType": "word", "subject[].name": "git", "subject[].digest{}": "digest",
		"predicate.kind": "word", "predicate.person": "id",
		"predicate.tool.gitsm": "version", "predicate.tool.opa": "version",
		"predicate.record.id": "id", "predicate.record.kind": "word", "predicate.record.path": "git",
		"predicate.record.blob": "digest", "predicate.record.content": "quoted",
		"predicate.material.sha256": "digest", "predicate.material.excluded[]": "word",
		"predicate.files[].path": "git", "predicate.files[].mode": "git", "predicate.files[].blob": "digest",
		"predicate.proposal.branch": "git", "predicate.proposal.base": "digest", "predicate.proposal.head": "digest",
		"predicate.contributors[].person": "id", "predicate.contributors[].account": "id",
		"predicate.contributors[].role": "word", "predicate.contributors[].commit": "digest",
		"predicate.decision.verdict": "word", "predicate.decision.risk.band": "word",
		"predicate.decision.requirements[].id": "word", "predicate.decision.requirements[].from[]": "id",
		"predicate.decision.requirements[].approvers[].person":   "id",
		"predicate.decision.requirements[].approvers[].evidence": "git",
		"predicate.decision.requirements[].ignored[].who":        "id",
		"predicate.decision.requirements[].ignored[].why":        "word", // gitsm's own wording, one line, no address
		"predicate.decision.findings[].code":                     "word", "predicate.decision.findings[].rule": "word",
		"predicate.decision.findings[].severity": "word", "predicate.decision.findings[].waiver": "word",
		"predicate.decision.policy_digest": "digest", "predicate.decision.input_digest": "digest",
		"predicate.decision.input": "quoted",
		"predicate.merge.commit":   "digest", "predicate.merge.base": "digest", "predicate.merge.head": "digest",
		"predicate.merge.method": "word", "predicate.merge.approved_material": "digest", "predicate.merge.landed_material": "digest",
		"predicate.forge.repository": "id", "predicate.forge.state": "word", "predicate.forge.account": "id", "predicate.forge.permission": "word", "predicate.forge.statement": "git",
		"predicate.forge.checks[].name": "word", "predicate.forge.checks[].state": "word", "predicate.forge.checks[].source": "id",
		"predicate.forge.rules[].type": "word", "predicate.forge.rules[].parameters": "digest", "predicate.forge.unknown[]": "word", "predicate.forge.exempt[]": "id", "predicate.forge.rules[].checks[]": "word",
		"predicate.checkpoint.genesis": "digest", "predicate.checkpoint.main": "digest", "predicate.checkpoint.evidence": "digest",
	}
	found := texts(reflect.TypeFor[Statement](), "")
	for _, name := range found {
		if allowed[name] == "" {
			t.Errorf("statements got the text field %s: say what it holds, and keep addresses and prose out", name)
		}
		delete(allowed, name)
	}
	for name := range allowed {
		t.Errorf("no statement has the field %s any more", name)
	}
}

// texts lists the places of a type that can hold text, by JSON name.
func texts(typ reflect.Type, name string) []string {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return nil
	case typ == reflect.TypeFor[json.RawMessage](), typ.Kind() == reflect.String:
		return []string{strings.TrimPrefix(name, ".")}
	case typ.Kind() == reflect.Pointer:
		return texts(typ.Elem(), name)
	case typ.Kind() == reflect.Slice:
		return texts(typ.Elem(), name+"[]")
	case typ.Kind() == reflect.Map:
		return texts(typ.Elem(), name+"{}")
	case typ.Kind() == reflect.Struct:
		var out []string
		for i := range typ.NumField() {
			tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			out = append(out, texts(typ.Field(i).Type, name+"."+tag)...)
		}
		return out
	}
	return nil
}

// A statement's outside follows from its inside, whoever fills it in.
func TestNewEntryRefusesAnotherOutside(t *testing.T) {
	good := entry(t, Approval, "").Statement
	if _, err := NewEntry(good, nil); err != nil {
		t.Errorf("a complete statement: %v", err)
	}
	for name, change := range map[string]func(*Statement){
		"_type":         func(st *Statement) { st.Type = "https://in-toto.io/Statement/v0.1" },
		"predicateType": func(st *Statement) { st.PredicateType = PredicateType(Rejection) },
		"subject":       func(st *Statement) { st.Subject = st.Subject[1:] },
	} {
		st := good
		change(&st)
		_, err := NewEntry(st, nil)
		wantError(t, err, name)
	}
}

func TestNewEntryChecksTheSignature(t *testing.T) {
	st := Statement{Predicate: samplePredicate(Approval)}
	for _, tt := range []struct {
		name string
		sign func([]byte) ([]byte, error)
		want string
	}{
		{"own namespace", signAs("alice"), ""},
		{"git's namespace", gitSign("alice"), `made for "git", not for "gitsm"`},
		{"no signature", func([]byte) ([]byte, error) { return nil, nil }, "empty"},
		{"no key", func([]byte) ([]byte, error) { return nil, errors.New("the token is not plugged in") }, "not plugged in"},
		{"over other bytes", func(raw []byte) ([]byte, error) { return signAs("alice")(raw[1:]) }, "did not verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewEntry(st, tt.sign)
			wantError(t, err, tt.want)
		})
	}
}

// Whatever the record holds and whatever policy saw comes back as it was.
func TestAnyContentReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := samplePredicate(Decision)
		p.Record.Content = rapid.String().Draw(t, "content")
		p.Record.Blob = blobID([]byte(p.Record.Content), base)
		p.Time = time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms"))
		seen := map[string]any{
			rapid.String().Draw(t, "key"): rapid.String().Draw(t, "text"),
			"n":                           rapid.Int64Range(-maxNumber, maxNumber).Draw(t, "number"),
		}
		text, err := json.Marshal(seen)
		if err != nil {
			t.Fatal(err)
		}
		p.Decision.Input, p.Decision.InputDigest = text, digestOf(text)
		e, err := NewEntry(Statement{Predicate: p}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := e.Statement.Predicate
		if got.Record.Content != p.Record.Content || !got.Time.Equal(p.Time) {
			t.Fatalf("read back %q at %s", got.Record.Content, got.Time)
		}
		var want, have any
		if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal(got.Decision.Input, &have)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want, have) {
			t.Fatalf("read back input %s, want %s", got.Decision.Input, text)
		}
	})
}
