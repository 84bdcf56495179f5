package yamldoc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"gopkg.in/yaml.v3"
)

// maxFindings bounds how much a single hostile file can say.
const maxFindings = 200

// Parse reads src strictly. It returns every finding, sorted by place, and the
// document wherever there is one to look at: a file with findings must not be
// acted upon, but its other fields can still be judged. The Doc is nil when
// the file has no readable top-level mapping.
//
// Parse keeps src; the caller must not change it afterwards.
func Parse(name string, src []byte) (*Doc, []finding.Finding) {
	p := &parse{name: name, text: newText(string(src))}
	return p.doc(src)
}

// doc makes the document of a source, whose YAML is p.text.
func (p *parse) doc(src []byte) (*Doc, []finding.Finding) {
	root := p.run()
	fs := p.sorted()
	if root == nil {
		return nil, fs
	}
	return &Doc{Name: p.name, Source: src, Root: root, text: p.text, masked: p.masked}, fs
}

// parse collects the findings of one file.
type parse struct {
	name     string
	text     *text
	findings []finding.Finding

	masked    bool // refused characters were replaced in text
	oddBreaks bool // some of them were line breaks to some program
}

// run does the checks in the order in which they depend on each other and
// returns the top-level mapping, or nil.
func (p *parse) run() *yaml.Node {
	if !p.checkSize() || !p.checkEncoding() {
		return nil
	}
	p.checkCharacters()
	if p.checkConflict() {
		return nil
	}
	p.checkDirectives()
	content := p.content()
	if content == nil {
		return nil
	}
	if content.Kind != yaml.MappingNode {
		p.add("YML008", p.at(content), "the top level is "+describe(content)+", not a mapping",
			"a record is a set of named fields", "start the file with fields, such as `id: …`")
		return nil
	}
	if !p.checkNodes(content) {
		return nil
	}
	return content
}

// content parses the text and returns the content of its only document.
func (p *parse) content() *yaml.Node {
	docs, err := decode(p.text.src)
	switch {
	case err != nil && p.oddBreaks:
		return nil // without its line breaks the file says nothing
	case err != nil:
		p.addSyntax(err)
		return nil
	case len(docs) == 0 || isEmpty(docs[0]):
		p.addEmpty()
		return nil
	case len(docs) > 1:
		p.add("YML009", p.marker(docs[1]), "second document in the file",
			"one file is one record, and most programs read the first document alone",
			"move it to a file of its own, or remove the `---` line")
	}
	return docs[0].Content[0]
}

// add records a finding of an error at a place.
func (p *parse) add(code string, at span, message, why, fix string) {
	if len(p.findings) > maxFindings {
		return
	}
	line, col := p.text.position(at.start)
	endLine, endCol := p.text.position(max(at.end, at.start))
	f := finding.Finding{
		Code: code, Severity: finding.Error, File: p.name,
		Line: line, Column: col, EndLine: endLine, EndColumn: endCol,
		Message: message, Why: why, Fix: fix,
	}
	if len(p.findings) == maxFindings {
		f.Code, f.Message = "YML023", fmt.Sprintf("more than %d findings, the rest is not listed", maxFindings)
		f.Why, f.Fix = "a file as broken as this one is rarely a record", "mend what is listed and check again"
	}
	p.findings = append(p.findings, f)
}

// sorted returns the findings by place, with the source line of each.
func (p *parse) sorted() []finding.Finding {
	for i := range p.findings {
		p.findings[i].Frame = p.text.line(p.findings[i].Line)
	}
	slices.SortStableFunc(p.findings, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p.findings
}

// marker returns the `---` that starts a document, or the place of the document.
func (p *parse) marker(doc *yaml.Node) span {
	at := p.at(doc)
	if i := strings.LastIndex(p.text.src[:at.start], "\n---"); i >= 0 && !strings.HasPrefix(p.text.src[at.start:], "---") {
		at.start = i + 1
	}
	if strings.HasPrefix(p.text.src[at.start:], "---") {
		at.end = at.start + 3
	}
	return at
}
