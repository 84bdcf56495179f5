package yamldoc

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// plain is a file that is read without being parsed, with everything that such
// files have.
const plain = `# yaml-language-server: $schema=change.json
apiVersion: gitsm/v1
id: CHG-20230501-0F6N8Z
title: "Firmware: and, [more] #1"
state: 'closed'
owner: team:platform
services:
  - identity
  - "1"
flush:
- left
- 2026-11-20
numbers: 12
on_call: false
at: 2026-10-12T14:30:00Z
day: 2026-10-12
short: 0m
empty: []

plan:
  implement: |-
    1. Move: all machines away.

      # not a remark
  test: The same (twice), "quoted" and Ümläut
  verify: >
    folded
  deep:
    deeper:
      - at: 12:30
        by: kwame
        note: Seen
      - text
implementation:
  outcome: successful
`

func TestLook(t *testing.T) {
	g := &Glance{}
	if !g.Look([]byte("other: thing\n")) || !g.Look([]byte(plain)) {
		t.Fatal("a plain file was not read")
	}
	for want, keys := range map[string][]string{
		"closed": {"state"}, "successful": {"implementation", "outcome"}, "Firmware: and, [more] #1": {"title"}, "team:platform": {"owner"},
		"2026-10-12": {"day"}, "0m": {"short"}, "": {"implementation"}, "The same (twice), \"quoted\" and Ümläut": {"plan", "test"},
	} {
		if got, known := g.Text(keys...); got != want || !known {
			t.Errorf("%v is %q, %v", keys, got, known)
		}
	}
	for _, keys := range [][]string{{"numbers"}, {"on_call"}, {"nothing"}, {"plan", "nothing"}, {"deep", "deeper"}, {"by"}} {
		if got, known := g.Text(keys...); got != "" || !known {
			t.Errorf("%v is %q, %v", keys, got, known)
		}
	}
	if _, known := g.Text("plan", "implement"); known {
		t.Error("a block scalar was taken for a line")
	}
	for key, want := range map[string][]string{"services": {"identity", "1"}, "flush": {"left", "2026-11-20"}, "empty": nil, "plan": nil, "title": nil} {
		if got := g.Texts(key); !slices.Equal(got, want) {
			t.Errorf("%s lists %q", key, got)
		}
	}
	holdGlance(t, []byte(plain))
}

// What is not plain, or not valid, is left to Parse.
func TestLookLeaves(t *testing.T) {
	for _, src := range []string{
		"", "\n", "a: 1", "a: b\na: c\n", "a:\n  b: 1\n  b: 2\n", "a:\n  - b: 1\n    b: 2\n", "a: &x b\n", "a: *x\n", "a: !t b\n", "a: b: c\n", "a: b # c\n", "a: b \n",
		"a: [b, c]\n", "a: 1.5\n", "a: 0x1F\n", "a: 0X1F\n", "a: 012\n", "a: 1_000\n", "a: 1e3\n", "a: -1\n", "a: .5\n", "a: yes\n", "yes: a\n", "a: ~\n", "a:\nb: c\n", "a:\n", "a: \"b\\n\"\n",
		"a: 'b''c'\n", "a: \"b\" c\n", "a: 'b\n", "a: \"b\n  c\"\n", "a: b\n  c\n", "  a: b\n", "a:\n    b: c\n  d: e\n", "a: b\n c: d\n", "- a\n", "a\n", "---\na: b\n", "a: b\n---\nb: c\n", "a: b\n...\n",
		"a:\tb\n", "a: b\r\n", "\ufeffa: b\n", "a: b\u200bc\n", "a: \xff\n", "<<<<<<< a\n", "a: <<\n", "<<: a\n", "a: |2\n  b\n", "a: |\n  \n  b\n", "a: |\n    b\n  c\n", "a: |\nb: c\n", "a: |\n",
		"a:\n  - - b\n", "a:\n  -\n    b\n", "a:\n  - b\n  c: d\n", "? a\n: b\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: b:\n", "\"a\": b\n", "1: a\n", "a : b\n", "a:b\n", "a: |\n  b\n # c\nd: e\n", "{}\n", "a:\n  - b: |\n   c\n",
	} {
		if new(Glance).Look([]byte(src)) {
			t.Errorf("%q was read without being parsed", src)
		}
	}
}

// holdGlance holds what Look says to what Parse says.
func holdGlance(t *testing.T, src []byte) {
	t.Helper()
	g := &Glance{}
	if !g.Look(src) {
		return
	}
	d, fs := Parse("file", src)
	if d == nil || len(fs) > 0 {
		t.Fatalf("Look passed over %v in %q", fs, src)
	}
	fields := d.Value()
	for key, v := range fields {
		if m, ok := v.(map[string]any); ok {
			for inner, v := range m {
				same(t, g, v, key, inner)
			}
			v = nil
		}
		same(t, g, v, key)
		list, _ := v.([]any)
		var want []string
		for _, item := range list {
			if text, ok := item.(string); ok {
				want = append(want, text)
			}
		}
		if got := g.Texts(key); !slices.Equal(got, want) {
			t.Fatalf("%s lists %q, want %q in %q", key, got, want, src)
		}
	}
	holdFields(t, g, fields, src)
	for _, e := range g.entries {
		if _, ok := fields[e.key]; !ok && e.parent == "" {
			t.Fatalf("there is no %s in %q", e.key, src)
		}
	}
}

// holdFields asks for one place at a time, and holds all of it against what a
// parser reads there.
func holdFields(t *testing.T, g *Glance, fields map[string]any, src []byte) {
	t.Helper()
	hold := func(path string, want map[string]any) {
		if got, known := g.Fields(path); known && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s is %v, want %v in %q", path, got, want, src)
		}
	}
	textOf := func(v any, key string) map[string]any {
		if text, ok := v.(string); ok && text != "" {
			return map[string]any{key: text}
		}
		return map[string]any{}
	}
	for key, v := range fields {
		hold(key, textOf(v, key))
		var items []any
		list, _ := v.([]any)
		for _, item := range list {
			if _, ok := item.(string); ok {
				items = append(items, item)
			}
		}
		if want := map[string]any{}; len(items) > 0 {
			want[key] = items
			hold(key+"[]", want)
		} else {
			hold(key+"[]", want)
		}
		within, _ := v.(map[string]any)
		for inner, v := range within {
			want := map[string]any{}
			if m := textOf(v, inner); len(m) > 0 {
				want[key] = m
			}
			hold(key+"."+inner, want)
		}
	}
}

func same(t *testing.T, g *Glance, v any, keys ...string) {
	t.Helper()
	want, _ := v.(string)
	if got, known := g.Text(keys...); known && got != want {
		t.Fatalf("%v is %q, want %q", keys, got, want)
	}
}

func FuzzLook(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte("a: b\nc:\n- d\n- e: f\n  g: |\n   h\n"))
	f.Add([]byte("a: 1a\nb: 1e\nc: 12e03\nd: 2026-1-20\ne: 1:30\n"))
	f.Fuzz(func(t *testing.T, src []byte) { holdGlance(t, src) })
}

// Lines of a plain file, dealt anew, are read as Parse reads them or not at all.
func TestLookMixtures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	lines := strings.SplitAfter(plain, "\n")
	read := 0
	for range 20000 {
		var b strings.Builder
		for range 1 + rnd.IntN(7) {
			line := lines[rnd.IntN(len(lines))]
			switch rnd.IntN(6) {
			case 0:
				line = strings.Repeat(" ", rnd.IntN(5)) + strings.TrimLeft(line, " ")
			case 1:
				if n := len(line); n > 1 {
					at := rnd.IntN(n - 1)
					line = line[:at] + string(" :-#|>'\"0xe.,\\"[rnd.IntN(14)]) + line[at:]
				}
			case 2:
				line = strings.Replace(line, "- ", "  ", 1)
			}
			b.WriteString(line)
		}
		if new(Glance).Look([]byte(b.String())) {
			read++
		}
		holdGlance(t, []byte(b.String()))
	}
	if read < 1000 {
		t.Errorf("only %d mixtures were read", read)
	}
}

// Eight bytes are looked at like one at a time, wherever the odd one stands.
func TestPlainWord(t *testing.T) {
	for c := range 256 {
		plain := c >= 0x20 && c < 0x7F || c == '\n'
		for at := range 8 {
			for _, beside := range []byte{' ', '~', '\n', 'a'} {
				word := bytes.Repeat([]byte{beside}, 8)
				word[at] = byte(c)
				if got := plainWord(binary.LittleEndian.Uint64(word)); got != plain {
					t.Errorf("%q: %t", word, got)
				}
			}
		}
	}
}
