//go:build linux || darwin

package cli

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// screen is what a program wrote to its terminal.
type screen struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // holds one when something was written since
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

var control = regexp.MustCompile(`\x1b\[[0-9;?>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()=>78][0AB]?`)

// plain is the text without what moves and colours it.
func (s *screen) plain() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return control.ReplaceAllString(s.text.String(), "")
}

// TestAskOnTerminal types the title of a change on a terminal: what is found so
// far is said below the question, before anything is filed.
func TestAskOnTerminal(t *testing.T) {
	mine, theirs, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be had: %v", err)
	}
	defer mine.Close()
	defer theirs.Close()
	if err := pty.Setsize(mine, &pty.Winsize{Rows: 60, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	shown := &screen{wrote: make(chan struct{}, 1)}
	go func() { _, _ = io.Copy(shown, mine) }()

	env, _ := askedOf(t)
	env.In, env.Err = theirs, theirs
	d, err := env.desk(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{"type": "normal", "services": []any{"mail"}, "plan": map[string]any{"backout": "Restore"}, "reason": "Out of support",
		"window": map[string]any{"start": "2026-11-24T22:00:00Z", "end": "2026-11-24T23:00:00Z"}}
	done := make(chan error, 1)
	go func() { done <- (&asker{env: env}).change(context.Background(), d, fields) }()

	late := time.After(time.Minute)
	for _, step := range []struct{ until, press string }{
		{`SCH002 missing key "title"`, "Upgrade"},
		{"nothing is missing so far", "\r"}, // found while it is typed
	} {
		for !strings.Contains(shown.plain(), step.until) {
			select {
			case <-shown.wrote:
			case <-late:
				t.Fatalf("%q is not shown:\n%s", step.until, shown.plain())
			}
		}
		if _, err := mine.WriteString(step.press); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("%v\n%s", err, shown.plain())
		}
	case <-late:
		t.Fatalf("the form does not end:\n%s", shown.plain())
	}
	if diff := cmp.Diff([]any{"Upgrade", "team:ops"}, []any{fields["title"], fields["owner"]}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
