// Package lazyregexp owns regular expressions that are compiled when something
// is first held against them: compiling all of this program's took a tenth of
// the time in which a command starts, and most commands meet few of them.
//
// It may import nothing of this module. It never takes an expression from
// anywhere but the program's own text, and so returns no error: one that cannot
// be compiled panics.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression with methods of regexp.Regexp, which say what
// they do there. It is safe for concurrent use.
type Regexp struct {
	text string
	re   func() *regexp.Regexp
}

// New returns the expression of a text. A test of internal/architecture compiles
// every one that a package begins with.
func New(text string) *Regexp {
	return &Regexp{text, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

func (r *Regexp) String() string                         { return r.text }
func (r *Regexp) Match(b []byte) bool                    { return r.re().Match(b) }
func (r *Regexp) MatchString(s string) bool              { return r.re().MatchString(s) }
func (r *Regexp) Split(s string, n int) []string         { return r.re().Split(s, n) }
func (r *Regexp) FindStringSubmatch(s string) []string   { return r.re().FindStringSubmatch(s) }
func (r *Regexp) FindAllString(s string, n int) []string { return r.re().FindAllString(s, n) }
func (r *Regexp) ReplaceAllString(s, with string) string { return r.re().ReplaceAllString(s, with) }
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.re().FindAllStringSubmatch(s, n)
}
