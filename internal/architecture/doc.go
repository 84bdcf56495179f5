// Package architecture holds the tests that keep the module in shape: which
// package may import which, which dependency stays behind which wall, where the
// clock and the environment are read, and how long files and functions get.
//
// It owns the table of packages in rules_test.go and has no other code. It
// imports nothing of gitsm, because it reads the sources as text; nothing
// imports it.
//
// To add a package: give it a row in rules_test.go, with no more imports than
// it needs, and a place in the picture in docs/architecture.md.
package architecture
