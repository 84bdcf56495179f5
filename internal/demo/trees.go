package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Diff lists the files in which two commits differ. Where b was made from a in
// a few steps, as proposals are, what was edited is known; else their trees are
// compared, and directories with one id are not looked into.
func (r *repository) Diff(ctx context.Context, a, b git.OID) ([]git.FileChange, error) {
	if changes, ok := r.steps(a, b); ok {
		return changes, nil
	}
	return r.compareTrees(ctx, a, b)
}

// edited lists what a commit with the files of is changes against its base.
func (r *repository) edited(spec git.CommitSpec, is fs.FS) ([]git.FileChange, error) {
	if spec.Base == "" {
		return nil, nil
	}
	was, err := r.objects.FS(spec.Base)
	if err != nil {
		return nil, err
	}
	var out []git.FileChange
	for _, f := range spec.Files {
		c := git.FileChange{Path: f.Path}
		if c.OldBlob, err = blobAt(was, f.Path); err != nil {
			return nil, err
		}
		if c.NewBlob, err = blobAt(is, f.Path); err != nil {
			return nil, err
		}
		if c.OldBlob != c.NewBlob {
			out = append(out, withModes(c))
		}
	}
	slices.SortFunc(out, byPath)
	return out, nil
}

// maxSteps is how many commits back steps looks: proposals are short.
const maxSteps = 8

// steps joins the edits of the commits that lead from a to b.
func (r *repository) steps(a, b git.OID) ([]git.FileChange, bool) {
	joined := map[string]git.FileChange{}
	for range maxSteps {
		if a == b {
			out := slices.Collect(maps.Values(joined))
			out = slices.DeleteFunc(out, func(c git.FileChange) bool { return c.OldBlob == c.NewBlob })
			slices.SortFunc(out, byPath)
			return out, true
		}
		c, known := r.commits[b]
		if !known || c.base == "" {
			return nil, false
		}
		for _, x := range c.changes {
			if later, again := joined[x.Path]; again {
				x.NewBlob = later.NewBlob
			}
			joined[x.Path] = withModes(x)
		}
		b = c.base
	}
	return nil, false
}

// withModes fills in the modes of a change of an ordinary file, which is all
// that a demo has.
func withModes(c git.FileChange) git.FileChange {
	c.OldMode, c.NewMode = "", ""
	if c.OldBlob != "" {
		c.OldMode = fileMode
	}
	if c.NewBlob != "" {
		c.NewMode = fileMode
	}
	return c
}

const fileMode = "100644"

func byPath(a, b git.FileChange) int { return strings.Compare(a.Path, b.Path) }

func (r *repository) compareTrees(ctx context.Context, a, b git.OID) ([]git.FileChange, error) {
	var was fs.FS
	if a != "" {
		var err error
		if was, err = r.FS(ctx, a); err != nil {
			return nil, err
		}
	}
	is, err := r.FS(ctx, b)
	if err != nil {
		return nil, err
	}
	d := &comparison{was: was, is: is}
	if err := d.directory("."); err != nil {
		return nil, fmt.Errorf("comparing %s and %s: %w", a, b, err)
	}
	slices.SortFunc(d.changes, byPath)
	return d.changes, nil
}

type comparison struct {
	was, is fs.FS
	changes []git.FileChange
}

func (d *comparison) directory(dir string) error {
	was, err := children(d.was, dir)
	if err != nil {
		return err
	}
	is, err := children(d.is, dir)
	if err != nil {
		return err
	}
	for len(was) > 0 || len(is) > 0 {
		var a, b fs.DirEntry
		switch {
		case len(is) == 0 || (len(was) > 0 && was[0].Name() < is[0].Name()):
			a, was = was[0], was[1:]
		case len(was) == 0 || is[0].Name() < was[0].Name():
			b, is = is[0], is[1:]
		default:
			a, b, was, is = was[0], is[0], was[1:], is[1:]
		}
		if err := d.entry(dir, a, b); err != nil {
			return err
		}
	}
	return nil
}

// children lists a directory, empty where there is none.
func children(fsys fs.FS, dir string) ([]fs.DirEntry, error) {
	if fsys == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return entries, err
}

func (d *comparison) entry(dir string, a, b fs.DirEntry) error {
	was, oldMode, err := identify(a)
	if err != nil {
		return err
	}
	is, newMode, err := identify(b)
	if err != nil {
		return err
	}
	if was == is && oldMode == newMode {
		return nil
	}
	name := b
	if b == nil {
		name = a
	}
	at := path.Join(dir, name.Name())
	if (a != nil && a.IsDir()) || (b != nil && b.IsDir()) {
		return d.directory(at)
	}
	d.changes = append(d.changes, git.FileChange{Path: at, OldBlob: was, OldMode: oldMode, NewBlob: is, NewMode: newMode})
	return nil
}

// identify returns the object behind an entry.
func identify(e fs.DirEntry) (id git.OID, mode string, err error) {
	if e == nil {
		return "", "", nil
	}
	info, err := e.Info()
	if err != nil {
		return "", "", err
	}
	if e.IsDir() {
		return objectID(info), "040000", nil
	}
	return objectID(info), fileMode, nil
}

// MergeTree applies to ours what theirs changed since they parted, file by
// file. A file that both changed is a conflict unless they agree.
func (r *repository) MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error) {
	base, err := r.MergeBase(ctx, ours, theirs)
	if err != nil {
		return "", err
	}
	changes, err := r.Diff(ctx, base, theirs)
	if err != nil {
		return "", err
	}
	mine, err := r.FS(ctx, ours)
	if err != nil {
		return "", err
	}
	yours, err := r.FS(ctx, theirs)
	if err != nil {
		return "", err
	}
	var edits []git.FileEdit
	var conflicts []string
	for _, c := range changes {
		switch have, err := blobAt(mine, c.Path); {
		case err != nil:
			return "", err
		case have == c.NewBlob:
		case have != c.OldBlob:
			conflicts = append(conflicts, c.Path)
		case c.NewBlob == "":
			edits = append(edits, git.FileEdit{Path: c.Path, Delete: true})
		default:
			content, err := fs.ReadFile(yours, c.Path)
			if err != nil {
				return "", err
			}
			edits = append(edits, git.FileEdit{Path: c.Path, Content: content})
		}
	}
	if len(conflicts) > 0 {
		return "", &git.ConflictError{Paths: conflicts}
	}
	return r.objects.Tree(ours, edits)
}

// blobAt returns the id of a file, "" where there is none.
func blobAt(fsys fs.FS, name string) (git.OID, error) {
	info, err := fs.Stat(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return objectID(info), nil
}
