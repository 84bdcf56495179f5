package approval_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMutations takes each check of the gate out in turn, and demands that the
// tests which hold it notice. It builds them once for each, so that it does so
// where GITSM_MUTATIONS asks for it: in .ci/run. That the list is of the code as it
// is it always looks.
func TestMutations(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	run := os.Getenv("GITSM_MUTATIONS") != ""
	for _, m := range slices.Concat(mutations, listed(t, root)) {
		src, err := os.ReadFile(filepath.Join(root, m.file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(src), m.old) != 1 {
			t.Errorf("%s does not hold %q once: mend mutations_test.go", m.file, m.old)
			continue
		}
		if !run {
			continue
		}
		name := strings.Join(strings.Fields(m.file+" without "+firstLine(m.old)+" but "+firstLine(m.with)), " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m.take(t, root, string(src))
		})
	}
}

// take runs the tests without a check.
func (m mutation) take(t *testing.T, root, src string) {
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	write(t, mutant, []byte(strings.Replace(src, m.old, m.with, 1)))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.file): mutant}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, overlay, text)
	cmd := exec.Command("go", append([]string{"test", "-vet=off", "-failfast", "-overlay", overlay}, strings.Fields(m.tests)...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GITSM_MUTATIONS=")
	got, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		t.Errorf("every test passes without it:\n%s", got)
	case strings.Contains(string(got), "[build failed]"):
		t.Errorf("it does not build:\n%s", got)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
