package gitrepo

import "testing"

// TestGlance: whatever git is told besides objects makes another state, and
// nothing else does.
func TestGlance(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1")
	move(t, r, "refs/heads/main", "", first)
	second := write(t, r, first, "a", "2")
	seen := map[string]string{}
	for _, c := range []struct {
		name string
		args []string
		same bool
	}{
		{name: "a commit on main"},
		{name: "nothing", same: true},
		{name: "an object", args: []string{"hash-object", "-w", "--stdin"}, same: true},
		{name: "a branch", args: []string{"branch", "other", "main"}},
		{name: "a tag", args: []string{"tag", "v1", "main"}},
		{name: "a ref of a remote", args: []string{"update-ref", "refs/remotes/origin/main", first}},
		{name: "a moved branch", args: []string{"update-ref", "refs/heads/other", second}},
		{name: "packed", args: []string{"pack-refs", "--all"}, same: true},
		{name: "a name for another", args: []string{"symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"}},
		{name: "another branch checked out", args: []string{"symbolic-ref", "HEAD", "refs/heads/other"}},
		{name: "a commit checked out", args: []string{"update-ref", "--no-deref", "HEAD", first}},
		{name: "another commit checked out", args: []string{"update-ref", "--no-deref", "HEAD", second}},
		{name: "configuration", args: []string{"config", "branch.main.remote", "origin"}},
	} {
		if c.args != nil {
			sh(t, r, r.root, c.args...)
		}
		g, err := LookAt(t.Context(), r.root, r.environ)
		if err != nil {
			t.Fatal(err)
		}
		if g.GitDir != r.gitDir || g.Root() != r.root {
			t.Fatalf("it is in %s, of %s", g.GitDir, g.Root())
		}
		if was, same := seen[g.State]; same != c.same {
			t.Errorf("%s: the state of %q is the same: %v", c.name, was, same)
		}
		seen[g.State] = c.name
	}
	for name, make := range map[string]func(dir string){
		"no repository": func(string) {},
		"no commit":     func(dir string) { sh(t, r, dir, "init", "-q", dir) },
		"no work tree":  func(dir string) { sh(t, r, dir, "init", "-q", "--bare", dir) },
	} {
		dir := tempDir(t)
		make(dir)
		if g, err := LookAt(t.Context(), dir, environ(t)); err == nil {
			t.Errorf("%s: %v", name, g)
		}
	}
}

// TestGlanceShallow: a clone that is deepened moves no ref, and is in another
// state all the same.
func TestGlanceShallow(t *testing.T) {
	r := newRepo(t)
	tip := ""
	for _, text := range []string{"1", "2", "3", "4"} {
		last := tip
		tip = write(t, r, last, "a", text)
		move(t, r, "refs/heads/main", last, tip)
	}
	dir := tempDir(t)
	sh(t, r, dir, "clone", "-q", "--depth=1", "--branch=main", "file://"+r.root, dir)
	seen := map[string]bool{}
	for range 3 {
		g, err := LookAt(t.Context(), dir, environ(t))
		if err != nil {
			t.Fatal(err)
		}
		if seen[g.State] {
			t.Error("it is in a state that it was in before")
		}
		seen[g.State] = true
		sh(t, r, dir, "fetch", "-q", "--deepen=1")
	}
}
