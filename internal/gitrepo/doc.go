// Package gitrepo owns everything gitsm knows about git: where a repository
// is, what its commits, trees and refs hold, and how a commit is written and a
// ref moved without losing anybody else's work.
//
// It is the only package that imports go-git and the only one that runs the
// git program. Of gitsm it imports the words of package git alone. It knows no
// record, no store and no policy; it never asks the time, never reads the
// process environment (the caller passes one to Open), never builds a commit
// through an index, and never touches the work tree of a branch that did not
// move.
//
// Writes go the way that concurrent processes survive: objects first, then one
// ref transaction that names every old value. Whoever lost the race gets
// git.ErrStale and decides again. What is read is held to its object id, and
// replaced or grafted history is not looked at.
package gitrepo
