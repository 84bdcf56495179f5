package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// Repo is what a Ledger needs of the repository. It never moves a ref.
type Repo interface {
	// FS is the tree of a commit.
	FS(ctx context.Context, commit string) (fs.FS, error)
	// IsAncestor reports whether a is b or an ancestor of b.
	IsAncestor(ctx context.Context, a, b string) (bool, error)
	// WriteEvidence writes the commit and returns its id.
	WriteEvidence(ctx context.Context, c CommitSpec) (string, error)
}

// CommitSpec is a commit of the evidence branch: the first parent's tree with
// Files added to it, each as a plain file.
type CommitSpec struct {
	Parents []string
	Files   map[string][]byte
	Message string
	// By is set for the root alone, which must come out the same everywhere: it
	// is written with this identity and time and never signed. Every other
	// commit is the recorder's own and signed where the recorder has a key.
	By *Identity
}

// Identity is a fixed author and committer.
type Identity struct {
	Name, Email string
	When        time.Time
}

// Ledger writes the evidence branch. Heads are passed in and returned; the
// caller moves the ref together with the others of its transaction, and appends
// again on the new head when it loses a race.
type Ledger struct {
	Repo Repo
	// Genesis is the id of the commit the store began with. It may be empty
	// where the branch exists, and then nothing is compared with it.
	Genesis string
}

// ErrTampered is wrapped by errors about evidence that was changed after it was
// recorded.
var ErrTampered = errors.New("the evidence was tampered with")

// Append adds entries on top of head, "" where the branch does not exist yet,
// and returns the new head. Entries that are there already are passed over; when
// nothing is left to add, head itself is returned.
func (l Ledger) Append(ctx context.Context, head string, entries ...*Entry) (string, error) {
	if head == "" {
		if l.Genesis == "" {
			return "", errors.New("beginning the evidence branch: the commit the store began with is not known")
		}
		first, err := l.Repo.WriteEvidence(ctx, Root(l.Genesis))
		if err != nil {
			return "", fmt.Errorf("beginning the evidence branch: %w", err)
		}
		head = first
	}
	tree, err := l.tree(ctx, head)
	if err != nil {
		return "", err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if err := stage(tree, files, e); err != nil {
			return "", err
		}
	}
	if len(files) == 0 {
		return head, nil
	}
	next, err := l.Repo.WriteEvidence(ctx, CommitSpec{Parents: []string{head}, Files: files, Message: message(files)})
	if err != nil {
		return "", fmt.Errorf("recording evidence: %w", err)
	}
	return next, nil
}

// tree opens a head and makes sure that it is of this store.
func (l Ledger) tree(ctx context.Context, head string) (fs.FS, error) {
	tree, err := l.Repo.FS(ctx, head)
	if err != nil {
		return nil, fmt.Errorf("reading evidence at %s: %w", head, err)
	}
	if l.Genesis == "" {
		return tree, nil
	}
	for name, want := range Root(l.Genesis).Files {
		got, err := fs.ReadFile(tree, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading evidence at %s: %w", head, err)
		}
		if !bytes.Equal(got, want) {
			return nil, fmt.Errorf("reading evidence at %s: it is not the evidence of the store that began with %s; compare its %s", head, l.Genesis, name)
		}
	}
	return tree, nil
}

// stage puts into files what e adds to tree.
func stage(tree fs.FS, files map[string][]byte, e *Entry) error {
	// An entry put together by hand could record what no reader would accept.
	if _, err := Parse(e.Path, e.Raw, e.Sig); err != nil {
		return err
	}
	known, err := add(tree, files, e.Path, e.Raw)
	if err != nil || e.Sig == nil {
		return err
	}
	signed, err := add(tree, files, e.SigPath(), e.Sig)
	if err == nil && known && !signed {
		return fmt.Errorf("recording %s: the statement is recorded unsigned already, and a signature never follows later; state it anew", e.Path)
	}
	return err
}

// add puts a file into files unless tree has it, and reports whether it does.
func add(tree fs.FS, files map[string][]byte, name string, content []byte) (known bool, err error) {
	old, err := fs.ReadFile(tree, name)
	known = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
		if _, staged := files[name]; !staged {
			files[name] = content
		}
		old = files[name]
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("recording %s: %w", name, err)
	case !bytes.Equal(old, content):
		return false, fmt.Errorf("recording %s: %w: other bytes are recorded under that name", name, ErrTampered)
	}
	return known, nil
}

// message says what a commit adds. It names records, never people.
func message(files map[string][]byte) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, jsonExt) {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		id, kind := parts(names[0])
		return fmt.Sprintf("Record %s of %s\n\n%s\n", kind, id, names[0])
	}
	return fmt.Sprintf("Record %d statements\n\n%s\n", len(names), strings.Join(names, "\n"))
}

// parts takes the record's id and the type out of a statement's path.
func parts(name string) (id, kind string) {
	segments := strings.Split(name, "/")
	fields := strings.Split(segments[len(segments)-1], "-")
	return segments[len(segments)-2], fields[len(fields)-2]
}
