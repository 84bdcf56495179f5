package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	r := newRepo(t)
	put(t, r.gitDir, "extra", "[user]\n\tsigningKey = ~/from-include\n")
	put(t, r.gitDir, "config", "[core]\n\trepositoryformatversion = 0\n[User]\n\tname = first\n\tname = second\n[gpg \"Some.Case\"]\n\tProgram = x\n"+
		"[commit]\n\tgpgSign\n[multi]\n\tline = \"a\\nb=c\"\n\tempty =\n[includeIf \"gitdir:"+filepath.ToSlash(r.root)+"/\"]\n\tpath = extra\n")
	o := reopen(t, r, r.root, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=gpg.format", "GIT_CONFIG_VALUE_0=ssh", "GIT_CONFIG=/nonexistent")
	for key, want := range map[string]string{
		"user.name": "second", "USER.NAME": "second", "user.signingkey": "~/from-include", "gpg.Some.Case.program": "x", "gpg.format": "ssh",
		"commit.gpgsign": "true", "multi.line": "a\nb=c", "multi.empty": "",
	} {
		if got, ok, err := o.Config(t.Context(), key); got != want || !ok || err != nil {
			t.Errorf("%s: %q, %v, %v", key, got, ok, err)
		}
	}
	for _, key := range []string{"user.nope", "gpg.some.case.program", "", "user", "."} {
		if got, ok, err := o.Config(t.Context(), key); ok || err != nil {
			t.Errorf("%s: %q, %v", key, got, err)
		}
	}
	put(t, r.gitDir, "config", "[broken\n")
	if _, _, err := reopenBroken(t, r).Config(t.Context(), "user.name"); err == nil {
		t.Error("a broken configuration was read")
	}
}

// reopenBroken is r without what it has read so far.
func reopenBroken(tb testing.TB, r *Repo) *Repo {
	tb.Helper()
	fresh := *r
	fresh.config = &configCache{}
	return &fresh
}

func TestIdentity(t *testing.T) {
	none := []string{"GIT_AUTHOR_NAME=", "GIT_AUTHOR_EMAIL=", "GIT_COMMITTER_NAME=", "GIT_COMMITTER_EMAIL="}
	tests := map[string]struct {
		environ     []string
		config      string
		name, email string
	}{
		"from the environment":      {environ: []string{"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com"}, name: "Ann", email: "ann@example.com"},
		"from configuration":        {config: "[user]\n\tname = Bob B\n\temail = bob@example.com\n", name: "Bob B", email: "bob@example.com"},
		"author before user":        {config: "[user]\n\tname = Bob\n\temail = bob@example.com\n[author]\n\temail = b@work.example\n", name: "Bob", email: "b@work.example"},
		"address in EMAIL":          {environ: []string{"EMAIL=e@example.com"}, config: "[user]\n\tname = Eve\n", name: "Eve", email: "e@example.com"},
		"configured before EMAIL":   {environ: []string{"EMAIL=e@example.com"}, config: "[user]\n\tname = Eve\n\temail = eve@example.com\n", name: "Eve", email: "eve@example.com"},
		"nothing":                   {},
		"name alone":                {config: "[user]\n\tname = Bob\n"},
		"address alone":             {config: "[user]\n\temail = bob@example.com\n"},
		"EMAIL alone is no name":    {environ: []string{"EMAIL=e@example.com"}},
		"only what git cannot use":  {config: "[user]\n\tname = <>\n\temail = bob@example.com\n"},
		"guessing was not switched": {config: "[user]\n\tuseConfigOnly = false\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			put(t, r.gitDir, "config", "[core]\n\trepositoryformatversion = 0\n"+tt.config)
			env := without(append(without(r.environ, "GIT_DIR", "GIT_WORK_TREE"), none...), "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL")
			o, err := Open(t.Context(), r.root, append(env, tt.environ...))
			if err != nil {
				t.Fatal(err)
			}
			gotName, gotEmail, err := o.Identity(t.Context())
			if tt.name == "" {
				if !errors.Is(err, ErrNoIdentity) || !strings.Contains(err.Error(), "git config") || strings.Contains(err.Error(), "\n") {
					t.Errorf("%q <%s>, %v", gotName, gotEmail, err)
				}
				return
			}
			if gotName != tt.name || gotEmail != tt.email || err != nil {
				t.Errorf("%q <%s>, %v", gotName, gotEmail, err)
			}
		})
	}
}

func TestEditor(t *testing.T) {
	r := newRepo(t)
	sh(t, r, r.root, "config", "core.editor", "configured --wait")
	for want, extra := range map[string][]string{
		"configured --wait": {"EDITOR=environment"},
		"git's own":         {"EDITOR=environment", "GIT_EDITOR=git's own"},
		"ours":              {"GITSM_EDITOR=ours", "GIT_EDITOR=git's own"},
	} {
		if got, err := reopen(t, r, r.root, extra...).Editor(t.Context()); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	sh(t, r, r.root, "config", "--unset", "core.editor")
	for name, extra := range map[string][]string{"none": {"TERM=dumb"}, "empty": {"TERM=dumb", "EDITOR="}} {
		if got, err := reopen(t, r, r.root, extra...).Editor(t.Context()); err == nil || !strings.Contains(err.Error(), "GITSM_EDITOR") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestWithoutGit(t *testing.T) {
	t.Setenv("PATH", tempDir(t))
	_, err := Open(t.Context(), tempDir(t), []string{"HOME=" + os.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "install git") {
		t.Errorf("error %v", err)
	}
}
