package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/audit"
)

// What a bundle may hold at most. It compresses nothing, so that its own size
// bounds the history; the rest is held in memory.
const (
	maxFile  = 64 << 20
	maxTotal = 1 << 30
	maxFiles = 2 << 20
)

// Archive is a bundle that was read.
type Archive struct {
	Spec    Spec
	History *io.SectionReader

	contents map[string][]byte // without the history
	digests  map[string]string // of all files but the manifest
}

// ReadError says that a file is no bundle.
type ReadError struct{ Why string }

func (e *ReadError) Error() string {
	return "this is no bundle of gitsm audit bundle, or it is damaged: " + e.Why
}

// Read reads a bundle of size bytes. Whatever Write would not have written
// itself is refused: other kinds of files, names that lead elsewhere, an order
// or form of its own, and bytes that belong to no file.
func Read(src io.ReaderAt, size int64) (*Archive, error) {
	a := &Archive{contents: map[string][]byte{}, digests: map[string]string{}}
	names, err := a.files(src, size)
	if err != nil {
		return nil, err
	}
	if a.History == nil || a.contents[Manifest] == nil || a.contents[SpecFile] == nil {
		return nil, &ReadError{fmt.Sprintf("it lacks one of %s, %s and %s", History, Manifest, SpecFile)}
	}
	if err := a.canonical(src, size, names); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(a.contents[SpecFile]))
	d.DisallowUnknownFields()
	if err := d.Decode(&a.Spec); err != nil {
		return nil, &ReadError{fmt.Sprintf("reading %s: %v", SpecFile, err)}
	}
	if a.Spec.Format != Format {
		return nil, &ReadError{fmt.Sprintf("it has format %d, and this gitsm reads format %d", a.Spec.Format, Format)}
	}
	return a, nil
}

// files reads the archive, and lists the names in its order.
func (a *Archive) files(src io.ReaderAt, size int64) ([]string, error) {
	in := io.NewSectionReader(src, 0, size)
	archive := tar.NewReader(in)
	var names []string
	total := int64(0)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, &ReadError{err.Error()}
		}
		if err := admit(head, names); err != nil {
			return nil, err
		}
		names = append(names, head.Name)
		if head.Name == History {
			at, err := in.Seek(0, io.SeekCurrent)
			if err != nil {
				return nil, err
			}
			if at+head.Size > size {
				return nil, &ReadError{History + " ends too early"}
			}
			a.History = io.NewSectionReader(src, at, head.Size)
			if err := a.sum(head.Name, archive); err != nil {
				return nil, err
			}
			continue
		}
		if total += head.Size; head.Size > maxFile || total > maxTotal {
			return nil, &ReadError{head.Name + " is larger than anything a bundle holds"}
		}
		content, err := io.ReadAll(io.LimitReader(archive, head.Size))
		if err != nil {
			return nil, &ReadError{fmt.Sprintf("reading %s: %v", head.Name, err)}
		}
		a.contents[head.Name] = content
		if head.Name != Manifest {
			a.digests[head.Name] = digest(content)
		}
	}
}

func (a *Archive) sum(name string, content io.Reader) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return &ReadError{fmt.Sprintf("reading %s: %v", name, err)}
	}
	a.digests[name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// admit refuses what no bundle has: anything but plain files, in order and once
// each, whose names stay within the directory the archive is unpacked in.
func admit(head *tar.Header, names []string) error {
	name := head.Name
	switch {
	case head.Typeflag != tar.TypeReg:
		return &ReadError{fmt.Sprintf("%q is no plain file", name)}
	case !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &ReadError{fmt.Sprintf("%q is no name of a file in it", name)}
	case len(names) > 0 && names[len(names)-1] >= name:
		return &ReadError{fmt.Sprintf("%q is there twice, or out of order", name)}
	case len(names) >= maxFiles:
		return &ReadError{"it has more files than any bundle"}
	}
	return nil
}

// canonical holds the archive against how Write writes the same files.
func (a *Archive) canonical(src io.ReaderAt, size int64, names []string) error {
	same := &sameBytes{want: io.NewSectionReader(src, 0, size)}
	err := writeTar(same, names, func(name string) (io.Reader, int64) {
		if name == History {
			return io.NewSectionReader(a.History, 0, a.History.Size()), a.History.Size()
		}
		return bytes.NewReader(a.contents[name]), int64(len(a.contents[name]))
	})
	if err == nil && same.n != size {
		err = errDifferent
	}
	if errors.Is(err, errDifferent) {
		return &ReadError{"its bytes are not those that its files give"}
	}
	return err
}

var errDifferent = errors.New("other bytes")

// sameBytes is a writer that refuses all bytes but those it expects.
type sameBytes struct {
	want io.Reader
	buf  []byte
	n    int64
}

func (s *sameBytes) Write(p []byte) (int, error) {
	s.buf = slices.Grow(s.buf[:0], len(p))[:len(p)]
	if _, err := io.ReadFull(s.want, s.buf); err != nil || !bytes.Equal(s.buf, p) {
		return 0, errDifferent
	}
	s.n += int64(len(p))
	return len(p), nil
}

// Problem is something that is wrong with one file of a bundle.
type Problem struct {
	Name string
	What string
}

func (p Problem) String() string { return p.Name + " " + p.What }

// Unlisted holds the files against the manifest.
func (a *Archive) Unlisted() []Problem {
	listed := map[string]string{}
	for line := range strings.Lines(string(a.contents[Manifest])) {
		if sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			listed[name] = sum
		}
	}
	out := a.against(listed, "is not in the manifest", "is not what the manifest says", "is in the manifest, and not there")
	if len(out) == 0 && !bytes.Equal(a.contents[Manifest], manifest(a.digests)) {
		out = append(out, Problem{Manifest, "is not written the way gitsm writes it"})
	}
	return sorted(out)
}

// Differences holds the files against what the history in the bundle gives:
// files are those that a bundle of it has, and history is the digest of that
// history written anew. A bundle whose files and manifest were changed together
// differs here.
func (a *Archive) Differences(files []audit.File, history string) []Problem {
	want := map[string]string{History: history}
	for _, f := range files {
		want[f.Name] = digest(f.Content)
	}
	return sorted(a.against(want, "is nothing that the history gives", "is not what the history gives", "is missing"))
}

// against holds the digests of the files against those wanted, by name: extra,
// differs and missing say what is wrong with a file.
func (a *Archive) against(want map[string]string, extra, differs, missing string) []Problem {
	var out []Problem
	for name, sum := range a.digests {
		switch is, ok := want[name]; {
		case !ok:
			out = append(out, Problem{name, extra})
		case is != sum:
			out = append(out, Problem{name, differs})
		}
	}
	for name := range want {
		if a.digests[name] == "" {
			out = append(out, Problem{name, missing})
		}
	}
	return out
}

func sorted(list []Problem) []Problem {
	slices.SortFunc(list, func(a, b Problem) int { return strings.Compare(a.String(), b.String()) })
	return list
}
