package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
)

// objectLimit is the largest object that is read into memory. Records are at
// most 256 KiB; a folder with 100,000 of them is a tree of 6 MiB.
const objectLimit = 64 << 20

// catFile is one long-lived `git cat-file --batch-command`: it is started by
// the first question, answers one at a time, and is started again if it dies.
type catFile struct {
	format *format
	call   call

	mu     sync.Mutex
	closed bool
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail
}

func newCatFile(r *Repo) *catFile {
	return &catFile{format: r.format, call: r.git("cat-file", "--batch-command")}
}

// answer is what git says about an object.
type answer struct {
	kind string
	size int64
	data []byte // nil when only information was asked for
}

func (c *catFile) read(ctx context.Context, id git.OID) (object, error) {
	a, err := c.ask(ctx, "contents", id)
	return object{kind: a.kind, data: a.data}, err
}

func (c *catFile) size(ctx context.Context, id git.OID) (int64, error) {
	a, err := c.ask(ctx, "info", id)
	return a.size, err
}

// ask puts one question and tries once more with a new process if the old one
// was gone: a process that sat idle may have been killed from outside.
func (c *catFile) ask(ctx context.Context, verb string, name git.OID) (answer, error) {
	if err := c.format.check("object", name); err != nil {
		return answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for attempt := 0; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return answer{}, err
		}
		fresh := c.cmd == nil
		o, err := c.askOnce(ctx, verb, name)
		var lost *lostError
		if !errors.As(err, &lost) {
			return o, err
		}
		err = c.stop(lost)
		if ctx.Err() != nil {
			return answer{}, context.Cause(ctx)
		}
		if fresh || attempt > 0 {
			return answer{}, fmt.Errorf("reading object %s: %w", name, err)
		}
	}
}

// lostError says that the conversation broke off and the process is of no more use.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

func (c *catFile) askOnce(ctx context.Context, verb, name string) (answer, error) {
	if err := c.start(); err != nil {
		return answer{}, err
	}
	process := c.cmd.Process
	stop := context.AfterFunc(ctx, func() { _ = process.Kill() })
	o, err := c.exchange(verb, name)
	if !stop() && err == nil {
		err = &lostError{context.Cause(ctx)} // killed just after it had answered
	}
	return o, err
}

func (c *catFile) start() error {
	if c.closed {
		return errors.New("reading objects: the repository is closed")
	}
	if c.cmd != nil {
		return nil
	}
	cmd := c.call.command(context.Background())
	stderr := &tail{}
	cmd.Stderr = stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return c.call.fail(context.Background(), err, "")
	}
	c.cmd, c.in, c.out, c.stderr = cmd, in, bufio.NewReaderSize(out, 64<<10), stderr
	return nil
}

func (c *catFile) exchange(verb, name string) (answer, error) {
	if _, err := io.WriteString(c.in, verb+" "+name+"\n"); err != nil {
		return answer{}, &lostError{err}
	}
	line, err := c.out.ReadSlice('\n')
	if err != nil {
		return answer{}, &lostError{err}
	}
	o, err := parseInfo(name, strings.TrimSuffix(string(line), "\n"))
	if err != nil || verb == "info" {
		return o, err
	}
	if o.size > objectLimit {
		if _, err := io.CopyN(io.Discard, c.out, o.size+1); err != nil {
			return answer{}, &lostError{err}
		}
		return answer{}, tooLarge(name, o.size)
	}
	o.data = make([]byte, o.size+1) // and the line break that follows
	if _, err := io.ReadFull(c.out, o.data); err != nil {
		return answer{}, &lostError{err}
	}
	o.data = o.data[:o.size:o.size]
	return o, nil
}

func tooLarge(id git.OID, size int64) error {
	return fmt.Errorf("object %s has %d bytes; at most %d are read", id, size, objectLimit)
}

// parseInfo reads "<id> <kind> <size>", or "<name> missing".
func parseInfo(name, line string) (answer, error) {
	if line == name+" missing" {
		return answer{}, fmt.Errorf("%s: %w", name, ErrMissingObject)
	}
	fields := strings.Split(line, " ")
	if len(fields) == 3 {
		if size, err := strconv.ParseInt(fields[2], 10, 64); err == nil && size >= 0 {
			return answer{kind: fields[1], size: size}, nil
		}
	}
	return answer{}, &lostError{fmt.Errorf("git cat-file answered %q for %s", line, name)}
}

// stop ends the process and says what it died of.
func (c *catFile) stop(cause error) error {
	if c.cmd == nil {
		return cause
	}
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	said := c.stderr.String()
	c.cmd = nil
	if strings.Contains(said, "promisor remote") { // what else git says is about a connection, not about this clone
		return errPartial
	}
	return c.call.fail(context.Background(), cause, said)
}

// errPartial says that a clone made with --filter lacks an object, and that
// nobody could be asked for it.
var errPartial = errors.New("this clone is partial and lacks it, and its remote does not give it: where it can be reached, run `git fetch --refetch --no-filter`")

// close ends the process for good.
func (c *catFile) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.cmd == nil {
		return nil
	}
	_ = c.in.Close() // end of input is how it is told to go
	err := c.cmd.Wait()
	c.cmd = nil
	if err != nil {
		return c.call.fail(context.Background(), err, c.stderr.String())
	}
	return nil
}
