package yamldoc

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// span is a half-open range of byte offsets into a text.
type span struct{ start, end int }

// text is a source with its lines found. Lines end at a line feed alone: every
// other character that some program takes for a line break is refused, so this
// count is the one an editor, git and yaml.v3 agree on.
type text struct {
	raw    string // as given
	src    string // as parsed: raw, where refused characters are masked by others of the same length
	starts []int  // offset of the first byte of each line; a BOM is before the first
	points []int  // code points before every stride-th byte; nil where no line is that long
}

// stride is how long a line may be before its columns are not counted from its
// beginning each time: a quarter of a megabyte may be one line, as JSON often is,
// with thousands of places on it.
const stride = 512

const byteOrderMark = "\uFEFF"

func newText(src string) *text {
	first := 0
	if strings.HasPrefix(src, byteOrderMark) {
		first = len(byteOrderMark)
	}
	t := &text{raw: src, src: src, starts: append(make([]int, 0, 1+strings.Count(src, "\n")), first)}
	long := false
	for i := first; i < len(src); i++ {
		if src[i] == '\n' {
			long = long || i-t.starts[len(t.starts)-1] > stride
			t.starts = append(t.starts, i+1)
		}
	}
	if long || len(src)-t.starts[len(t.starts)-1] > stride {
		t.countPoints()
	}
	return t
}

// countPoints fills in points, of what is UTF-8: nothing else is looked at twice.
func (t *text) countPoints() {
	if !utf8.ValidString(t.src) {
		return
	}
	t.points = make([]int, 0, len(t.src)/stride+1)
	for at := 0; at < len(t.src); at += stride {
		n := 0
		if at > 0 {
			n = t.points[len(t.points)-1] + runeStarts(t.src[at-stride:at])
		}
		t.points = append(t.points, n)
	}
}

func runeStarts(s string) (n int) {
	for i := range len(s) {
		if utf8.RuneStart(s[i]) {
			n++
		}
	}
	return n
}

// pointsTo counts the code points that begin before off, in a text with points.
func (t *text) pointsTo(off int) int {
	block := min(off/stride, len(t.points)-1)
	return t.points[block] + runeStarts(t.src[block*stride:off])
}

// line returns line n as given, from 1, without its line break; "" outside the
// text.
func (t *text) line(n int) string {
	if n < 1 || n > len(t.starts) {
		return ""
	}
	return t.raw[t.starts[n-1]:t.lineEnd(t.starts[n-1])]
}

// lineStart returns the offset at which the line of off starts.
func (t *text) lineStart(off int) int {
	return t.starts[t.lineOf(off)-1]
}

// lineEnd returns the offset at which the line of off ends, before its break.
func (t *text) lineEnd(off int) int {
	end := len(t.src)
	if i := strings.IndexByte(t.src[off:], '\n'); i >= 0 {
		end = off + i
		if end > off && t.src[end-1] == '\r' {
			end--
		}
	}
	return end
}

// nextLine returns the offset after the line break that ends the line of off.
func (t *text) nextLine(off int) int {
	if i := strings.IndexByte(t.src[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(t.src)
}

// lineOf returns the number, from 1, of the line that holds off.
func (t *text) lineOf(off int) int {
	n := sort.SearchInts(t.starts, off+1)
	return max(n, 1)
}

// position returns line and column of off, both from 1; columns count code
// points, and a byte that is no UTF-8 counts as one.
func (t *text) position(off int) (line, col int) {
	off = min(off, len(t.src))
	line = t.lineOf(off)
	start := t.starts[line-1]
	if off < start {
		return line, 1
	}
	if off-start > stride && t.points != nil && (off == len(t.src) || utf8.RuneStart(t.src[off])) {
		return line, t.pointsTo(off) - t.pointsTo(start) + 1
	}
	return line, utf8.RuneCountInString(t.src[start:off]) + 1
}

// offset is the inverse of position. Positions past the end of a line are
// those of its end.
func (t *text) offset(line, col int) int {
	if line < 1 {
		return t.starts[0]
	}
	if line > len(t.starts) {
		return len(t.src)
	}
	off := t.starts[line-1]
	if col > stride && t.points != nil {
		off, col = t.near(off, col)
	}
	for ; col > 1 && off < len(t.src) && t.src[off] != '\n'; col-- {
		_, size := utf8.DecodeRuneInString(t.src[off:])
		off += size
	}
	return off
}

// near goes from the beginning of a line towards a column, in a text with
// points, and returns how far it came and which column it is from there. It goes
// beyond neither the column nor the line.
func (t *text) near(start, col int) (off, rest int) {
	wanted := t.pointsTo(start) + col - 1
	end := len(t.src)
	if i := sort.SearchInts(t.starts, start+1); i < len(t.starts) {
		end = t.starts[i] - 1
	}
	block := min(sort.SearchInts(t.points, wanted+1)-1, end/stride, len(t.points)-1)
	off = block * stride
	for off < end && !utf8.RuneStart(t.src[off]) {
		off++
	}
	if off <= start || t.pointsTo(off) > wanted {
		return start, col
	}
	return off, wanted - t.pointsTo(off) + 1
}
