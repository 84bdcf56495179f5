// Package engine owns policy: it compiles the Rego modules of a store against
// the record schemas, evaluates them in a sandbox, tests them, and says which
// rule produced which message.
//
// It is the only importer of OPA; of gitsm it may import finding, period and zone. It never
// reads a file, a clock or the environment: modules, data, schemas and input
// come in as values, and whatever it cannot evaluate comes out as an error,
// never as an empty result. Which record is judged, and what follows from the
// result, is the business of package decision.
package engine
