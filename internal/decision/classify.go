package decision

import (
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// Classify sorts the files that a proposal changed into records, as the kinds
// of Base have them, and others.
func (f *Facts) Classify(changes []git.FileChange) error {
	for _, c := range changes {
		rel, inside := f.Base.Relative(c.Path)
		if k, id, ok := f.Base.Kinds.ByPath(rel); inside && ok {
			ch, err := f.change(k, id, rel)
			if err != nil {
				return err
			}
			ch.OldMode, ch.NewMode = c.OldMode, c.NewMode
			f.Changes = append(f.Changes, ch)
			continue
		}
		status := "modified"
		switch {
		case c.NewBlob == "":
			status = "deleted"
		case c.OldBlob == "":
			status = "added"
		}
		f.Files = append(f.Files, File{Path: c.Path, Mode: c.NewMode, Blob: c.NewBlob, Status: status})
	}
	return nil
}

// change reads both sides of a record that a proposal changes.
func (f *Facts) change(k *record.Kind, id, path string) (Change, error) {
	ch := Change{Kind: k, ID: id, Path: path}
	before, found, err := f.Base.At(path)
	if err != nil {
		return ch, err
	}
	ch.Before, ch.Unread = before, before == nil && len(found) > 0
	if ch.After, ch.Broken, err = f.Head.At(path); err != nil {
		return ch, err
	}
	switch {
	case k.Named():
	case ch.After != nil: // its path does not say whose it is
		ch.ID = ch.After.ID
	case ch.Before != nil:
		ch.ID = ch.Before.ID
	default:
		ch.ID = path // nobody can say: it is refused for what it holds
	}
	return ch, nil
}
