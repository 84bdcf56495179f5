package demo

import (
	"os"
	"strconv"
	"testing"
)

// TestScale builds as many changes as DEMO_CHANGES says.
func TestScale(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("DEMO_CHANGES"))
	if n == 0 {
		t.Skip("DEMO_CHANGES is not set")
	}
	r, _ := build(t, Options{Changes: n, Seed: DefaultSeed})
	t.Log(sh(t, r, "count-objects", "-vH"))
	if keep := os.Getenv("KEEP"); keep != "" {
		os.RemoveAll(keep)
		_ = os.CopyFS(keep, os.DirFS(r.Root()))
	}
}
