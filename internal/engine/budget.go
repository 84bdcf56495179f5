package engine

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what policy may use.
type Limits struct {
	Wall  time.Duration // of one evaluation; DefaultWall when zero
	Steps int           // of one evaluation; DefaultSteps when zero
	Heap  uint64        // bytes that all evaluations at a time may let the heap grow by; DefaultHeap when zero
}

// The default limits. An evaluation of the default pack takes a few thousand
// steps and a few megabytes.
const (
	DefaultWall         = 2 * time.Second
	DefaultSteps        = 1_000_000
	DefaultHeap  uint64 = 128 << 20
)

func (l Limits) withDefaults() Limits {
	if l.Wall == 0 {
		l.Wall = DefaultWall
	}
	if l.Steps == 0 {
		l.Steps = DefaultSteps
	}
	if l.Heap == 0 {
		l.Heap = DefaultHeap
	}
	return l
}

// Sandbox is what all policies of a process share, so that its memory is bounded
// however many evaluations run side by side: each is charged for what the heap
// grew by since the first of those that still run began, one that was given up
// and lingers included. It is safe for concurrent use.
type Sandbox struct {
	limits Limits
	floor  atomic.Uint64 // heap when the first that runs began

	mu        sync.Mutex
	running   []*meter
	spent     *LimitError   // once memory ran out, until all have ended
	collected chan struct{} // closed once a collection asked for is over
}

// NewSandbox returns a sandbox; zero limits are the defaults.
func NewSandbox(l Limits) *Sandbox { return &Sandbox{limits: l.withDefaults()} }

// enter admits an evaluation, unless those before it took all memory and are
// not over yet.
func (b *Sandbox) enter() (*meter, error) {
	m := &meter{box: b, base: heap()}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent != nil {
		return nil, b.spent
	}
	b.running = append(b.running, m)
	b.lower()
	return m, nil
}

func (b *Sandbox) leave(m *meter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, other := range b.running {
		if other == m {
			b.running = append(b.running[:i], b.running[i+1:]...)
			break
		}
	}
	if len(b.running) == 0 {
		b.spent, b.collected = nil, nil
		return
	}
	b.lower()
}

// lower sets the floor. Those that run are in the order in which they began, but
// a collection in between may have made the heap smaller.
func (b *Sandbox) lower() {
	least := b.running[0].base
	for _, m := range b.running[1:] {
		least = min(least, m.base)
	}
	b.floor.Store(least)
}

// grown says whether an eighth of the limit is taken.
func (b *Sandbox) grown() bool { return heap() > b.floor.Load()+b.limits.Heap/8 }

// full is asked from within an evaluation. Past the limit it collects garbage,
// while that evaluation takes no more, and if that does not help stops all.
func (b *Sandbox) full() bool {
	if heap() <= b.floor.Load()+b.limits.Heap {
		return false
	}
	runtime.GC()
	if heap() <= b.floor.Load()+b.limits.Heap {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.exhaust()
	return true
}

// look is asked from outside, for evaluations that do not ask by themselves. Up
// to twice the limit the growth may be garbage that nobody collected yet, so a
// collection is asked for before policy is blamed, without waiting for it: it
// may have to wait itself for a large copy. Beyond that there is no time.
func (b *Sandbox) look() {
	now, limit := heap(), b.floor.Load()+b.limits.Heap
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case now <= limit:
		b.collected = nil
	case now > limit+b.limits.Heap:
		b.exhaust()
	case b.collected == nil:
		done := make(chan struct{})
		b.collected = done
		go func() { runtime.GC(); close(done) }()
	default:
		select {
		case <-b.collected:
			if heap() > limit {
				b.exhaust()
			}
		default:
		}
	}
}

// exhaust stops all that runs, and refuses more until it has ended.
func (b *Sandbox) exhaust() {
	if len(b.running) == 0 {
		return
	}
	b.spent = &LimitError{"memory", fmt.Sprintf("%d MB", b.limits.Heap>>20)}
	for _, m := range b.running {
		m.stop(b.spent)
	}
}

// heap is what heap objects occupy, in bytes.
func heap() uint64 {
	s := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64()
}
