package validate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/gitsm/gitsm/internal/finding"
)

// sizeWords says what is wrong with the size of a value, "" for other problems.
func sizeWords(what any) string {
	switch k := what.(type) {
	case *kind.MinLength:
		if k.Got == 0 {
			return "is empty"
		}
		return fmt.Sprintf("is %s long, and has to be at least %d", finding.Counted(k.Got, "character"), k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("is %s long, and at most %d are allowed", finding.Counted(k.Got, "character"), k.Want)
	case *kind.MinItems:
		if k.Got == 0 {
			return "is an empty list"
		}
		return fmt.Sprintf("has %s, and needs at least %d", finding.Counted(k.Got, "entry"), k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has %s, and at most %d are allowed", finding.Counted(k.Got, "entry"), k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("has %s, and needs at least %d", finding.Counted(k.Got, "key"), k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("has %s, and at most %d are allowed", finding.Counted(k.Got, "key"), k.Want)
	}
	return ""
}

// rangeWords says what is wrong with a value that only schemas of declared
// kinds can find fault with, and with numbers out of range.
func rangeWords(what any) string {
	switch k := what.(type) {
	case *kind.Minimum:
		return fmt.Sprintf("is %s and must be at least %s", number(k.Got), number(k.Want))
	case *kind.Maximum:
		return fmt.Sprintf("is %s and must be at most %s", number(k.Got), number(k.Want))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("is %s and must be more than %s", number(k.Got), number(k.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("is %s and must be less than %s", number(k.Got), number(k.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("is %s and must be a multiple of %s", number(k.Got), number(k.Want))
	case *kind.OneOf:
		return "fits several of the forms it may have, and has to fit one"
	case *kind.Dependency:
		return fmt.Sprintf("has %s and therefore needs %s", k.Prop, strings.Join(k.Missing, ", "))
	case *kind.DependentRequired:
		return fmt.Sprintf("has %s and therefore needs %s", k.Prop, strings.Join(k.Missing, ", "))
	case *kind.FalseSchema:
		return "must not be there"
	}
	return "is not what its schema asks for"
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(12), "0")
}

func typeWords(t string) string {
	switch t {
	case "string":
		return "text"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "a mapping"
	}
	return "nothing"
}

func anyOf(types []string) string {
	var words []string
	for _, t := range types {
		words = append(words, typeWords(t))
	}
	return strings.Join(words, " or ")
}

// name writes a path as people do: plan.backout, services[0].
func name(path []string) string {
	if len(path) == 0 {
		return "the file"
	}
	var b strings.Builder
	for i, token := range path {
		if _, err := strconv.Atoi(token); err == nil && i > 0 {
			b.WriteString("[" + token + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

func inside(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return " in " + name(path)
}

// show writes a value so that it cannot pass for anything else, cut to a
// length a line can hold.
func show(v any) string {
	switch v := v.(type) {
	case string:
		const most = 60
		if r := []rune(v); len(r) > most {
			return strconv.Quote(string(r[:most]) + "…")
		}
		return strconv.Quote(v)
	case json.Number:
		return v.String()
	case nil:
		return "empty"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprint(v)
}

// wanted is how a value that a schema asks for is written: a word as it is, all
// else, and what would be nothing as a word, as JSON has it.
func wanted(v any) string {
	text, isText := v.(string)
	if isText && strings.TrimSpace(text) != "" {
		return text
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}

func keysOf(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}

// valueAt returns the value at a path of keys and list positions, nil where
// there is none.
func valueAt(v any, path []string) any {
	for _, token := range path {
		switch c := v.(type) {
		case map[string]any:
			v = c[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}
