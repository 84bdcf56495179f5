// Package github owns the conversation with GitHub: requests and what they are
// answered, as the plain values of package forge.
//
// It may import forge, go-github and net/http, and is the only package that
// imports either of these two. It decides nothing about approvals, and takes
// its token, its clock and its patience from whoever makes a Client. It reads
// lists to their end or fails, writes one thing at a time, and no error of it
// holds a token.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
	"golang.org/x/net/http/httpproxy"

	"github.com/gitsm/gitsm/internal/forge"
)

// Options say where a Client talks to, as whom, and how patiently.
type Options struct {
	Place Place
	API   string // address of the API, "" for that of the place's host
	Token string
	Agent string // what the client calls itself
	Proxy Proxy

	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error // until the time is over or the context is
	// Patience is the longest that one call waits for a limit to end, in all.
	Patience time.Duration

	Transport http.RoundTripper // what requests go through in the end; nil for the network
}

// Proxy is what the environment says of proxies.
type Proxy struct{ HTTP, HTTPS, No string }

// Client talks to one repository of a host. It is safe for concurrent use.
type Client struct {
	gh    *github.Client
	place Place
	owner string
	name  string
	token string

	now   func() time.Time
	sleep func(context.Context, time.Duration) error

	writing sync.Mutex
	wrote   time.Time // when the last write ended

	may    recall[forge.Account, string] // what accounts may do
	ruling recall[branchRules, ruled]
}

// timeout is how long one request may take.
const timeout = 30 * time.Second

// New makes a Client. It sends nothing yet.
func New(o Options) (*Client, error) {
	base, err := endpoint(o.Place, o.API)
	if err != nil {
		return nil, err
	}
	owner, name, ok := strings.Cut(o.Place.Repo, "/")
	switch {
	case !ok:
		return nil, fmt.Errorf("%q is not OWNER/NAME", o.Place.Repo)
	case o.Now == nil || o.Sleep == nil:
		return nil, errors.New("a client of GitHub needs a clock and a way to wait")
	}
	through := o.Transport
	if through == nil {
		through = network(o.Proxy)
	}
	c := &Client{place: o.Place, owner: owner, name: name, token: o.Token, now: o.Now, sleep: o.Sleep}
	t := &transport{next: through, base: base, token: o.Token, now: o.Now, sleep: o.Sleep, patience: o.Patience}
	c.gh = github.NewClient(&http.Client{Transport: t})
	c.gh.BaseURL, c.gh.UploadURL = base, base
	c.gh.UserAgent = o.Agent
	return c, nil
}

// network reaches hosts through the proxies that the environment names.
func network(p Proxy) http.RoundTripper {
	proxy := (&httpproxy.Config{HTTPProxy: p.HTTP, HTTPSProxy: p.HTTPS, NoProxy: p.No}).ProxyFunc()
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	return t
}

// Place is the repository the client talks about.
func (c *Client) Place() Place { return c.place }
