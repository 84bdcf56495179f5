package doctor

import (
	"regexp"
	"strings"
)

// owners are the lines of a CODEOWNERS file, in order.
type owners []ownerLine

type ownerLine struct {
	match *regexp.Regexp
	who   []string
}

// parseOwners reads CODEOWNERS: patterns as in .gitignore, without negation and
// classes, and of the lines that match the last one counts. Lines that GitHub
// does not accept it reports itself.
func parseOwners(src []byte) owners {
	var out owners
	for line := range strings.Lines(string(src)) {
		line, _, _ = strings.Cut(line, " #")
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, "\x00"))
		pattern := strings.ReplaceAll(fields[0], "\x00", " ")
		if strings.HasPrefix(pattern, "!") || strings.ContainsAny(pattern, "[]") {
			continue
		}
		out = append(out, ownerLine{ownersPattern(pattern), fields[1:]})
	}
	return out
}

// ownersPattern turns a pattern into one over whole paths.
func ownersPattern(pattern string) *regexp.Regexp {
	rest, anchored := strings.CutPrefix(pattern, "/")
	anchored = anchored || strings.Contains(strings.TrimSuffix(rest, "/"), "/")
	var b strings.Builder
	b.WriteString("^")
	if !anchored {
		b.WriteString("(?:.*/)?")
	}
	for len(rest) > 0 {
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			rest = rest[3:]
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			rest = rest[2:]
		case rest[0] == '*':
			b.WriteString("[^/]*")
			rest = rest[1:]
		case rest[0] == '?':
			b.WriteString("[^/]")
			rest = rest[1:]
		default:
			n := len(rest)
			if i := strings.IndexAny(rest, "*?"); i > 0 {
				n = i
			}
			b.WriteString(regexp.QuoteMeta(rest[:n]))
			rest = rest[n:]
		}
	}
	switch {
	case strings.HasSuffix(pattern, "/"):
		b.WriteString(".*$") // what is in the directory
	case strings.HasSuffix(pattern, "/*"):
		b.WriteString("$") // files of the directory, not of those beneath it
	default:
		b.WriteString("(?:/.*)?$") // a file, or a directory with what is in it
	}
	return regexp.MustCompile(b.String())
}

// owned reports whether somebody is asked about a path.
func (o owners) owned(path string) bool {
	owned := false
	for _, l := range o {
		if l.match.MatchString(path) {
			owned = len(l.who) > 0
		}
	}
	return owned
}
