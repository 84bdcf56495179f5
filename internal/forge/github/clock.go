package github

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gitsm/gitsm/internal/forge"
)

// Date is what GitHub's clock says.
func (c *Client) Date(ctx context.Context) (time.Time, error) {
	what := "asking " + c.place.Host + " for the time"
	_, res, err := c.gh.Repositories.Get(ctx, c.owner, c.name)
	if err != nil {
		return time.Time{}, c.fail(what, false, err)
	}
	at, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return time.Time{}, c.fail(what, false, &forge.Error{What: what, Kind: forge.ErrBroken, Why: fmt.Sprintf("its answer is dated %q", res.Header.Get("Date")), Fix: "try again; a proxy in between may have changed the answer"})
	}
	return at.UTC(), nil
}
