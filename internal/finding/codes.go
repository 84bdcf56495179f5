package finding

import (
	"cmp"
	"slices"
	"sync"
)

// Code documents one kind of finding. `gitsm explain` and the reference page
// are made from it, so every code that is emitted has a row.
type Code struct {
	ID       string
	Title    string // a few words, as a heading
	Severity Severity
	Explain  string // what is wrong and why it matters, one paragraph
	Example  string // a short input that triggers it
	Fix      string // what to do
	Waivable bool   // whether a waiver may cover it
}

// Lookup returns the row of id.
func Lookup(id string) (Code, bool) {
	all := codes()
	i, ok := slices.BinarySearchFunc(all, id, func(c Code, id string) int { return cmp.Compare(c.ID, id) })
	if !ok {
		return Code{}, false
	}
	return all[i], true
}

// Codes returns every code, sorted by id. Policy rules bring their own ids
// through METADATA and are not listed here.
//
// To add a code: add its row to the table of its family below, and its case to
// testdata. Tests refuse a row without an explanation, an example and a fix,
// and one whose case does not show where it fails and where it passes.
func Codes() []Code { return slices.Clone(codes()) }

// codes are looked up for each finding, of which one file may have thousands.
var codes = sync.OnceValue(func() []Code {
	all := slices.Concat(yamlCodes, schemaCodes, referenceCodes, lifecycleCodes, storeCodes, policyCodes, gateCodes, calendarCodes, waiverCodes)
	slices.SortFunc(all, func(a, b Code) int { return cmp.Compare(a.ID, b.ID) })
	return all
})
