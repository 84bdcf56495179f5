package yamldoc

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// Value returns the content of the document as JSON types: string, bool, nil,
// json.Number, []any and map[string]any. Numbers are spelled as RFC 8785 has
// them; timestamps stay strings, exactly as written. Each call returns a new
// value, which the caller may change.
//
// Of a document with findings it returns what can be returned: an alias is
// nil, and of two equal keys the first counts.
func (d *Doc) Value() map[string]any {
	m, _ := valueOf(d.Root).(map[string]any)
	return m
}

// valueOf returns the JSON value of a node. Aliases are never followed, so the
// result is no larger than the file.
func valueOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if _, twice := m[n.Content[i].Value]; !twice {
				m[n.Content[i].Value] = valueOf(n.Content[i+1])
			}
		}
		return m
	case yaml.SequenceNode:
		s := make([]any, len(n.Content))
		for i, item := range n.Content {
			s[i] = valueOf(item)
		}
		return s
	case yaml.ScalarNode:
		return scalarValue(n)
	}
	return nil
}

func scalarValue(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value[0] == 't' || n.Value[0] == 'T'
	case "!!int", "!!float":
		if jsonNumber.MatchString(n.Value) {
			return plainNumber(n.Value)
		}
	}
	return n.Value
}

// jsonNumber is the grammar of RFC 8259.
var jsonNumber = lazyregexp.New(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// plainNumber spells a number as RFC 8785 does. 1, 1.0 and 1e0 have one digest
// and are equal to policy: were they different values to anybody else, an edit
// from one to another would be one that nobody was asked about.
func plainNumber(s string) json.Number {
	if !strings.ContainsAny(s, ".eE") && s != "-0" {
		return json.Number(s)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > maxInteger {
		return json.Number(s) // which is refused
	}
	if f == 0 {
		return "0" // there is no -0
	}
	text, err := json.Marshal(f)
	if err != nil {
		return json.Number(s)
	}
	return json.Number(text)
}

// looksNumeric is what some YAML parser takes for a number although yaml.v3
// may not: digits with signs, points, exponents and underscores, whatever
// their size, and the other bases.
var looksNumeric = lazyregexp.New(`^[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9_]+)?$|^[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)$`)

const (
	maxInteger = 1<<53 - 1 // the largest n for which n and n+1 are two numbers in every program
	maxDigits  = 15        // decimal digits that every program keeps
)

// numberProblem says what is wrong with a plain scalar that is a number to
// some program; "" when it is a number to all of them, and the same one.
func numberProblem(s string) string {
	if !jsonNumber.MatchString(s) {
		return "is not a number in JSON"
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > maxInteger {
		return fmt.Sprintf("is beyond ±%d", int64(maxInteger))
	}
	if !strings.ContainsAny(s, ".eE") {
		return ""
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.Trim(strings.Replace(strings.TrimPrefix(mantissa, "-"), ".", "", 1), "0")
	switch {
	case len(digits) > maxDigits:
		return fmt.Sprintf("has more than %d significant digits", maxDigits)
	case digits != "" && math.Abs(f) < 0x1p-1022:
		return "is too close to zero"
	}
	return ""
}

// isNumeric reports whether a plain scalar is a number to some program.
func isNumeric(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Style&quoted != 0 {
		return false
	}
	return n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!str" && mayBeNumeric(n.Value) && looksNumeric.MatchString(n.Value)
}

// mayBeNumeric tells most text from numbers by its first byte, since matching
// looksNumeric against every word of a record takes a tenth of reading it.
func mayBeNumeric(s string) bool {
	return s != "" && (s[0] >= '0' && s[0] <= '9' || s[0] == '-' || s[0] == '+' || s[0] == '.')
}

// number judges a plain scalar that is a number to some program.
func (c *nodeCheck) number(n *yaml.Node) {
	if n.Tag == "!!merge" && n.Style&quoted == 0 {
		c.add("YML016", c.at(n), "<< as a value", "unquoted, it is the merge key", "quote it if it is meant as text")
		return
	}
	if !isNumeric(n) {
		return
	}
	problem := numberProblem(n.Value)
	switch {
	case problem == "":
	case jsonNumber.MatchString(n.Value):
		c.add("YML021", c.at(n), "number "+quote(n.Value)+" "+problem,
			"programs round it, so two different numbers would have one digest",
			"quote it if it is text, or write it with fewer digits")
	default:
		c.add("YML020", c.at(n), "number "+quote(n.Value)+" "+problem,
			"programs disagree on what it is: an octal, a float, or text",
			"quote it if it is text, or write it in plain decimal digits")
	}
}
