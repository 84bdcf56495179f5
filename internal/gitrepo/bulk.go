package gitrepo

import (
	"context"
	"io/fs"

	"github.com/gitsm/gitsm/internal/git"
)

// Bulk writes long synthetic histories.
type Bulk struct {
	ctx  context.Context //nolint:containedctx // lives from NewBulk to Close
	repo *Repo
}

// NewBulk begins a bulk; Close ends it.
func NewBulk(ctx context.Context, repo *Repo) *Bulk { return &Bulk{ctx, repo} }

// Commit adds a commit whose base and parents may be earlier ones of the bulk.
func (b *Bulk) Commit(spec git.CommitSpec) (git.OID, error) { return b.repo.WriteCommit(b.ctx, spec) }

// FS returns the files of a commit of the bulk.
func (b *Bulk) FS(commit git.OID) (fs.FS, error) { return b.repo.FS(b.ctx, commit) }

// Close makes the commits readable by git. Refs are the caller's to set.
func (b *Bulk) Close() error { return nil }
