package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// gateOptions say what the gate answers about.
type gateOptions struct {
	pulls  []int
	open   bool
	event  bool
	dryRun bool
	out    outputFlags

	several bool // more than one is decided about, and a step has no room for annotations of all
}

func (o *gateOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntSliceVar(&o.pulls, "pr", nil, "decide about pull request `N` and say so there, as a commit status and a comment")
	f.BoolVar(&o.open, "open", false, "do so for every open pull request")
	f.BoolVar(&o.event, "event", false, "do so for whatever started the GitHub workflow that this runs in")
	f.BoolVar(&o.dryRun, "dry-run", false, "decide, and say nothing there")
}

// onForge reports whether pull requests are meant.
func (o *gateOptions) onForge() bool { return len(o.pulls) > 0 || o.open || o.event }

// gatePulls decides about pull requests and says so there. Nothing of a pull
// request is checked out or run.
func gatePulls(ctx context.Context, env *Env, o *gateOptions) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	numbers, group, err := o.subjects(ctx, env, d)
	if err != nil {
		return err
	}
	if group != nil {
		list, err := d.GateGroup(ctx, group.MergeGroup.BaseSHA, group.MergeGroup.HeadSHA, group.MergeGroup.HeadRef)
		if err != nil {
			list = []*proposal.Judged{{Head: group.MergeGroup.HeadSHA, Err: err}}
		}
		return reportGroup(ctx, env, d, o, group.MergeGroup.HeadSHA, list)
	}
	worst := ExitOK
	o.several = len(numbers) > 1
	var failed error
	for _, n := range numbers {
		// What goes wrong with one keeps no other from being decided about, since
		// an older verdict would go on standing there.
		j, err := d.GatePull(ctx, n)
		code := ExitFailure
		if err == nil { // without its head there is nothing to say it of
			code, err = reportJudged(ctx, env, d, o, j)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("pull request %d: %w", n, err))
			if errors.Is(err, forge.ErrLimited) {
				break // so would be every other
			}
			continue
		}
		worst = worse(worst, code)
	}
	if failed != nil {
		return failed
	}
	if len(numbers) == 0 {
		env.say("there is no pull request to decide about")
	}
	return exit(worst)
}

// worse is the exit code that says more: could not be judged, denied, waits.
func worse(a, b int) int {
	rank := map[int]int{ExitOK: 0, ExitPending: 1, ExitFindings: 2, ExitAuth: 3, ExitFailure: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// subjects are the pull requests that are meant, or the group of a merge queue.
func (o *gateOptions) subjects(ctx context.Context, env *Env, d *proposal.Desk) (numbers []int, group *event, err error) {
	switch {
	case o.open:
		numbers, err = d.OpenPulls(ctx, "")
		return numbers, nil, err
	case !o.event:
		return o.pulls, nil, nil
	}
	e, ok, err := env.event()
	switch {
	case err != nil:
		return nil, nil, err
	case !ok:
		return nil, nil, usage("--event works in GitHub workflows, and GITHUB_EVENT_PATH is not set").hint("gitsm gate --pr N")
	case e.MergeGroup.HeadSHA != "":
		return nil, &e, nil
	case e.PullRequest.Number != 0:
		return []int{e.PullRequest.Number}, nil, nil
	case e.Name == "workflow_run":
		numbers = e.runsPulls()
		if e.WorkflowRun.HeadSHA != "" {
			at, err := d.OpenPulls(ctx, e.WorkflowRun.HeadSHA)
			if err != nil {
				return nil, nil, err
			}
			numbers = append(numbers, at...)
		}
		slices.Sort(numbers)
		return slices.Compact(numbers), nil, nil
	case e.Name == "push" && e.Ref != "refs/heads/"+d.Main:
		return nil, nil, nil
	}
	numbers, err = d.OpenPulls(ctx, "") // main moved, or the time came
	return numbers, nil, err
}

// reportJudged prints what was found and says it on the pull request: the
// status first, since that is what keeps it from landing. Where another run said
// something meanwhile it decides once more, and no older answer stands.
func reportJudged(ctx context.Context, env *Env, d *proposal.Desk, o *gateOptions, j *proposal.Judged) (int, error) {
	line, body := judgedText(j)
	const most = 4
	for n := 1; !o.dryRun; n++ {
		v, said := forHead(ctx, d, j, line)
		again, err := d.Pronounce(ctx, j, v, said, cmp.Or(env.runURL(), pullURL(j)))
		if err != nil {
			return 0, errors.Join(err, printJudged(ctx, env, o, j, line))
		}
		if !again || n == most {
			break
		}
		now, err := d.GatePull(ctx, j.Number)
		if err != nil {
			return 0, err
		}
		if now.Head != j.Head {
			break // the newer head is for the run that it started
		}
		j = now
		line, body = judgedText(j)
	}
	if err := printJudged(ctx, env, o, j, line); err != nil {
		return 0, err
	}
	if !o.dryRun {
		if err := d.PostComment(ctx, j, body); err != nil {
			return 0, err
		}
	}
	return verdictCode(j.Verdict()), env.summarize(fmt.Sprintf("## Pull request %d\n\n%s", j.Number, body))
}

// forHead is what the status of a head says. It is one for all pull requests that
// stand there, and would let each of them land: so the worst of them counts.
func forHead(ctx context.Context, d *proposal.Desk, j *proposal.Judged, line string) (approval.Verdict, string) {
	numbers, err := d.OpenPulls(ctx, j.Head)
	if err != nil {
		return approval.Error, "error: " + err.Error()
	}
	v, alone := j.Verdict(), j.Apart
	for _, n := range numbers {
		if n == j.Number {
			continue
		}
		other, err := d.GatePull(ctx, n)
		if err != nil {
			return approval.Error, fmt.Sprintf("error: pull request %d, of the same commit: %v", n, err)
		}
		if other.Head != j.Head {
			continue // it moved on, and is judged there
		}
		if w := other.Verdict(); alone || worse(verdictCode(v), verdictCode(w)) != verdictCode(v) {
			said, _ := judgedText(other)
			v, line, alone = w, fmt.Sprintf("pull request %d, of the same commit: %s", n, said), false
		}
	}
	return v, line
}

// reportGroup says of a merge queue's commit what was found of all that is in
// it: it lands as a whole or not at all.
func reportGroup(ctx context.Context, env *Env, d *proposal.Desk, o *gateOptions, head string, list []*proposal.Judged) error {
	worst, line := approval.Allow, fmt.Sprintf("%d pull requests may land", len(list))
	for _, j := range list {
		said, body := judgedText(j)
		if err := printJudged(ctx, env, o, j, said); err != nil {
			return err
		}
		if err := env.summarize(fmt.Sprintf("## Pull request %d\n\n%s", j.Number, body)); err != nil {
			return err
		}
		if v := j.Verdict(); worse(verdictCode(worst), verdictCode(v)) != verdictCode(worst) {
			worst, line = v, fmt.Sprintf("pull request %d: %s", j.Number, said)
		}
	}
	if !o.dryRun {
		if err := d.PostVerdict(ctx, head, worst, line, env.runURL()); err != nil {
			return err
		}
	}
	return exit(verdictCode(worst))
}

func pullURL(j *proposal.Judged) string {
	if j.Target == nil || j.Target.Proposal == nil || j.Target.Proposal.Said == nil {
		return ""
	}
	return j.Target.Proposal.Said.Pull.URL
}

// judgedText words what was found: in a line, and for the pull request.
func judgedText(j *proposal.Judged) (line, body string) {
	if j.Err == nil {
		return render.GateLine(j.Decision), render.GateComment(j.Decision, j.Head)
	}
	line = string(j.Verdict()) + ": " + j.Err.Error()
	body = fmt.Sprintf("### gitsm: %s\n\n%s\n", j.Verdict(), render.Markdown(j.Err.Error()))
	if fix := fixOf(j.Err); fix != "" {
		body += "\n" + render.Markdown(fix) + "\n"
	}
	return line, body
}

// fixOf is what an error says that is to be done.
func fixOf(err error) string {
	if e, ok := errors.AsType[*forge.Error](err); ok {
		return e.Fix
	}
	if e, ok := errors.AsType[*proposal.RefusedError](err); ok {
		return e.Fix
	}
	if e, ok := errors.AsType[*proposal.IncompleteError](err); ok {
		return e.Fix
	}
	if e, ok := errors.AsType[*proposal.UsageError](err); ok {
		return e.Fix
	}
	return ""
}

// printJudged prints what was found: as asked, as annotations in a workflow, or
// for people.
func printJudged(ctx context.Context, env *Env, o *gateOptions, j *proposal.Judged, line string) error {
	if j.Err != nil {
		env.say("pull request %d: %s", j.Number, line)
		if fix := fixOf(j.Err); fix != "" {
			env.say("  hint: %s", fix)
		}
		return nil
	}
	report, err := gateReport(j.Decision, j.Target)
	if err != nil {
		return err
	}
	if o.out.given() {
		*o.out.report = report
		return o.out.write(ctx, env, single(decisionFields, decisionValues(j.Decision, j.Target)))
	}
	if env.getenv("GITHUB_ACTIONS") == "true" && !o.several {
		return report.GitHub(env.Out)
	}
	return render.Gate(env.Out, j.Decision, render.Style{})
}
