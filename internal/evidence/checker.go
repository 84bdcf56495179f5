package evidence

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// address finds what looks like an e-mail address.
var address = lazyregexp.New(`[^\s<>@]+@[^\s<>@]+\.[^\s<>@]`)

// maxPhrase bounds the wordings of policy and gitsm that a statement quotes.
const maxPhrase = 1000

// maxNumber is the largest integer that every reader of JSON reads alike.
const maxNumber = 1<<53 - 1

// checker collects what is wrong with a statement, all of it.
type checker struct {
	problems []error
}

func (c *checker) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf(format, args...))
}

// must requires value to have a form; may allows it to be empty as well.
func (c *checker) must(field, value string, as *lazyregexp.Regexp) {
	if !as.MatchString(value) {
		c.fail("%s %q is not of the form %s", field, value, as)
	}
}

func (c *checker) may(field, value string, as *lazyregexp.Regexp) {
	if value != "" {
		c.must(field, value, as)
	}
}

// phrase requires one line of words that name nobody by address; mayPhrase
// allows none as well. Policy chooses ids and names, and words them as it likes.
func (c *checker) phrase(field, value string) {
	switch {
	case value == "":
		c.fail("%s is empty", field)
	case utf8.RuneCountInString(value) > maxPhrase:
		c.fail("%s is longer than %d characters", field, maxPhrase)
	case strings.ContainsFunc(value, unicode.IsControl):
		c.fail("%s %q holds control characters", field, value)
	case address.MatchString(value):
		c.fail("%s %q holds an e-mail address; evidence names people by id", field, value)
	}
}

func (c *checker) mayPhrase(field, value string) {
	if value != "" {
		c.phrase(field, value)
	}
}

func (c *checker) path(field, value string) {
	if !fs.ValidPath(value) || value == "." || strings.ContainsFunc(value, unicode.IsControl) {
		c.fail("%s %q is not a path inside the repository", field, value)
	}
}
