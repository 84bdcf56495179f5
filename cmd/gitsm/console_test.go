package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A console is a document seen as a terminal session: its fenced blocks
//
//	```console as=bob now=2026-11-23T10:05:00Z
//	$ gitsm gate 7k3f2m  # exit 8
//	pending  CHG-20261120-7K3F2M: new
//	…
//	```
//
// in order. A line that begins with "$ " is a command, continued on the next
// line where it ends with a backslash; the lines after it are what it prints.
// A line … stands for any number of lines, and … within a line for any text.
// A command succeeds unless it ends with the comment "# exit N". as and now
// say who sits at the keyboard and when, until another block says otherwise;
// readers do not see them, so the text around the block says it too.
type console struct {
	name  string
	lines []string
	steps []step
}

// step is one command with what the document says that it prints.
type step struct {
	as       string    // "" for whoever sat there before
	now      time.Time // zero for a minute after the step before
	cmd      string
	code     int // exit code
	first    int // lines[first:from] is the command
	from, to int // lines[from:to] is the output
	indent   string
}

var (
	fence    = regexp.MustCompile("^( *)```+ *([a-z]*) *(.*)$")
	exitCode = regexp.MustCompile(` +# exit ([0-9]+)$`)
)

// parseConsole finds the console blocks of a document.
func parseConsole(name, text string) (*console, error) {
	c := &console{name: name, lines: strings.Split(text, "\n")}
	for i := 0; i < len(c.lines); i++ {
		m := fence.FindStringSubmatch(c.lines[i])
		if m == nil {
			continue
		}
		end := i + 1
		for end < len(c.lines) && !strings.HasPrefix(strings.TrimSpace(c.lines[end]), "```") {
			end++
		}
		if end == len(c.lines) {
			return nil, fmt.Errorf("%s:%d: the block does not end", name, i+1)
		}
		if m[2] == "console" {
			if err := c.block(i+1, end, m[1], m[3]); err != nil {
				return nil, fmt.Errorf("%s:%w", name, err)
			}
		}
		i = end
	}
	return c, nil
}

// block adds the commands of the lines from i to end.
func (c *console) block(i, end int, indent, info string) error {
	next := step{indent: indent}
	if err := next.settings(info); err != nil {
		return fmt.Errorf("%d: %w", i, err)
	}
	for i < end {
		s := next
		s.first = i
		line := c.line(i, indent)
		if !strings.HasPrefix(line, "$ ") {
			return fmt.Errorf("%d: output of no command: a block begins with a line \"$ command\"", i+1)
		}
		for s.cmd = line[2:]; strings.HasSuffix(s.cmd, `\`) && i+1 < end; s.cmd += "\n" + c.line(i, indent) {
			i++
		}
		if m := exitCode.FindStringSubmatch(s.cmd); m != nil {
			s.code, _ = strconv.Atoi(m[1])
		}
		s.from = i + 1
		for i++; i < end && !strings.HasPrefix(c.line(i, indent), "$ "); i++ {
		}
		for s.to = i; s.to > s.from && strings.TrimSpace(c.lines[s.to-1]) == ""; s.to-- {
		}
		c.steps = append(c.steps, s)
		next = step{indent: indent}
	}
	return nil
}

func (c *console) line(i int, indent string) string { return strings.TrimPrefix(c.lines[i], indent) }

// settings reads what stands behind the word console.
func (s *step) settings(info string) (err error) {
	for _, word := range strings.Fields(info) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "as":
			s.as = value
		case "now":
			s.now, err = time.Parse(time.RFC3339, value)
		default:
			err = fmt.Errorf("console blocks know as= and now=, not %q", word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// want is the output the document shows.
func (c *console) want(s step) []string {
	var out []string
	for i := s.from; i < s.to; i++ {
		out = append(out, strings.TrimRight(c.line(i, s.indent), " "))
	}
	return out
}

// printed splits what a command printed into lines, without blanks at their
// ends, which no editor keeps in a document.
func printed(text string) []string {
	text = strings.TrimRight(text, " \n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \r")
	}
	return lines
}

// matches reports whether a document's lines stand for what was printed.
func matches(want, got []string) bool {
	var re strings.Builder
	re.WriteString(`\A`)
	for _, l := range want {
		if strings.TrimSpace(l) == "…" {
			re.WriteString(`(?:.*\n)*?`)
			continue
		}
		parts := strings.Split(l, "…")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
		}
		re.WriteString(strings.Join(parts, ".*?") + `\n`)
	}
	re.WriteString(`\z`)
	var text strings.Builder
	for _, l := range got {
		text.WriteString(l + "\n")
	}
	return regexp.MustCompile(re.String()).MatchString(text.String())
}

// outcome is what running a step came to.
type outcome struct {
	got  []string
	code int
	ids  renames // what was known of ids before it was run
}

// mismatch says how a step differs from the document, "" where it does not.
func (c *console) mismatch(s step, o outcome) string {
	where := fmt.Sprintf("%s:%d: %s", c.name, s.first+1, s.cmd)
	if o.code != s.code {
		return fmt.Sprintf("%s\nexits with %d, not %d, and prints\n%s", where, o.code, s.code, strings.Join(o.got, "\n"))
	}
	if want := c.want(s); !matches(want, o.got) {
		return fmt.Sprintf("%s\nprints\n%s\nand not\n%s", where, strings.Join(o.got, "\n"), strings.Join(want, "\n"))
	}
	return ""
}

var hash = regexp.MustCompile(`\b[0-9a-f]{7,}\b`)

// elide puts … for hashes: they depend on every byte of policy and evidence,
// and a reader's are others anyway.
func elide(line string) string {
	return hash.ReplaceAllStringFunc(line, func(h string) string {
		digits, letters := strings.ContainsAny(h, "0123456789"), strings.ContainsAny(h, "abcdef")
		if digits && (letters || slices.Contains([]int{7, 10, 40}, len(h))) { // not the eight of a date
			return "…"
		}
		return h
	})
}

// renames are ids that a document shows and that come out otherwise now, since
// the command that makes them has changed.
type renames struct {
	pairs []string          // old, new, old, new …
	last  map[string]string // the last id printed, by its prefix
}

func (r renames) clone() renames { return renames{slices.Clone(r.pairs), maps.Clone(r.last)} }

var (
	made        = regexp.MustCompile(`\b[A-Z]{2,6}-[0-9]{8}-[0-9A-Z]{6}(/[a-z]+-[0-9a-z]{4}\b)?`)
	placeholder = regexp.MustCompile(`\b([A-Z]{2,6})-([0-9]{8}-)?…`)
)

// apply puts the new ids into a text.
func (r *renames) apply(text string) string { return strings.NewReplacer(r.pairs...).Replace(text) }

// command puts the new ids into a command, and the last id printed where its
// author wrote CHG-….
func (r *renames) command(cmd string) string {
	return r.apply(placeholder.ReplaceAllStringFunc(cmd, func(p string) string {
		if id := r.last[p[:strings.Index(p, "-")]]; id != "" {
			return id
		}
		return p
	}))
}

// learn compares the ids a document shows with those that were printed.
func (r *renames) learn(want, got []string) {
	if r.last == nil {
		r.last = map[string]string{}
	}
	was, is := made.FindAllString(strings.Join(want, "\n"), -1), made.FindAllString(strings.Join(got, "\n"), -1)
	for i, id := range is {
		short, _, branch := strings.Cut(id, "/")
		r.last[id[:strings.Index(id, "-")]] = short
		if i >= len(was) || was[i] == id || len(was) != len(is) {
			continue
		}
		if branch {
			r.pairs = slices.Insert(r.pairs, 0, was[i], id) // before the id it begins with
			continue
		}
		r.pairs = append(r.pairs, was[i], id, strings.ToLower(was[i][len(was[i])-6:]), strings.ToLower(id[len(id)-6:]))
	}
}

// update writes what the steps came to into the document, where it is not what
// the document says already, and the ids that were renamed on the way.
func (c *console) update(outcomes []outcome, ids renames) (string, error) {
	lines := slices.Clone(c.lines)
	for i, s := range slices.Backward(c.steps[:len(outcomes)]) {
		o := outcomes[i]
		if !matches(c.want(s), o.got) {
			var now []string
			for _, l := range o.got {
				now = append(now, strings.TrimRight(s.indent+elide(l), " "))
			}
			lines = slices.Replace(lines, s.from, s.to, now...)
		}
		if o.code != s.code {
			lines[s.from-1] = exitCode.ReplaceAllString(lines[s.from-1], "")
			if o.code != 0 {
				lines[s.from-1] += fmt.Sprintf("  # exit %d", o.code)
			}
		}
		for i := s.first; i < s.from; i++ {
			lines[i] = o.ids.command(lines[i])
		}
	}
	text := ids.apply(strings.Join(lines, "\n"))
	again, err := parseConsole(c.name, text)
	if err != nil || len(again.steps) != len(c.steps) {
		return "", fmt.Errorf("%s: what a command prints cannot be told from a command; show less of it (%v)", c.name, err)
	}
	return text, nil
}
