package cli

import (
	"runtime"
	"testing"
	"time"
)

// A heap of which nothing can be let go must get room above itself, and a small
// one no more than it was given.
func TestRoomForTheHeap(t *testing.T) {
	const mb = 1 << 20
	for _, tt := range []struct{ live, least, want int64 }{
		{0, frugal, frugal},
		{100 * mb, frugal, frugal},
		{300 * mb, frugal, 474 * mb},
		{2000 * mb, frugal, 3024 * mb},
		{300 * mb, 500 * mb, 500 * mb},
	} {
		if got := roomFor(tt.live, tt.least); got != tt.want {
			t.Errorf("roomFor(%d MB, %d MB) = %d MB, want %d MB", tt.live/mb, tt.least/mb, got/mb, tt.want/mb)
		}
	}
}

func TestLeastForRecords(t *testing.T) {
	for records, want := range map[int64]int64{0: little, 1: little + 8<<10, 100_000: frugal, 300_000: frugal + 200_000<<10} {
		if got := leastFor(records); got != want {
			t.Errorf("%d records get %d bytes, want %d", records, got, want)
		}
	}
}

func TestEachCollection(t *testing.T) {
	told := make(chan int64, 100)
	eachCollection(func() { told <- liveHeap() })
	for n := range 3 {
		runtime.GC()
		select {
		case live := <-told:
			if live <= 0 {
				t.Errorf("after collection %d the runtime says that %d bytes are in use", n+1, live)
			}
		case <-time.After(time.Minute):
			t.Fatalf("nothing was told after collection %d", n+1)
		}
	}
}
