package record

import (
	"fmt"
	"io/fs"
	"slices"
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
	if !fs.ValidPath(s) || strings.Contains(s, `\`) {
		return pattern{}, fmt.Errorf("path %q is no path below the store, as notes/{id}.yaml is", s)
	}
	p := pattern{dirs: segs[:len(segs)-1], before: before, suffix: after}
	for _, d := range p.dirs {
		switch {
		case d == "*" || d == "**" || d == "{yyyy}" || d == "{mm}":
		case strings.ContainsAny(d, "*{}"):
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

// dated reports whether the pattern asks for the id's date.
func (p pattern) dated() bool {
	return slices.Contains(p.dirs, "{yyyy}") || slices.Contains(p.dirs, "{mm}")
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

// matchDirs walks both lists once, going back to the last `**` alone: what it
// took may always be lengthened, and nothing before it has to be tried again.
// The patterns of a proposal are matched too, so one must not be able to take
// for ever.
func matchDirs(pat, dirs []string) bool {
	p, d, star, mark := 0, 0, -1, 0
	for d < len(dirs) {
		switch {
		case p < len(pat) && pat[p] == "**":
			star, mark = p, d
			p++
		case p < len(pat) && matchDir(pat[p], dirs[d]):
			p, d = p+1, d+1
		case star >= 0 && visible(dirs[mark]):
			mark++
			p, d = star+1, mark
		default:
			return false
		}
	}
	for p < len(pat) && pat[p] == "**" {
		p++
	}
	return p == len(pat)
}

func matchDir(pat, dir string) bool {
	switch pat {
	case "*":
		return visible(dir)
	case "{yyyy}":
		return digits(dir, 4)
	case "{mm}":
		return digits(dir, 2)
	}
	return pat == dir
}

// visible reports whether a directory may stand where a pattern leaves the name
// open: hidden ones are passed over, and `..` would lead out.
func visible(dir string) bool { return dir != "" && dir[0] != '.' }

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
