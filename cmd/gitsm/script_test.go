package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"github.com/gitsm/gitsm/internal/cli"
)

// TestMain lets scripts and documents run gitsm as a program of its own. NOW,
// where it is set, is what the program's clock says. SEED, where it is set,
// settles its random numbers: the same arguments then make the same ids.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gitsm": func() {
		env := cli.System()
		if now := os.Getenv("NOW"); now != "" {
			at, err := time.Parse(time.RFC3339, now)
			if err != nil {
				panic(err)
			}
			env.Clock = func() time.Time { return at }
			env.Sleep = func(context.Context, time.Duration) error { return nil } // no time passes
		}
		if seed := os.Getenv("SEED"); seed != "" {
			env.Random = rand.NewChaCha8(sha256.Sum256([]byte(seed + "\x00" + strings.Join(os.Args[1:], "\x00"))))
		}
		os.Exit(cli.Main(context.Background(), os.Args[1:], env))
	}, "sign-ssh": signSSH})
}

// TestScripts runs testdata/script: behaviour as a user sees it. Each script
// reads as a page of the manual.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"people": people, "as": as, "capture": capture, "exits": exits, "replace": replace, "verifystatements": verifyStatements, "repeat": repeat, "write": write,
			"icalendar": icalendar, "rebundle": rebundle, "outputs": outputs, "samebytes": samebytes, "held": held, "github": github, "pull": pull, "job": job,
		},
	})
}

// setup gives a script a git of its own: no configuration of the machine, a
// fixed clock, and a person who has not said who they are.
func setup(env *testscript.Env) error {
	env.Values["github"] = &hub{tokens: map[string]string{}}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	config := "[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n[commit]\n\tgpgsign = false\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o644); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("USERPROFILE", home)
	env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	env.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	env.Setenv("KEYS", filepath.Join(env.WorkDir, "keys"))
	env.Setenv("TZ", "UTC")
	env.Setenv("NOW", "2026-11-20T09:00:00Z")
	env.Setenv("NO_COLOR", "1")
	env.Setenv("GOGC", "400") // thousands of short runs: a sixth of their work was collecting garbage
	return nil
}

// people makes an SSH key for each name, the same one every time, under $KEYS,
// and becomes the first of them.
func people(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(writeKeys(ts.Getenv("KEYS"), args...))
	as(ts, false, args[:1])
}

// writeKeys writes the key pair of each name into a directory.
func writeKeys(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		key := testKey(name)
		block, err := ssh.MarshalPrivateKey(key, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pub"), []byte(publicKey(key)+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// testKey is the key of a made-up person; it is no secret.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("gitsm test key of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// publicKey is a key's public half as people/ and authorized_keys have it.
func publicKey(key ed25519.PrivateKey) string {
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		panic(err) // an ed25519 key always has one
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))
}

// as makes git believe that another person sits at the keyboard. With
// -unsigned that person has no key.
func as(ts *testscript.TestScript, neg bool, args []string) {
	unsigned := len(args) == 2 && args[1] == "-unsigned"
	key := filepath.Join(ts.Getenv("KEYS"), args[0])
	if _, err := os.Stat(key); err != nil || unsigned {
		key = ""
	}
	ts.Check(os.WriteFile(ts.Getenv("GIT_CONFIG_GLOBAL"), identity(args[0], key), 0o644))
}

// identity is the git configuration of a person; key is the file they sign
// with, "" for none.
func identity(name, key string) []byte {
	config := fmt.Sprintf("[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n[user]\n\tname = %s\n\temail = %s@example.org\n", strings.ToUpper(name[:1])+name[1:], name)
	if key != "" {
		config += fmt.Sprintf("\tsigningkey = %s\n[gpg]\n\tformat = ssh\n[commit]\n\tgpgsign = true\n[gpg \"ssh\"]\n\tprogram = sign-ssh\n", filepath.ToSlash(key))
	}
	return []byte(config)
}

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
