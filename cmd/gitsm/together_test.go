package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// TestCheckTogether checks one store in several processes at once, while
// somebody removes what they remember of it: each prints what a check prints
// that remembers nothing.
func TestCheckTogether(t *testing.T) {
	term := newTerminal(t, t.Name(), "store", filepath.Join(root, "examples", "bank"))
	check := func(flags ...string) []byte {
		cmd := exec.Command("gitsm", append([]string{"check", "-o", "json"}, flags...)...)
		cmd.Dir, cmd.Env = term.dir, term.environ()
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("check %v: %v\n%s", flags, err, stderr.String())
		}
		return out
	}
	want := check("--no-cache")
	kept := filepath.Join(term.dir, ".git", "gitsm", "check")
	var checks, remover sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		checks.Go(func() {
			for range 3 {
				if got := check(); !bytes.Equal(got, want) {
					t.Errorf("beside others, check prints\n%s\nand alone\n%s", got, want)
				}
			}
		})
	}
	remover.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if err := os.RemoveAll(kept); err != nil && !os.IsNotExist(err) && !os.IsExist(err) {
					continue // somebody wrote into it just then
				}
			}
		}
	})
	checks.Wait()
	close(done)
	remover.Wait()
	check() // remembers again
	// What is said again is kept where the files are old enough to be known by
	// when they were written, which depends on how long the test took.
	left, err := filepath.Glob(filepath.Join(kept, "*"))
	names := map[string]bool{}
	for _, p := range left {
		names[filepath.Base(p)] = true
	}
	delete(names, "last")
	if err != nil || !names["sound"] || len(names) != 1 {
		t.Errorf("after all of them %q is left (%v)", left, err)
	}
}
