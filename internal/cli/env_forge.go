package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/cli/go-gh/v2/pkg/auth"

	"github.com/gitsm/gitsm/internal/forge/github"
	"github.com/gitsm/gitsm/internal/proposal"
)

// gitHub is the repository on GitHub that a store lives in, reached with the
// user's token.
func (env *Env) gitHub(ctx context.Context, d *proposal.Desk) (*github.Client, error) {
	place, err := env.place(ctx, d)
	if err != nil {
		return nil, err
	}
	c, err := github.New(github.Options{
		Place: place, API: env.api(place), Token: env.token(place), Agent: "gitsm/" + env.Version,
		Proxy: github.Proxy{HTTP: env.either("HTTP_PROXY", "http_proxy"), HTTPS: env.either("HTTPS_PROXY", "https_proxy"), No: env.either("NO_PROXY", "no_proxy")},
		Now:   env.Clock, Sleep: env.Sleep,
	})
	if err != nil {
		return nil, usage("%v", err)
	}
	return c, nil
}

// place is the repository that is meant: GH_REPO says it, else the remote that
// main follows, else the workflow that gitsm runs in.
func (env *Env) place(ctx context.Context, d *proposal.Desk) (github.Place, error) {
	if repo := env.getenv("GH_REPO"); repo != "" {
		p, err := github.ParsePlace(repo, cmp.Or(env.getenv("GH_HOST"), env.server()))
		if err != nil {
			return p, usage("GH_REPO: %v", err).hint("write it as [HOST/]OWNER/NAME")
		}
		return p, nil
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return github.Place{}, err
	}
	remote, ok, err := repo.Upstream(ctx, d.Main)
	if err != nil {
		return github.Place{}, err
	}
	if !ok {
		remote = "origin"
	}
	address, _, err := repo.Config(ctx, "remote."+remote+".url")
	if err != nil {
		return github.Place{}, err
	}
	if github.Short(address) {
		if address, err = repo.Address(ctx, remote); err != nil {
			return github.Place{}, err
		}
	}
	if github.Short(address) {
		return github.Place{}, usage("remote %s is at a host that only ssh knows by that name", remote).hint("set GH_REPO=github.com/OWNER/NAME")
	}
	if p, err := github.ParseRemote(address); err == nil {
		return p, nil
	}
	if repo := env.getenv("GITHUB_REPOSITORY"); repo != "" {
		return github.ParsePlace(repo, env.server())
	}
	what, do := "is no repository there", "set-url"
	if address == "" {
		what, do = "is not there", "add"
	}
	return github.Place{}, usage("the store's forge is github, and remote %s %s", remote, what).
		hint("git remote %s %s https://github.com/OWNER/NAME.git, or set GH_REPO=OWNER/NAME", do, remote)
}

// server is the host that a workflow runs for.
func (env *Env) server() string {
	u, err := url.Parse(env.getenv("GITHUB_SERVER_URL"))
	if err != nil || u.Host == "" {
		return github.Dotcom
	}
	return u.Host
}

// api is where the environment says that the host's API is; what it says of
// another host is not meant.
func (env *Env) api(p github.Place) string {
	if env.server() != p.Host {
		return ""
	}
	return env.getenv("GITHUB_API_URL")
}

// token is the user's for a host: what the environment says, as gh reads it,
// else what gh keeps in its configuration or the keyring. A token of github.com
// is not for a server of somebody's own, but for the one the workflow is on.
func (env *Env) token(p github.Place) string {
	names := []string{"GH_TOKEN", "GITHUB_TOKEN"}
	if !p.Own() {
		names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
		if env.server() == p.Host {
			names = append(names, "GH_TOKEN", "GITHUB_TOKEN")
		}
	}
	for _, n := range names {
		if t := strings.TrimSpace(env.getenv(n)); t != "" {
			return t
		}
	}
	t, _ := auth.TokenForHost(p.Host)
	return strings.TrimSpace(t)
}

func (env *Env) either(names ...string) string {
	for _, n := range names {
		if v := env.getenv(n); v != "" {
			return v
		}
	}
	return ""
}

// sleep waits, unless the command is interrupted first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", ctx.Err())
	case <-t.C:
		return nil
	}
}
