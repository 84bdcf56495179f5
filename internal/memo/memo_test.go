package memo

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestGet(t *testing.T) {
	m := New[int](2)
	built := map[string]int{}
	get := func(key string) {
		t.Helper()
		got, err := m.Get(key, func() (int, error) { built[key]++; return len(key), nil })
		if err != nil || got != len(key) {
			t.Errorf("%q: got %d, %v", key, got, err)
		}
	}
	for _, key := range []string{"a", "bb", "a", "ccc", "a", "dddd", "a", "eeeee", "a"} {
		get(key)
	}
	if built["a"] != 1 {
		t.Errorf("what was asked for again and again was built %d times", built["a"])
	}
	if n := len(m.young) + len(m.old); n > 4 {
		t.Errorf("%d values are remembered with a limit of 2", n)
	}
	get("bb")
	if built["bb"] != 2 {
		t.Errorf("what was not asked for was remembered for ever")
	}
}

func TestGetWithoutKey(t *testing.T) {
	for name, m := range map[string]*Memo[int]{"no key": New[int](2), "no memo": nil} {
		n := 0
		for range 2 {
			if _, err := m.Get("", func() (int, error) { n++; return n, nil }); err != nil {
				t.Fatal(err)
			}
		}
		if n != 2 {
			t.Errorf("%s: built %d times", name, n)
		}
	}
}

func TestGetForgetsErrors(t *testing.T) {
	m := New[int](2)
	broken := errors.New("broken")
	if _, err := m.Get("a", func() (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got, err := m.Get("a", func() (int, error) { return 7, nil }); err != nil || got != 7 {
		t.Errorf("got %d, %v", got, err)
	}
}

// TestGetConcurrently holds that everybody gets the value of whoever was first.
func TestGetConcurrently(t *testing.T) {
	m := New[*int](8)
	var wg sync.WaitGroup
	got := make([]*int, 64)
	for i := range got {
		wg.Go(func() {
			got[i], _ = m.Get(fmt.Sprint(i%4), func() (*int, error) { v := i; return &v, nil })
		})
	}
	wg.Wait()
	for i, p := range got {
		if p != got[i%4] {
			t.Errorf("%d and %d share a key and not a value", i, i%4)
		}
	}
}
