package gitrepo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestSetup(t *testing.T) {
	plain := git.Setup{ObjectFormat: "sha1", RefStorage: "files"}
	tests := map[string]struct {
		make func(t *testing.T, r *Repo)
		want func(s *git.Setup)
	}{
		"plain": {func(*testing.T, *Repo) {}, func(*git.Setup) {}},
		"remotes": {func(t *testing.T, r *Repo) {
			sh(t, r, r.root, "remote", "add", "up.stream", "x")
			sh(t, r, r.root, "remote", "add", "origin", "y")
		}, func(s *git.Setup) { s.Remotes = []string{"origin", "up.stream"} }},
		"partial": {func(t *testing.T, r *Repo) {
			sh(t, r, r.root, "config", "remote.origin.promisor", "true")
		}, func(s *git.Setup) { s.Partial = true }},
		"no longer partial": {func(t *testing.T, r *Repo) {
			sh(t, r, r.root, "config", "remote.origin.promisor", "false")
		}, func(*git.Setup) {}},
		"sparse": {func(t *testing.T, r *Repo) {
			sh(t, r, r.root, "config", "core.sparseCheckout", "true")
		}, func(s *git.Setup) { s.Sparse = true }},
		"replaced": {func(t *testing.T, r *Repo) {
			a, b := write(t, r, "", "a", "1\n"), write(t, r, "", "a", "2\n")
			sh(t, r, r.root, "replace", a, b)
		}, func(s *git.Setup) { s.Replaced = true }},
		"grafts": {func(t *testing.T, r *Repo) {
			put(t, r.gitDir, "info/grafts", write(t, r, "", "a", "1\n")+"\n")
		}, func(s *git.Setup) { s.Replaced = true }},
		"hooks": {func(t *testing.T, r *Repo) {
			for name, mode := range map[string]os.FileMode{"pre-commit": 0o755, "commit-msg": 0o755, "pre-push": 0o755, "post-commit.sample": 0o755} {
				put(t, r.root, "own/"+name, "#!/bin/sh\n")
				if err := os.Chmod(filepath.Join(r.root, "own", name), mode); err != nil {
					t.Fatal(err)
				}
			}
			sh(t, r, r.root, "config", "core.hooksPath", "own")
		}, func(s *git.Setup) { s.Hooks = []string{"commit-msg", "pre-commit"} }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			tt.make(t, r)
			got, err := reopen(t, r, r.root).Setup(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.Version == "" {
				t.Error("no version of git")
			}
			want := plain
			tt.want(&want)
			want.Version = got.Version
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSetupOfLinkedWorkTree(t *testing.T) {
	r := newRepo(t)
	move(t, r, "refs/heads/main", "", write(t, r, "", "a", "1\n"))
	linked := filepath.Join(tempDir(t), "linked")
	sh(t, r, r.root, "worktree", "add", "-q", "-b", "side", linked)
	for dir, want := range map[string]bool{r.root: false, linked: true} {
		s, err := reopen(t, r, dir).Setup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.Linked != want {
			t.Errorf("%s is linked: %v", dir, s.Linked)
		}
	}
}

func TestFreeLineEnds(t *testing.T) {
	r := newRepo(t)
	put(t, r.root, ".gitattributes", "/fixed/** text eol=lf\n/raw/** -text\n/win/** text eol=crlf\n/auto/** text=auto\n")
	got, err := r.FreeLineEnds(t.Context(), "fixed/a b", "raw/a", "win/a", "auto/a", "none")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"win/a", "auto/a", "none"}, got); diff != "" {
		t.Error(diff)
	}
}
