package yamldoc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"gopkg.in/yaml.v3"
)

// ErrFormat says that a file is laid out in a way that Format cannot prove to
// leave its meaning alone. Nothing was changed.
var ErrFormat = errors.New("not formatted")

// Order returns the keys of the mapping at a path of keys in the order in which
// they are written; a list on the way stands for its items. Keys that it leaves
// out follow, in the order in which they are found.
type Order func(path []string) []string

// Format returns a file in canonical style: keys in order, two columns per
// level, one space where it takes one, at most one blank line in a row, one
// kind of line break and one at the end. Lines are moved and indented anew;
// what a scalar is written like, what stands between brackets and the words of
// comments stay. A comment moves with the entry that it stands above or behind.
//
// The result is proved by parsing it: the same values in the same style, and
// every comment. A file with findings is returned with those and is not
// formatted; one whose result cannot be proved is an error that is ErrFormat.
func Format(name string, src []byte, order Order) ([]byte, []finding.Finding, error) {
	d, found := Parse(name, src)
	if d == nil || len(found) > 0 {
		return nil, found, nil
	}
	out, err := d.Format(order)
	return out, nil, err
}

// Format returns a document without findings as the function of that name does.
// Of a Markdown file it is the front matter that is formatted.
func (d *Doc) Format(order Order) ([]byte, error) {
	if err := d.places().err; err != nil {
		return nil, fmt.Errorf("%w: %s is laid out in a way that is not understood (%v)", ErrFormat, d.Name, err)
	}
	if d.Root.Style&yaml.FlowStyle != 0 {
		return d.Source, nil // JSON has its own formatters
	}
	f := &formatter{Doc: d, order: order, nl: d.newline(d.text.starts[0]), fresh: true}
	f.document()
	out := []byte(f.out.String() + d.tail)
	if err := d.proveFormat(out); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, d.Name, err)
	}
	return out, nil
}

// proveFormat compares a formatted file with the document it was made of.
func (d *Doc) proveFormat(out []byte) error {
	next, found := d.again(out)
	switch {
	case len(found) > 0:
		return fmt.Errorf("line %d of the result would be refused: %s", found[0].Line, found[0].Message)
	case next.places().err != nil:
		return next.places().err
	}
	if n := differing(d.Root, next.Root); n != nil {
		return fmt.Errorf("what stands at line %d cannot be moved without changing it", n.Line)
	}
	if !slices.Equal(d.sortedRemarks(), next.sortedRemarks()) {
		return errors.New("a comment cannot be moved without losing it")
	}
	return nil
}

// differing returns the first node whose value, type or style is another in
// now, whatever the order of keys.
func differing(old, now *yaml.Node) *yaml.Node {
	if old.Kind != now.Kind || old.Tag != now.Tag || old.Value != now.Value || old.Style != now.Style || len(old.Content) != len(now.Content) {
		return old
	}
	if old.Kind != yaml.MappingNode {
		for i := range old.Content {
			if n := differing(old.Content[i], now.Content[i]); n != nil {
				return n
			}
		}
		return nil
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		key := old.Content[i]
		at := child(now, key.Value)
		if at < 0 || now.Content[at-1].Style != key.Style {
			return key
		}
		if n := differing(old.Content[i+1], now.Content[at]); n != nil {
			return n
		}
	}
	return nil
}

// sortedRemarks returns the comments by their text, which white space behind
// them is no part of.
func (d *Doc) sortedRemarks() []remark {
	list := d.remarks(nil)
	for i := range list {
		list[i].text = strings.TrimRight(list[i].text, " \t")
	}
	slices.SortFunc(list, func(a, b remark) int {
		own := 0
		if a.own != b.own {
			own = 1
			if b.own {
				own = -1
			}
		}
		return cmp.Or(cmp.Compare(a.text, b.text), own)
	})
	return list
}
