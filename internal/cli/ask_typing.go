package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"charm.land/huh/v2"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// typing is what somebody has typed of a change so far. What is found in it is
// worked out beside the typing, so whoever reads it takes the lock.
type typing struct {
	Title, Reason, Backout string // exported, since the form looks for what has changed
	Services               []string

	mu *sync.Mutex // apart, since the form copies the rest
}

// keyed is a field of typing.
type keyed[T any] struct {
	of    *typing
	value *T
}

// Get implements huh.Accessor.
func (k keyed[T]) Get() T {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	return *k.value
}

// Set implements huh.Accessor.
func (k keyed[T]) Set(v T) {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	*k.value = v
}

// into returns the fields that a change with the given ones has with what was
// typed.
func (t *typing) into(given map[string]any) map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	fields := maps.Clone(given)
	put(fields, "title", t.Title)
	put(fields, "reason", t.Reason)
	if t.Backout != "" {
		plan, _ := fields["plan"].(map[string]any)
		if plan = maps.Clone(plan); plan == nil {
			plan = map[string]any{}
		}
		plan["backout"] = t.Backout
		fields["plan"] = plan
	}
	if len(t.Services) > 0 {
		list := []any{}
		for _, s := range t.Services {
			list = append(list, s)
		}
		fields["services"] = list
	}
	return fields
}

// mostForeseen bounds the findings that are shown below a form.
const mostForeseen = 6

// foreseen shows below a form what would be found in the change as it is typed.
// Where that cannot be told nothing is shown: filing the change says why.
func (a *asker) foreseen(ctx context.Context, d *proposal.Desk, given map[string]any, t *typing) huh.Field {
	given = maps.Clone(given)
	foretell, err := d.Foretell(ctx)
	say := func() string {
		if err != nil {
			return ""
		}
		found, err := foretell(ctx, t.into(given))
		if err != nil {
			return ""
		}
		var lines []string
		for _, f := range found {
			lines = append(lines, fmt.Sprintf("%s %s", f.Code, render.Terminal(f.Message)))
		}
		lines = slices.Compact(lines)
		if n := len(lines); n > mostForeseen {
			lines = append(lines[:mostForeseen], fmt.Sprintf("and %d more", n-mostForeseen))
		}
		if len(lines) == 0 {
			return "nothing is missing so far"
		}
		return strings.Join(lines, "\n")
	}
	return huh.NewNote().Title("Found so far").DescriptionFunc(say, t)
}
