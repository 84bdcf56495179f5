package yamldoc

import "strings"

// block moves over a literal or folded scalar: to the end of its last line
// with text, or where the line breaks after it are part of the value (`+`), to
// the end of those.
func (l *layout) block(indent int) {
	b := l.blockAt(l.pos, indent)
	if b.comment.end > 0 {
		l.comments = append(l.comments, b.comment)
	}
	l.pos = b.end
}

// blockScalar is a literal or folded scalar taken apart.
type blockScalar struct {
	header  span // the indicators: `|`, `>-`, `|2+`
	comment span // on the header's line, zero where there is none
	body    int  // offset of the line after the header
	indent  int  // of the text, in columns
	end     int
}

// blockAt takes the block scalar at off apart, whose enclosing block
// collection stands at column parent.
func (l *layout) blockAt(off, parent int) blockScalar {
	src := l.text.src
	b := blockScalar{header: span{off, off + 1}}
	keep := false
	for ; b.header.end < len(src) && strings.IndexByte("+-123456789", src[b.header.end]) >= 0; b.header.end++ {
		switch c := src[b.header.end]; c {
		case '+':
			keep = true
		case '-':
		default:
			b.indent = max(parent, 0) + int(c-'0')
		}
	}
	b.end = b.header.end
	lineEnd := l.text.lineEnd(b.header.end)
	if i := strings.IndexByte(src[b.header.end:lineEnd], '#'); i >= 0 {
		b.comment = span{b.header.end + i, lineEnd}
		b.end = lineEnd
	}
	b.body = l.text.nextLine(off)
	if b.indent == 0 {
		b.indent = l.detectIndent(b.body, parent)
	}
	b.end = l.blockEnd(b, keep)
	return b
}

// blockEnd returns where the last line of a block scalar ends.
func (l *layout) blockEnd(b blockScalar, keep bool) int {
	last := b.end
	for i := b.body; i < len(l.text.src); i = l.text.nextLine(i) {
		end := l.text.lineEnd(i)
		spaces := countSpaces(l.text.src[i:end], b.indent)
		blank := i+spaces == end
		if !blank && spaces < b.indent {
			break
		}
		if !blank || keep {
			last = end
		}
	}
	return last
}

// detectIndent returns the column of the text of a block scalar that does not
// say it itself. Blank lines before the text count, as in yaml.v3.
func (l *layout) detectIndent(body, parent int) int {
	src, widest := l.text.src, 0
	for i := body; i < len(src); i = l.text.nextLine(i) {
		end := l.text.lineEnd(i)
		spaces := countSpaces(src[i:end], end-i)
		widest = max(widest, spaces)
		if i+spaces < end {
			break
		}
	}
	return max(widest, parent+1, 1)
}

// countSpaces counts the spaces that s starts with, up to limit.
func countSpaces(s string, limit int) int {
	n := 0
	for n < len(s) && n < limit && s[n] == ' ' {
		n++
	}
	return n
}
