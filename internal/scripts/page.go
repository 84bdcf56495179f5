package scripts

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// guide is the page that the command page of scripts reads.
const guide = "docs/github.md"

// block is an indented block of commands on a page, by the heading above it.
type block struct {
	heading string
	n       int // among those of the heading, from 1
	lines   []string
}

// blocks are the blocks of a page's text.
func blocks(text string) []block {
	var out []block
	heading, inside := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = h
		}
		command, ok := strings.CutPrefix(line, "    ")
		switch {
		case !ok:
			inside = false
		case inside:
			out[len(out)-1].lines = append(out[len(out)-1].lines, command)
		default:
			b := block{heading: heading, n: 1, lines: []string{command}}
			if len(out) > 0 && out[len(out)-1].heading == heading {
				b.n = out[len(out)-1].n + 1
			}
			out, inside = append(out, b), true
		}
	}
	return out
}

// page HEADING N runs the Nth block of commands beneath a heading of docs/github.md,
// as it stands there, with bash: each line has to succeed, and with ! the last one
// to fail. A gitsm of the tests does not know of which commit it was built, so that
// init is told by --pin, as the page says.
func page(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := root()
	ts.Check(err)
	text, err := os.ReadFile(filepath.Join(dir, guide))
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, b := range blocks(string(text)) {
		if b.heading != args[0] || b.n != n {
			continue
		}
		for i, line := range b.lines {
			if strings.HasPrefix(line, "gitsm init ") {
				line += " --pin " + ts.Getenv("PIN")
			}
			err := ts.Exec("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line)
			if fails := neg && i == len(b.lines)-1; (err != nil) != fails {
				ts.Fatalf("%s: %s: %v", guide, line, err)
			}
		}
		return
	}
	ts.Fatalf("%s has no block %d beneath %q", guide, n, args[0])
}

// runs is how a script runs a block.
func (b block) runs() string { return fmt.Sprintf("page '%s' %d\n", b.heading, b.n) }
