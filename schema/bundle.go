package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Limits of the schema of a declared kind: it may come from a stranger's
// proposal.
const (
	MaxFiles = 50        // in a bundle
	MaxBytes = 256 << 10 // of one file
)

// Bundle is a schema with the files it refers to.
type Bundle struct {
	Root  string            // path of the schema itself
	Files map[string][]byte // by path
}

// FileError says that one file of a bundle cannot be used.
type FileError struct {
	Path   string
	Offset int    // bytes into the file where reading stopped, -1 where that is not the point
	Ref    string // the reference it is about, "" for the file itself
	Err    error
}

func (e *FileError) Error() string { return fmt.Sprintf("schema %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ErrNoFile is what read of Gather returns for a file that does not exist.
var ErrNoFile = errors.New("there is no such file")

// Gather reads a schema and whatever it refers to: files by relative paths,
// which read is asked for. The error is a *FileError unless read failed to look.
func Gather(root string, read func(path string) ([]byte, error)) (*Bundle, error) {
	b := &Bundle{Root: root, Files: map[string][]byte{}}
	type mention struct{ file, in, ref string }
	for queue := []mention{{root, root, ""}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0].file
		if _, have := b.Files[at]; have {
			continue
		}
		src, err := read(at)
		if errors.Is(err, ErrNoFile) {
			return nil, &FileError{Path: queue[0].in, Offset: -1, Ref: queue[0].ref, Err: fmt.Errorf("%s: %w", at, err)}
		}
		if err != nil {
			return nil, err
		}
		if len(src) > MaxBytes {
			return nil, &FileError{Path: at, Offset: -1, Err: fmt.Errorf("it has more than the %d bytes allowed", MaxBytes)}
		}
		v, err := decodeFile(at, src)
		if err != nil {
			return nil, err
		}
		if b.Files[at] = src; len(b.Files) > MaxFiles {
			return nil, &FileError{Path: root, Offset: -1, Err: fmt.Errorf("it refers to more than %d files", MaxFiles)}
		}
		for _, ref := range refs(v) {
			to, err := local(at, ref)
			if err != nil {
				return nil, &FileError{Path: at, Offset: -1, Ref: ref, Err: err}
			}
			queue = append(queue, mention{to, at, ref})
		}
	}
	return b, nil
}

func decodeFile(at string, src []byte) (any, error) {
	var v any
	err := json.Unmarshal(src, &v)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, &FileError{Path: at, Offset: max(0, int(syntax.Offset)-1), Err: err}
	case err != nil:
		return nil, &FileError{Path: at, Offset: -1, Err: err}
	}
	return v, nil
}

// refs lists the references of a schema, sorted. A property that is called $ref
// has a schema and no text beneath it.
func refs(v any) []string {
	found := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, sub := range v {
				if ref, ok := sub.(string); ok && (key == "$ref" || key == "$dynamicRef") {
					found[ref] = true
				} else if key != "enum" && key != "const" && key != "examples" && key != "default" {
					visit(sub)
				}
			}
		case []any:
			for _, sub := range v {
				visit(sub)
			}
		}
	}
	visit(v)
	return slices.Sorted(maps.Keys(found))
}

// local returns the file that a reference in the file at leads to.
func local(at, ref string) (string, error) {
	file, _, _ := strings.Cut(ref, "#")
	switch {
	case file == "":
		return at, nil
	case strings.Contains(file, ":") || strings.HasPrefix(file, "/"):
		return "", fmt.Errorf("it refers to %s: what judges a record is in the store, so a reference is a relative path", ref)
	}
	to := path.Join(path.Dir(at), file)
	if to == ".." || strings.HasPrefix(to, "../") {
		return "", fmt.Errorf("it refers to %s, which is outside the store", ref)
	}
	return to, nil
}

// Key names the content of the bundle.
func (b *Bundle) Key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00", b.Root)
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		fmt.Fprintf(h, "%s\x00%d\x00%s", name, len(b.Files[name]), b.Files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Tree returns the fields that the schema describes, references followed.
func (b *Bundle) Tree() (*Tree, error) {
	l := &linker{bundle: b, done: map[string]*node{}}
	n, err := l.load(b.Root, "")
	return &Tree{n}, err
}

// linker parses the places of a bundle that are referred to, each once.
type linker struct {
	bundle *Bundle
	done   map[string]*node
}

// load parses what stands at a JSON pointer of a file.
func (l *linker) load(file, pointer string) (*node, error) {
	key := file + "#" + pointer
	if n := l.done[key]; n != nil {
		return n, nil
	}
	n := &node{}
	l.done[key] = n
	src := json.RawMessage(l.bundle.Files[file])
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if token == "" {
			continue
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(src, &m) != nil {
			return n, nil // a list of alternatives, which has no fields of its own to show
		}
		src = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	if len(bytes.TrimSpace(src)) == 0 {
		return n, nil
	}
	if err := json.Unmarshal(src, n); err != nil {
		return nil, fmt.Errorf("reading schema %s: %w", file, err)
	}
	return n, l.link(file, n)
}

// link finds what the references beneath n lead to.
func (l *linker) link(file string, n *node) error {
	if n == nil {
		return nil
	}
	if n.Ref != "" {
		to, err := local(file, n.Ref)
		if err != nil {
			return err
		}
		_, pointer, _ := strings.Cut(n.Ref, "#")
		if n.target, err = l.load(to, pointer); err != nil {
			return err
		}
	}
	for _, sub := range n.Properties.nodes {
		if err := l.link(file, sub); err != nil {
			return err
		}
	}
	for _, sub := range append([]*node{n.Items}, n.AnyOf...) {
		if err := l.link(file, sub); err != nil {
			return err
		}
	}
	return nil
}
