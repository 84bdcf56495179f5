package scripts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// TestGuide holds that a script runs each block of commands of docs/github.md, and
// that each command its text names is run by a script on the made-up GitHub.
func TestGuide(t *testing.T) {
	dir, err := root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, guide))
	if err != nil {
		t.Fatal(err)
	}
	list, err := files()
	if err != nil {
		t.Fatal(err)
	}
	scripts := ""
	for _, f := range list["github"] {
		s, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		scripts += string(s)
	}
	for _, b := range blocks(string(text)) {
		if !strings.Contains(scripts, b.runs()) {
			t.Errorf("no script says %s", b.runs())
		}
	}
	for _, m := range regexp.MustCompile("`(gitsm [a-z]+(?: (?:[a-z]+|--[a-z-]+))*)").FindAllStringSubmatch(string(text), -1) {
		name, flags, _ := strings.Cut(m[1], " --")
		for line := range strings.Lines(scripts) {
			if strings.Contains(line, name+" ") && strings.Contains(line, flags) || strings.Contains(line, name+"\n") && flags == "" {
				name = ""
				break
			}
		}
		if name != "" {
			t.Errorf("no script on the made-up GitHub runs %s", m[1])
		}
	}
}

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
