package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/finding"
)

// badPeak is how much memory a check of everything in badFiles may take, in
// bytes.
const badPeak = 256 << 20

// badFile is a file that people or programs put where a record should be.
type badFile struct {
	name  string
	path  string               // below the store
	text  string               // its bytes
	place func(p string) error // makes it instead, where bytes alone do not
	want  string               // "line:column CODE" of each finding, "" where it is a record
	skip  bool                 // this machine has no such thing
}

// service is a sound record of this id, with lines added.
func service(id string, more ...string) string {
	return "apiVersion: gitsm/v1\nkind: service\nid: " + id + "\ntitle: Good\nowner: team:web\ntier: 2\n" + strings.Join(more, "")
}

// incident is a sound record but for how its moments are written.
func incident(id string, moments ...string) string {
	return "apiVersion: gitsm/v1\nkind: incident\nid: " + id + "\ntitle: Slow\nservices: [shop]\nstate: restored\n" + strings.Join(moments, "\n") + "\n"
}

// badFiles is the list of what has to be refused at its place, or read as its
// page says.
func badFiles() []badFile {
	windows := runtime.GOOS == "windows"
	crlf := strings.ReplaceAll(service("crlf"), "\n", "\r\n")
	return slices.Concat([]badFile{
		{name: "CRLF", path: "services/crlf.yaml", text: crlf},
		{name: "byte order mark", path: "services/bom.yaml", text: "\ufeff" + service("bom")},
		{name: "JSON", path: "services/json.yaml", text: `{"apiVersion": "gitsm/v1", "kind": "service", "id": "json", "title": "Good", "owner": "team:web", "tier": 2}` + "\n"},
		{name: "UTF-16", path: "services/utf16.yaml", text: "\xff\xfea\x00:\x00 \x001\x00\n\x00", want: "1:1 YML002"},
		{name: "UTF-16, the other way round", path: "services/utf16be.yaml", text: "\xfe\xff\x00a\x00:\x00 \x001\x00\n", want: "1:1 YML002"},
		{name: "UTF-16 without a mark", path: "services/utf16bare.yaml", text: "a\x00:\x00 \x001\x00\n\x00", want: "1:1 YML002"},
		{name: "not UTF-8", path: "services/latin.yaml", text: service("latin", "description: Caf\xe9\n"), want: "7:17 YML003"},
		{name: "empty", path: "services/empty.yaml", want: "1:1 YML004"},
		{name: "comments alone", path: "services/comment.yaml", text: "# apiVersion: gitsm/v1\n", want: "1:1 YML004"},
		{name: "no YAML", path: "services/prose.yaml", text: "title: Fix: thing\n", want: "1:11 YML005"},
		{name: "tab", path: "services/tab.yaml", text: service("tab", "sla:\n\tresponse: 1h\n"), want: "8:1 YML006"},
		{name: "merge conflict", path: "services/conflict.yaml", text: "<<<<<<< HEAD\ntier: 1\n=======\ntier: 2\n>>>>>>> other\n", want: "1:1 YML007"},
		{name: "list", path: "services/list.yaml", text: "- a\n", want: "1:1 YML008"},
		{name: "second document", path: "services/second.yaml", text: service("second", "---\na: b\n"), want: "7:1 YML009"},
		{name: "directive", path: "services/directive.yaml", text: "%YAML 1.1\n---\n" + service("directive"), want: "1:1 YML010"},
		{name: "NUL", path: "services/zero.yaml", text: service("zero", "description: a\x00b\n"), want: "7:15 YML011"},
		{name: "C1", path: "services/c1.yaml", text: service("c1", "description: a\u009bb\n"), want: "7:15 YML011"},
		{name: "carriage return", path: "services/cr.yaml", text: service("cr", "description: a # b\rtier: 0\n"), want: "7:19 YML012"},
		{name: "bidi", path: "services/bidi.yaml", text: service("bidi", "description: a\u202eb\n"), want: "7:15 YML013"},
		{name: "zero width, escaped", path: "services/width.yaml", text: service("width", `description: "a\u200bb"`), want: "7:16 YML013"},
		{name: "zero width", path: "services/width2.yaml", text: service("width2", "description: a\u200bb\n"), want: "7:15 YML013"},
		{name: "byte order mark within", path: "services/bom2.yaml", text: service("bom2", "description: a\ufeffb\n"), want: "7:15 YML013"},
		{name: "anchor and alias", path: "services/anchor.yaml", text: service("anchor", "description: &a x\nenvironments: [*a]\n"), want: "7:14 YML014, 8:16 YML015"},
		{name: "alias bomb", path: "services/bomb.yaml", text: bomb(), want: bombed()},
		{name: "merge key", path: "services/merge.yaml", text: service("merge", "<<: {state: active}\n"), want: "7:1 YML016"},
		{name: "tag", path: "services/tag.yaml", text: service("tag", "description: !!binary aGk=\n"), want: "7:14 YML017"},
		{name: "duplicate key", path: "services/twice.yaml", text: service("twice", "tier: 3\n"), want: "7:1 YML018"},
		{name: "duplicate key further down", path: "services/twice2.yaml", text: service("twice2", "sla:\n  response: PT1H\n  response: PT2H\n"), want: "9:3 YML018"},
		{name: "key that is no text", path: "services/key.yaml", text: service("key", "1: a\n"), want: "7:1 YML019"},
		{name: "unknown key", path: "services/unknown.yaml", text: service("unknown", "descripton: a\n"), want: "7:1 SCH001"},
		{name: "unknown key further down", path: "services/unknown2.yaml", text: service("unknown2", "sla:\n  respones: PT1H\n"), want: "8:3 SCH001"},
		{name: "infinity", path: "services/inf.yaml", text: strings.Replace(service("inf"), "tier: 2", "tier: -.inf", 1), want: "6:7 YML020"},
		{name: "no number", path: "services/nan.yaml", text: strings.Replace(service("nan"), "tier: 2", "tier: .NaN", 1), want: "6:7 YML020"},
		{name: "number below what is exact", path: "services/below.yaml", text: strings.Replace(service("below"), "tier: 2", "tier: -9007199254740993", 1), want: "6:7 YML021"},
		{name: "number outside JSON", path: "services/octal.yaml", text: strings.Replace(service("octal"), "tier: 2", "tier: 0o2", 1), want: "6:7 YML020"},
		{name: "number that loses precision", path: "services/large.yaml", text: strings.Replace(service("large"), "tier: 2", "tier: 9007199254740993", 1), want: "6:7 YML021"},
		{name: "digits that get lost", path: "services/digits.yaml", text: strings.Replace(service("digits"), "tier: 2", "tier: 0.12345678901234567890", 1), want: "6:7 YML021"},
		{name: "too deep", path: "services/deep.yaml", text: "a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", want: "1:35 YML022"},
		{name: "nested without end", path: "services/nested.yaml", text: "a: " + strings.Repeat("[", 100_000) + "\n", want: "1:36 YML022"},
		{name: "many faults", path: "services/faults.yaml", text: strings.Repeat("\x01\n", 1000), want: manyFaults()},
		{name: "too large", path: "services/huge.yaml", text: strings.Repeat("# 123456789\n", 30_000), want: "1:1 YML001"},
		{name: "literal of 10,000 lines", path: "services/literal.yaml", text: service("literal", "description: |\n"+strings.Repeat("  line\n", 10_000)), want: "7:14 SCH007"},
		{name: "name in capitals", path: "services/Shop2.yaml", text: service("Shop2"), want: "1:1 STO002"},
		{name: "name for a device", path: "services/con.yaml", text: service("con"), want: "1:1 STO002", skip: windows},
		{name: "directory of such a name", path: "assets/aux/db-2.yaml", want: "1:1 STO007, 3:1 REF008", skip: windows,
			text: "apiVersion: gitsm/v1\nkind: asset\nid: db-2\ntitle: Good\nowner: team:web\ntype: database\n"},
		{name: "one of two letter cases", path: "services/mailer2.yaml", text: service("mailer2"), want: "3:1 REF006", skip: !sensitive()},
		{name: "the other one", path: "services/Mailer2.yaml", text: service("Mailer2"), want: "1:1 STO002, 3:1 REF006", skip: !sensitive()},
		{name: "directory named like a record", path: "services/directory.yaml", place: func(p string) error { return os.Mkdir(p, 0o755) }, want: "1:1 STO004"},
		{name: "link", path: "services/link.yaml", place: link("shop.yaml"), want: "1:1 STO005", skip: windows},
		{name: "link to itself", path: "services/loop", place: link("loop"), want: "1:1 STO005", skip: windows},
		{name: "link upwards", path: "assets/up", place: link(".."), want: "1:1 STO005", skip: windows},
		{name: "pipe", path: "services/pipe.yaml", place: func(p string) error { return exec.Command("mkfifo", p).Run() }, want: "1:1 STO005", skip: !has("mkfifo")},
		{name: "submodule", path: "assets/module", place: module, want: "1:1 STO005"},
		{name: "no record at all", path: "services/notes.txt", text: "\x00\xff"},
		{name: "misplaced", path: "changes/CHG-20261120-7K3F2M.yaml", text: "a: b\n", want: "1:1 STO003"},
	}, moments())
}

// moments are timestamps in the forms that YAML knows.
func moments() []badFile {
	var out []badFile
	for i, form := range []struct{ text, code string }{
		{"2026-11-12T09:30:00Z", ""},
		{"2026-11-12T10:30:00+01:00", ""},
		{"2026-11-12T09:30:00.25Z", ""},
		{"'2026-11-12T09:30:00Z'", ""},
		{`"2026-11-12T09:30:00Z"`, ""},
		{"2026-11-12", "SCH005"},
		{"2026-11-12t09:30:00z", "SCH005"},
		{"2026-11-12 09:30:00Z", "SCH005"},
		{"2026-11-12 09:30:00 +1", "SCH005"},
		{"2026-11-12T09:30Z", "SCH005"},
		{"2026-11-12T09:30:00", "SCH005"},
		{"20261112T093000Z", "SCH005"},
		{"2026-02-30T09:30:00Z", "SCH005"},
		{"09:30:00", "SCH005"},
		{"1794475800", "SCH003"},
	} {
		id := fmt.Sprintf("INC-20261112-0000%02d", i)
		b := badFile{name: "moment " + form.text, path: "incidents/2026/11/" + id + ".yaml", text: incident(id, "detected_at: "+form.text)}
		if form.code != "" {
			b.want = "7:14 " + form.code
		}
		out = append(out, b)
	}
	// 10:15+01:00 is before 09:30Z, whatever their letters say.
	return append(out,
		badFile{name: "moments in order", path: "incidents/2026/11/INC-20261112-000020.yaml",
			text: incident("INC-20261112-000020", "started_at: 2026-11-12T10:15:00+01:00", "detected_at: 2026-11-12T09:30:00Z")},
		badFile{name: "moments out of order", path: "incidents/2026/11/INC-20261112-000021.yaml",
			text: incident("INC-20261112-000021", "started_at: 2026-11-12T09:30:00Z", "detected_at: 2026-11-12T10:15:00+01:00"), want: "8:14 LIF004"},
	)
}

// bomb would be a billion words to whoever followed its aliases.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 x\n")
	for i := range 9 {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return b.String()
}

func bombed() string {
	out := []string{"1:5 YML014"}
	for i := range 9 {
		out = append(out, fmt.Sprintf("%d:5 YML014", i+2))
		for j := range 10 {
			out = append(out, fmt.Sprintf("%d:%d YML015", i+2, 10+4*j))
		}
	}
	return strings.Join(out, ", ")
}

func manyFaults() string {
	var out []string
	for i := range 200 {
		out = append(out, fmt.Sprintf("%d:1 YML011", i+1))
	}
	return strings.Join(append(out, "201:1 YML023"), ", ")
}

func link(target string) func(string) error {
	return func(p string) error { return os.Symlink(target, p) }
}

// module is a repository of its own, as a submodule is, with what would be a
// record.
func module(p string) error {
	if err := os.Mkdir(p, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p, ".git"), []byte("gitdir: ../../.git/modules/module\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p, "db-3.yaml"), []byte("a: b\n"), 0o644)
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// sensitive reports whether files here can differ in letter case alone.
func sensitive() bool { return runtime.GOOS != "windows" && runtime.GOOS != "darwin" }

// TestBadInput puts everything that goes wrong with files into one store: check
// says what is wrong with each of them and where, reads those that are sound, and
// needs little memory for it.
func TestBadInput(t *testing.T) {
	term := newTerminal(t, t.Name(), "store", filepath.Join(root, "examples", "minimal"))
	want := map[string][]string{}
	var sound []string
	for _, b := range badFiles() {
		if b.skip {
			continue
		}
		p := filepath.Join(term.dir, filepath.FromSlash(b.path))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		place := b.place
		if place == nil {
			place = func(p string) error { return os.WriteFile(p, []byte(b.text), 0o644) }
		}
		if err := place(p); err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		if b.want != "" {
			want[b.path] = strings.Split(b.want, ", ")
		} else if strings.HasSuffix(b.path, ".yaml") {
			sound = append(sound, b.path)
		}
	}
	keptBytes(t, term, sound)

	out, peak := checkJSON(t, term)
	got := map[string][]string{}
	for _, f := range out {
		got[f.File] = append(got[f.File], fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Code))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings, -want +got:\n%s", diff)
	}
	if peak > badPeak {
		t.Errorf("the check took %d MiB of memory", peak>>20)
	}
}

// checkJSON checks the store, which has faults, and returns the findings and the
// most memory that this took, 0 where the system does not say.
func checkJSON(t *testing.T, term *terminal) ([]finding.Finding, int64) {
	t.Helper()
	cmd := exec.Command("gitsm", "check", "--no-cache", "-o", "json")
	cmd.Dir, cmd.Env = term.dir, term.environ()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("check: %v\n%s", err, stderr.String())
	}
	var report struct{ Findings []finding.Finding }
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	t.Logf("%v of CPU time, %d MiB", cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), maxRSS(cmd.ProcessState)>>20)
	return report.Findings, maxRSS(cmd.ProcessState)
}

// keptBytes holds that sound records which look unusual are kept to the byte.
func keptBytes(t *testing.T, term *terminal, paths []string) {
	t.Helper()
	read := func(p string) string {
		text, err := os.ReadFile(filepath.Join(term.dir, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := map[string]string{}
	for _, p := range paths {
		before[p] = read(p)
	}
	passes(t, term, "gitsm fmt "+strings.Join(paths, " "))
	for _, p := range paths {
		if after := read(p); after != before[p] {
			t.Errorf("%s: %q became %q", p, before[p], after)
		}
	}
}
