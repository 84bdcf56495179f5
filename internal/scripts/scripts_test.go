package scripts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// TestTopics holds that each script is run by one package, and that each
// package has scripts.
func TestTopics(t *testing.T) {
	list, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for topic := range topics {
		if len(list[topic]) == 0 {
			t.Errorf("%s has no script", topic)
		}
		for _, begin := range topics[topic] {
			if !slices.ContainsFunc(list[topic], func(f string) bool { return strings.HasPrefix(filepath.Base(f), begin) }) {
				t.Errorf("%s: no script begins with %s", topic, begin)
			}
		}
		text, err := os.ReadFile(filepath.Join(topic, "scripts_test.go"))
		if err != nil || !strings.Contains(string(text), `scripts.Run(t, "`+topic+`")`) {
			t.Errorf("no package runs the scripts of %s: %v", topic, err)
		}
	}
}
