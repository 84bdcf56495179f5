package yamldoc

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// errPanic marks a panic of yaml.v3.
var errPanic = errors.New("the YAML parser gave up")

// decode parses src into at most two documents: whether there is a second one
// is all that matters about it. No panic of yaml.v3 comes out.
func decode(src string) ([]*yaml.Node, error) {
	return decodeFrom(strings.NewReader(src))
}

func decodeFrom(r io.Reader) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	dec := yaml.NewDecoder(r)
	for len(docs) < 2 {
		n := new(yaml.Node)
		err := dec.Decode(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return docs, err
		}
		docs = append(docs, n)
	}
	return docs, nil
}

// byteReader hands out one byte at a time, so that how far a parser has read
// is how far it has looked.
type byteReader struct {
	src string
	n   int
}

func (r *byteReader) Read(b []byte) (int, error) {
	if r.n == len(r.src) {
		return 0, io.EOF
	}
	b[0] = r.src[r.n]
	r.n++
	return 1, nil
}

// syntaxError is an error of yaml.v3 with what can be learnt about its place.
// yaml.v3 names a line only, the one where the surrounding construct started
// or the one where reading stopped, counted from 0 or from 1.
type syntaxError struct {
	text    *text
	message string
	line    int // as yaml.v3 has it, 0 where it names none
	read    int // how many bytes were read
}

var lineInError = lazyregexp.New(`^yaml: (?:line (\d+): )?(.*)$`)

func splitError(err error) (message string, line int) {
	m := lineInError.FindStringSubmatch(err.Error())
	if m == nil {
		return err.Error(), 0
	}
	line, _ = strconv.Atoi(m[1])
	return m[2], line
}

// addSyntax turns an error of yaml.v3 into a finding.
func (p *parse) addSyntax(err error) {
	r := &byteReader{src: p.text.src}
	_, _ = decodeFrom(r) // the same error, for how far it got
	e := &syntaxError{text: p.text, read: r.n}
	e.message, e.line = splitError(err)
	if errors.Is(err, errPanic) {
		p.add("YML024", e.around(), "the YAML parser failed on this file",
			"what cannot be read cannot be judged", "simplify the file near here, and report it as a bug of gitsm")
		return
	}
	for _, s := range syntaxes {
		if !strings.HasPrefix(e.message, s.prefix) {
			continue
		}
		if at, ok := s.locate(e); ok {
			p.add(s.code, at, s.message(e, at), s.why, s.fix)
			return
		}
	}
	p.add("YML005", e.around(), "the file is not YAML: "+e.message, whySyntax, "mend the line, or quote the value")
}

// around returns the best guess for errors about which nothing is known.
func (e *syntaxError) around() span {
	line := e.line
	if line == 0 {
		line = 1
	}
	return e.wholeLine(min(line, len(e.text.starts)))
}

// wholeLine returns the text of a line without its indentation.
func (e *syntaxError) wholeLine(n int) span {
	start := e.text.starts[n-1]
	end := e.text.lineEnd(start)
	for start < end && strings.IndexByte(" \t", e.text.src[start]) >= 0 {
		start++
	}
	return span{start, end}
}

// back returns the offset of the code point that stands n before the end of
// what was read.
func (e *syntaxError) back(n int) int {
	i := e.read
	for ; n > 0 && i > e.text.starts[0]; n-- {
		_, size := utf8.DecodeLastRuneInString(e.text.src[:i])
		i -= size
	}
	return i
}

// ahead finds the character that stopped the scanner. It always has four code
// points before it, fewer at the end of the file.
func (e *syntaxError) ahead(is func(rest string) bool) (span, bool) {
	for i := e.back(4); i < e.read; i++ {
		if is(e.text.src[i:]) {
			return span{i, i + 1}, true
		}
	}
	return span{}, false
}

// cutBudget bounds how many bytes are parsed again to find a place.
const cutBudget = 2 * MaxBytes

// cut finds the word at which the error arises: the last one of the shortest
// text that has the same error.
func (e *syntaxError) cut() (span, bool) {
	best, spent := span{}, 0
	end := e.read
	for range 64 {
		word := e.wordBefore(end)
		if word.end <= e.text.starts[0] || spent+word.end > cutBudget {
			break
		}
		spent += word.end
		_, err := decode(e.text.src[:word.end])
		if err == nil {
			break
		}
		if message, _ := splitError(err); message != e.message {
			break
		}
		best, end = word, word.start
	}
	return best, best.end > 0
}

// wordBefore returns the last run of characters other than white space that
// ends at or before off.
func (e *syntaxError) wordBefore(off int) span {
	end := len(strings.TrimRight(e.text.src[:off], " \t\r\n"))
	start := strings.LastIndexAny(e.text.src[:end], " \t\r\n") + 1
	return span{max(start, e.text.starts[0]), end}
}
