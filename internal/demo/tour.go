package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Step is a command of the tour.
type Step struct {
	As   string // person id
	Why  string
	Args []string // without the program's name
	Exit int      // the exit code it ends with
}

// Runner runs a step's command, as its person, and returns its exit code.
type Runner func(ctx context.Context, s Step, stdout, stderr io.Writer) int

// Tour takes one change through its life as two people. It prints each command
// before what the command prints, and fails where one does not end as it should:
// a tour that goes another way than it says shows nothing.
func Tour(ctx context.Context, out io.Writer, run Runner) error {
	first := filing()
	id, err := first.take(ctx, out, run)
	if err != nil {
		return err
	}
	for _, s := range life(strings.TrimSpace(id)) {
		if _, err := s.take(ctx, out, run); err != nil {
			return err
		}
	}
	return nil
}

// take runs the step and returns what it printed to stdout.
func (s Step) take(ctx context.Context, out io.Writer, run Runner) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(out, "\n# %s\n%s$ %s\n", s.Why, s.As, s.command()); err != nil {
		return "", err
	}
	var stdout bytes.Buffer
	if got := run(ctx, s, io.MultiWriter(out, &stdout), out); got != s.Exit {
		return "", fmt.Errorf("the tour cannot go on: %s ended with exit code %d and not %d", strings.Join(s.Args[:min(2, len(s.Args))], " "), got, s.Exit)
	}
	if s.Exit != 0 {
		if _, err := fmt.Fprintf(out, "(exit code %d)\n", s.Exit); err != nil {
			return "", err
		}
	}
	return stdout.String(), nil
}

// command is the step as it is typed, in lines that fit a terminal.
func (s Step) command() string {
	var b strings.Builder
	b.WriteString("gitsm")
	width := len(s.As) + 2 + b.Len()
	for i := 0; i < len(s.Args); i++ {
		word := Quote(s.Args[i])
		if strings.HasPrefix(word, "-") && i+1 < len(s.Args) && !strings.HasPrefix(s.Args[i+1], "-") {
			i++
			word += " " + Quote(s.Args[i])
		}
		if width+1+len(word) > 100 {
			b.WriteString(" \\\n   ")
			width = 3
		}
		b.WriteString(" " + word)
		width += 1 + len(word)
	}
	return b.String()
}

// Quote writes a word as a shell takes it.
func Quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// TourRandom is what the commands of the tour draw ids from, so that it reads
// the same each time.
func TourRandom(seed uint64) io.Reader {
	var key [32]byte
	copy(key[:], fmt.Sprintf("gitsm tour %d", seed))
	return rand.NewChaCha8(key)
}

// at says when a command acts: so many minutes after the tour begins.
func at(minutes int, args ...string) []string {
	return append(args, "--now", Today.Add(time.Duration(minutes)*time.Minute).Format(timeFormat))
}

// filing files the change of the tour, with a back-out plan still to come.
func filing() Step {
	window := Today.Add(5 * time.Hour)
	return Step{
		As: engineer, Why: "Priya, of the payments team, files a change. It goes to a branch of its own.",
		Args: at(0, "change", "new",
			"--title", "Give refunds their own connections on payments-db-1", "--service", "payments", "--asset", "payments-db-1",
			"--owner", "team:payments", "--start", window.Format(timeFormat), "--end", window.Add(time.Hour).Format(timeFormat),
			"--reason", "On Monday a burst of refunds took all connections, and payments waited for eleven minutes.",
			"--implement", "Create the pool, point the refund worker at it, watch both for ten minutes.",
			"--test", "Ran on staging for two days with Monday's refunds.",
			"--backout", "TBC",
			"--verify", "Payments per minute stay within 5 % of last Friday's while refunds are replayed."),
	}
}

// life is what becomes of the change that was filed.
func life(id string) []Step {
	steps := slices.Concat(proposing(id), approving(id), implementing(id))
	return append(steps,
		Step{As: engineer, Why: "All of it is in git. Who proposed, approved and carried it out, with what trust, and every check:",
			Args: at(425, "audit", "show", id)},
		Step{As: engineer, Why: "The same for everything that was ever done here, computed from commits and signatures alone:",
			Args: at(430, "audit", "verify")})
}

func proposing(id string) []Step {
	return []Step{
		{As: engineer, Why: "What is missing? A placeholder is no back-out plan.", Args: at(1, "check", id), Exit: 1},
		{As: engineer, Why: "She writes one.", Args: at(6, "change", "edit", id,
			"--set", "plan.backout=Point the refund worker back at the shared pool; two minutes, tried on staging on Wednesday.",
			"--set", "questionnaire.backout_tested=true")},
		{As: engineer, Why: "Now the check passes.", Args: at(7, "check", id)},
		{As: engineer, Why: "How risky is it, why, and whose approval does that take?", Args: at(8, "change", "assess", id)},
		{As: engineer, Why: "Submitting says who must act.", Args: at(9, "change", "submit", id)},
		{As: engineer, Why: "The gate answers in one exit code: 8 is pending.", Args: at(10, "gate", id), Exit: 8},
	}
}

func approving(id string) []Step {
	return []Step{
		{As: engineer, Why: "Nobody approves what they ask for, whatever their team.", Args: at(11, "change", "approve", id), Exit: 1},
		{As: reviewer, Why: "Tomáš, who leads the team, looks at what waits for him.", Args: at(40, "inbox")},
		{As: reviewer, Why: "He approves. His key signs a statement that is bound to the record's content.", Args: at(46, "change", "approve", id)},
		{As: reviewer, Why: "The gate opens.", Args: at(47, "gate", id)},
		{As: engineer, Why: "Priya lands it: main, the evidence branch and the proposal's branch move together.", Args: at(52, "change", "merge", id)},
	}
}

func implementing(id string) []Step {
	return []Step{
		{As: engineer, Why: "It is authorised, and still may not start before its window.", Args: at(120, "change", "start", id), Exit: 1},
		{As: engineer, Why: "At two o'clock it may.", Args: at(302, "change", "start", id)},
		{As: engineer, Why: "It worked.", Args: at(341, "change", "finish", id, "--outcome", "successful",
			"-m", "Both pools were busy at once and neither waited.")},
		{As: engineer, Why: "What was learnt is written down.", Args: at(415, "change", "review", id,
			"-m", "Went to plan. The other workers get pools of their own next week.")},
		{As: engineer, Why: "Done.", Args: at(420, "change", "close", id)},
	}
}
