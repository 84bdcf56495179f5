package github

import (
	"sync"
	"time"
)

// recalled is for how long an answer is taken for several pull requests: a workflow
// that looks at all that is open may ask GitHub a thousand times an hour.
const recalled = time.Minute

// recall holds answers for as long as that.
type recall[K comparable, V any] struct {
	mu   sync.Mutex
	said map[K]answered[V]
}

type answered[V any] struct {
	at time.Time
	v  V
}

// get is what was answered within the last minute, else what ask is told now. What
// went wrong is asked anew.
func (r *recall[K, V]) get(now time.Time, k K, ask func() (V, error)) (V, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a, ok := r.said[k]; ok && now.Sub(a.at) < recalled {
		return a.v, nil
	}
	v, err := ask()
	if err != nil {
		return v, err
	}
	if r.said == nil {
		r.said = map[K]answered[V]{}
	}
	r.said[k] = answered[V]{now, v}
	return v, nil
}

// branchRules is whose rules are asked for, and whether with who is not held by them.
type branchRules struct {
	branch string
	exempt bool
}
