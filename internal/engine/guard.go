package engine

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"
)

// LimitError says that policy was stopped for using too much time or memory.
type LimitError struct {
	What  string // "time" or "memory"
	Limit string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("policy was stopped: it used more %s than the limit of %s", e.What, e.Limit)
}

// sampleEvery is how often the heap is looked at while policy runs.
const sampleEvery = 5 * time.Millisecond

// guard runs policy code within limits. OPA polls its cancellation between
// steps, but not inside every builtin function, and bounds no memory at all.
// So run has a goroutine of its own, and past either limit guard asks it to
// stop and returns without waiting. THE GOROUTINE MAY LINGER, with its memory,
// until the builtin in hand returns: whoever gets a *LimitError should print
// it and end the process (the command line exits 3), not go on evaluating.
//
// The heap is the process's: evaluations that run side by side are charged
// for each other's growth.
func guard[T any](ctx context.Context, l Limits, stop func(), run func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var none T
	memory := newWatchdog(l.Heap)
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- outcome{err: fmt.Errorf("evaluating policy: OPA failed: %v", r)}
			}
		}()
		growStack()
		v, err := run()
		done <- outcome{v, err}
	}()
	wall := time.NewTimer(l.Wall)
	defer wall.Stop()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case o := <-done:
			return o.value, o.err
		case <-ctx.Done():
			stop()
			return none, ctx.Err()
		case <-wall.C:
			stop()
			return none, &LimitError{"time", l.Wall.String()}
		case <-tick.C:
			if memory.over() {
				stop()
				return none, &LimitError{"memory", fmt.Sprintf("%d MB", l.Heap>>20)}
			}
		}
	}
}

// growStack makes the goroutine's stack large at once. A new one is 8 KB, and
// OPA recurses deeply: growing by doubling took twice as long as evaluating.
//
//go:noinline
func growStack() {
	var frame [64 << 10]byte
	runtime.KeepAlive(&frame)
}

// watchdog watches the heap while policy runs.
type watchdog struct {
	base, limit uint64
	collected   chan struct{} // closed once a collection asked for is over
}

func newWatchdog(limit uint64) *watchdog { return &watchdog{base: heap(), limit: limit} }

// over says whether the heap has grown by more than the limit. Up to twice the
// limit the growth may be garbage that nobody collected yet, so a collection is
// asked for before policy is blamed, without waiting for it: it may have to wait
// itself for a large copy. Beyond that there is no time.
func (w *watchdog) over() bool {
	now := heap()
	switch {
	case now <= w.base+w.limit:
		w.collected = nil
		return false
	case now > w.base+2*w.limit:
		return true
	case w.collected == nil:
		done := make(chan struct{})
		w.collected = done
		go func() { runtime.GC(); close(done) }()
		return false
	}
	select {
	case <-w.collected:
		return heap() > w.base+w.limit
	default:
		return false
	}
}

// heap is what heap objects occupy, in bytes.
func heap() uint64 {
	s := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64()
}
