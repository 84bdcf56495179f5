// Package demo owns the organisation that `gitsm demo` shows: its people,
// services and assets, eighteen months of changes and incidents made by the
// same verbs that users run, and the tour that takes one more change through
// every step.
//
// It may import proposal and what lies beneath it. It never opens a repository,
// runs a command, reads a clock or draws real randomness: objects go to the
// Objects it is given, times and keys come from a seed, and the same seed gives
// the same bytes.
package demo
