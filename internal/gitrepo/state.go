package gitrepo

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// State is all that git says of a repository besides its objects: what is checked
// out, where every ref stands, and the configuration. While it is equal, so is
// whatever follows from these. The configuration that it holds is the one that
// this Repo goes by from then on.
func (r *Repo) State(ctx context.Context) (string, error) {
	var refs, config, head string
	var errs [3]error
	var wg sync.WaitGroup
	ask := func(i int, out *string, args ...string) {
		b, err := r.git(args...).run(ctx)
		*out, errs[i] = string(b), err
	}
	wg.Go(func() { ask(0, &refs, "for-each-ref", "--format=%(objectname) %(refname) %(symref)") })
	wg.Go(func() { ask(1, &config, "config", "--list", "-z") })
	if name, ok := headFile(r.gitDir); ok {
		head = name
	} else {
		wg.Go(func() { ask(2, &head, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD") })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return "", fmt.Errorf("reading the state of the repository: %w", err)
		}
	}
	r.config.mu.Lock()
	r.config.values, r.config.loaded = parseConfig(config), true
	r.config.mu.Unlock()
	return strings.Join([]string{fmt.Sprint(r.shallow), head, refs, config}, "\x00\x00"), nil
}
