package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// fail restates what went wrong with a call, without secrets and with what to
// do about it. write says that it was to change something.
func (c *Client) fail(what string, write bool, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if known, ok := errors.AsType[*forge.Error](err); ok {
		if known.What == "" {
			known.What = what
		}
		return known
	}
	e := &forge.Error{What: what, Why: c.scrub(reason(err))}
	status, res := statusOf(err)
	switch {
	case errors.Is(err, errNoToken):
		e.Kind, e.Fix = forge.ErrAuth, c.login()
	case res != nil && limited(res):
		e.Kind, e.Fix = forge.ErrLimited, c.again(res)
	case status == http.StatusUnauthorized:
		e.Kind, e.Fix = forge.ErrAuth, c.login()
	case status == http.StatusForbidden:
		e.Kind, e.Fix = forge.ErrForbidden, fmt.Sprintf("use a token that may: %s; a single sign-on session may have to be authorised as well", needs(write))
	case status == http.StatusNotFound || status == http.StatusGone:
		e.Kind, e.Fix = forge.ErrNotFound, fmt.Sprintf("look at %s with the same account; a token without access to a private repository is told the same", c.place)
	case status == http.StatusMethodNotAllowed:
		e.Kind, e.Fix = forge.ErrRefused, "the message says what the rules of the branch miss; a rerun of the gate may be due"
	case status == http.StatusConflict:
		e.Kind, e.Fix = forge.ErrConflict, "look at it again, and repeat what is still meant"
	case status == http.StatusUnprocessableEntity:
		e.Kind, e.Fix = forge.ErrRefused, "do what the message asks for, and try again"
	case status >= 500:
		e.Kind, e.Uncertain, e.Fix = forge.ErrUnreachable, write, "try again; https://www.githubstatus.com says whether GitHub has trouble"
	case status >= 200 && status < 300 || garbled(err):
		e.Kind, e.Uncertain, e.Fix = forge.ErrBroken, write, "try again; a proxy in between may have changed the answer"
	case status != 0:
		e.Kind, e.Fix = forge.ErrRefused, fmt.Sprintf("GitHub answered %d: do what the message asks for, and try again", status)
	default:
		e.Kind, e.Uncertain, e.Fix = forge.ErrUnreachable, write, "look at the network and at HTTPS_PROXY, and try again"
	}
	return e
}

// login says how to come by a token. That of a server of somebody's own has
// another name, as gh has it.
func (c *Client) login() string {
	name, why := "GH_TOKEN", "the token has expired or was revoked: set another"
	if !c.place.Own() {
		name = "GH_ENTERPRISE_TOKEN"
	}
	if c.token == "" {
		why = "set"
	}
	return fmt.Sprintf("%s %s, or run gh auth login --hostname %s", why, name, c.place.Host)
}

func needs(write bool) string {
	if write {
		return "pull requests, commit statuses and contents have to be writable"
	}
	return "pull requests, contents and metadata have to be readable"
}

// again says when a limit ends.
func (c *Client) again(res *http.Response) string {
	t := &transport{now: c.now}
	return fmt.Sprintf("try again at %s", c.now().Add(t.untilAllowed(res, 1)).UTC().Format("15:04:05 MST"))
}

// statusOf finds the answer behind an error of go-github.
func statusOf(err error) (int, *http.Response) {
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok && e.Response != nil {
		return e.Response.StatusCode, e.Response
	}
	if e, ok := errors.AsType[*github.RateLimitError](err); ok && e.Response != nil {
		return e.Response.StatusCode, e.Response
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok && e.Response != nil {
		return e.Response.StatusCode, e.Response
	}
	if e, ok := errors.AsType[*github.TwoFactorAuthError](err); ok && e.Response != nil {
		return e.Response.StatusCode, e.Response
	}
	return 0, nil
}

// reason is the forge's own words, or what happened on the way.
func reason(err error) string {
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok {
		words := []string{e.Message}
		for _, d := range e.Errors {
			switch {
			case d.Message != "":
				words = append(words, d.Message)
			case d.Field != "":
				words = append(words, d.Field+" "+d.Code)
			}
		}
		return strings.Join(words, ": ")
	}
	if e, ok := errors.AsType[*github.RateLimitError](err); ok {
		return e.Message
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return e.Message
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err.Error() // the address says nothing that What does not
	}
	return err.Error()
}

// garbled reports whether an answer came that was no JSON.
func garbled(err error) bool {
	return strings.Contains(err.Error(), "invalid character") || strings.Contains(err.Error(), "cannot unmarshal") ||
		strings.Contains(err.Error(), "unexpected end of JSON") || errors.Is(err, errTooLong)
}

// secrets are the forms of tokens, whoever's they are, and passwords in
// addresses.
var secrets = lazyregexp.New(`gh[a-z]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,}|(?i:bearer|token|basic)\s+[A-Za-z0-9+/=._-]{16,}|//[^/@\s]+@`)

// scrub takes tokens out of a text, and everything but its first lines.
func (c *Client) scrub(text string) string {
	if c.token != "" {
		text = strings.ReplaceAll(text, c.token, "***")
		text = strings.ReplaceAll(text, url.QueryEscape(c.token), "***")
	}
	text = secrets.ReplaceAllString(text, "***")
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 400 {
		text = string(r[:399]) + "…"
	}
	return text
}
