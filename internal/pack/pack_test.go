package pack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layouts are ways in which git stores one history.
var layouts = map[string]func(s *scene) []string{
	"as imported": func(s *scene) []string { return []string{s.objects()} },
	"repacked": func(s *scene) []string {
		s.git("repack", "-adfq", "--depth=50", "--window=20")
		return []string{s.objects()}
	},
	"deep": func(s *scene) []string {
		s.git("repack", "-adfq", "--depth=300", "--window=400")
		return []string{s.objects()}
	},
	"without deltas": func(s *scene) []string { s.git("repack", "-adfq", "--depth=0"); return []string{s.objects()} },
	"by id": func(s *scene) []string {
		s.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
		return []string{s.objects()}
	},
	"not compressed": func(s *scene) []string {
		s.git("-c", "pack.compression=0", "repack", "-adFq")
		return []string{s.objects()}
	},
	"many packs": func(s *scene) []string {
		s.git("-c", "pack.packSizeLimit=1m", "repack", "-adfq", "--max-pack-size=1m")
		s.git("multi-pack-index", "write")
		return []string{s.objects()}
	},
	"large offsets": func(s *scene) []string {
		s.git("-c", "pack.indexVersion=2", "repack", "-adfq")
		packs, err := filepath.Glob(filepath.Join(s.objects(), "pack", "*.pack"))
		if err != nil || len(packs) != 1 {
			s.tb.Fatal(packs, err)
		}
		s.git("index-pack", "--index-version=2,0x40", "-o", filepath.Join(s.dir, "large.idx"), packs[0])
		if err := os.Rename(filepath.Join(s.dir, "large.idx"), strings.TrimSuffix(packs[0], ".pack")+".idx"); err != nil {
			s.tb.Fatal(err)
		}
		return []string{s.objects()}
	},
	"loose": func(s *scene) []string {
		packs, err := filepath.Glob(filepath.Join(s.objects(), "pack", "*.pack"))
		if err != nil {
			s.tb.Fatal(err)
		}
		for _, p := range packs {
			away := filepath.Join(s.dir, filepath.Base(p))
			if err := errors.Join(os.Rename(p, away), os.Remove(strings.TrimSuffix(p, ".pack")+".idx")); err != nil {
				s.tb.Fatal(err)
			}
			data, err := os.ReadFile(away)
			if err != nil {
				s.tb.Fatal(err)
			}
			s.feed(string(data), "unpack-objects", "-q")
		}
		return []string{s.objects()}
	},
	"borrowed": func(s *scene) []string {
		other := filepath.Join(s.dir, "borrower")
		s.git("clone", "-q", "--shared", "--bare", ".", other)
		third := filepath.Join(s.dir, "third")
		s.git("clone", "-q", "--shared", "--bare", other, third)
		return []string{filepath.Join(third, "objects")}
	},
}

// Every object, in every form, is what git says it is.
func TestObjectsAsGit(t *testing.T) {
	for name, arrange := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			sc.live(120)
			s := open(t, arrange(sc)...)
			want := sc.all()
			for _, budget := range []int{0, 1 << 14, 1 << 30} {
				r := s.NewReader(budget)
				for id, a := range want {
					o, err := r.Get(id)
					if err != nil {
						t.Fatal(err)
					}
					if o.Kind.String() != a.kind || string(o.Data) != a.data {
						t.Fatalf("%s is a %s of %d bytes, want a %s of %d", id, o.Kind, len(o.Data), a.kind, len(a.data))
					}
					r.Release(o)
					if n, err := r.Size(id); n != len(a.data) || err != nil {
						t.Fatalf("%s has %d bytes: %v", id, n, err)
					}
				}
				if r.size > budget {
					t.Errorf("%d bytes are kept, %d allowed", r.size, budget)
				}
			}
			if _, err := s.NewReader(0).Get(ID{1}); !errors.Is(err, ErrMissing) {
				t.Errorf("an object that is nowhere: %v", err)
			}
		})
	}
}

// Order and differences are those of git log, whichever way commits are stored.
func TestHistoryAsGit(t *testing.T) {
	for name, arrange := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			sc.live(300)
			s := open(t, arrange(sc)...)
			for _, w := range []struct {
				heads []string
				first bool
			}{{[]string{"main"}, false}, {[]string{"main"}, true}, {[]string{"side0", "main", "side1", "side0", "side2"}, false}} {
				args := []string{"log", "--format=%x01%H", "--raw", "--no-abbrev", "--no-renames", "--full-history", "--topo-order", "--diff-merges=first-parent"}
				if w.first {
					args = append(args, "--first-parent")
				}
				want := strings.Join(strings.Fields(strings.ReplaceAll(sc.git(append(args, w.heads...)...), "\x01", "")), " ")
				for _, early := range []int{1, usuallyAlone} {
					if diff := cmp.Diff(want, told(t, sc, s, w.heads, w.first, early)); diff != "" {
						t.Errorf("%v, first parents %v, from the table after %d (-want +got):\n%.2000s", w.heads, w.first, early, diff)
					}
				}
			}
		})
	}
}

// told is the history in the words of git log --raw.
func told(t *testing.T, sc *scene, s *Store, heads []string, first bool, early int) string {
	t.Helper()
	w := Walk{FirstParent: first, Workers: 3, Alone: early}
	for _, h := range heads {
		id, err := ParseID(sc.git("rev-parse", h))
		if err != nil {
			t.Fatal(err)
		}
		w.Heads = append(w.Heads, id)
	}
	g, err := s.Graph(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	r := s.NewReader(1 << 16)
	for i := range g.Len() {
		id, tree, before := g.Commit(i)
		words = append(words, id.String())
		err := r.Diff(before, tree, func(c Change) error {
			letter := "M"
			switch {
			case c.OldMode == 0:
				letter = "A"
			case c.NewMode == 0:
				letter = "D"
			case c.OldMode&modeType != c.NewMode&modeType:
				letter = "T"
			}
			words = append(words, fmt.Sprintf(":%06o", c.OldMode), fmt.Sprintf("%06o", c.NewMode), c.Old.String(), c.New.String(), letter, string(c.Path))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(words, " ")
}

// What was packed or written since a store was opened is found.
func TestNewcomers(t *testing.T) {
	sc := newScene(t)
	sc.live(10)
	s := open(t, sc.objects())
	id, err := ParseID(sc.feed("later", "hash-object", "-w", "--stdin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(){func() {}, func() { sc.git("update-ref", "refs/tags/kept", id.String()); sc.git("repack", "-adq") }} {
		step()
		o, err := s.NewReader(1 << 20).Get(id)
		if err != nil || string(o.Data) != "later" {
			t.Fatal(o, err)
		}
	}
}

// Bytes that were changed are refused, not passed on.
func TestTampered(t *testing.T) {
	sc := newScene(t)
	id, err := ParseID(sc.feed("honest", "hash-object", "-w", "--stdin"))
	if err != nil {
		t.Fatal(err)
	}
	other := sc.feed("forged", "hash-object", "-w", "--stdin")
	file := func(name string) string { return filepath.Join(sc.objects(), name[:2], name[2:]) }
	data, err := os.ReadFile(file(other))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(file(id.String())), os.WriteFile(file(id.String()), data, 0o400)); err != nil {
		t.Fatal(err)
	}
	r := open(t, sc.objects()).NewReader(1 << 20)
	for range 2 {
		if _, err := r.Get(id); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "tampered") {
			t.Errorf("a forged object was read: %v", err)
		}
	}
}

// A large tree that was changed is refused, wherever that is, and whatever was
// hashed of the tree that it is compared with.
func TestTamperedTree(t *testing.T) {
	sc := newScene(t)
	blobs := []string{sc.feed("one", "hash-object", "-w", "--stdin"), sc.feed("two", "hash-object", "-w", "--stdin")}
	tree := func(changed ...int) string {
		var in strings.Builder
		for i := range 400 {
			fmt.Fprintf(&in, "100644 blob %s\tCHG-%04d.yaml\n", blobs[btoi(slices.Contains(changed, i))], i)
		}
		return sc.feed(in.String(), "mktree")
	}
	id := func(text string) ID {
		id, err := ParseID(text)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	base := tree()
	for _, at := range []int{0, 30, 200, 370, 399} {
		honest, forged := tree(at), tree(at, 399-at/2)
		count := func(a, b string) (int, error) {
			n := 0
			r := open(t, sc.objects()).NewReader(1 << 20)
			if err := r.Diff(id(tree(7)), id(base), func(Change) error { n++; return nil }); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			n = 0
			return n, r.Diff(id(a), id(b), func(Change) error { n++; return nil })
		}
		if _, err := count(base, honest); err != nil {
			t.Errorf("%d: %v", at, err)
		}
		file := func(name string) string { return filepath.Join(sc.objects(), name[:2], name[2:]) }
		data, err := os.ReadFile(file(forged))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Remove(file(honest)), os.WriteFile(file(honest), data, 0o400)); err != nil {
			t.Fatal(err)
		}
		for _, pair := range [][2]string{{base, honest}, {honest, base}} {
			if _, err := count(pair[0], pair[1]); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "tampered") {
				t.Errorf("%d: a forged tree was compared: %v", at, err)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What is not read here is said before anything is read.
func TestUnsupported(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"partial clone": func(dir string) error { return os.WriteFile(filepath.Join(dir, "pack", "pack-1.promisor"), nil, 0o600) },
		"quoted alternate": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "info", "alternates"), []byte("\"a\\nb\"\n"), 0o600)
		},
	} {
		sc := newScene(t)
		sc.live(5)
		sc.git("repack", "-adq")
		open(t, sc.objects())
		if err := spoil(sc.objects()); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(sc.objects()); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sc := newScene(t)
	sc.live(5)
	sc.git("-c", "pack.indexVersion=1", "repack", "-adfq")
	if _, err := Open(sc.objects()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("an index of version 1: %v", err)
	}
}

// A reader that is full keeps what somebody holds.
func TestHeldObjectsStay(t *testing.T) {
	sc := newScene(t)
	sc.live(60)
	s := open(t, sc.objects())
	r := s.NewReader(0)
	var held []*Object
	want := sc.all()
	var ids []ID
	for id := range want {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		o, err := r.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, o)
	}
	for i, o := range held {
		if string(o.Data) != want[ids[i]].data {
			t.Fatalf("%s changed while it was held", ids[i])
		}
		r.Release(o)
	}
	if r.size != 0 {
		t.Errorf("%d bytes are kept", r.size)
	}
}
