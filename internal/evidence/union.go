package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Union merges two heads that diverged into one that has the files of both, and
// returns it. Both stay ancestors of the result, so that commits on main that
// name either still find it. Where one already has the other, that one is
// returned.
func (l Ledger) Union(ctx context.Context, a, b string) (string, error) {
	switch {
	case a == "" || a == b:
		return b, nil
	case b == "":
		return a, nil
	}
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		contained, err := l.Repo.IsAncestor(ctx, pair[0], pair[1])
		if err != nil {
			return "", fmt.Errorf("joining evidence %s and %s: %w", a, b, err)
		}
		if contained {
			return pair[1], nil
		}
	}
	ours, err := l.tree(ctx, a)
	if err != nil {
		return "", err
	}
	theirs, err := l.tree(ctx, b)
	if err != nil {
		return "", err
	}
	files := map[string][]byte{}
	if err := missing(ours, theirs, files); err != nil {
		return "", fmt.Errorf("joining evidence %s and %s: %w", a, b, err)
	}
	head, err := l.Repo.WriteEvidence(ctx, CommitSpec{
		Parents: []string{a, b},
		Files:   files,
		Message: "Join evidence that was recorded apart\n",
	})
	if err != nil {
		return "", fmt.Errorf("joining evidence %s and %s: %w", a, b, err)
	}
	return head, nil
}

// missing collects the files of theirs that ours lacks.
func missing(ours, theirs fs.FS, files map[string][]byte) error {
	return fs.WalkDir(theirs, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		same, err := sameObject(ours, d, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && same:
			return fs.SkipDir
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%w: %s is not a plain file", ErrTampered, name)
		}
		if err := sameSigned(ours, theirs, name); err != nil || same {
			return err
		}
		return collect(ours, theirs, name, files)
	})
}

// collect puts theirs' file into files unless ours has it. A path both have
// must have the same bytes: a statement's name holds its digest, so anything
// else was made on purpose.
func collect(ours, theirs fs.FS, name string, files map[string][]byte) error {
	content, err := fs.ReadFile(theirs, name)
	if err != nil {
		return err
	}
	old, err := fs.ReadFile(ours, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		files[name] = content
		return nil
	case err != nil:
		return err
	case !bytes.Equal(old, content):
		return fmt.Errorf("%w: %s was recorded twice with different bytes", ErrTampered, name)
	}
	return nil
}

// sameObject reports whether ours has the very same git object at name, where
// both file systems tell object ids. It spares reading what cannot differ.
func sameObject(ours fs.FS, theirs fs.DirEntry, name string) (bool, error) {
	type object interface{ OID() string }
	info, err := theirs.Info()
	if err != nil {
		return false, err
	}
	their, ok := info.Sys().(object)
	if !ok {
		return false, nil
	}
	info, err = fs.Stat(ours, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	our, ok := info.Sys().(object)
	return ok && our.OID() != "" && our.OID() == their.OID(), nil
}

// sameSigned refuses a join that would give a statement a signature it was
// recorded without: a statement both sides have is signed on both or on neither,
// and a signature comes with its statement.
func sameSigned(ours, theirs fs.FS, name string) error {
	statement, isSig := strings.CutSuffix(name, ".sig")
	here, err := exists(ours, statement)
	if err != nil {
		return err
	}
	there, err := exists(theirs, statement)
	if err != nil || isSig && there {
		return err
	}
	if isSig {
		return fmt.Errorf("%w: %s has no statement", ErrTampered, name)
	}
	signedHere, err := exists(ours, statement+".sig")
	if err != nil {
		return err
	}
	signedThere, err := exists(theirs, statement+".sig")
	if err == nil && here && signedHere != signedThere {
		return fmt.Errorf("%w: %s is signed on one side alone", ErrTampered, statement)
	}
	return err
}

func exists(tree fs.FS, name string) (bool, error) {
	_, err := fs.Stat(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
