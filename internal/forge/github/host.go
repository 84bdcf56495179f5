package github

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// Dotcom is the host that everybody means by GitHub.
const Dotcom = "github.com"

// tenancy is the domain of hosts with data residency, whose API has a host of
// its own as github.com's has.
const tenancy = ".ghe.com"

// Place is a repository on a host.
type Place struct {
	Host string // github.com, acme.ghe.com, or that of a GitHub Enterprise Server
	Repo string // owner/name
}

func (p Place) String() string {
	if p.Host == Dotcom {
		return p.Repo
	}
	return p.Host + "/" + p.Repo
}

// Own reports whether the host has the tokens of github.com: it, and tenancies
// of it, as gh has them.
func (p Place) Own() bool { return p.Host == Dotcom || strings.HasSuffix(p.Host, tenancy) }

var (
	scpForm  = lazyregexp.New(`^(?:[^@/]+@)?([A-Za-z0-9.-]+):([^/].*)$`)
	repoForm = lazyregexp.New(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+$`)
	hostForm = lazyregexp.New(`^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?$`)
)

// ParseRemote reads the address of a remote as git has it: https, ssh or
// git@host:owner/name.
func ParseRemote(address string) (Place, error) {
	host, path := "", ""
	if u, err := url.Parse(address); err == nil && u.Scheme != "" && u.Host != "" {
		host, path = u.Hostname(), u.Path
		if u.Scheme == "https" || u.Scheme == "http" {
			host = u.Host
		}
	} else if m := scpForm.FindStringSubmatch(address); m != nil {
		host, path = m[1], m[2]
	}
	if host = strings.ToLower(host); host == "ssh."+Dotcom || host == "www."+Dotcom {
		host = Dotcom
	}
	return place(host, strings.TrimSuffix(strings.Trim(path, "/"), ".git"))
}

// ParsePlace reads [HOST/]OWNER/NAME, as GH_REPO has it, of a host where it names
// none.
func ParsePlace(text, host string) (Place, error) {
	if strings.Count(text, "/") == 2 {
		host, text, _ = strings.Cut(text, "/")
	}
	return place(strings.ToLower(host), text)
}

// Short reports whether an address names its host by a word that only ssh's
// configuration, or url.<base>.insteadOf of git's, makes a host of.
func Short(address string) bool {
	m := scpForm.FindStringSubmatch(address)
	return m != nil && !strings.Contains(m[1], ".")
}

func place(host, repo string) (Place, error) {
	if !hostForm.MatchString(host) || !repoForm.MatchString(repo) {
		return Place{}, fmt.Errorf("%q names no repository of a host", strings.TrimPrefix(host+"/"+repo, "/"))
	}
	return Place{Host: host, Repo: repo}, nil
}

// api is where the host answers: github.com and its tenancies at a host of
// their own, a server beneath a path of its own.
func (p Place) api() string {
	if p.Own() {
		return "https://api." + p.Host + "/"
	}
	return "https://" + p.Host + "/api/v3/"
}

// endpoint is the address that requests go to. A token goes over TLS or stays
// on this machine.
func endpoint(p Place, override string) (*url.URL, error) {
	if override == "" {
		override = p.api()
	}
	u, err := url.Parse(override)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("the address of GitHub's API is no URL: look at GITHUB_API_URL")
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, fmt.Errorf("the API at %s://%s is not reached over https, and a token must not be sent there: look at GITHUB_API_URL", u.Scheme, u.Host)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}
