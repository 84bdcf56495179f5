package history

import (
	"context"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Trailers of the commits that gitsm lands on main.
const (
	ChangeID     = "Change-Id"
	EvidenceHead = "Evidence-Head" // what a landing commits to
)

// Commit is a commit that main contains, with what it changed against its
// first parent.
type Commit struct {
	*git.LogEntry
	// Landing is what brought the commit to main; nil before genesis.
	Landing *Landing

	before  []*Commit // its parents; nil for one that is not here
	order   int       // in the log, ancestors first
	visited bool
}

// read takes in everything that head contains, with one log.
func (h *History) read(ctx context.Context, head git.OID, tell func(int)) error {
	var all []*Commit
	spelled := map[string]*spelling{}
	opts := git.LogOptions{From: []git.OID{head}}
	if h.since != nil {
		opts.Not = []git.OID{h.since.Head}
	}
	for e, err := range h.repo.Log(ctx, opts) {
		if err != nil {
			return fmt.Errorf("reading the history of main: %w", err)
		}
		c := &Commit{LogEntry: e, order: -len(all)}
		share(c.Changes, spelled)
		all = append(all, c)
		h.Commits[e.OID] = c
		if tell != nil {
			tell(len(all))
		}
	}
	return h.link(all)
}

// link finds the parents of each commit. Those that are not here are in the
// prefix, if there is one.
func (h *History) link(all []*Commit) error {
	for i, c := range all {
		c.before = make([]*Commit, len(c.Parents))
		for n, p := range c.Parents {
			if i+1 < len(all) && all[i+1].OID == p {
				c.before[n] = all[i+1]
			} else if c.before[n] = h.Commits[p]; c.before[n] == nil && h.since == nil {
				return fmt.Errorf("commit %s names a parent %s that is not here: %w", c.OID, p, ErrShallow)
			}
		}
	}
	return nil
}

// share spells the names and versions of files with the letters that a later
// commit spelled them with, which is most of what a history weighs.
func share(changes []git.FileChange, spelled map[string]*spelling) {
	for i := range changes {
		c := &changes[i]
		later := spelled[c.Path]
		if later == nil {
			later = &spelling{path: c.Path}
			spelled[c.Path] = later
		}
		c.Path = later.path
		if c.NewBlob == later.blob {
			c.NewBlob = later.blob
		}
		later.blob = c.OldBlob
	}
}

// spelling is a file's name and what it was before the commit that changed it.
type spelling struct {
	path string
	blob git.OID
}

// Trailer returns the value of a trailer of a commit message: a line
// `Key: value` of its last paragraph.
func Trailer(message, key string) string {
	if strings.IndexByte(strings.TrimRight(message, "\r\n \t"), '\n') < 0 {
		return "" // the subject alone has no trailers
	}
	text := strings.TrimRight(strings.ReplaceAll(message, "\r\n", "\n"), "\n \t")
	if i := strings.LastIndex(text, "\n\n"); i >= 0 {
		text = text[i+2:]
	} else {
		return "" // nor has one over several lines
	}
	value := ""
	for line := range strings.SplitSeq(text, "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, key) {
			value = strings.TrimSpace(v)
		}
	}
	return value
}
