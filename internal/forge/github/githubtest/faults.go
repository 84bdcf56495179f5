package githubtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"time"
)

// Fault is a way in which a call goes wrong.
type Fault string

// The faults.
const (
	TimeoutBefore Fault = "timeout before" // nothing was carried out
	TimeoutAfter  Fault = "timeout after"  // it was, and nobody is told
	Reset         Fault = "connection reset"
	Unauthorized  Fault = "401"
	Forbidden     Fault = "403"
	Missing       Fault = "404"
	Conflict      Fault = "409"
	Unprocessable Fault = "422"
	RetryAfter    Fault = "429 with retry-after"
	TooMany       Fault = "429 without retry-after"
	Primary       Fault = "403 of the primary limit"
	Secondary     Fault = "403 of the secondary limit"
	ServerError   Fault = "500"
	BrokenJSON    Fault = "broken JSON" // it was carried out
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{TimeoutBefore, TimeoutAfter, Reset, Unauthorized, Forbidden, Missing, Conflict, Unprocessable, RetryAfter, TooMany,
		Primary, Secondary, ServerError, BrokenJSON}
}

// fault is a Fault that waits for its calls.
type fault struct {
	method, path string
	kind         Fault
	skip, times  int // calls that pass before; calls that fail, -1 for all
}

// Fail makes calls go wrong: those of a method to a path beneath the
// repository, such as pulls/*/reviews, after skip that pass; times of them, -1
// for all.
func (s *Server) Fail(method, pattern string, kind Fault, skip, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{method, pattern, kind, skip, times})
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault finds the fault of a request.
func (s *Server) fault(req *http.Request) *fault {
	for _, f := range s.faults {
		if match, err := path.Match(f.path, s.short(req)); err != nil || !match || f.method != req.Method || f.times == 0 {
			continue
		}
		if f.skip > 0 {
			f.skip--
			continue
		}
		f.times--
		return f
	}
	return nil
}

// timedOut marks an answer that Transport turns into a time-out.
const timedOut = "X-Timed-Out"

// fail answers as the fault has it. What a server may say in an error is
// anything: it repeats the token here, as a proxy that shows requests does.
func (s *Server) fail(w http.ResponseWriter, req *http.Request, f *fault, carryOut func(http.ResponseWriter)) {
	echo := "refused for " + req.Header.Get("Authorization")
	switch f.kind {
	case TimeoutBefore:
		s.silent(w, req)
	case TimeoutAfter:
		carryOut(httptest.NewRecorder())
		s.silent(w, req)
	case Reset:
		hangUp(w)
	case BrokenJSON:
		rec := httptest.NewRecorder()
		carryOut(rec)
		w.WriteHeader(rec.Code)
		fmt.Fprintf(w, `{"message": %q, `, echo)
	case RetryAfter:
		send(w, answer{code: 429, body: refuse(429, echo).body, header: map[string]string{"Retry-After": "7"}})
	case Primary:
		reset := strconv.FormatInt(s.now().Add(40*time.Second).Unix(), 10)
		send(w, answer{code: 403, body: refuse(403, "API rate limit exceeded "+echo).body, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}})
	case Secondary:
		send(w, refuse(403, "You have exceeded a secondary rate limit. "+echo))
	case TooMany:
		send(w, refuse(429, echo))
	default:
		code, err := strconv.Atoi(string(f.kind))
		if err != nil {
			panic(fmt.Sprintf("githubtest: nobody knows the fault %q", f.kind))
		}
		send(w, refuse(code, echo))
	}
}

// silent gives no answer: to a client behind Transport as a time-out, which
// takes no time, to any other by hanging up.
func (s *Server) silent(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get(timedOut) == "" {
		hangUp(w)
		return
	}
	w.Header().Set(timedOut, "yes")
	w.WriteHeader(http.StatusGatewayTimeout)
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

// Transport reaches the server as the network would, and makes time-outs of
// what shall time out.
func (s *Server) Transport() http.RoundTripper { return transport{} }

type transport struct{}

var errTimeout = errors.New("net/http: timeout awaiting response headers")

// RoundTrip sends one request.
func (transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set(timedOut, "possible")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && res.Header.Get(timedOut) != "" {
		res.Body.Close()
		return nil, errTimeout
	}
	return res, err
}

func contextWith(req *http.Request, c *call) context.Context {
	return context.WithValue(req.Context(), callKey{}, c)
}
