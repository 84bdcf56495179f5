package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"charm.land/huh/v2"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
)

// ask asks on a terminal for what a new record still lacks: at most six
// questions for a change, one per missing field for other kinds.
func ask(ctx context.Context, env *Env, d *proposal.Desk, o *newOptions, fields map[string]any) error {
	if err := d.May(ctx, o.kind); err != nil {
		return err // rather than when everything is answered
	}
	a := &asker{env: env, accessible: truthy(env.getenv("ACCESSIBLE")) || env.getenv("TERM") == "dumb"}
	var err error
	if o.kind.Name == "change" {
		err = a.change(ctx, d, fields)
	} else {
		err = a.plain(o, fields)
	}
	if errors.Is(err, huh.ErrUserAborted) {
		return &Error{Msg: "nothing was filed", Code: ExitInterrupted}
	}
	return err
}

type asker struct {
	env        *Env
	accessible bool
}

func (a *asker) form(fs ...huh.Field) error {
	return huh.NewForm(huh.NewGroup(fs...)).WithAccessible(a.accessible).WithInput(a.env.In).WithOutput(io.Writer(a.env.Err)).Run()
}

func putWindow(fields map[string]any, start, length string) error {
	if start == later {
		return nil
	}
	from, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return err
	}
	span, err := time.ParseDuration(length)
	if err != nil {
		return err
	}
	fields["window"] = map[string]any{"start": start, "end": from.Add(span).Format(time.RFC3339)}
	return nil
}

func put(fields map[string]any, key, value string) {
	if value != "" {
		fields[key] = value
	}
}

// plain asks for each required field of another kind.
func (a *asker) plain(o *newOptions, fields map[string]any) error {
	for _, flag := range o.fields.missing(fields) {
		name := flag[2:]
		var text string
		if err := a.form(huh.NewInput().Title(name + "?").Value(&text).Validate(filledIn)); err != nil {
			return err
		}
		if err := o.fields.flags.Set(name, text); err != nil {
			return usage("%v", err)
		}
	}
	edits, err := o.fields.edits()
	if err != nil {
		return err
	}
	given, err := toFields(edits)
	for k, v := range given {
		fields[k] = v
	}
	return err
}

func filledIn(s string) error {
	if record.Placeholder(s) {
		return errors.New("please say something")
	}
	return nil
}

func atLeastOne(list []string) error {
	if len(list) == 0 {
		return errors.New("choose at least one")
	}
	return nil
}

func timeOrLater(s string) error {
	if s == "" || s == later {
		return nil
	}
	_, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("write it as 2026-11-21T22:00:00Z, or later")
	}
	return nil
}

func durationOK(s string) error {
	if d, err := time.ParseDuration(s); s != "" && (err != nil || d <= 0) {
		return errors.New("write it as 1h30m")
	}
	return nil
}
