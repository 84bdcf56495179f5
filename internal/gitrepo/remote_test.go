package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

// withRemote returns a repository and its bare upstream, which both have one commit.
func withRemote(t *testing.T) (r, upstream *Repo, first git.OID) {
	t.Helper()
	r = newRepo(t)
	first = write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", first)
	bare := filepath.Join(tempDir(t), "up stream.git")
	sh(t, r, r.root, "clone", "-q", "--bare", ".", bare)
	sh(t, r, r.root, "remote", "add", "origin", bare)
	sh(t, r, r.root, "config", "branch.main.remote", "origin")
	return reopen(t, r, r.root), reopen(t, r, bare), first
}

func TestUpstream(t *testing.T) {
	r, _, _ := withRemote(t)
	sh(t, r, r.root, "config", "branch.gitsm/x.remote", ".")
	for branch, want := range map[string]string{"main": "origin", "refs/heads/main": "origin", "other": "", "refs/heads/gitsm/x": ""} {
		if got, ok, err := r.Upstream(t.Context(), branch); got != want || ok != (want != "") || err != nil {
			t.Errorf("%s: %q, %v, %v", branch, got, ok, err)
		}
	}
}

func TestPush(t *testing.T) {
	const main, proposal, other = "refs/heads/main", "refs/heads/gitsm/x/new-1", "refs/heads/other"
	r, upstream, one := withRemote(t)
	two := write(t, r, one, "a", "2\n")
	three := write(t, r, two, "a", "3\n")
	beside := write(t, r, one, "a", "beside\n")
	before := []git.Ref{{Name: proposal, OID: two}, {Name: main, OID: two}}
	tests := map[string]struct {
		updates  []git.RefUpdate
		rejected bool
		after    []git.Ref
	}{
		"land":              {updates: []git.RefUpdate{{Name: main, Old: two, New: three}, {Name: proposal, Old: two}, {Name: other, New: one}}, after: []git.Ref{{Name: main, OID: three}, {Name: other, OID: one}}},
		"nothing":           {after: before},
		"as it is":          {updates: []git.RefUpdate{{Name: main, Old: two, New: two}}, after: before},
		"main moved":        {updates: []git.RefUpdate{{Name: main, Old: one, New: three}, {Name: other, New: one}}, rejected: true},
		"other was there":   {updates: []git.RefUpdate{{Name: main, Old: two, New: three}, {Name: proposal, New: one}}, rejected: true},
		"deleted by else":   {updates: []git.RefUpdate{{Name: main, Old: two, New: three}, {Name: other, Old: one}}, rejected: true},
		"loses commits":     {updates: []git.RefUpdate{{Name: main, Old: two, New: beside}}, rejected: true},
		"loses them all":    {updates: []git.RefUpdate{{Name: main, Old: two, New: one}}, rejected: true},
		"a race and a loss": {updates: []git.RefUpdate{{Name: main, Old: one, New: beside}}, rejected: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sh(t, r, r.root, "push", "-q", "--force", "origin", two+":"+main, two+":"+proposal, ":"+other)
			err := r.Push(t.Context(), "origin", tt.updates)
			if errors.Is(err, git.ErrRejected) != tt.rejected || (err != nil) != tt.rejected {
				t.Errorf("error %v", err)
			}
			if tt.rejected {
				tt.after = before
			}
			after, err := upstream.Refs(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, after); diff != "" {
				t.Errorf("refs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPushRefusedByHook(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("hooks are shell scripts")
	}
	r, upstream, one := withRemote(t)
	two := write(t, r, one, "a", "2\n")
	update := []git.RefUpdate{{Name: "refs/heads/main", Old: one, New: two}}
	hook := func(dir, name, script string) {
		file := filepath.Join(dir, "hooks", name)
		put(t, dir, "hooks/"+name, "#!/bin/sh\n"+script)
		if err := os.Chmod(file, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hook(upstream.gitDir, "pre-receive", "echo not approved >&2; exit 1\n")
	err := r.Push(t.Context(), "origin", update)
	if !errors.Is(err, git.ErrRejected) || !strings.Contains(err.Error(), "pre-receive hook declined") || !strings.Contains(err.Error(), "not approved") {
		t.Errorf("pre-receive: %v", err)
	}
	// The user's own hook has its say as well.
	hook(r.gitDir, "pre-push", "echo mine says no >&2; exit 1\n")
	if err := r.Push(t.Context(), "origin", update); err == nil || !strings.Contains(err.Error(), "mine says no") {
		t.Errorf("pre-push: %v", err)
	}
}

func TestFetch(t *testing.T) {
	r, upstream, one := withRemote(t)
	two := write(t, upstream, one, "a", "2\n")
	move(t, upstream, "refs/heads/main", one, two)
	if err := r.Fetch(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Ref(t.Context(), "refs/remotes/origin/main"); got != two || err != nil {
		t.Errorf("origin/main is %q, %v", got, err)
	}
	if err := r.Fetch(t.Context(), "origin", "refs/heads/main:refs/heads/copy"); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Ref(t.Context(), "refs/heads/copy"); got != two || err != nil {
		t.Errorf("copy is %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(r.gitDir, "FETCH_HEAD")); err == nil {
		t.Error("the user's FETCH_HEAD was written")
	}
	if err := r.Fetch(t.Context(), "origin", "refs/heads/nope"); !errors.Is(err, ErrUnknownRevision) || errors.Is(err, git.ErrUnreachable) {
		t.Errorf("no such branch: %v", err)
	}
	refs, err := r.RemoteRefs(t.Context(), "origin", "refs/heads/*")
	if diff := cmp.Diff([]git.Ref{{Name: "refs/heads/main", OID: two}}, refs); diff != "" || err != nil {
		t.Errorf("remote refs: %v (-want +got):\n%s", err, diff)
	}
}

func TestRemoteUnreachable(t *testing.T) {
	r, _, one := withRemote(t)
	secret := "https://user:hunter2@localhost:1/x.git"
	sh(t, r, r.root, "remote", "add", "web", secret)
	for _, remote := range []string{filepath.Join(tempDir(t), "nope.git"), "unknown", "web", secret, "--upload-pack=touch pwned"} {
		push := r.Push(t.Context(), remote, []git.RefUpdate{{Name: "refs/heads/main", New: one}})
		_, list := r.RemoteRefs(t.Context(), remote)
		for what, err := range map[string]error{"fetch": r.Fetch(t.Context(), remote), "push": push, "ls-remote": list} {
			if !errors.Is(err, git.ErrUnreachable) || errors.Is(err, git.ErrRejected) {
				t.Errorf("%s %s: %v", what, remote, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s %s tells the password: %v", what, remote, err)
			}
		}
	}
	if err := r.Fetch(t.Context(), ""); !errors.Is(err, ErrNoUpstream) {
		t.Errorf("no remote: %v", err)
	}
	if err := r.Push(t.Context(), "", nil); !errors.Is(err, ErrNoUpstream) {
		t.Errorf("no remote: %v", err)
	}
}

// Hooks and helpers run in the user's language; only messages are fixed.
func TestRemoteLocale(t *testing.T) {
	r := newRepo(t)
	o := reopen(t, r, r.root, "LC_ALL=de_DE.UTF-8", "GIT_INDEX_FILE=elsewhere")
	env := o.remoteGit("push").env
	for key, want := range map[string]string{"LC_CTYPE": "de_DE.UTF-8", "LC_MESSAGES": "C", "LC_ALL": "", "GIT_TERMINAL_PROMPT": "", "GIT_INDEX_FILE": ""} {
		if got, _ := lookup(env, key); got != want {
			t.Errorf("%s=%s, want %s", key, got, want)
		}
	}
}
