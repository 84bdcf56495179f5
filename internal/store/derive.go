package store

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gitsm/gitsm/internal/record"
)

// Keeper keeps from one run to the next what was derived from parts of commits.
// It may lose anything at any time: that is derived again. It is safe for
// concurrent use.
type Keeper interface {
	// Load returns what was kept under a name and a key, nil where nothing is.
	Load(name, key string) []byte
	Save(name, key string, data []byte)
}

// Keep has what is derived from the parts of stores with this cache kept from
// one run to the next.
func (c *Cache) Keep(k Keeper) { c.keeper = k }

// Derivation makes something of the records of a part, and bytes of that.
type Derivation[T any] struct {
	Name   string // change it with what the bytes mean
	Of     func([]*record.Record) T
	Encode func(T) []byte
	Decode func([]byte) (T, error)
}

// Derive returns what comes of each part, in their order. What was kept of a
// part is taken for it, and parts that have to be read are read several at a
// time.
func Derive[T any](parts []Part, d Derivation[T]) ([]T, error) {
	out, errs := make([]T, len(parts)), make([]error, len(parts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				out[i], errs[i] = derive(parts[i], d)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func derive[T any](p Part, d Derivation[T]) (T, error) {
	name := d.Name + " " + p.name
	keeps := p.kept != nil && p.Key != ""
	if keeps {
		if data := p.kept.Load(name, p.Key); data != nil {
			if v, err := d.Decode(data); err == nil {
				return v, nil
			}
		}
	}
	recs, err := p.Records()
	v := d.Of(recs)
	if err == nil && keeps {
		p.kept.Save(name, p.Key, d.Encode(v))
	}
	return v, err
}
