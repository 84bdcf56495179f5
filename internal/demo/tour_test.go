package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestTour plays the tour with a program that does what is expected of it.
func TestTour(t *testing.T) {
	var out strings.Builder
	var ran []string
	err := Tour(t.Context(), &out, func(_ context.Context, s Step, stdout, stderr io.Writer) int {
		ran = append(ran, s.As+" "+strings.Join(s.Args[:min(2, len(s.Args))], " "))
		if s.Args[1] == "new" {
			fmt.Fprintln(stdout, "CHG-20261120-AAAAAA")
			fmt.Fprintln(stderr, "next: check it")
		}
		return s.Exit
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"priya change new", "priya check CHG-20261120-AAAAAA", "priya change approve", "tomas change approve",
		"priya change merge", "priya change start", "priya change finish", "priya change review", "priya change close", "priya audit show", "priya audit verify"}
	at := 0
	for _, w := range want {
		i := slices.Index(ran[at:], w)
		if i < 0 {
			t.Fatalf("%q does not follow in %q", w, ran)
		}
		at += i + 1
	}
	for _, line := range []string{"priya$ gitsm change new --title 'Give refunds", "next: check it\n", "tomas$ gitsm change approve CHG-20261120-AAAAAA --now 2026-11-20T09:46:00Z\n", "(exit code 8)\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
}

// TestTourStops holds that a command which ends otherwise than it should ends
// the tour: what follows would show something else than it says.
func TestTourStops(t *testing.T) {
	n := 0
	err := Tour(t.Context(), io.Discard, func(_ context.Context, s Step, _, _ io.Writer) int {
		n++
		if s.Exit == 8 {
			return 0
		}
		return s.Exit
	})
	if err == nil || !strings.Contains(err.Error(), "ended with exit code 0 and not 8") {
		t.Errorf("after %d steps: %v", n, err)
	}
}

func TestCommand(t *testing.T) {
	s := Step{As: "priya", Args: []string{"change", "review", "CHG-1", "-m", "it's done", "--now", "2026-11-20T09:00:00Z"}}
	if got, want := s.command(), `gitsm change review CHG-1 -m 'it'\''s done' --now 2026-11-20T09:00:00Z`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.Args = append(s.Args, "--reason", strings.Repeat("word ", 20))
	for _, line := range strings.Split(s.command(), " \\\n") {
		if len(line) > 120 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
	for in, want := range map[string]string{"": "''", "plain-1.2": "plain-1.2", "a b": "'a b'", "$HOME": "'$HOME'", "/tmp/x": "/tmp/x", "tomáš": "'tomáš'"} {
		if got := Quote(in); got != want {
			t.Errorf("%q is quoted %s, want %s", in, got, want)
		}
	}
}
