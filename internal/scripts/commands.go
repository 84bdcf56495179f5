package scripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// capture NAME keeps the last command's stdout in an environment variable,
// without quotes and the final newline.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv(args[0], strings.Trim(strings.TrimSpace(ts.ReadFile("stdout")), `"`))
}

// exits CODE COMMAND… runs a command and demands its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exits with %d, not %d", strings.Join(args[1:], " "), got, want)
	}
}

// replace FILE OLD NEW edits a file as somebody with an editor would.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	ts.Check(err)
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s does not hold %q:\n%s", args[0], args[1], text)
	}
	ts.Check(os.WriteFile(path, bytes.Replace(text, []byte(args[1]), []byte(args[2]), 1), 0o644))
}

// write FILE TEXT writes what no text file can hold: TEXT is a quoted Go
// string. A number before it repeats it.
func write(ts *testscript.TestScript, neg bool, args []string) {
	n := 1
	if len(args) == 3 {
		var err error
		n, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	text, err := strconv.Unquote(`"` + args[len(args)-1] + `"`)
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o755))
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(strings.Repeat(text, n))
	ts.Check(err)
	ts.Check(f.Close())
}

// repeat N COMMAND… runs a command N times at once; {} in an argument is the
// number of the run. All must succeed.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	errs := make(chan error, n)
	for i := range n {
		list := make([]string, len(args)-2)
		for k, a := range args[2:] {
			list[k] = strings.ReplaceAll(a, "{}", strconv.Itoa(i))
		}
		go func() {
			name, err := exec.LookPath(args[1])
			if err != nil {
				errs <- err
				return
			}
			cmd := exec.Command(name, list...)
			cmd.Dir = ts.MkAbs(".")
			cmd.Env = append(os.Environ(), scriptEnv(ts)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				errs <- fmt.Errorf("%w\n%s", err, out)
				return
			}
			errs <- nil
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			ts.Fatalf("%v", err)
		}
	}
}

// scriptEnv is what a script's own commands see.
func scriptEnv(ts *testscript.TestScript) []string {
	var out []string
	for _, k := range []string{"HOME", "USERPROFILE", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "TZ", "NOW", "NO_COLOR", "PATH"} {
		out = append(out, k+"="+ts.Getenv(k))
	}
	return out
}

// verifyStatements checks every signed statement of the evidence branch with
// ssh-keygen alone, against the people of the work tree.
func verifyStatements(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(".")
	git := func(args ...string) []byte {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		ts.Check(err)
		return out
	}
	var signers bytes.Buffer
	keys, err := filepath.Glob(filepath.Join(ts.Getenv("KEYS"), "*.pub"))
	ts.Check(err)
	for _, k := range keys {
		pub, err := os.ReadFile(k)
		ts.Check(err)
		fmt.Fprintf(&signers, "%s %s", strings.TrimSuffix(filepath.Base(k), ".pub"), pub)
	}
	allowed := ts.MkAbs("../allowed_signers")
	ts.Check(os.WriteFile(allowed, signers.Bytes(), 0o644))
	n := 0
	for _, name := range strings.Fields(string(git("ls-tree", "-r", "--name-only", "gitsm-evidence"))) {
		if !strings.HasSuffix(name, ".json.sig") {
			continue
		}
		sig := ts.MkAbs("../statement.sig")
		ts.Check(os.WriteFile(sig, git("show", "gitsm-evidence:"+name), 0o644))
		statement := git("show", "gitsm-evidence:"+strings.TrimSuffix(name, ".sig"))
		_, rest, _ := bytes.Cut(statement, []byte(`"person":"`))
		person, _, _ := bytes.Cut(rest, []byte(`"`))
		cmd := exec.Command("ssh-keygen", "-Y", "verify", "-f", allowed, "-I", string(person), "-n", "gitsm", "-s", sig)
		cmd.Stdin = bytes.NewReader(statement)
		if out, err := cmd.CombinedOutput(); err != nil {
			ts.Fatalf("%s: %v\n%s", name, err, out)
		}
		n++
	}
	if n == 0 {
		ts.Fatalf("no signed statement on the evidence branch")
	}
	ts.Logf("%d statements verified with ssh-keygen", n)
}
