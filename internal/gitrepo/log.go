package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// logFormat ends every field with NUL; \x01 marks a commit's beginning, which
// no line of a raw diff can.
const logFormat = "%x01%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x00"

const logFields = 10

// Log walks history in one process, a commit at a time. A stream that breaks
// off ends with an error, so that a short history is never taken for a whole
// one; in a shallow clone it ends early all the same, see Shallow. Children come
// before parents unless Reverse is set. With Paths, only commits that change one
// of them are shown, and those changes alone; side branches are searched whole,
// but a merge that took over one side as it was is not shown.
func (r *Repo) Log(ctx context.Context, opts git.LogOptions) iter.Seq2[*git.LogEntry, error] {
	return func(yield func(*git.LogEntry, error) bool) {
		if len(opts.From) == 0 {
			return
		}
		yielded, done, err := r.packLog(ctx, opts, yield)
		if !done {
			err = r.gitLog(ctx, opts, skip(yielded, yield))
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, fmt.Errorf("walking history: %w", err))
		}
	}
}

// gitLog asks git for all of it.
func (r *Repo) gitLog(ctx context.Context, opts git.LogOptions, yield func(*git.LogEntry, error) bool) error {
	c, err := r.logCall(opts)
	if err != nil {
		return err
	}
	return r.streamLog(ctx, c, yield)
}

// skip passes over what was yielded before, since both ways agree on the order.
func skip(n int, yield func(*git.LogEntry, error) bool) func(*git.LogEntry, error) bool {
	return func(e *git.LogEntry, err error) bool {
		if n > 0 && err == nil {
			n--
			return true
		}
		return yield(e, err)
	}
}

// errStopped says that the consumer has seen enough.
var errStopped = errors.New("stopped")

// logCall prepares git log; what configuration could change is said explicitly.
func (r *Repo) logCall(opts git.LogOptions, options ...string) (call, error) {
	args := []string{
		"-c", "log.showRoot=true", "-c", "log.showSignature=false",
		"log", "--stdin", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-color", "--no-ext-diff", "--no-relative",
		"--no-notes", "--no-mailmap", "--ignore-submodules=none", "-O" + os.DevNull, "--diff-merges=first-parent",
		"--encoding=UTF-8", "--date=raw", "--format=" + logFormat,
	}
	if opts.FirstParent {
		args = append(args, "--first-parent")
	} else {
		args = append(args, "--topo-order", "--full-history")
	}
	if opts.Reverse {
		args = append(args, "--reverse")
	}
	args = append(args, options...)
	if len(opts.Paths) > 0 {
		args = append(append(args, "--"), opts.Paths...)
	}
	if err := r.checkCommits(append(opts.From, opts.Not...)...); err != nil {
		return call{}, err
	}
	c := r.git(args...)
	revs := strings.Join(opts.From, "\n") + "\n"
	for _, id := range opts.Not {
		revs += "^" + id + "\n"
	}
	c.stdin = strings.NewReader(revs)
	return c, nil
}

// streamLog runs git log and passes on each commit as soon as it is complete.
func (r *Repo) streamLog(ctx context.Context, c call, yield func(*git.LogEntry, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := c.command(ctx)
	stderr := &tail{}
	cmd.Stdin, cmd.Stderr = c.stdin, stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return c.fail(ctx, err, "")
	}
	if err := r.readLog(bufio.NewReaderSize(out, 256<<10), yield); err != nil {
		cancel()
		_ = cmd.Wait() // it was told to end; how it did says nothing
		return err
	}
	if err := cmd.Wait(); err != nil {
		return c.fail(ctx, err, stderr.String())
	}
	return nil
}

// readLog parses the stream to its end.
func (r *Repo) readLog(in *bufio.Reader, yield func(*git.LogEntry, error) bool) error {
	p := logParser{format: r.format, in: in}
	for {
		e, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !yield(e, nil) {
			return errStopped
		}
	}
}

// logParser reads NUL-terminated tokens, with one of look-ahead.
type logParser struct {
	format *format
	in     *bufio.Reader
	ahead  string
	loaded bool
}

func (p *logParser) token() (string, error) {
	if p.loaded {
		p.loaded = false
		return p.ahead, nil
	}
	s, err := p.in.ReadString(0)
	if err == io.EOF && s != "" {
		return "", io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(s, "\x00"), err
}

// next reads one commit and the raw diff that follows it.
func (p *logParser) next() (*git.LogEntry, error) {
	first, err := p.token()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(first, "\x01") {
		return nil, fmt.Errorf("git log printed %.80q where a commit should begin", first)
	}
	var f [logFields]string
	f[0] = first[1:]
	for i := 1; i < logFields; i++ {
		if f[i], err = p.token(); err != nil {
			return nil, unexpected(err)
		}
	}
	e := &git.LogEntry{Commit: git.Commit{
		OID: f[0], Tree: f[1], Parents: strings.Fields(f[2]), Message: f[9],
		Author:    git.Signature{Name: f[3], Email: f[4], When: parseTime(f[5])},
		Committer: git.Signature{Name: f[6], Email: f[7], When: parseTime(f[8])},
	}}
	if !p.format.valid(e.OID) || !p.format.valid(e.Tree) {
		return nil, fmt.Errorf("git log printed the commit id %.80q", e.OID)
	}
	return e, p.changes(e)
}

// changes reads the raw lines up to the next commit.
func (p *logParser) changes(e *git.LogEntry) error {
	for {
		t, err := p.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case t == "": // between the message and what follows
		case t[0] == 1:
			p.ahead, p.loaded = t, true
			return nil
		default:
			path, err := p.token()
			if err != nil {
				return unexpected(err)
			}
			c, err := p.format.parseRaw(strings.TrimPrefix(t, "\n"), path)
			if err != nil {
				return err
			}
			e.Changes = append(e.Changes, c)
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
