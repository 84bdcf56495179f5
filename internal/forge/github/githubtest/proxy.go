package githubtest

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// Proxy is one that lets nobody through, and remembers where they wanted to.
type Proxy struct {
	URL string

	server *httptest.Server
	asked  sync.Map
}

// StartProxy begins one.
func StartProxy() *Proxy {
	p := &Proxy{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Store(r.Host, true)
		w.WriteHeader(http.StatusForbidden)
	}))
	p.URL = p.server.URL
	return p
}

// Asked reports whether somebody wanted to a host and port.
func (p *Proxy) Asked(host string) bool {
	_, ok := p.asked.Load(host)
	return ok
}

// Close ends it.
func (p *Proxy) Close() { p.server.Close() }
