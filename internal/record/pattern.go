package record

import (
	"fmt"
	"strings"
)

// pattern is a parsed path pattern of a kind. Its segments are literal text,
// `*` (one directory), `**` (any number of directories), `{yyyy}` and `{mm}`
// (the id's year and month) and, in the last segment, `{id}` once, with
// literal text around it.
type pattern struct {
	dirs           []string
	before, suffix string // around {id} in the file's name
}

func parsePattern(s string) (pattern, error) {
	segs := strings.Split(s, "/")
	last := segs[len(segs)-1]
	before, after, found := strings.Cut(last, "{id}")
	if !found || strings.Contains(after, "{id}") || strings.ContainsAny(before+after, "*{}") {
		return pattern{}, fmt.Errorf("path %q: the file's name must hold {id} once, as in notes/{id}.yaml", s)
	}
	p := pattern{dirs: segs[:len(segs)-1], before: before, suffix: after}
	for _, d := range p.dirs {
		switch {
		case d == "*" || d == "**" || d == "{yyyy}" || d == "{mm}":
		case d == "" || d == "." || d == ".." || strings.ContainsAny(d, `*{}\`):
			return pattern{}, fmt.Errorf("path %q: %q is not a directory name, *, **, {yyyy} or {mm}", s, d)
		}
	}
	return p, nil
}

// open reports whether the pattern leaves directories open.
func (p pattern) open() bool {
	for _, d := range p.dirs {
		if d == "*" || d == "**" {
			return true
		}
	}
	return false
}

// root is the directory of the literal segments the pattern begins with.
func (p pattern) root() string {
	n := 0
	for n < len(p.dirs) && !strings.ContainsAny(p.dirs[n], "*{") {
		n++
	}
	if n == 0 {
		return "."
	}
	return strings.Join(p.dirs[:n], "/")
}

func (p pattern) fill(id string) string {
	var out []string
	date := dateOf(id)
	for _, d := range p.dirs {
		switch d {
		case "*", "**":
		case "{yyyy}":
			out = append(out, date[:4])
		case "{mm}":
			out = append(out, date[4:6])
		default:
			out = append(out, d)
		}
	}
	return strings.Join(append(out, p.before+id+p.suffix), "/")
}

func (p pattern) match(path string) (id string, ok bool) {
	segs := strings.Split(path, "/")
	name := segs[len(segs)-1]
	if len(name) <= len(p.before)+len(p.suffix) || !strings.HasPrefix(name, p.before) || !strings.HasSuffix(name, p.suffix) {
		return "", false
	}
	id = name[len(p.before) : len(name)-len(p.suffix)]
	if id == "" || !matchDirs(p.dirs, segs[:len(segs)-1]) {
		return "", false
	}
	return id, true
}

func matchDirs(pat, dirs []string) bool {
	if len(pat) == 0 {
		return len(dirs) == 0
	}
	if pat[0] == "**" {
		for n := 0; n <= len(dirs); n++ {
			if matchDirs(pat[1:], dirs[n:]) {
				return true
			}
		}
		return false
	}
	if len(dirs) == 0 {
		return false
	}
	switch pat[0] {
	case "*":
	case "{yyyy}":
		if !digits(dirs[0], 4) {
			return false
		}
	case "{mm}":
		if !digits(dirs[0], 2) {
			return false
		}
	default:
		if pat[0] != dirs[0] {
			return false
		}
	}
	return matchDirs(pat[1:], dirs[1:])
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
