package yamldoc

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// mustParse parses a file that has no findings.
func mustParse(t interface {
	Helper()
	Fatalf(string, ...any)
}, src string) *Doc {
	t.Helper()
	d, findings := Parse("f.yaml", []byte(src))
	if len(findings) > 0 {
		t.Fatalf("%q has findings: %q", src, brief(findings))
	}
	return d
}

const placed = "\uFEFF# comment\r\n" +
	"é\U0001F680: \U0001F680 é  # c\r\n" + // 2
	"plan:\r\n" + // 3
	"    test: |  # header\r\n" + // 4
	"      one\r\n" + // 5
	"\r\n" + // 6
	"      two\r\n" + // 7
	"\r\n" + // 8
	"    none:\r\n" + // 9
	"    folded: 'a\r\n" + // 10
	"      b' # c\r\n" + // 11
	"list:\r\n" + // 12
	"-   a/b: 1\r\n" + // 13
	"    c~d: 2\r\n" + // 14
	"- [x, {y: [\"z\",],  }, ]\r\n" + // 15
	"-\r\n" + // 16
	"? key\r\n" + // 17
	":   plain\r\n" + // 18
	"    goes on # c\r\n" + // 19
	"last: x" // 20

func TestSpan(t *testing.T) {
	d := mustParse(t, placed)
	tests := []struct{ pointer, span, key string }{
		{"", "2:1-20:8", "2:1"},
		{"/é\U0001F680", "2:5-2:8", "2:1"},
		{"/plan", "4:5-11:9", "3:1"},
		{"/plan/test", "4:11-7:10", "4:5"},
		{"/plan/none", "9:10-9:10", "9:5"},
		{"/plan/folded", "10:13-11:9", "10:5"},
		{"/list", "13:1-16:2", "12:1"},
		{"/list/0", "13:5-14:11", "13:5"},
		{"/list/0/a~1b", "13:10-13:11", "13:5"},
		{"/list/0/c~0d", "14:10-14:11", "14:5"},
		{"/list/1", "15:3-15:24", "15:3"},
		{"/list/1/1", "15:7-15:21", "15:7"},
		{"/list/1/1/y/0", "15:12-15:15", "15:12"},
		{"/list/2", "16:2-16:2", "16:2"},
		{"/key", "18:5-19:12", "17:3"},
		{"/last", "20:7-20:8", "20:1"},
		// What is not there has the place of what it would stand in.
		{"/nope", "1:1-1:1", "1:1"},
		{"/nope/x/y", "1:1-1:1", "1:1"},
		{"/plan/nope", "3:1-3:5", "3:1"},
		{"/plan/test/x", "4:5-4:9", "4:5"},
		{"/list/7", "12:1-12:5", "12:1"},
		{"/list/00", "12:1-12:5", "12:1"},
		{"/list/0/nope", "13:5-14:11", "13:5"},
		{"no pointer", "1:1-1:1", "1:1"},
	}
	for _, tt := range tests {
		line, col, endLine, endCol := d.Span(tt.pointer)
		if got := fmt.Sprintf("%d:%d-%d:%d", line, col, endLine, endCol); got != tt.span {
			t.Errorf("Span(%q) = %s, want %s", tt.pointer, got, tt.span)
		}
		keyLine, keyCol := d.KeyPosition(tt.pointer)
		if got := fmt.Sprintf("%d:%d", keyLine, keyCol); got != tt.key {
			t.Errorf("KeyPosition(%q) = %s, want %s", tt.pointer, got, tt.key)
		}
		checkSpan(t, d, tt.pointer)
	}
}

func TestNode(t *testing.T) {
	d := mustParse(t, placed)
	if n, ok := d.Node("/list/1/1/y/0"); !ok || n.Value != "z" {
		t.Errorf("Node found %v", n)
	}
	if n, ok := d.Node(""); !ok || n.Kind != yaml.MappingNode {
		t.Errorf("the top level is %v", n)
	}
	for _, pointer := range []string{"/nope", "/list/3", "/list/-", "/list/-1", "/list/+1", "/plan/test/0", "plan"} {
		if _, ok := d.Node(pointer); ok {
			t.Errorf("Node(%q) found something", pointer)
		}
	}
}

// TestLong: what a mapping of many entries holds is found where it stands.
func TestLong(t *testing.T) {
	var src strings.Builder
	const entries = 1000
	for i := range entries {
		fmt.Fprintf(&src, "k%d: %d\n", i, i)
	}
	d := mustParse(t, src.String())
	for i := range entries {
		pointer := fmt.Sprintf("/k%d", i)
		if n, ok := d.Node(pointer); !ok || n.Value != fmt.Sprint(i) {
			t.Fatalf("%s is %v", pointer, n)
		}
		if line, col := d.KeyPosition(pointer); line != i+1 || col != 1 {
			t.Fatalf("%s stands at %d:%d", pointer, line, col)
		}
	}
	for _, pointer := range []string{"/k1000", "/", "/0", "/k0/0"} {
		if _, ok := d.Node(pointer); ok {
			t.Errorf("Node(%q) found something", pointer)
		}
	}
}

func TestPointer(t *testing.T) {
	pointer := Pointer("a/b", "~1", "", "0")
	if pointer != "/a~1b/~01//0" {
		t.Errorf("Pointer = %q", pointer)
	}
	parts, ok := tokens(pointer)
	if diff := cmp.Diff([]string{"a/b", "~1", "", "0"}, parts); diff != "" || !ok {
		t.Errorf("tokens -want +got:\n%s", diff)
	}
}

func TestLine(t *testing.T) {
	d := mustParse(t, placed)
	for n, want := range map[int]string{0: "", 1: "# comment", 6: "", 20: "last: x", 21: ""} {
		if got := d.Line(n); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestConcurrent lets the race detector see that readers need no lock.
func TestConcurrent(t *testing.T) {
	d := mustParse(t, placed)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			d.Span("/plan/test")
			d.Value()
			if _, err := d.Apply(Edit{Pointer: "/last", Value: "y"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
