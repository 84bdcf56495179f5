package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/store"
)

// site is where a store is to begin.
type site struct {
	made   bool    // the repository is new
	top    string  // of the work tree
	dir    string  // of the store within it, "" at the top
	branch string  // whose records will be in force
	head   git.OID // its commit, "" before the first
	remote string  // where the branch is pushed to, "" for nowhere
	tree   fs.FS   // what head holds, nil before the first commit
	work   fs.FS   // what lies in the work tree
	store  string  // the branch that holds a store in dir already
}

// initRepo is what init asks a repository about itself.
type initRepo interface {
	proposal.Reader
	Resolve(ctx context.Context, rev string) (git.OID, error)
	Root() string
	Prefix(dir string) (string, error)
	HeadBranch(ctx context.Context) (string, error)
	Upstream(ctx context.Context, branch string) (remote string, ok bool, err error)
}

// newSite looks at dir, and refuses it where a store could not begin there.
func newSite(ctx context.Context, repo initRepo, o *initOptions, dir string, made bool) (*site, error) {
	s := &site{made: made, top: dir, branch: o.branch(), work: os.DirFS(dir)}
	if !made {
		if err := s.survey(ctx, repo, o.mainBranch, dir); err != nil || s.store != "" {
			return s, err
		}
	}
	if s.branch == "gitsm" || s.branch == evidence.Branch || strings.HasPrefix(s.branch, "gitsm/") {
		return nil, usage("branch %s cannot be the main branch: gitsm/… are proposals, and %s is the evidence", s.branch, evidence.Branch).hint("main is the usual name")
	}
	err := s.free(dir)
	if made {
		return s, err
	}
	if err == nil {
		err = s.unclaimed(ctx, repo)
	}
	if err != nil {
		// Another run may have begun the store since it was looked for, or just
		// be at it: git moves one branch after the other.
		if branch, ferr := proposal.FindMain(ctx, repo, s.dir); ferr == nil {
			s.store, err = branch, nil
		}
	}
	return s, err
}

// survey reads how a repository that exists stands.
func (s *site) survey(ctx context.Context, repo initRepo, mainBranch, dir string) error {
	err := s.locate(repo, dir)
	if err != nil {
		return err
	}
	s.store, err = proposal.FindMain(ctx, repo, s.dir)
	if err == nil || !errors.Is(err, store.ErrNoStore) {
		return err
	}
	branch, err := repo.HeadBranch(ctx)
	if err != nil {
		return err
	}
	if branch == "" {
		return usage("no branch is checked out in %s", s.top).hint("git switch main, or whichever branch is to be in force")
	}
	s.branch = strings.TrimPrefix(branch, headRef(""))
	if mainBranch != "" && mainBranch != s.branch {
		return usage("branch %s is checked out, not %s", s.branch, mainBranch).
			hint("git switch %s, with -c to make it; or leave --main-branch out to stay on %s", mainBranch, s.branch)
	}
	if s.head, err = repo.Ref(ctx, branch); err != nil {
		return err
	}
	if s.head != "" {
		if s.tree, err = repo.FS(ctx, s.head); err != nil {
			return err
		}
	}
	s.remote, _, err = repo.Upstream(ctx, s.branch)
	return err
}

// locate finds the store's directory in the work tree.
func (s *site) locate(repo initRepo, dir string) error {
	if repo.Root() == "" {
		return usage("the repository in %s has no work tree, and a store needs one to begin", dir).
			hint("clone it, run gitsm init in the clone, and push main and %s", evidence.Branch)
	}
	there := existing(dir)
	prefix, err := repo.Prefix(there)
	if err != nil {
		return err
	}
	rest, err := filepath.Rel(there, dir)
	if err != nil {
		return fmt.Errorf("placing %s: %w", dir, err)
	}
	s.top, s.work = repo.Root(), os.DirFS(repo.Root())
	if s.dir = path.Join(prefix, filepath.ToSlash(rest)); s.dir == "." {
		s.dir = ""
	}
	return nil
}

// unclaimed makes sure that the one evidence branch is still to be had.
func (s *site) unclaimed(ctx context.Context, repo initRepo) error {
	refs := []string{headRef(evidence.Branch)}
	if s.remote != "" {
		refs = append(refs, "refs/remotes/"+s.remote+"/"+evidence.Branch)
	}
	for _, ref := range refs {
		id, err := repo.Ref(ctx, ref)
		if err != nil {
			return err
		}
		if id != "" {
			return usage("%s holds the evidence of a store that branch %s does not have in %s: a repository has room for one store", ref, s.branch, s.absolute()).
				hint("if it is to be this one, bring %s up to date: git pull, or merge the branch it began on", s.branch)
		}
	}
	return nil
}

// free makes sure that there is no store in dir yet, nor around it.
func (s *site) free(dir string) error {
	config := path.Join(s.dir, store.ConfigFile)
	switch {
	case holds(s.tree, config):
		return usage("%s on branch %s names another branch as main_branch, one that has no store", config, s.branch).
			hint("set main_branch: %s in it and commit, or switch to the branch it names", s.branch)
	case holds(s.work, config):
		return usage("%s is there, but in no commit", filepath.Join(s.absolute(), store.ConfigFile)).
			hint("git add it with what belongs to it, and commit: that commit is the store's first").hint("or move it away")
	}
	for up := s.dir; up != ""; {
		up = strings.TrimPrefix(path.Dir("/"+up), "/")
		if config := path.Join(up, store.ConfigFile); holds(s.tree, config) || holds(s.work, config) {
			return usage("%s lies inside the store in %s, and stores do not nest", dir, filepath.Join(s.top, filepath.FromSlash(up))).
				hint("that store's records can be filed from here: gitsm service new, gitsm change new").
				hint("for a store of its own, make a repository there first: git init %s", dir)
		}
	}
	return nil
}

func holds(tree fs.FS, name string) bool {
	if tree == nil {
		return false
	}
	_, err := fs.Lstat(tree, name)
	return err == nil
}

// trees are where something can be in a new file's way.
func (s *site) trees() []fs.FS {
	if s.tree == nil {
		return []fs.FS{s.work}
	}
	return []fs.FS{s.work, s.tree}
}

// absolute is the store's directory.
func (s *site) absolute() string { return filepath.Join(s.top, filepath.FromSlash(s.dir)) }

// resolve makes the argument of init an absolute path without links.
func (env *Env) resolve(dir string) (string, error) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.workDir(), dir)
	}
	there := existing(dir)
	rest, err := filepath.Rel(there, dir)
	if err != nil {
		return "", fmt.Errorf("placing %s: %w", dir, err)
	}
	real, err := filepath.EvalSymlinks(there)
	if err != nil {
		return "", fmt.Errorf("placing %s: %w", dir, err)
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", usage("%s is no directory", there)
	}
	return filepath.Join(real, rest), nil
}

// timezone is the zone that was asked for, else that of this computer as far as
// its name can be found out.
func (env *Env) timezone(asked string) (string, error) {
	if asked != "" {
		if !isZone(asked) {
			return "", usage("--timezone %q is no time zone", asked).hint("give its IANA name, such as Europe/Berlin")
		}
		return asked, nil
	}
	if name := strings.TrimPrefix(env.getenv("TZ"), ":"); name != "" {
		if isZone(name) {
			return name, nil
		}
		return "UTC", nil
	}
	target, err := os.Readlink("/etc/localtime")
	if _, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); err == nil && ok && isZone(name) {
		if name == "Etc/UTC" {
			name = "UTC"
		}
		return name, nil
	}
	return "UTC", nil
}

// isZone accepts what every computer understands the same: no "Local", which
// is this one's own, and no path.
func isZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local" && !strings.HasPrefix(name, "/")
}
