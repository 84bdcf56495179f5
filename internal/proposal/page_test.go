package proposal_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
)

// misleading is a forge that says its pages are elsewhere.
type misleading struct {
	proposal.Forge
	at string
}

func (m misleading) Pulls(ctx context.Context, branch string) ([]forge.Pull, error) {
	list, err := m.Forge.Pulls(ctx, branch)
	for i := range list {
		list[i].URL = m.at
	}
	return list, err
}

// TestPageElsewhere holds that no browser is sent to another host, nor to a file.
func TestPageElsewhere(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, _ := h.submitted(t)
	for at, ok := range map[string]bool{
		"https://github.com/acme/shop/pull/1": true, "https://GitHub.com/acme/moved/pull/1": true,
		"https://github.com.evil.example/acme/shop/pull/1": false, "https://github.com@evil.example/": false, "http://github.com/acme/shop/pull/1": false,
		"file:///etc/passwd": false, "--help": false, "": false,
	} {
		d := h.desk("alice")
		connect := d.Connect
		d.Connect = func(ctx context.Context) (proposal.Forge, error) {
			f, err := connect(ctx)
			return misleading{f, at}, err
		}
		page, err := d.Page(t.Context(), target(t, d, id))
		if _, refused := errors.AsType[*proposal.RefusedError](err); refused == ok || ok && page != at {
			t.Errorf("%q: %q, %v", at, page, err)
		}
	}
}
