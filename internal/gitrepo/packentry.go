package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/pack"
)

// head fills in what `git log` prints of a commit: of several authors or
// committers, which no git writes, the last, and text up to a NUL. What is known
// of its ids, its tree and then its parents, need not be taken in again.
func (e *entryReader) head(c *git.Commit, data string, known []pack.ID) error {
	rest, id, ok := e.idLine(data, "tree ", known)
	if !ok {
		return fmt.Errorf("it does not begin with a tree: %w", pack.ErrDamaged)
	}
	c.Tree = id
	for strings.HasPrefix(rest, "parent ") {
		if known = known[min(1, len(known)):]; cap(c.Parents) == 0 {
			c.Parents = make([]git.OID, 0, len(known))
		}
		if rest, id, ok = e.idLine(rest, "parent ", known); !ok {
			return fmt.Errorf("its parent: %w", pack.ErrDamaged)
		}
		c.Parents = append(c.Parents, id)
	}
	rest, _, _ = strings.Cut(rest, "\x00")
	for rest != "" && rest[0] != '\n' {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if ident, ok := strings.CutPrefix(line, "author "); ok {
			c.Author = e.signature(ident)
		} else if ident, ok := strings.CutPrefix(line, "committer "); ok {
			c.Committer = e.signature(ident)
		}
	}
	if rest != "" {
		c.Message = rest[1:]
	}
	return nil
}

// idLine reads a line of a word and an id, which may be the first of those that
// are known.
func (e *entryReader) idLine(in, word string, known []pack.ID) (rest string, id git.OID, ok bool) {
	end := len(word) + 2*pack.IDSize
	if len(in) <= end || in[end] != '\n' || in[:len(word)] != word {
		return in, "", false
	}
	if len(known) > 0 {
		if id = e.text(known[0]); in[len(word):end] == id {
			return in[end+1:], id, true
		}
	}
	raw, err := pack.ParseID(in[len(word):end])
	if err != nil {
		return in, "", false
	}
	return in[end+1:], e.text(raw), true
}

// keptWords bounds how many people and paths an entryReader remembers.
const keptWords = 1 << 14

// text is the hexadecimal form of an id; a commit's is its child's parent.
func (e *entryReader) text(id pack.ID) git.OID {
	if id == (pack.ID{}) {
		return ""
	}
	known := &e.ids[(int(id[0])<<8|int(id[1]))%len(e.ids)]
	if known.id != id {
		*known = spelled{id, id.String()}
	}
	return known.text
}

// signature reads an ident as git does: the name ends before the first <, the
// address at the first > after it, and time and zone follow the last one. What
// cannot be read stays empty.
func (e *entryReader) signature(ident string) git.Signature {
	open := strings.IndexByte(ident, '<')
	if open < 0 {
		return git.Signature{}
	}
	shut := strings.IndexByte(ident[open:], '>')
	if shut < 0 {
		return git.Signature{}
	}
	shut += open
	who, known := e.people[ident[:shut]]
	if !known {
		if len(e.people) >= keptWords {
			clear(e.people)
		}
		person := strings.Clone(ident[:shut])
		who.Name, who.Email = strings.TrimRight(person[:open], gitSpace), person[open+1:]
		e.people[person] = who
	}
	who.When = e.time(ident[strings.LastIndexByte(ident, '>')+1:])
	return who
}

// gitSpace is what git takes for white space.
const gitSpace = " \t\n\r"

// time reads "seconds zone"; where git prints no date it is zero.
func (e *entryReader) time(in string) time.Time {
	in = strings.TrimLeft(in, gitSpace)
	digits := leadingDigits(in)
	rest := strings.TrimLeft(in[digits:], gitSpace)
	if digits == 0 || rest == "" || rest[0] != '+' && rest[0] != '-' {
		return time.Time{}
	}
	zone := leadingDigits(rest[1:])
	if zone == 0 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(in[:digits], 10, 64)
	if err != nil {
		return time.Unix(0, 0).UTC() // as git prints what overflows
	}
	hhmm, err := strconv.ParseInt(rest[:1+zone], 10, 32)
	if err != nil {
		hhmm = 0
	}
	if hhmm > 9999 || hhmm < -9999 {
		hhmm = 0 // git prints more digits than a zone has, which say nothing
	}
	return time.Unix(seconds, 0).In(e.zone(int(hhmm)))
}

func leadingDigits(in string) int {
	n := 0
	for n < len(in) && in[n] >= '0' && in[n] <= '9' {
		n++
	}
	return n
}

// zone is the location of an offset, written as in -0530.
func (e *entryReader) zone(hhmm int) *time.Location {
	if hhmm == 0 {
		return time.UTC
	}
	z := e.zones[hhmm]
	if z == nil {
		z = time.FixedZone("", hhmm/100*3600+hhmm%100*60)
		e.zones[hhmm] = z
	}
	return z
}

// headerValue returns what the first header of a commit that begins with a key
// says.
func headerValue(data, key string) string {
	for data != "" && data[0] != '\n' {
		var line string
		line, data, _ = strings.Cut(data, "\n")
		if v, ok := strings.CutPrefix(line, key); ok {
			return v
		}
	}
	return ""
}

// isUTF8 reports whether git takes the name of an encoding for UTF-8.
func isUTF8(name string) bool {
	name, ok := strings.CutPrefix(strings.ToLower(name), "utf")
	return ok && strings.TrimPrefix(name, "-") == "8"
}

// recode lets git say what a commit of another encoding says.
func (e *entryReader) recode(ctx context.Context, c *git.Commit) error {
	call, err := e.repo.logCall(git.LogOptions{From: []git.OID{c.OID}}, "--no-walk")
	if err != nil {
		return err
	}
	err = e.repo.streamLog(ctx, call, func(told *git.LogEntry, err error) bool {
		if err == nil {
			c.Author, c.Committer, c.Message = told.Author, told.Committer, told.Message
		}
		return false
	})
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// change notes a changed file.
func (e *entryReader) change(c pack.Change) error {
	path, known := e.paths[string(c.Path)]
	if !known {
		if len(e.paths) >= keptWords {
			clear(e.paths)
		}
		path = string(c.Path)
		e.paths[path] = path
	}
	e.changes = append(e.changes, git.FileChange{
		Path: path, OldMode: modeText(c.OldMode), NewMode: modeText(c.NewMode), OldBlob: e.text(c.Old), NewBlob: e.text(c.New),
	})
	return nil
}

func modeText(mode uint32) string {
	switch mode {
	case 0:
		return ""
	case modeFile:
		return "100644"
	case modeExecutable:
		return "100755"
	case modeSymlink:
		return "120000"
	case modeSubmodule:
		return "160000"
	}
	return fmt.Sprintf("%06o", mode)
}
