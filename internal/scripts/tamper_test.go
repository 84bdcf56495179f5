package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestTamper runs testdata/tamper: healthy.txtar makes a store, and in the
// others somebody with every right on it does what an audit has to find, each
// beside a twin that looks like it and is as it should be.
func TestTamper(t *testing.T) {
	template := &template{dir: t.TempDir(), env: map[string]string{}}
	run := func(t *testing.T, files ...string) {
		testscript.Run(t, testscript.Params{
			Files: files, RequireExplicitExec: true, RequireUniqueNames: true, ContinueOnError: true,
			Setup: template.setup,
			Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
				"people": people, "as": as, "capture": capture, "exits": exits, "replace": replace, "write": write, "repeat": repeat,
				"template": template.keep, "attack": template.scene, "twin": template.scene, "finds": finds, "passes": nothingFound, "graft": graft, "url": fileURL, "glob": oneFile, "forge": forge, "flags": flagged,
			},
		})
	}
	scripts, err := filepath.Glob("testdata/tamper/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	const first = "testdata/tamper/healthy.txtar"
	if !t.Run("store", func(t *testing.T) { run(t, first) }) {
		return
	}
	run(t, slices.DeleteFunc(scripts, func(p string) bool { return filepath.ToSlash(p) == first })...)
}

// tamperTopics is what an audit promises to find, in the words that the scripts'
// attacks and twins begin with.
var tamperTopics = []string{
	"force-push", "direct push", "evil merge", "backdated", "future", "duplicate ids", "deleted records", "gaps",
	"evidence removed", "evidence changed", "evidence order", "evidence of a fork", "policy rolled back", "refs/replace", "grafts", "shallow clone", "partial clone",
	"single-branch clone", "another store", "rules", "second root", "rejection", "borrowed key",
	"POP-1", "REQ-1", "IMP-1", "APR-1", "APR-2", "APR-3", "SOD-1", "TST-1", "BCK-1", "SCH-1", "IMPL-1", "VER-1", "EMG-1", "PIR-1", "DOC-1", "CFG-1", "POL-1", "STD-1",
}

// Each topic has an attack that is found and a twin that passes: a case that is
// taken out of the scripts breaks this.
func TestTamperTopics(t *testing.T) {
	scripts, err := filepath.Glob("testdata/tamper/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	begins := regexp.MustCompile(`^(attack|twin) '([^':]+)`)
	has, attacks := map[string]bool{}, 0
	for _, p := range scripts {
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		open := "" // the case that demands nothing yet
		for line := range strings.Lines(string(src)) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch m := begins.FindStringSubmatch(line); {
			case m != nil:
				if open != "" {
					t.Errorf("%s: %s demands nothing", p, open)
				}
				open = strings.TrimSpace(line)
				for topic := range strings.SplitSeq(m[2], ", ") {
					has[m[1]+" "+topic] = true
				}
				if m[1] == "attack" {
					attacks++
				}
			case strings.HasPrefix(open, "attack") && (word == "finds" || word == "flags"), strings.HasPrefix(open, "twin") && (word == "passes" || word == "flags"):
				open = ""
			}
		}
		if open != "" {
			t.Errorf("%s: %s demands nothing", p, open)
		}
	}
	for _, topic := range tamperTopics {
		if !has["attack "+topic] {
			t.Errorf("no attack is about %s", topic)
		}
		// What a check asks of a change, the changes of the healthy store have.
		if check := strings.ToUpper(topic) == topic; !has["twin "+topic] && (!check || !has["twin checks"]) {
			t.Errorf("no twin is about %s", topic)
		}
	}
	if attacks < 40 {
		t.Errorf("there are %d attacks", attacks)
	}
}

// template is the store that healthy.txtar made.
type template struct {
	dir string
	env map[string]string
}

// keep NAME… keeps the store of the working directory, and variables, for the
// scripts that follow.
func (m *template) keep(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.CopyFS(filepath.Join(m.dir, "store"), os.DirFS(ts.MkAbs("."))))
	ts.Check(os.CopyFS(filepath.Join(m.dir, "keys"), os.DirFS(ts.Getenv("KEYS"))))
	for _, name := range args {
		m.env[name] = ts.Getenv(name)
	}
}

func (m *template) setup(env *testscript.Env) error {
	if err := setup(env); err != nil || len(m.env) == 0 {
		return err
	}
	for name, value := range m.env {
		env.Setenv(name, value)
	}
	keys := filepath.Join(env.WorkDir, "keys")
	if err := os.CopyFS(keys, os.DirFS(filepath.Join(m.dir, "keys"))); err != nil {
		return err
	}
	if err := filepath.WalkDir(keys, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(p, 0o600)
	}); err != nil {
		return err
	}
	return os.WriteFile(env.Getenv("GIT_CONFIG_GLOBAL"), Identity("mallory", ""), 0o644)
}

// scene is `attack NAME` and `twin NAME`: it goes on in a copy of the store of
// its own, for an attack with Mallory at the keyboard, who has no key.
func (m *template) scene(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.MkdirTemp(ts.Getenv("WORK"), "store")
	ts.Check(err)
	ts.Check(os.CopyFS(dir, os.DirFS(filepath.Join(m.dir, "store"))))
	ts.Check(ts.Chdir(dir))
	ts.Setenv("NOW", m.env["NOW"])
	as(ts, false, []string{"mallory", "-unsigned"})
}

// auditCheck is a check as `audit verify --json` prints it.
type auditCheck struct {
	Check, Record, Verdict, Reason string
	RestsOn                        []string `json:"rests_on"`
}

// verify runs `gitsm audit verify` with flags, and returns its exit code.
func verify(ts *testscript.TestScript, flags ...string) (list []auditCheck, code int) {
	err := ts.Exec("gitsm", append([]string{"audit", "verify", "--json", "check,record,verdict,reason,rests_on"}, flags...)...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if out := []byte(ts.ReadFile("stdout")); len(bytes.TrimSpace(out)) > 0 {
		ts.Check(json.Unmarshal(out, &list))
	}
	return list, code
}

// finds [FLAG…] CODE CHECK RECORD WORD… demands that an audit ends with an exit
// code, by a check of a record ("-" for the store) whose reason or ground each
// word is in. For exit code 2 and an audit that refuses, CHECK is "refused" and
// the words are stderr's.
func finds(ts *testscript.TestScript, neg bool, args []string) {
	var flags []string
	for strings.HasPrefix(args[0], "--") {
		flags, args = append(flags, args[0]), args[1:]
	}
	code, check, record, words := args[0], args[1], strings.TrimPrefix(args[2], "-"), args[3:]
	list, got := verify(ts, flags...)
	if code != string(rune('0'+got)) {
		ts.Fatalf("the audit exits with %d, not %s", got, code)
	}
	if check == "refused" {
		for _, w := range words {
			if !strings.Contains(ts.ReadFile("stderr"), w) {
				ts.Fatalf("stderr does not say %q", w)
			}
		}
		return
	}
	verdict := map[bool]string{true: "cannot-verify", false: "fail"}[code == "3" || check == "CFG-1"]
	i := slices.IndexFunc(list, func(f auditCheck) bool { return f.Check == check && f.Record == record && f.Verdict == verdict })
	if i < 0 {
		ts.Fatalf("%s of %q does not come to %s", check, record, verdict)
	}
	for _, w := range words {
		if !strings.Contains(list[i].Reason+"\n"+strings.Join(list[i].RestsOn, "\n"), w) {
			ts.Fatalf("%s of %q says nothing of %q: %s (%s)", check, record, w, list[i].Reason, strings.Join(list[i].RestsOn, " "))
		}
	}
}

// nothingFound is `passes [FLAG…]`: it demands that an audit finds nothing, and flags nothing.
func nothingFound(ts *testscript.TestScript, neg bool, args []string) {
	list, code := verify(ts, args...)
	for _, f := range list {
		if f.Verdict == "fail" || f.Verdict == "cannot-verify" {
			ts.Logf("%s %s %s: %s", f.Verdict, f.Check, f.Record, f.Reason)
			code = max(code, 1)
		}
	}
	if code != 0 {
		ts.Fatalf("the audit exits with %d", code)
	}
}

// flagged is `flags CODE WORD…`: it demands that an audit ends with an exit code
// and notes something in these words.
func flagged(ts *testscript.TestScript, neg bool, args []string) {
	exits(ts, false, []string{args[0], "gitsm", "audit", "verify"})
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if strings.HasPrefix(line, "note: ") && !slices.ContainsFunc(args[1:], func(w string) bool { return !strings.Contains(line, w) }) {
			return
		}
	}
	ts.Fatalf("no note says %q", args[1:])
}

// graft COMMIT PARENT gives a commit another parent, as far as plain git shows.
func graft(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(ts.Exec("git", append([]string{"rev-parse"}, args...)...))
	line := strings.Join(strings.Fields(ts.ReadFile("stdout")), " ") + "\n"
	dir := ts.MkAbs(".git/info")
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "grafts"), []byte(line), 0o644))
}

// fileURL is `url DIR`: it sets URL to a directory as git clones it from
// elsewhere.
func fileURL(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv("URL", "file://"+filepath.ToSlash(ts.MkAbs(args[0])))
}

// oneFile is `glob VARIABLE PATTERN`: it sets a variable to the first file that
// a pattern names.
func oneFile(ts *testscript.TestScript, neg bool, args []string) {
	list, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(list) == 0 {
		ts.Fatalf("no file is named %s", args[1])
	}
	file, err := filepath.Rel(ts.MkAbs("."), list[0])
	ts.Check(err)
	ts.Setenv(args[0], filepath.ToSlash(file))
}

// forge ID FROM OLD NEW… pushes a change of one's own, copied from another with
// texts replaced, and sets AT to the commit.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	id, from := args[0], args[1]
	list, err := filepath.Glob(ts.MkAbs("changes/*/*/" + from + ".yaml"))
	ts.Check(err)
	if len(list) != 1 {
		ts.Fatalf("%s is in %d files", from, len(list))
	}
	text, err := os.ReadFile(list[0])
	ts.Check(err)
	file := filepath.Join(filepath.Dir(list[0]), id+".yaml")
	ts.Check(os.WriteFile(file, bytes.Replace(text, []byte("id: "+from), []byte("id: "+id), 1), 0o644))
	for i := 2; i < len(args); i += 2 {
		replace(ts, false, []string{file, args[i], args[i+1]})
	}
	ts.Check(ts.Exec("git", "add", "."))
	ts.Check(ts.Exec("git", "commit", "-q", "-m", "Urgent"))
	ts.Check(ts.Exec("git", "rev-parse", "HEAD"))
	capture(ts, false, []string{"AT"})
}
