package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gitsm/gitsm/internal/record"
)

// drawer is a Keeper in memory.
type drawer struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (d *drawer) Load(name, key string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept[name+"\n"+key]
}

func (d *drawer) Save(name, key string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept[name+"\n"+key] = data
}

// titles are the titles of the records of a part.
var titles = Derivation[[]string]{
	Name: "titles",
	Of: func(recs []*record.Record) []string {
		out := []string{}
		for _, r := range recs {
			out = append(out, r.Title())
		}
		return out
	},
	Encode: func(list []string) []byte { return []byte("!" + strings.Join(list, "\n")) },
	Decode: func(data []byte) ([]string, error) {
		if len(data) == 0 || data[0] != '!' {
			return nil, errors.New("damaged")
		}
		return strings.Split(string(data[1:]), "\n"), nil
	},
}

// derived opens a tree in a process of its own, so to speak, and returns what was
// derived of its incidents and which of them were read for it.
func derived(t *testing.T, fsys committed, k Keeper) (all []string, read []string) {
	t.Helper()
	c := NewCache()
	c.Keep(k)
	s, err := Open(fsys, WithCache(c))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Parts("incident")
	if err != nil {
		t.Fatal(err)
	}
	lists, err := Derive(parts, titles)
	if err != nil {
		t.Fatal(err)
	}
	for name := range fsys.read {
		if strings.HasPrefix(name, "incidents/") {
			read = append(read, name)
		}
	}
	slices.Sort(read)
	for _, l := range lists {
		all = append(all, l...)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" }), read
}

// TestDerive holds that what was kept of a directory is taken for it while it is
// what it was, and for nothing else.
func TestDerive(t *testing.T) {
	const november = "incidents/2026/11/INC-20261101-BBBBBB.yaml"
	other := files()
	other[november] = strings.Replace(other[november], "An outage", "Another", 1)
	kinds := files()
	kinds["gitsm.yaml"] += "kinds: [{name: risk, plural: risks, path: 'risks/{id}.yaml'}]\n"
	for _, tt := range []struct {
		name string
		do   func(d *drawer)
		tree map[string]string
		read int
		want string
	}{
		{"nothing changed", func(*drawer) {}, files(), 0, "An outage, An outage"},
		{"a month changed", func(*drawer) {}, other, 1, "An outage, Another"},
		{"kinds are read otherwise", func(*drawer) {}, kinds, 2, "An outage, An outage"},
		{"lost", func(d *drawer) { clear(d.kept) }, files(), 2, "An outage, An outage"},
		{"damaged", func(d *drawer) {
			for k := range d.kept {
				d.kept[k] = []byte("?")
			}
		}, files(), 2, "An outage, An outage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &drawer{kept: map[string][]byte{}}
			if _, read := derived(t, tree(files()), d); len(read) != 2 {
				t.Fatalf("at first %v were read", read)
			}
			tt.do(d)
			all, read := derived(t, tree(tt.tree), d)
			if got := strings.Join(all, ", "); got != tt.want || len(read) != tt.read {
				t.Errorf("got %s, having read %v", got, read)
			}
		})
	}
}

// TestDeriveWorkTree holds that nothing is kept of files without object ids.
func TestDeriveWorkTree(t *testing.T) {
	d := &drawer{kept: map[string][]byte{}}
	c := NewCache()
	c.Keep(d)
	s, err := Open(tree(files()).MapFS, WithCache(c))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Parts("incident")
	if err != nil {
		t.Fatal(err)
	}
	lists, err := Derive(parts, titles)
	if got := fmt.Sprint(lists); err != nil || !strings.Contains(got, "An outage") || len(d.kept) != 0 {
		t.Errorf("%s, %v, %d kept", got, err, len(d.kept))
	}
}
