package gitrepo

import "testing"

// TestState: whatever git is told besides objects makes another state, and
// nothing else does.
func TestState(t *testing.T) {
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
		state, err := r.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if was, same := seen[state]; same != c.same {
			t.Errorf("%s: the state of %q is the same: %v", c.name, was, same)
		}
		seen[state] = c.name
	}
	if v, ok, err := r.Config(t.Context(), "branch.main.remote"); v != "origin" || !ok || err != nil {
		t.Errorf("the configuration is not that of the state: %q, %v, %v", v, ok, err)
	}
}
