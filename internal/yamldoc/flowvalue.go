package yamldoc

import (
	"fmt"
	"strings"
)

// ParseScalar reads text as the value of a field that is not text, as in
// `--set count=3` or `--set services=[a, b]`: any YAML value on its own, under
// the rules of Parse. Empty text is nil.
func ParseScalar(text string) (any, error) {
	p := &parse{text: newText(text)}
	if !p.checkSize() || !p.checkEncoding() {
		return nil, p.asError(text)
	}
	p.checkCharacters()
	docs, err := decode(p.text.src)
	switch {
	case err != nil:
		p.addSyntax(err)
	case len(docs) > 1:
		return nil, fmt.Errorf("reading %s: more than one value", quote(text))
	case strings.TrimSpace(text) == "":
		return nil, nil
	case len(docs) == 0 || isEmpty(docs[0]):
		return nil, fmt.Errorf("reading %s: there is no value in it; quote it if it is text", quote(text))
	case p.checkNodes(docs[0].Content[0]) && len(p.findings) == 0:
		return valueOf(docs[0].Content[0]), nil
	}
	return nil, p.asError(text)
}

// asError returns the first finding as an error, nil when there is none.
func (p *parse) asError(text string) error {
	if fs := p.sorted(); len(fs) > 0 {
		return fmt.Errorf("reading %s: %s; %s", quote(text), fs[0].Message, fs[0].Fix)
	}
	return nil
}
