package record

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// pattern is a parsed path pattern of a kind. `**` stands for any number of
// directories. Every other segment is literal text around at most one of `*`
// (any text), `{id}`, and, on their own, `{yyyy}` and `{mm}` (the id's year
// and month). The last segment is the file's name. {id} stands once, or
// nowhere where a field holds the id; `*` in the file's name stands for the id
// unless a field does.
type pattern []segment

type segment struct {
	before, hole, after string // hole: "", "*", "**", "{id}", "{yyyy}" or "{mm}"
}

// parsePattern reads a pattern. byField says that a field of the record holds
// its id, so that the path need not.
func parsePattern(s string, byField bool) (pattern, error) {
	if !fs.ValidPath(s) || s == "." || strings.Contains(s, `\`) {
		return nil, fmt.Errorf("path %q is no path below the store, as notes/{id}.yaml is", s)
	}
	var p pattern
	ids := 0
	segs := strings.Split(s, "/")
	for i, text := range segs {
		last := i == len(segs)-1
		seg, ok := parseSegment(text)
		if ok && last {
			ok = !slices.Contains([]string{"**", "{yyyy}", "{mm}"}, seg.hole)
			if seg.hole == "*" && !byField && !strings.Contains(s, "{id}") {
				seg.hole = "{id}"
			}
		}
		if !ok {
			return nil, fmt.Errorf("path %q: %q is not text with one of *, {id}, {yyyy} and {mm} in it, or ** for directories", s, text)
		}
		if seg.hole == "{id}" {
			ids++
		}
		p = append(p, seg)
	}
	if ids > 1 || ids == 0 && !byField {
		return nil, fmt.Errorf("path %q must hold {id} once, as in notes/{id}.yaml, unless id_field names the field that holds the id", s)
	}
	return p, nil
}

func parseSegment(text string) (segment, bool) {
	if text == "**" {
		return segment{hole: "**"}, true
	}
	for _, hole := range []string{"{id}", "{yyyy}", "{mm}", "*"} {
		before, after, found := strings.Cut(text, hole)
		if !found {
			continue
		}
		alone := before == "" && after == ""
		if strings.ContainsAny(before+after, "*{}") || !alone && (hole == "{yyyy}" || hole == "{mm}") {
			return segment{}, false
		}
		return segment{before, hole, after}, true
	}
	return segment{before: text}, !strings.ContainsAny(text, "{}")
}

func (p pattern) holds(holes ...string) bool {
	return slices.ContainsFunc(p, func(s segment) bool { return slices.Contains(holes, s.hole) })
}

// named reports whether the path holds the id.
func (p pattern) named() bool { return p.holds("{id}") }

// fixed reports whether an id determines the path.
func (p pattern) fixed() bool { return p.named() && !p.holds("*", "**") }

// dated reports whether the pattern asks for the id's date.
func (p pattern) dated() bool { return p.holds("{yyyy}", "{mm}") }

// root is the directory of the literal segments the pattern begins with.
func (p pattern) root() string {
	n := 0
	for n < len(p)-1 && p[n].hole == "" {
		n++
	}
	if n == 0 {
		return "."
	}
	dirs := make([]string, n)
	for i := range dirs {
		dirs[i] = p[i].before
	}
	return strings.Join(dirs, "/")
}

// fill returns the path of an id: open directories are left out, and an open
// name is that of the id.
func (p pattern) fill(id string) string {
	var out []string
	date := dateOf(id)
	for i, s := range p {
		text := ""
		switch s.hole {
		case "**":
			continue
		case "*":
			if i < len(p)-1 {
				continue
			}
			text = id
		case "{id}":
			text = id
		case "{yyyy}":
			text = date[:4]
		case "{mm}":
			text = date[4:6]
		}
		out = append(out, s.before+text+s.after)
	}
	return strings.Join(out, "/")
}

// match returns the id that a path stands for, "" where the pattern does not
// hold it.
//
// It walks both lists once, going back to the last `**` alone: what it took may
// always be lengthened, and nothing before it has to be tried again. The
// patterns of a proposal are matched too, so one must not be able to take for
// ever.
func (p pattern) match(path string) (id string, ok bool) {
	segs := strings.Split(path, "/")
	last := len(p) - 1
	name, ok := p[last].match(segs[len(segs)-1], true)
	if !ok {
		return "", false
	}
	if p[last].hole == "{id}" {
		id = name
	}
	dirs, pat := segs[:len(segs)-1], p[:last]
	i, d, star, mark := 0, 0, -1, 0
	for d < len(dirs) {
		if i < len(pat) && pat[i].hole == "**" {
			star, mark = i, d
			i++
			continue
		}
		if i < len(pat) {
			if text, ok := pat[i].match(dirs[d], false); ok {
				if pat[i].hole == "{id}" {
					id = text
				}
				i, d = i+1, d+1
				continue
			}
		}
		if star < 0 || !visible(dirs[mark]) {
			return "", false
		}
		mark++
		i, d = star+1, mark
	}
	for i < len(pat) && pat[i].hole == "**" {
		i++
	}
	if i < len(pat) {
		return "", false
	}
	return id, true
}

// match returns what stands in the hole of a segment. Hidden directories and
// files are passed over where a pattern leaves their names open, and `..` would
// lead out.
func (s segment) match(name string, file bool) (text string, ok bool) {
	if s.hole == "" {
		return "", name == s.before
	}
	if len(name) <= len(s.before)+len(s.after) || !strings.HasPrefix(name, s.before) || !strings.HasSuffix(name, s.after) {
		return "", false
	}
	text = name[len(s.before) : len(name)-len(s.after)]
	switch s.hole {
	case "{yyyy}":
		return text, digits(text, 4)
	case "{mm}":
		return text, digits(text, 2)
	}
	return text, file || visible(name)
}

func visible(dir string) bool { return dir != "" && dir[0] != '.' }

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
