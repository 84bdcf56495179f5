// Package collector owns one setting of Go's garbage collector, which it takes
// while the program is being initialised. Importing it is all there is to do, and
// only main does.
//
// It may import nothing of this module. It never keeps anything, and what GOGC
// says goes first.
package collector

import (
	"os"
	"runtime/debug"
)

// percent trades memory for time, since most commands are over before their heap
// is worth collecting: a store of 360 changes is audited in three quarters of the
// time. The command line sets a limit beside it, which keeps that from costing
// more than a gigabyte.
const percent = 400

// The libraries of policy and schemas build tables of megabytes before main is
// called, enough for a collection that finds nothing to collect. Of the packages
// that are ready Go initialises the one first whose path comes first in the
// alphabet, so this one, which imports hardly anything, comes before them.
var _ = ease()

func ease() int {
	if os.Getenv("GOGC") != "" {
		return -1
	}
	return debug.SetGCPercent(percent)
}
