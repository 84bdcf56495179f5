package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"
)

// LimitError says that policy was stopped for using too much.
type LimitError struct {
	What  string // "time", "memory", "steps", or what a function was given too much of
	Limit string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("policy was stopped: it used more %s than the limit of %s", e.What, e.Limit)
}

// sampleEvery is how often the heap and the clock are looked at from outside
// while policy runs.
const sampleEvery = 5 * time.Millisecond

// meter counts the steps of one evaluation. OPA asks it before each step, and
// within the functions that may take long, whether to go on: what it answers
// from its count alone is the same on every machine.
type meter struct {
	box     *Sandbox
	base    uint64 // of the heap when it began
	steps   int
	stopped atomic.Pointer[LimitError]
	given   atomic.Bool // up, by whoever waited for it
}

// How many steps pass between two looks at the heap: while little was taken,
// and from an eighth of the limit on.
const (
	calm  = 64
	alert = 4
)

// Cancel is part of topdown.Cancel.
func (m *meter) Cancel() { m.given.Store(true) }

// Cancelled is part of topdown.Cancel. Only the evaluation itself calls it.
func (m *meter) Cancelled() bool {
	if m.given.Load() {
		return true
	}
	m.steps++
	if m.steps > m.box.limits.Steps {
		m.stop(&LimitError{"steps", fmt.Sprint(m.box.limits.Steps)})
		return true
	}
	return m.steps%alert == 0 && (m.steps%calm == 0 || m.box.grown()) && m.box.full()
}

// stop ends the evaluation; the first reason counts.
func (m *meter) stop(why *LimitError) {
	m.stopped.CompareAndSwap(nil, why)
	m.given.Store(true)
}

// guard runs policy code within the limits. OPA asks the meter between steps,
// but not inside every builtin function. So run has a goroutine of its own, and
// past the limit of time or memory guard asks it to stop and returns without
// waiting. THE GOROUTINE MAY LINGER, with its memory, until the builtin in hand
// returns: whoever gets a *LimitError should print it and end the process (the
// command line exits 3), not go on evaluating.
func guard[T any](ctx context.Context, box *Sandbox, run func(topdown.Cancel) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var none T
	m, err := box.enter()
	if err != nil {
		return none, err
	}
	done := make(chan outcome, 1)
	go func() {
		defer box.leave(m)
		defer func() {
			if r := recover(); r != nil {
				done <- outcome{err: fmt.Errorf("evaluating policy: OPA failed: %v", r)}
			}
		}()
		growStack()
		v, err := run(m)
		done <- outcome{v, err}
	}()
	var clock stopwatch
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case o := <-done:
			return o.value, m.reason(o.err)
		case <-ctx.Done():
			m.Cancel()
			return none, ctx.Err()
		case now := <-tick.C:
			if clock.past(now, box.limits.Wall) {
				m.stop(&LimitError{"time", box.limits.Wall.String()})
			}
			box.look()
			if why := m.stopped.Load(); why != nil {
				return none, why
			}
		}
	}
}

// reason is why an evaluation ended in an error: the limit it met, where it met
// one. It may have ended well in the same moment, and then did.
func (m *meter) reason(err error) error {
	if why := m.stopped.Load(); err != nil && why != nil {
		return why
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return limit
	}
	return err
}

// growStack makes the goroutine's stack large at once. A new one is 8 KB, and
// OPA recurses deeply: growing by doubling took twice as long as evaluating.
//
//go:noinline
func growStack() {
	var frame [64 << 10]byte
	runtime.KeepAlive(&frame)
}

// patience is how many times longer than its limit policy may take on the clock,
// where the machine has no time for it.
const patience = 10

// stopwatch tells how long policy has been at work. The clock alone would blame
// it for what else the machine does, so time counts as used once the processors
// have spent as much on this process.
type stopwatch struct {
	began time.Time // first tick
	spent time.Duration
}

// past says whether at a tick the limit is over.
func (s *stopwatch) past(now time.Time, limit time.Duration) bool {
	spent, known := spent()
	if s.began.IsZero() {
		s.began, s.spent = now, spent
	}
	took := now.Sub(s.began)
	return took > limit && (!known || spent-s.spent > limit || took > patience*limit)
}
