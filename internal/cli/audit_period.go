package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/audit"
)

// periodHelp says what a period is, for commands that take one.
const periodHelp = `A period is a stretch of main's own line of first parents: RANGE names it by
commits, A..B is what came after A up to and with B, and either end may be left
out; --since and --until name it by the dates of commits and statements, which
prove nothing.`

// periodFlags choose a stretch of main.
type periodFlags struct{ since, until, at string }

func (p *periodFlags) register(f *pflag.FlagSet) {
	f.StringVar(&p.since, "since", "", "from this `TIME` on (RFC 3339 or a date)")
	f.StringVar(&p.until, "until", "", "before this `TIME`")
}

// registerPast is register for what can look at main as it once stood.
func (p *periodFlags) registerPast(f *pflag.FlagSet) {
	p.register(f)
	f.StringVar(&p.at, "at", "", auditAtHelp)
}

// period reads the flags, and the range where one was given.
func (p *periodFlags) period(ctx context.Context, env *Env, list []string) (out audit.Period, err error) {
	if out.Since, err = day(p.since); err != nil {
		return out, err
	}
	if out.Until, err = day(p.until); err != nil {
		return out, err
	}
	if !out.Until.IsZero() && !out.Since.Before(out.Until) {
		return out, usage("the period ends before it begins: --since %s, --until %s", p.since, p.until)
	}
	if len(list) == 0 {
		return out, nil
	}
	after, upto, ok := strings.Cut(list[0], "..")
	if !ok || after == "" && upto == "" || strings.HasPrefix(upto, ".") {
		return out, usage("%q is no range of commits", list[0]).hint("write A..B, A.. or ..B")
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return out, err
	}
	if after != "" {
		if out.After, err = repo.Resolve(ctx, after); err != nil {
			return out, usage("%v", err)
		}
	}
	if upto != "" {
		if out.Upto, err = repo.Resolve(ctx, upto); err != nil {
			return out, usage("%v", err)
		}
	}
	return out, nil
}

// offLine makes wrong usage of a period, or a moment, beside main.
func offLine(err error) error {
	if off, ok := errors.AsType[*audit.OffLineError](err); ok {
		return usage("%v", off)
	}
	if off, ok := errors.AsType[*audit.NotOnMainError](err); ok {
		return usage("--at: %v", off)
	}
	return err
}

// population lists the changes of a period.
func (p *periodFlags) population(ctx context.Context, env *Env, list []string) (*audit.Population, error) {
	period, err := p.period(ctx, env, list)
	if err != nil {
		return nil, err
	}
	a, err := env.auditorAt(ctx, p.at)
	if err != nil {
		return nil, err
	}
	done := env.watch(a)
	pop, err := a.Population(ctx, period)
	done()
	return pop, offLine(err)
}

// sayPopulation says what a population is the answer to.
func (env *Env) sayPopulation(p *audit.Population) {
	for _, n := range populationNotes(p) {
		env.say("%s", n)
	}
}

// populationNotes are what a reader has to know of a population.
func populationNotes(p *audit.Population) []string {
	out := []string{
		fmt.Sprintf("%d changes: %s", len(p.Members), p.Query),
		stands(p.Main, p.Evidence, p.Tool),
	}
	if p.Genesis > 0 {
		out = append(out, fmt.Sprintf("%d changes that came with the genesis commit, and that nothing happened to since, are not among them", p.Genesis))
	}
	for _, n := range p.Notes {
		out = append(out, "note: "+n)
	}
	return out
}
