package engine

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowed are the builtin functions that policy may call. Left out is what
// reads anything but its arguments (network, clock, chance, environment), what
// a deadline cannot stop or a small argument makes huge, what is deprecated,
// and what a policy about records has no use for.
//
// To allow another: add its name, and a hostile call of it to the tests.
var allowed = []string{
	// comparison and arithmetic
	"abs", "and", "assign", "ceil", "div", "eq", "equal", "floor", "gt", "gte", "lt", "lte", "max", "min",
	"minus", "mul", "neq", "or", "plus", "product", "rem", "round", "sum",
	// collections
	"array.concat", "array.flatten", "array.reverse", "array.slice", "count", "graph.reachable",
	"internal.member_2", "internal.member_3", "intersection", "json.filter", "json.patch", "json.remove",
	"numbers.range", "numbers.range_step", "object.filter", "object.get", "object.keys", "object.remove",
	"object.subset", "object.union", "object.union_n", "sort", "union", "walk",
	// strings
	"concat", "contains", "endswith", "format_int", "glob.match", "glob.quote_meta", "indexof", "indexof_n",
	"internal.template_string", "lower", "regex.find_all_string_submatch_n", "regex.find_n", "regex.is_valid",
	"regex.match", "regex.replace", "regex.split", "replace", "split", "sprintf", "startswith",
	"strings.any_prefix_match", "strings.any_suffix_match", "strings.count", "strings.replace_n",
	"strings.reverse", "strings.split_n", "substring", "trim", "trim_left", "trim_prefix", "trim_right",
	"trim_space", "trim_suffix", "upper",
	// types and encodings
	"base64.decode", "base64.encode", "base64.is_valid", "crypto.sha256", "hex.decode", "hex.encode", "is_array",
	"is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "json.is_valid", "json.marshal",
	"json.unmarshal", "semver.compare", "semver.is_valid", "to_number", "type_name", "units.parse",
	"units.parse_bytes", "uri.is_valid", "uri.parse",
	// time, of instants given in the input
	"time.add_date", "time.clock", "time.date", "time.diff", "time.format", "time.parse_duration_ns",
	"time.parse_ns", "time.parse_rfc3339_ns", "time.weekday",
	// tests and metadata; the compiler erases print outside of tests
	"internal.print", "internal.test_case", "print", "rego.metadata.chain", "rego.metadata.rule",
}

// capabilities are what the compiler is told that OPA can do: the allowed
// builtins, no network at all (an empty list; nil would mean any host), and
// Rego v1 alone, so that policies also run in older versions of OPA.
func capabilities() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(caps.Builtins, func(b *ast.Builtin) bool {
		return !slices.Contains(allowed, b.Name)
	})
	caps.Features = slices.DeleteFunc(caps.Features, func(f string) bool {
		return f == ast.FeatureRegoV2 || f == ast.FeatureRegoV2Import
	})
	caps.FutureKeywords = nil
	caps.AllowNet = []string{}
	return caps
}

// isBuiltin says whether OPA itself has a function called name, allowed or not.
func isBuiltin(name string) bool {
	_, ok := ast.BuiltinMap[name]
	return ok
}
