package github

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/gitsm/gitsm/internal/forge"
)

// perPage is the longest page there is; the default is 30.
const perPage = 100

// maxPages ends a list that does not end by itself.
const maxPages = 1000

// all reads a list to its end. A page that cannot be read is a failure of the
// whole: half a list of reviews is worse than none.
func all[T any](ctx context.Context, c *Client, what string, page func(github.ListOptions) ([]T, *github.Response, error)) ([]T, error) {
	var out []T
	opts := github.ListOptions{PerPage: perPage, Page: 1}
	for range maxPages {
		items, res, err := page(opts)
		if err != nil {
			return nil, c.fail(what, false, err)
		}
		out = append(out, items...)
		// A full page may have lost its link to the next one on the way here.
		if res.NextPage == 0 && len(items) < perPage {
			return out, nil
		}
		opts.Page++
	}
	return nil, c.fail(what, false, &forge.Error{What: what, Kind: forge.ErrBroken, Why: fmt.Sprintf("the list has no end after %d pages", maxPages)})
}

// gap is how long GitHub wants to be left alone after each write.
const gap = time.Second

// write makes one change at a time, a second after the last one ended.
func (c *Client) write(ctx context.Context, what string, do func(context.Context) error) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if wait := gap - c.now().Sub(c.wrote); !c.wrote.IsZero() && wait > 0 {
		if err := c.sleep(ctx, min(wait, gap)); err != nil {
			return err
		}
	}
	err := do(ctx)
	c.wrote = c.now()
	return c.fail(what, true, err)
}

// rewrite makes a change that comes to the same however often it is made, so
// that it may be sent again when nobody knows what became of it.
func (c *Client) rewrite(ctx context.Context, what string, do func(context.Context) error) error {
	return c.write(context.WithValue(ctx, repeatable{}, true), what, do)
}

// get reads what go-github has no words for, or the wrong ones.
func (c *Client) get(ctx context.Context, path string, into any) (*github.Response, error) {
	req, err := c.gh.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return c.gh.Do(ctx, req, into)
}

// path is an address beneath the repository's.
func (c *Client) path(format string, args ...any) string {
	return fmt.Sprintf("repos/%s/%s/", c.owner, c.name) + fmt.Sprintf(format, args...)
}
