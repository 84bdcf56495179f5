package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// configCache holds git's whole configuration, read by one process when the
// first value is asked for.
type configCache struct {
	mu     sync.Mutex
	loaded bool
	values map[string]string
}

// Config returns the value of a configuration key as git sees it here, with
// includes, work tree configuration and GIT_CONFIG_* variables; the last value
// where a key has several. It is read once per Repo.
func (r *Repo) Config(ctx context.Context, key string) (string, bool, error) {
	values, err := r.settings(ctx)
	if err != nil {
		return "", false, err
	}
	v, ok := values[canonicalKey(key)]
	return v, ok, nil
}

// settings are all of git's configuration, to be read only.
func (r *Repo) settings(ctx context.Context) (map[string]string, error) {
	r.config.mu.Lock()
	defer r.config.mu.Unlock()
	if !r.config.loaded {
		out, err := r.git("config", "--list", "-z").run(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading git's configuration: %w", err)
		}
		r.config.values = parseConfig(string(out))
		r.config.loaded = true
	}
	return r.config.values, nil
}

func parseConfig(out string) map[string]string {
	values := map[string]string{}
	for entry := range strings.SplitSeq(out, "\x00") {
		key, value, hasValue := strings.Cut(entry, "\n")
		if !hasValue {
			value = "true" // how git reads a key without "="
		}
		if key != "" {
			values[key] = value
		}
	}
	return values
}

// canonicalKey lowers what git does not distinguish by case: section and name,
// but not what stands between them.
func canonicalKey(key string) string {
	first, last := strings.Index(key, "."), strings.LastIndex(key, ".")
	if first < 0 || first == last {
		return strings.ToLower(key)
	}
	return strings.ToLower(key[:first]) + key[first:last] + strings.ToLower(key[last:])
}

// ErrNoIdentity says that git does not know who the user is.
var ErrNoIdentity = errors.New("git does not know who you are; set user.name and user.email with git config")

// Identity returns the author that git would record. It is never guessed from
// the machine's name.
func (r *Repo) Identity(ctx context.Context) (name, email string, err error) {
	c := r.git("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
	_, given := lookup(r.environ, "GIT_AUTHOR_EMAIL")
	if v, ok := lookup(r.environ, "EMAIL"); ok && v != "" && !given {
		if _, configured, cerr := r.Config(ctx, "user.email"); cerr == nil && !configured {
			c.env = append(c.env, "GIT_AUTHOR_EMAIL="+v)
		}
	}
	out, err := c.run(ctx)
	if exitCode(err) > 0 {
		return "", "", fmt.Errorf("%w (%s)", ErrNoIdentity, lastLine(err))
	}
	if err != nil {
		return "", "", fmt.Errorf("asking git who you are: %w", err)
	}
	sig := parseSignature(strings.TrimSpace(string(out)))
	if sig.Name == "" || sig.Email == "" {
		return "", "", ErrNoIdentity
	}
	return sig.Name, sig.Email, nil
}

// lastLine is what it came to: git explains the remedy at length before it.
func lastLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "fatal: ")
}

// Editor returns the command that edits a file: GITSM_EDITOR, then git's order.
func (r *Repo) Editor(ctx context.Context) (string, error) {
	if v, ok := lookup(r.environ, "GITSM_EDITOR"); ok && v != "" {
		return v, nil
	}
	out, err := r.git("var", "GIT_EDITOR").run(ctx)
	if err != nil {
		return "", fmt.Errorf("finding an editor: %w; set GITSM_EDITOR or EDITOR", err)
	}
	editor := strings.TrimSpace(string(out))
	if editor == "" {
		return "", errors.New("finding an editor: the one that is configured is empty; set GITSM_EDITOR or EDITOR")
	}
	return editor, nil
}
