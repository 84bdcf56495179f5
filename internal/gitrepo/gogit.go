package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"

	"github.com/gitsm/gitsm/internal/git"
)

// goGit reads objects through go-git, without a process.
type goGit struct {
	mu      sync.Mutex // go-git's storage is not made for concurrent readers
	storage *filesystem.Storage
}

// openGoGit opens the repository with go-git, or says why it must not be read
// that way: go-git would answer "not found" for objects that are there.
func openGoGit(r *Repo) (*goGit, error) {
	if r.format != sha1Format {
		return nil, fmt.Errorf("go-git does not read %s repositories", r.format.name)
	}
	if r.objectDir != filepath.Join(r.commonDir, "objects") {
		return nil, errors.New("go-git does not read an object directory that is set from outside")
	}
	if _, ok := lookup(r.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES"); ok {
		return nil, errors.New("go-git does not read alternates that are set from outside")
	}
	if _, err := os.Stat(filepath.Join(r.objectDir, "info", "alternates")); err == nil {
		return nil, errors.New("go-git is too slow with alternates")
	}
	// With the common directory for both, what one linked work tree holds for
	// itself (HEAD, index) is not there; objects need none of it.
	files := dotgit.NewRepositoryFilesystem(osfs.New(r.gitDir), osfs.New(r.commonDir))
	storage := filesystem.NewStorageWithOptions(files, cache.NewObjectLRUDefault(),
		filesystem.Options{KeepDescriptors: true, LargeObjectThreshold: objectLimit})
	repo, err := gogit.Open(storage, nil)
	if err != nil {
		return nil, fmt.Errorf("opening with go-git: %w", err)
	}
	cfg, err := repo.Config()
	if err != nil {
		return nil, fmt.Errorf("opening with go-git: %w", err)
	}
	for _, section := range cfg.Raw.Section("remote").Subsections {
		if section.HasOption("promisor") || section.HasOption("partialclonefilter") {
			return nil, errors.New("go-git does not fetch the objects that a partial clone lacks")
		}
	}
	return &goGit{storage: storage}, nil
}

func (g *goGit) read(ctx context.Context, id git.OID) (object, error) {
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	encoded, err := g.storage.EncodedObject(plumbing.AnyObject, plumbing.NewHash(id))
	if err != nil {
		return object{}, goGitError(id, err)
	}
	if encoded.Size() > objectLimit {
		return object{}, tooLarge(id, encoded.Size())
	}
	in, err := encoded.Reader()
	if err != nil {
		return object{}, goGitError(id, err)
	}
	defer in.Close()
	data := make([]byte, encoded.Size())
	if _, err := io.ReadFull(in, data); err != nil {
		return object{}, goGitError(id, err)
	}
	return object{kind: encoded.Type().String(), data: data}, nil
}

func (g *goGit) size(ctx context.Context, id git.OID) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	size, err := g.storage.EncodedObjectSize(plumbing.NewHash(id))
	if err != nil {
		return 0, goGitError(id, err)
	}
	return size, nil
}

func goGitError(id git.OID, err error) error {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		err = ErrMissingObject
	}
	return fmt.Errorf("%s: %w", id, err)
}

func (g *goGit) close() error { return g.storage.Close() }
