package proposal_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/proposal"
)

// TestPronounceTwice holds that the gate posts nothing where the same stands, since
// GitHub takes a thousand statuses of a commit and no more, and that what stands is
// its own word: not that of somebody who may write.
func TestPronounceTwice(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	head := h.server.Pulls()[n-1].HeadOID
	say := func(line string, want int) {
		t.Helper()
		d := h.desk("gate")
		j, err := d.GatePull(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := d.Pronounce(t.Context(), j, j.Verdict(), line, "https://example.org/"+fmt.Sprint(want)); again || err != nil {
			t.Errorf("again %t, %v", again, err)
		}
		if got := len(h.server.Statuses(head)); got != want {
			t.Errorf("%d statuses, not %d", got, want)
		}
	}
	say("waits", 1)
	say("waits", 1)
	say("waits for bob", 2)
	h.server.Post("alice", head, proposal.StatusContext, "pending")
	say("", 4) // the same as alice said, whose word it is not
	say("", 5) // and nobody knows whose the rules of the branch go by
}

// TestOlderAnswer holds that of two runs of the gate the one that knew less does not
// have the last word, whichever posts last.
func TestOlderAnswer(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	slow, quick := h.desk("gate"), h.desk("gate")
	older, err := slow.GatePull(t.Context(), n)
	if err != nil || older.Verdict() != approval.Allow {
		t.Fatalf("%+v, %v", older, err)
	}
	h.clock.now = h.clock.now.Add(time.Minute)
	h.server.Review(n, "bob", "CHANGES_REQUESTED", "")
	newer, err := quick.GatePull(t.Context(), n)
	if err != nil || newer.Verdict() != approval.Deny {
		t.Fatalf("%+v, %v", newer, err)
	}
	if again, err := quick.Pronounce(t.Context(), newer, newer.Verdict(), "denied", ""); again || err != nil {
		t.Errorf("nobody else had said anything: %t, %v", again, err)
	}
	again, err := slow.Pronounce(t.Context(), older, older.Verdict(), "may land", "")
	if !again || err != nil {
		t.Errorf("the older answer stands: %t, %v", again, err)
	}
}

// TestAsksLittle holds how often a run of the gate asks GitHub, of which the token of
// a workflow may ask a thousand things an hour.
func TestAsksLittle(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, first := h.submitted(t)
	_, second := h.submitted(t)
	for _, n := range []int{first, second} {
		h.server.Review(n, "bob", "APPROVED", "")
	}
	d := h.desk("gate")
	asked := func(do func()) int {
		before := len(h.server.Requests())
		do()
		return len(h.server.Requests()) - before
	}
	judge := func(n int) func() {
		return func() {
			j, err := d.GatePull(t.Context(), n)
			if err != nil || j.Verdict() != approval.Allow {
				t.Fatalf("%+v, %v", j, err)
			}
			if _, err := d.Pronounce(t.Context(), j, j.Verdict(), "may land", ""); err != nil {
				t.Fatal(err)
			}
			if err := d.PostComment(t.Context(), j, "may land"); err != nil {
				t.Fatal(err)
			}
		}
	}
	asked(judge(first))
	asked(judge(second))
	// Three of them are asked once a minute, which the clock of this test is slow for.
	if got := asked(judge(first)); got > 11+3 {
		t.Errorf("a pull request of which the same is to be said takes %d requests", got)
	}
	record := func() {
		numbers, err := d.RecentPulls(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range numbers {
			if _, err := d.RecordPull(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, n := range []int{first, second} {
		if _, err := h.server.Land(n, "alice", "squash"); err != nil {
			t.Fatal(err)
		}
	}
	asked(record)
	if got := asked(record); got > 1 {
		t.Errorf("a sweep over what is recorded takes %d requests", got)
	}
	h.clock.now = h.clock.now.Add(time.Hour)
	h.server.Review(first, "bob", "APPROVED", "") // somebody has one more look
	if got := asked(record); got < 2 {
		t.Errorf("a sweep passes over what happened since: %d requests", got)
	}
}

// TestStatusesRunOut holds that a commit of which GitHub takes no more statuses is
// said to be one, with what helps.
func TestStatusesRunOut(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	for range githubtest.MaxStatuses {
		h.server.Post("alice", h.server.Pulls()[n-1].HeadOID, proposal.StatusContext, "success")
	}
	d := h.desk("gate")
	j, err := d.GatePull(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Pronounce(t.Context(), j, j.Verdict(), "waits", "")
	h.sayWhatToDo(t, "no more statuses", err)
}

// TestRecordedHereAlone holds that what did not reach the upstream is not said to be
// recorded.
func TestRecordedHereAlone(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	d := h.desk("gate")
	h.clonesOf["dave"].git("config", "remote.origin.pushurl", "/nowhere.git")
	_, err := d.RecordPull(t.Context(), n)
	if _, ok := errors.AsType[*proposal.IncompleteError](err); !ok {
		t.Errorf("%v", err)
	}
}
