package yamldoc

import (
	"fmt"
	"strings"
)

// checkSize refuses a file that is too large to be looked at. How large it is
// whoever read it need not know: nobody reads more than it takes to refuse it.
func (p *parse) checkSize() bool {
	if len(p.text.src) <= MaxBytes {
		return true
	}
	p.add("YML001", span{p.text.starts[0], p.text.starts[0]},
		fmt.Sprintf("file larger than the %d bytes allowed", MaxBytes),
		"every check and every audit reads every record whole",
		"keep large content in a file beside the record, and link to it")
	return false
}

// checkEncoding refuses what is not UTF-8 as a whole.
func (p *parse) checkEncoding() bool {
	src := p.text.src
	name := ""
	switch {
	case strings.HasPrefix(src, "\xFF\xFE\x00\x00"), strings.HasPrefix(src, "\x00\x00\xFE\xFF"),
		strings.HasPrefix(src, "\x00\x00\x00"):
		name = "UTF-32"
	case strings.HasPrefix(src, "\xFF\xFE"), strings.HasPrefix(src, "\xFE\xFF"),
		len(src) >= 4 && src[0] == 0 && src[2] == 0 && src[1] != 0 && src[3] != 0,
		len(src) >= 4 && src[1] == 0 && src[3] == 0 && src[0] != 0 && src[2] != 0:
		name = "UTF-16"
	default:
		return true
	}
	p.add("YML002", span{}, "file is "+name+", not UTF-8",
		"git, diffs and most programs take it for binary",
		"save the file as UTF-8")
	p.text = newText("") // its lines mean nothing
	return false
}

// checkConflict reports the marks that git leaves in a file that it could not
// merge. Nothing else is said about such a file.
func (p *parse) checkConflict() bool {
	found, open := false, -1
	for n, start := range p.text.starts {
		switch line := p.text.line(n + 1); {
		case isMarker(line, "<<<<<<<"):
			open = start
		case isMarker(line, ">>>>>>>"):
			from := start
			if open >= 0 {
				from = open
			}
			p.addConflict(span{from, start + len(line)})
			found, open = true, -1
		}
	}
	if open >= 0 {
		p.addConflict(span{open, p.text.lineEnd(open)})
		return true
	}
	return found
}

// isMarker reports whether a line is git's conflict mark: the seven signs
// alone, or followed by a space and a name.
func isMarker(line, mark string) bool {
	rest, ok := strings.CutPrefix(line, mark)
	return ok && (rest == "" || rest[0] == ' ')
}

func (p *parse) addConflict(at span) {
	p.add("YML007", at, "merge conflict left in the file",
		"git could not join two versions and wrote both, so the record has no single content",
		"choose one version, or join them, and remove the lines with <<<<<<<, ======= and >>>>>>>")
}

// checkDirectives refuses lines such as `%YAML 1.1`, and makes comments of them
// for the rest of the checks.
func (p *parse) checkDirectives() {
	for n := range p.text.starts {
		line := p.text.line(n + 1)
		switch {
		case strings.HasPrefix(line, "%") && len(p.findings) < maxFindings:
			start := p.text.starts[n]
			p.add("YML010", span{start, start + len(line)}, "directive "+quote(line),
				"it can change the meaning of what follows, and few programs honour it",
				"remove the line")
			p.replace(p.text.src[:start] + "#" + p.text.src[start+1:])
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			return // directives stand before all content
		}
	}
}

// addEmpty says what stands in a file without content.
func (p *parse) addEmpty() {
	rest := strings.TrimSpace(strings.TrimPrefix(p.text.src, byteOrderMark))
	message := "the file is empty"
	if rest != "" {
		message = "the file holds no fields"
		if strings.HasPrefix(rest, "#") {
			message = "the file holds comments alone"
		}
	}
	p.add("YML004", span{p.text.starts[0], p.text.starts[0]}, message,
		"an empty record would pass every check that looks at what is there",
		"fill it in, or remove the file")
}
