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
	base := heap()
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
			if overHeap(base, l.Heap) {
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

// overHeap says whether the heap has grown by more than limit since base. Up
// to four times the limit the growth may be garbage that nobody collected yet,
// so it is collected before policy is blamed; beyond that there is no time.
func overHeap(base, limit uint64) bool {
	now := heap()
	if now <= base+limit {
		return false
	}
	if now > base+4*limit {
		return true
	}
	runtime.GC()
	return heap() > base+limit
}

// heap is what heap objects occupy, in bytes.
func heap() uint64 {
	s := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64()
}
