package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// outputs DIR [FLAG…] writes everything that an audit of the store prints into
// a directory: each command in each format, what it says on stderr and its exit
// code, and a bundle. RECORD is the record that it shows.
func outputs(ts *testscript.TestScript, neg bool, args []string) {
	dir, record, flags := ts.MkAbs(args[0]), ts.Getenv("RECORD"), args[1:]
	ts.Check(os.MkdirAll(dir, 0o755))
	page := []string{"text", "json", "ndjson", "yaml", "csv", "markdown"}
	table := append([]string{"xlsx", "html"}, page...)
	for _, c := range []struct {
		name    string
		formats []string
		args    []string
	}{
		{"log", table, []string{"log"}},
		{"log-of-one", table, []string{"log", "--change", record}},
		{"log-then", table, []string{"log", "--at", "main~2"}},
		{"show", page, []string{"show", record}},
		{"verify", table, []string{"verify", "--all"}},
		{"verify-range", table, []string{"verify", "main~3.."}},
		{"population", table, []string{"population"}},
		{"sample", table, []string{"sample", "--n", "3", "--seed", "1", "--stratify", "type,risk,weekend"}},
		{"report", table, []string{"report", "--framework", "soc2"}},
		{"recompute", page, []string{"recompute", record}},
		{"bundle", nil, []string{"bundle", "-o", filepath.Join(dir, "bundle.tar")}},
	} {
		list := append(append([]string{"audit"}, c.args...), flags...)
		for _, f := range c.formats {
			list = append(list, "-o", f+"="+filepath.Join(dir, c.name+"."+f))
		}
		code := 0
		if exit, ok := errors.AsType[*exec.ExitError](ts.Exec("gitsm", list...)); ok {
			code = exit.ExitCode()
		}
		if code != 0 && code != 1 && code != 3 {
			ts.Fatalf("%s exits with %d", c.name, code)
		}
		said := strconv.Itoa(code) + "\n" + ts.ReadFile("stdout") + ts.ReadFile("stderr")
		said = string(bytes.ReplaceAll([]byte(said), []byte(dir), []byte("DIR")))
		ts.Check(os.WriteFile(filepath.Join(dir, c.name+".said"), []byte(said), 0o644))
	}
}

// samebytes DIR DIR… demands that directories hold the same files.
func samebytes(ts *testscript.TestScript, neg bool, args []string) {
	want, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, other := range args[1:] {
		list, err := os.ReadDir(ts.MkAbs(other))
		ts.Check(err)
		if len(list) != len(want) || len(want) == 0 {
			ts.Fatalf("%s holds %d files, %s %d", args[0], len(want), other, len(list))
		}
		for _, f := range want {
			a, b := ts.ReadFile(filepath.Join(args[0], f.Name())), ts.ReadFile(filepath.Join(other, f.Name()))
			if a != b {
				ts.Logf("%s has %.3000q, and %s has %.3000q", args[0], a, other, b)
				ts.Fatalf("%s is not the same in %s and %s", f.Name(), args[0], other)
			}
		}
	}
}

// held FRAMEWORK CONTROLS demands of a report on ./store that it has so many
// controls, each of which names its checks and has passed, or had nothing to
// judge, when held against the deployments of ./deployments.csv; that of those
// that ask for these none passes without; that it fails for a period without
// changes; and that none passes of ./bare, which lacks the evidence.
func held(ts *testscript.TestScript, neg bool, args []string) {
	report := func(code string, flags ...string) (controls []auditControl) {
		exits(ts, false, append([]string{code, "gitsm", "audit", "report", "--framework", args[0], "--json", "control,checks,verdict,pass"}, flags...))
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &controls))
		if strconv.Itoa(len(controls)) != args[1] {
			ts.Fatalf("%s has %d controls", args[0], len(controls))
		}
		for _, c := range controls {
			if len(c.Checks) == 0 {
				ts.Fatalf("%s %s rests on no check", args[0], c.Control)
			}
		}
		return controls
	}
	for _, c := range report("3", "-C", "store") {
		if asks := slices.Contains(c.Checks, "POP-1"); asks != (c.Verdict == "cannot-verify") {
			ts.Fatalf("%s %s without deployments: %s", args[0], c.Control, c.Verdict)
		}
	}
	for _, c := range report("0", "-C", "store", "--deployments", ts.MkAbs("deployments.csv")) {
		if (c.Verdict != "pass" || c.Pass == 0) && (c.Verdict != "not-applicable" || c.Pass > 0) {
			ts.Fatalf("%s %s: %s, with %d passed", args[0], c.Control, c.Verdict, c.Pass)
		}
	}
	report("1", "-C", "store", "--until", "2000-01-01")
	for _, c := range report("3", "-C", "bare") {
		if c.Verdict != "cannot-verify" {
			ts.Fatalf("%s %s without evidence: %s", args[0], c.Control, c.Verdict)
		}
	}
}

// auditControl is a control as `audit report --json` prints it.
type auditControl struct {
	Control, Verdict string
	Checks           []string
	Pass             int
}
