package yamldoc

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// errPanic marks a panic of yaml.v3.
var errPanic = errors.New("the YAML parser gave up")

// decodeFrom reads up to two documents: whether there is a second one is all
// that matters about it.
func decodeFrom(dec *yaml.Decoder) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	for len(docs) < 2 {
		n := new(yaml.Node)
		err := dec.Decode(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return docs, err
		}
		docs = append(docs, n)
	}
	return docs, nil
}

var lineInError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// addSyntax turns an error of yaml.v3 into a finding.
func (p *parse) addSyntax(err error) {
	line, message := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineInError.FindStringSubmatch(err.Error()); m != nil {
		message = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	off := p.text.offset(line, 1)
	p.add("YML005", span{off, p.text.lineEnd(off)}, message,
		"the file cannot be read as YAML", "mend the line")
}
