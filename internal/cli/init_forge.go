package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/scaffold"
)

// forgeOptions are what init makes for a forge.
type forgeOptions struct {
	forge      string
	pin        string
	app        string
	codeOwners []string
}

func (o *forgeOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.forge, "forge", "", "where proposals are reviewed: local, or github with workflows for it")
	f.StringVar(&o.pin, "pin", "", "the `COMMIT` of gitsm, in full, that the workflows run (default: the one this program was built from)")
	f.StringVar(&o.app, "environment", "", "have gate and recorder act as an app of your own, whose key is in this `ENVIRONMENT` of the repository (docs/github.md)")
	f.StringArrayVar(&o.codeOwners, "codeowner", nil, "`@ORG/TEAM` or @LOGIN whom GitHub asks about changes to the rules (repeatable)")
}

// check refuses what no forge can be made from, and finds out the pin.
func (o *forgeOptions) check() error {
	switch {
	case o.forge != "" && o.forge != "local" && o.forge != scaffold.GitHub:
		return usage("--forge %q is neither local nor github", o.forge)
	case o.forge != scaffold.GitHub && o.pin != "":
		return usage("--pin is for workflows, and there are none without --forge github")
	case o.forge != scaffold.GitHub && o.app != "":
		return usage("--environment is for workflows, and there are none without --forge github")
	case o.forge == scaffold.GitHub && o.pin == "":
		if o.pin = builtFrom(); o.pin == "" {
			return usage("this gitsm does not know which commit it was built from, and workflows have to be pinned to one").
				hint("--pin $(git ls-remote https://github.com/gitsm/gitsm HEAD | cut -f1)")
		}
	}
	return nil
}

// builtFrom is the commit the program was built from, "" where that is not
// known or not all there was.
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["vcs.modified"] != "false" {
		return ""
	}
	return settings["vcs.revision"]
}

// into puts the options into those of the files.
func (o *forgeOptions) into(opts *scaffold.Options) {
	opts.Forge, opts.Pin, opts.Environment, opts.CodeOwners = o.forge, o.pin, o.app, o.codeOwners
}

// refusedOption says of a flag what cannot be made of its value.
func refusedOption(err error) error {
	var wrong *scaffold.OptionError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.Option == "pin" || wrong.Option == "codeowner" {
		return usage("--%v", wrong)
	}
	return usage("%v", wrong)
}

// equip writes what a forge reads into the work tree of a store that is there
// already. Nothing of it is in force before it is committed, reviewed and landed.
func (env *Env) equip(ctx context.Context, o *initOptions, s *site) error {
	opts := scaffold.Options{Dir: s.dir, MainBranch: s.store}
	o.into(&opts)
	files, err := scaffold.ForgeFiles(opts)
	if err != nil {
		return refusedOption(err)
	}
	steps, err := scaffold.Plan(files, s.trees()...)
	if err != nil {
		return err
	}
	if o.dryRun {
		env.sayKept(steps)
		env.say("dry run: nothing was written")
		return env.showSteps(ctx, o, steps)
	}
	made, err := env.put(steps)
	if err != nil {
		return err
	}
	if o.out.given() {
		err = o.out.write(ctx, env, listSteps(steps))
	} else {
		for _, st := range made {
			if _, err = fmt.Fprintln(env.Out, render.Terminal(st.Path)); err != nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	env.sayKept(steps)
	if len(made) == 0 {
		env.say("nothing to do: every file is there")
		return nil
	}
	env.say("the files are in the work tree, and in force once they are on %s", s.store)
	env.next("git switch -c add-workflows && git add .github && git commit -m 'Let GitHub run gitsm', and open a pull request; then gitsm config edit --forge github")
	return nil
}

// put writes the files that are not there yet.
func (env *Env) put(steps []scaffold.Step) ([]scaffold.Step, error) {
	w, err := env.files(false)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	var made []scaffold.Step
	for _, st := range steps {
		if st.Keep {
			continue
		}
		if err := w.Create(st.Path, st.Content); err != nil {
			return made, err
		}
		made = append(made, st)
	}
	return made, nil
}
