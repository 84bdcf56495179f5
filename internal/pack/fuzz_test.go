package pack

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is wrong with a pack or its index, an object is either what its id
// says or an error.
func TestDamagedPacks(t *testing.T) {
	sc := newScene(t)
	sc.live(60)
	sc.git("repack", "-adfq", "--depth=30")
	want := sc.all()
	files, err := filepath.Glob(filepath.Join(sc.objects(), "pack", "pack-*"))
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{}
	for _, f := range files {
		if contents[f], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(f, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		for _, f := range files {
			data := bytes.Clone(contents[f])
			for range 1 + round%20 {
				data[rnd.IntN(len(data))] ^= byte(1 << rnd.IntN(8))
			}
			if round%10 == 9 {
				data = data[:rnd.IntN(len(data))]
			}
			if err := os.WriteFile(f, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(sc.objects())
		if err != nil {
			continue
		}
		r := s.NewReader(1 << 20)
		for id, a := range want {
			_, _ = r.Size(id)
			o, err := r.Get(id)
			if err != nil {
				continue
			}
			if string(o.Data) != a.data || o.Kind.String() != a.kind {
				t.Fatalf("%s was read wrong", id)
			}
			r.Release(o)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("base"), []byte{4, 8, 0x90, 4, 4, 'm', 'o', 'r', 'e'})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		from, size, rest, err := deltaSizes(delta)
		if err != nil || from != len(base) || size > 1<<16 {
			return
		}
		out := make([]byte, size)
		head, tail, err := apply(out, base, rest)
		if err == nil && !(bytes.HasPrefix(out, base[:head]) && bytes.HasSuffix(out, base[len(base)-tail:])) {
			t.Errorf("%d bytes at the beginning and %d at the end are not the base's", head, tail)
		}
	})
}

func FuzzIndex(f *testing.F) {
	f.Add(append([]byte("\xfftOc\x00\x00\x00\x02"), make([]byte, fanoutSize+indexTrailer)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parseIndex(data)
		if err != nil {
			return
		}
		for i := range x.count {
			var id ID
			copy(id[:], x.name(i))
			x.find(id)
			x.offset(i)
		}
		x.find(ID{7})
	})
}

// Whatever is compressed, by whichever level and in whichever pieces, comes out;
// and what the library refuses is refused.
func FuzzInflate(f *testing.F) {
	f.Add([]byte("hello, hello, hello"), 6, false)
	f.Add(bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz0123456789"), 3000), 9, false)
	f.Add([]byte{0x78, 0x9c, 0x4b, 0xca, 0xc9, 0x4f, 0x52, 0x30, 0x60, 0, 0, 0}, 1, true)
	f.Fuzz(func(t *testing.T, data []byte, level int, raw bool) {
		_, _, _ = inflateLoose(data)
		var i inflater
		if raw {
			sameAsLibrary(t, &i, data)
			return
		}
		packed := deflated(t, data, level)
		out := make([]byte, len(data))
		if err := i.inflate(out, append(packed, "what follows in a pack"...)); err != nil || !bytes.Equal(out, data) {
			t.Fatalf("%d bytes at level %d: %v", len(data), level, err)
		}
		for _, n := range []int{len(data) - 1, len(data) + 1} {
			if n >= 0 && i.inflate(make([]byte, n), packed) == nil {
				t.Fatalf("%d bytes were taken for %d", len(data), n)
			}
		}
		for at := range packed[:min(len(packed), 200)] {
			packed[at] ^= 1 << (level & 7)
			sameAsLibrary(t, &i, packed)
			packed[at] ^= 1 << (level & 7)
		}
	})
}

func deflated(t *testing.T, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.HuffmanOnly+(level%12+12)%12)
	if err != nil {
		t.Fatal(err)
	}
	half := len(data) / 2
	for _, part := range [][]byte{data[:half], data[half:]} {
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
		if level%2 == 0 {
			if err := z.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sameAsLibrary(t *testing.T, i *inflater, in []byte) {
	t.Helper()
	z, err := zlib.NewReader(bytes.NewReader(in))
	var want []byte
	if err == nil {
		want, err = io.ReadAll(io.LimitReader(z, 1<<20))
	}
	if errors.Is(err, zlib.ErrChecksum) {
		err = nil // the id of what comes out is held against it instead
	}
	out := make([]byte, len(want))
	if mine := i.inflate(out, in); mine == nil != (err == nil) && len(want) < 1<<20 || err == nil && !bytes.Equal(out, want) {
		t.Fatalf("%x: %v, the library says %v", in, mine, err)
	}
}

func TestInflate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for n := range 400 {
		data := make([]byte, rnd.IntN(1<<(n%17)+1))
		spread := 1 + rnd.IntN(255)
		for i := range data {
			if data[i] = byte(rnd.IntN(spread)); i > 40 && rnd.IntN(3) == 0 {
				data[i] = data[i-1-rnd.IntN(40)]
			}
		}
		packed := deflated(t, data, n)
		var i inflater
		out := make([]byte, len(data))
		if err := i.inflate(out, packed); err != nil || !bytes.Equal(out, data) {
			t.Fatalf("%d bytes at level %d: %v", len(data), n, err)
		}
		for range 20 {
			at := rnd.IntN(len(packed))
			was := packed[at]
			packed[at] ^= byte(1 + rnd.IntN(255))
			sameAsLibrary(t, &i, packed)
			packed[at] = was
		}
	}
}

// Two texts compared as trees end with an error or with differences that undo
// themselves when they are compared the other way round.
func FuzzDiff(f *testing.F) {
	entry := func(mode, name string, id byte) string {
		return mode + " " + name + "\x00" + string(bytes.Repeat([]byte{id}, IDSize))
	}
	f.Add(entry("100644", "a", 1)+entry("100644", "b", 2), entry("100644", "b", 3)+entry("120000", "c", 2))
	empty, err := Open() // so that a directory, however its mode is written, is an error
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		list := func(a, b string) (out []Change, err error) {
			d := differ{r: empty.NewReader(0), found: func(c Change) error { c.Path = bytes.Clone(c.Path); out = append(out, c); return nil }}
			x, y := &Object{Data: []byte(a)}, &Object{Data: []byte(b)}
			err = d.merge(x, y, mismatch(x.Data, y.Data), 0)
			return out, err
		}
		there, err := list(a, b)
		back, err2 := list(b, a)
		if err != nil || err2 != nil {
			return
		}
		if len(there) != len(back) {
			t.Fatalf("%d changes, %d back", len(there), len(back))
		}
		for i := range there {
			if string(there[i].Path) != string(back[i].Path) || there[i].Old != back[i].New || there[i].New != back[i].Old {
				t.Fatalf("%v, back %v", there[i], back[i])
			}
		}
	})
}

func FuzzCommit(f *testing.F) {
	f.Add([]byte("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a> 1 +0000\ncommitter C <c> 2 +0000\n\nm\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l links
		_ = l.parse(data)
	})
}
