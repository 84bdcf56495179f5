// Package policy holds the default policy pack: the Rego rules, their tests and
// the data that `gitsm init` copies into a new store. From then on the copy is
// the store's own, to be changed as its owners see fit.
//
// The package owns the files and gives out their bytes. It imports nothing of
// gitsm, and evaluates nothing itself: that is package engine.
package policy

import "embed"

// FS holds the pack as it is laid out in a store's policy directory.
//
//go:embed *.rego data.yaml fixtures
var FS embed.FS
