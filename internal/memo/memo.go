// Package memo owns remembering: values by key, as many of the latest as there
// is room for, and the bytes in which they are kept from one run to the next.
//
// It is a leaf and imports the standard library alone. It never decides what a
// key must hold: callers make keys of git object ids, so that what is
// remembered under one can never be out of date.
package memo

import "sync"

// Memo remembers values by key: at least the given number of those last asked
// for, and at most twice as many, so that a walk over a long history neither
// works twice nor keeps all of it in memory. It is safe for concurrent use.
type Memo[T any] struct {
	mu         sync.Mutex
	limit      int
	young, old map[string]T
}

// New returns an empty Memo.
func New[T any](limit int) *Memo[T] {
	return &Memo[T]{limit: limit, young: map[string]T{}}
}

// Get returns what is remembered under a key, else what build returns. Errors
// are not remembered, and under the key "" nothing is. A nil Memo remembers
// nothing.
func (m *Memo[T]) Get(key string, build func() (T, error)) (T, error) {
	if m == nil || key == "" {
		return build()
	}
	m.mu.Lock()
	v, ok := m.find(key)
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := build() // without the lock: it may ask for other keys
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.find(key); ok {
		return first, nil // whoever was first is what everybody shares
	}
	m.keep(key, v)
	return v, nil
}

// Lookup returns what is remembered under a key, if anything is.
func (m *Memo[T]) Lookup(key string) (v T, ok bool) {
	if m == nil || key == "" {
		return v, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(key)
}

// find looks a key up and keeps what it finds from growing old.
func (m *Memo[T]) find(key string) (T, bool) {
	if v, ok := m.young[key]; ok {
		return v, true
	}
	v, ok := m.old[key]
	if ok {
		m.keep(key, v)
	}
	return v, ok
}

func (m *Memo[T]) keep(key string, v T) {
	if len(m.young) >= m.limit {
		m.old, m.young = m.young, make(map[string]T, m.limit)
	}
	m.young[key] = v
}
