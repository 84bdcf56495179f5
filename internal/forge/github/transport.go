package github

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// attempts is how often one request is sent at most.
const attempts = 4

// defaultPatience is how long one call waits for limits, in all, where whoever
// made the client did not say.
const defaultPatience = 2 * time.Minute

// transport authenticates requests and sends those again that may be sent
// again: reads that failed on the way, and everything that a limit turned
// away, since that was not carried out.
type transport struct {
	next     http.RoundTripper
	base     *url.URL
	token    string
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
	patience time.Duration
}

// repeatable marks requests that come to the same however often they are sent.
type repeatable struct{}

// errNoToken says that there is nothing to ask with: GitHub would tell strangers a
// few things an hour, of public repositories.
var errNoToken = errors.New("there is none")

// RoundTrip sends one request until it is answered.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.token == "" {
		return nil, errNoToken
	}
	ctx := req.Context()
	again := req.Method == http.MethodGet || ctx.Value(repeatable{}) != nil
	left := t.patience
	if left == 0 {
		left = defaultPatience
	}
	for n := 1; ; n++ {
		r, err := t.prepared(req)
		if err != nil {
			return nil, err
		}
		res, err := t.once(r)
		wait, retry := t.verdict(res, err, again, n)
		if !retry || n == attempts || wait > left || ctx.Err() != nil {
			return unlimited(res), err
		}
		left -= wait
		drain(res)
		if err := t.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// prepared copies a request for one attempt, with the token where it goes to
// the API itself: a redirect to another host must not carry it there.
func (t *transport) prepared(req *http.Request) (*http.Request, error) {
	r := req.Clone(req.Context())
	if req.Body != nil && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		r.Body = body
	}
	r.Header.Del("Authorization")
	if t.token != "" && r.URL.Host == t.base.Host && r.URL.Scheme == t.base.Scheme {
		r.Header.Set("Authorization", "Bearer "+t.token)
	}
	return r, nil
}

// once sends a request and reads its answer whole: one that breaks off must
// not look like a short one.
func (t *transport) once(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	res, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	res.Body.Close()
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxAnswer:
		return nil, errTooLong
	}
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res, nil
}

// maxAnswer is more than any page of what is asked for here.
const maxAnswer = 32 << 20

var errTooLong = errors.New("the answer is longer than 32 MiB")

// verdict says whether to send a request again, and after how long.
func (t *transport) verdict(res *http.Response, err error, again bool, n int) (time.Duration, bool) {
	backoff := time.Second << (n - 1)
	switch {
	case err != nil:
		return backoff, again
	case limited(res):
		return t.untilAllowed(res, n), true
	case res.StatusCode >= 500:
		return max(backoff, retryAfter(res)), again
	}
	return 0, false
}

// limited reports whether a limit turned a request away. GitHub says so with
// 429, or with 403 and one of three hints.
func limited(res *http.Response) bool {
	if res.StatusCode == http.StatusTooManyRequests {
		return true
	}
	if res.StatusCode != http.StatusForbidden {
		return false
	}
	return res.Header.Get("Retry-After") != "" || res.Header.Get("X-RateLimit-Remaining") == "0" ||
		strings.Contains(peek(res), "secondary rate limit") || strings.Contains(peek(res), "abuse detection")
}

// untilAllowed is how long a limit lasts: as the answer says, else a minute and
// longer each time, as GitHub asks for.
func (t *transport) untilAllowed(res *http.Response, n int) time.Duration {
	if d := retryAfter(res); d > 0 {
		return d
	}
	if at, err := strconv.ParseInt(res.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && res.Header.Get("X-RateLimit-Remaining") == "0" {
		return max(time.Second, time.Unix(at, 0).Sub(t.now())+time.Second)
	}
	return time.Minute << (n - 1)
}

func retryAfter(res *http.Response) time.Duration {
	s, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || s < 0 {
		return 0
	}
	return time.Duration(min(s, 1<<30)) * time.Second
}

// peek returns the body, which stays to be read.
func peek(res *http.Response) string {
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return ""
	}
	res.Body = io.NopCloser(strings.NewReader(string(b)))
	return string(b)
}

func drain(res *http.Response) {
	if res != nil {
		res.Body.Close()
	}
}

// unlimited takes the counters out of an answer, by which go-github would
// refuse requests on its own: limits are kept here alone.
func unlimited(res *http.Response) *http.Response {
	if res != nil && res.StatusCode < 400 {
		for _, h := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			res.Header.Del(h)
		}
	}
	return res
}
