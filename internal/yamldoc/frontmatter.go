package yamldoc

import (
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
)

// ParseFrontMatter reads the YAML between the `---` lines at the top of a
// Markdown file as Parse reads a file. Positions are those of the whole file.
// What follows the front matter is not judged, and edits keep it to the byte.
func ParseFrontMatter(name string, src []byte) (*Doc, []finding.Finding) {
	p := &parse{name: name, text: newText(string(src))}
	if !p.checkSize() || !p.checkEncoding() {
		return nil, p.sorted()
	}
	end := p.frontMatter()
	if end < 0 {
		return nil, p.sorted()
	}
	tail := string(src[end:])
	p.text = newText(string(src[:end]))
	d, fs := p.doc(src)
	if d != nil {
		d.tail = tail
	}
	return d, fs
}

// frontMatter returns where the front matter ends: the offset of the line that
// closes it. It is -1 where there is none, and the finding says why.
func (p *parse) frontMatter() int {
	top := span{p.text.starts[0], p.text.lineEnd(p.text.starts[0])}
	if p.checkConflict() {
		return -1
	}
	if !isFence(p.text.line(1)) {
		p.noFrontMatter(top)
		return -1
	}
	for n := 2; n <= len(p.text.starts); n++ {
		if isFence(p.text.line(n)) {
			return p.text.starts[n-1]
		}
	}
	p.add("YML005", top, "the front matter does not end", "it goes on to the next line `---`, and there is none", "close it with a line `---`")
	return -1
}

// Heading returns the first heading of the text below front matter, "" where
// there is none: Markdown's own title of a file.
func (d *Doc) Heading() string {
	code := false
	for line := range strings.Lines(d.tail) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if text, ok := strings.CutPrefix(line, "# "); ok && !code {
			return strings.TrimSpace(strings.TrimRight(strings.TrimSpace(text), "#"))
		}
	}
	return ""
}

// noFrontMatter says that a file does not begin with YAML.
func (p *parse) noFrontMatter(top span) {
	first := strings.TrimSpace(p.text.line(1))
	switch {
	case first == "+++", strings.HasPrefix(first, "```toml"), strings.HasPrefix(first, "---toml"):
		p.add("YML004", top, "the front matter is TOML", "a record is YAML, and TOML is not read", "write the fields as YAML, between two lines `---`")
	default:
		p.add("YML004", span{top.start, top.start}, "the file has no front matter",
			"its record is the YAML between two lines `---` at its top",
			"start the file with a line `---`, the fields, and another line `---`")
	}
}

// isFence reports whether a line begins or ends front matter.
func isFence(line string) bool { return strings.TrimRight(line, " \t") == "---" }
