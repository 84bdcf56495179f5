package yamldoc

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// What is left of two files differs where the whole files do.
func TestDiffering(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	lines := strings.SplitAfter(plain, "\n")
	read := 0
	for range 3000 {
		after := strings.Join(lines, "")
		for range 1 + rnd.IntN(3) {
			i := rnd.IntN(len(lines))
			switch rnd.IntN(4) {
			case 0:
				after = strings.Replace(after, lines[i], "", 1)
			case 1:
				after = strings.Replace(after, lines[i], lines[i]+"extra: of\n", 1)
			case 2:
				after = strings.Replace(after, "closed", "open", 1)
			case 3:
				after = strings.Replace(after, lines[i], strings.Replace(lines[i], "e", "a", 1), 1)
			}
		}
		if holdDiffering(t, []byte(plain), []byte(after)) {
			read++
		}
	}
	if read < 500 {
		t.Errorf("only %d pairs were compared", read)
	}
	if a, b, ok := new(Glance).Differing([]byte("a: 1\nb: 2\nc:\n- 3\n"), []byte("a: 1\nb: 3\nc:\n- 3\n")); string(a) != "b: 2\n" || string(b) != "b: 3\n" || !ok {
		t.Errorf("what differs is %q and %q, %t", a, b, ok)
	}
}

func holdDiffering(t *testing.T, before, after []byte) bool {
	t.Helper()
	a, b, ok := new(Glance).Differing(before, after)
	if !ok {
		return false
	}
	whole, rest := [2]map[string]any{}, [2]map[string]any{}
	for i, src := range [][]byte{before, after} {
		d, _ := Parse("file", src)
		whole[i] = d.Value()
	}
	for i, src := range [][]byte{a, b} {
		if rest[i] = map[string]any{}; len(src) == 0 {
			continue
		}
		d, fs := Parse("file", src)
		if d == nil || len(fs) > 0 {
			t.Fatalf("%q cannot be read: %v", src, fs)
		}
		rest[i] = d.Value()
	}
	for _, side := range []int{0, 1} {
		for key, v := range whole[side] {
			same := reflect.DeepEqual(v, whole[1-side][key])
			left, ok := rest[side][key]
			if ok && !reflect.DeepEqual(left, v) || !ok && !same {
				t.Fatalf("%s: %v is left as %v (%t)\n%s\n%s", key, v, left, ok, before, after)
			}
		}
		for key := range rest[side] {
			if _, ok := whole[side][key]; !ok {
				t.Fatalf("%s is made up", key)
			}
		}
	}
	return true
}

func FuzzDiffering(f *testing.F) {
	f.Add([]byte(plain), []byte(strings.ReplaceAll(plain, "left", "right")))
	f.Add([]byte("a: |+\n  b\n\nc: d\n"), []byte("c: d\na: |+\n  b\n\n"))
	f.Fuzz(func(t *testing.T, before, after []byte) { holdDiffering(t, before, after) })
}
