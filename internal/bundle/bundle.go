// Package bundle owns the file by which an audit is given away: a tar archive
// of the history, what it rests on and what was found, with a digest of each
// file, whose bytes follow from the history and a Spec alone.
//
// It may import audit and git's values. It never runs git, audits, asks what
// time it is, or writes what it reads anywhere: the caller takes the history
// into a repository, has it audited again, and compares.
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
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/git"
)

// The files of every bundle.
const (
	Manifest = "manifest.sha256" // as sha256sum -c reads it
	SpecFile = "bundle.json"
	History  = "store.bundle" // a git bundle
	Guide    = "README.md"
	reports  = "reports/"
)

// Format is the version of the layout. Another is refused.
const Format = 1

// Spec is everything that a bundle's bytes follow from, besides the history.
type Spec struct {
	Format   int       `json:"format"`
	Tool     string    `json:"tool"` // version of gitsm
	Now      time.Time `json:"now"`  // for clocks that were still running
	Dir      string    `json:"dir"`  // the store's directory in the repository
	Main     string    `json:"main"` // name of the branch
	Head     git.OID   `json:"head"` // where it stands
	Evidence git.OID   `json:"evidence"`
	Genesis  git.OID   `json:"genesis"`
	Since    string    `json:"since"` // RFC 3339; "" where that end is open
	Until    string    `json:"until"`
	After    git.OID   `json:"after"`
	Upto     git.OID   `json:"upto"`
}

// NewSpec describes a bundle of a period.
func NewSpec(a *audit.Auditor, p audit.Period, c *audit.Collection) Spec {
	s := Spec{Format: Format, Tool: a.Tool, Now: a.Now.UTC(), Dir: a.Dir, Main: a.Main, Head: c.Report.Main, Genesis: c.Report.Genesis,
		Since: stamp(p.Since), Until: stamp(p.Until), After: p.After, Upto: p.Upto}
	if len(c.Report.Evidence) > 0 {
		s.Evidence = c.Report.Evidence[0]
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Period is the period a bundle is of.
func (s Spec) Period() (p audit.Period, err error) {
	p.After, p.Upto = s.After, s.Upto
	for _, end := range []struct {
		text string
		at   *time.Time
	}{{s.Since, &p.Since}, {s.Until, &p.Until}} {
		if end.text == "" {
			continue
		}
		if *end.at, err = time.Parse(time.RFC3339Nano, end.text); err != nil {
			return p, fmt.Errorf("reading %s: %q is no time", SpecFile, end.text)
		}
	}
	return p, nil
}

// Files lists what a bundle holds besides the history and the manifest, sorted
// by name.
func Files(s Spec, c *audit.Collection) ([]audit.File, error) {
	out := slices.Clone(c.Files)
	out = append(out, audit.File{Name: Guide, Content: []byte(guide(s))})
	add := func(name string, v any) error {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		out = append(out, audit.File{Name: name, Content: append(text, '\n')})
		return nil
	}
	err := errors.Join(add(SpecFile, s), add(reports+"verify.json", c.Report), add(reports+"population.json", c.Population))
	for _, r := range c.Compliances {
		err = errors.Join(err, add(reports+r.Framework+".json", r))
	}
	slices.SortFunc(out, func(a, b audit.File) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// Derived reports whether a file was computed by gitsm rather than copied from
// history, so that another version may word it otherwise.
func Derived(name string) bool {
	return strings.HasPrefix(name, reports) || name == Guide || strings.HasPrefix(name, "keys/")
}

// Write writes a bundle. history, of size bytes, is read twice.
func Write(w io.Writer, files []audit.File, history io.ReaderAt, size int64) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(history, 0, size)); err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	digests := map[string]string{History: hex.EncodeToString(sum.Sum(nil))}
	names := []string{History}
	contents := map[string][]byte{}
	for _, f := range files {
		digests[f.Name], contents[f.Name] = digest(f.Content), f.Content
		names = append(names, f.Name)
	}
	contents[Manifest] = manifest(digests)
	names = append(names, Manifest)
	slices.Sort(names)
	return writeTar(w, names, func(name string) (io.Reader, int64) {
		if name == History {
			return io.NewSectionReader(history, 0, size), size
		}
		return bytes.NewReader(contents[name]), int64(len(contents[name]))
	})
}

// writeTar writes files in order, with nothing about them but name and size.
func writeTar(w io.Writer, names []string, open func(name string) (io.Reader, int64)) error {
	out := tar.NewWriter(w)
	for _, name := range names {
		content, size := open(name)
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0)}); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		if _, err := io.Copy(out, content); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return out.Close()
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// manifest lists digests as sha256sum does, sorted by name.
func manifest(digests map[string]string) []byte {
	var names []string
	for name := range digests {
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, name := range names {
		fmt.Fprintf(&out, "%s  %s\n", digests[name], name)
	}
	return []byte(out.String())
}
