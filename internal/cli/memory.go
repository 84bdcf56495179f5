package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// maxMemory is what most commands may take, in bytes. A check keeps only what was
// found and where each record lies: one of a few records may take little, and one
// of many frugal, to which perRecord is added for what is beyond.
const (
	maxMemory = 1 << 30
	little    = 112 << 20
	frugal    = 196 << 20
	perRecord = 1 << 10
)

// LimitMemory bounds what the process may take, unless GOMEMLIMIT does: the
// collector is slack, and gets busy before it costs more than that. Only main
// calls it, as the process is its own.
func (env *Env) LimitMemory() {
	env.tuned = true
	if env.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(maxMemory)
	}
}

// limitMemory is for a check of so many records. It is told before the first of
// them is read, and how much of them must be kept depends on what they say:
// changes that are over leave nothing behind, and planned ones all they claim.
// So the limit starts low and follows the heap, since a heap that cannot fit is
// collected without end.
func (env *Env) limitMemory(records int) {
	if env.getenv("GOMEMLIMIT") != "" || !env.tuned {
		return
	}
	least := leastFor(int64(records))
	debug.SetMemoryLimit(least)
	eachCollection(func() { debug.SetMemoryLimit(roomFor(liveHeap(), least)) })
}

// leastFor is the limit with which a check of so many records begins. The packs
// that a check against a base reads are mapped beside it.
func leastFor(records int64) int64 {
	return min(little+8*records*perRecord, frugal) + max(0, records-100_000)*perRecord
}

// roomFor is the limit that leaves a heap of so many live bytes to grow by half
// between two collections, beside what the runtime needs for itself.
func roomFor(live, least int64) int64 {
	const itself = 24 << 20
	return max(least, live+live/2+itself)
}

// liveHeap is what the last collection found in use, in bytes.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0 // a runtime that does not tell
	}
	return int64(sample[0].Value.Uint64())
}

// eachCollection calls f after every collection of garbage from now on, the
// next one first: each takes away what the one before had left to be taken.
func eachCollection(f func()) {
	left := new([4]*byte) // an allocation of its own, as small ones share theirs
	runtime.AddCleanup(left, func(f func()) {
		f()
		eachCollection(f)
	}, f)
}
