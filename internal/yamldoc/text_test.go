package yamldoc

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// Places on long lines are counted as on short ones, from the beginning.
func TestPlacesOnLongLines(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "bc: d", "ü", "漢", "😀", strings.Repeat("x", 300), "\n"}
	for range 300 {
		var b strings.Builder
		if rnd.IntN(4) == 0 {
			b.WriteString(byteOrderMark)
		}
		for range rnd.IntN(60) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
		}
		long := newText(b.String())
		plain := *long
		plain.points = nil
		for range 200 {
			off := rnd.IntN(len(long.src) + 1)
			line, col := long.position(off)
			if wantLine, wantCol := plain.position(off); line != wantLine || col != wantCol {
				t.Fatalf("%d is at %d:%d, want %d:%d in %q", off, line, col, wantLine, wantCol, long.src)
			}
			line, col = rnd.IntN(len(long.starts)+2), rnd.IntN(3000)
			if got, want := long.offset(line, col), plain.offset(line, col); got != want {
				t.Fatalf("%d:%d is at %d, want %d in %q", line, col, got, want, long.src)
			}
			if back := long.offset(long.position(off)); (off == len(long.src) || utf8.RuneStart(long.src[off])) && off >= long.starts[0] && back != off {
				t.Fatalf("%d is found at %d in %q", off, back, long.src)
			}
		}
	}
}

// Thousands of places on one line do not take longer than on lines of their own
// to be told: what is read for one is bounded.
func TestPlacesOnLongLinesAreNear(t *testing.T) {
	long := newText("a: [" + strings.Repeat("b,", MaxBytes/2-4) + "]\n")
	for col := 1; col < len(long.src); col += 1000 {
		if off, rest := long.near(0, col); rest > 2*stride {
			t.Fatalf("column %d is counted from %d on, %d columns before it", col, off, rest)
		}
	}
}
