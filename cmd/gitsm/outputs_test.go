package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
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
				ts.Logf("%s has\n%.3000s\nand %s has\n%.3000s", args[0], a, other, b)
				ts.Fatalf("%s is not the same in %s and %s", f.Name(), args[0], other)
			}
		}
	}
}
