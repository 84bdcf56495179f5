package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeptParts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "parts")
	k := &keptParts{dir: dir, tool: "1"}
	if got := k.Load("a", "1"); got != nil {
		t.Errorf("of nothing %q", got)
	}
	for v := range 6 {
		k.Save("a", fmt.Sprint(v), []byte(fmt.Sprintf("a in version %d", v)))
	}
	k.Save("a", "5", []byte("a once more"))
	k.Save("b", "5", nil)
	for _, tt := range []struct{ name, key, want string }{
		{"a", "5", "a once more"}, {"a", "4", "a in version 4"}, {"a", "2", "a in version 2"},
		{"a", "1", "<nil>"}, {"a", "50", "<nil>"}, {"b", "5", ""}, {"b", "4", "<nil>"},
	} {
		got := "<nil>"
		if data := k.Load(tt.name, tt.key); data != nil {
			got = string(data)
		}
		if got != tt.want {
			t.Errorf("%s at %s: %s", tt.name, tt.key, got)
		}
	}
	if got := (&keptParts{dir: dir, tool: "2"}).Load("a", "5"); got != nil {
		t.Errorf("another build takes %q", got)
	}

	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		name := filepath.Join(dir, f.Name())
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range whole { // a bit that fell over
			broken := []byte(string(whole))
			broken[i] ^= 4
			for _, data := range [][]byte{broken, whole[:i]} {
				if err := os.WriteFile(name, data, 0o644); err != nil {
					t.Fatal(err)
				}
				if got := k.Load("a", "4"); got != nil && string(got) != "a in version 4" {
					t.Fatalf("%q of a damaged file", got)
				}
			}
		}
	}
}

// TestKeptPartsUnwritable holds that a directory nothing can be kept in is no
// reason to fail.
func TestKeptPartsUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	k := &keptParts{dir: filepath.Join(file, "parts"), tool: "1"}
	k.Save("a", "1", []byte("text"))
	if got := k.Load("a", "1"); got != nil {
		t.Errorf("%q was kept below a file", got)
	}
}
