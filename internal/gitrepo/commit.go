package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// Commit reads one commit.
func (r *Repo) Commit(ctx context.Context, id git.OID) (*git.Commit, error) {
	raw, err := r.objects.typed(ctx, "commit", id)
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(r.format, raw)
	if err != nil {
		return nil, fmt.Errorf("reading commit %s: %w", id, err)
	}
	c.OID = id
	return c, nil
}

// Range returns the commits that head has and base has not, over all parents,
// ancestors first. An empty base means the whole history of head.
func (r *Repo) Range(ctx context.Context, base, head git.OID) ([]*git.Commit, error) {
	if err := r.format.check("commit", head); err != nil {
		return nil, err
	}
	args := []string{"rev-list", "--topo-order", "--reverse", head}
	if base != "" {
		if err := r.format.check("commit", base); err != nil {
			return nil, err
		}
		args = append(args, "^"+base)
	}
	out, err := r.git(append(args, "--")...).run(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the commits from %s to %s: %w", base, head, err)
	}
	var commits []*git.Commit
	for id := range strings.FieldsSeq(string(out)) {
		c, err := r.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		commits = append(commits, c)
	}
	return commits, nil
}

// parseCommit reads a commit's bytes. It is strict about what decisions rest
// on (tree, parents) and lenient about idents, which old tools got wrong.
func parseCommit(f *format, raw []byte) (*git.Commit, error) {
	c := &git.Commit{Raw: raw}
	head, message, _ := bytes.Cut(raw, []byte("\n\n"))
	c.Message = string(message)
	for i, line := range strings.Split(string(head), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch {
		case i == 0:
			if key != "tree" || !f.valid(value) {
				return nil, errors.New("damaged: it does not begin with a tree")
			}
			c.Tree = value
		case key == "parent" && i == len(c.Parents)+1:
			if !f.valid(value) {
				return nil, fmt.Errorf("damaged parent %q", value)
			}
			c.Parents = append(c.Parents, value)
		case key == "author" && i == len(c.Parents)+1:
			c.Author = parseSignature(value)
		case key == "committer" && i == len(c.Parents)+2:
			c.Committer = parseSignature(value)
		}
	}
	return c, nil
}

// parseSignature reads "Name <email> seconds zone". What cannot be read stays
// empty rather than being guessed.
func parseSignature(s string) git.Signature {
	open, shut := strings.Index(s, "<"), strings.LastIndex(s, ">")
	if open < 0 || shut < open {
		return git.Signature{}
	}
	sig := git.Signature{Name: strings.TrimSpace(s[:open]), Email: strings.TrimSpace(s[open+1 : shut])}
	sig.When = parseTime(s[shut+1:])
	return sig
}

// parseTime reads "seconds +hhmm"; the zero time means that it says nothing.
func parseTime(s string) time.Time {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return time.Time{}
	}
	t := time.Unix(seconds, 0).UTC()
	if len(fields) < 2 || len(fields[1]) != 5 {
		return t
	}
	hhmm, err := strconv.Atoi(fields[1][1:])
	if err != nil {
		return t
	}
	offset := hhmm/100*3600 + hhmm%100*60
	if fields[1][0] == '-' {
		offset = -offset
	}
	if offset == 0 {
		return t
	}
	return t.In(time.FixedZone("", offset))
}
