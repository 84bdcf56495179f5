package cli

import (
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// pullText is what the pull request of a proposal says of it.
func pullText(l *proposal.Loaded, dec *decision.Decision) forge.Text {
	c := l.Facts.Primary()
	if c == nil || c.After == nil {
		return forge.Text{Title: strings.TrimSpace(l.Verb + " " + l.ID), Body: render.PullBody(dec, nil)}
	}
	rec := c.After
	var fields [][2]string
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, [2]string{name, value})
		}
	}
	add("title", rec.Title())
	add("type", rec.Str("type"))
	add("services", strings.Join(rec.Strs("services"), ", "))
	add("assets", strings.Join(rec.Strs("assets"), ", "))
	if start, end := rec.Str("window", "start"), rec.Str("window", "end"); start != "" && end != "" {
		add("window", start+" to "+end)
	}
	add("requester", rec.Str("requester"))
	add("reason", rec.Str("reason"))
	add("back-out", rec.Str("plan", "backout"))
	title := proposal.Harmless(strings.Join(strings.Fields(render.Terminal(fmt.Sprintf("%s %s: %s", l.Verb, l.ID, rec.Title()))), " "))
	if r := []rune(title); len(r) > 200 {
		title = string(r[:199]) + "…"
	}
	return forge.Text{Title: title, Body: render.PullBody(dec, fields)}
}
