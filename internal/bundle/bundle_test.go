package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

const history = "# v2 git bundle\n"

var spec = Spec{Format: Format, Tool: "v1", Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Main: "main", Head: strings.Repeat("1", 40), Since: "2026-01-01T00:00:00Z"}

func written(t *testing.T, s Spec) []byte {
	t.Helper()
	c := &audit.Collection{Report: &audit.Report{}, Population: &audit.Population{}, Compliances: []*audit.Compliance{{Framework: "soc2"}},
		Files: []audit.File{{Name: "records/changes/CHG-20261120-7K3F2M.yaml", Content: []byte("id: x\n")}, {Name: "keys/empty"}}}
	files, err := Files(s, c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Write(&out, files, strings.NewReader(history), int64(len(history))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(b []byte) (*Archive, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func TestRoundTrip(t *testing.T) {
	b := written(t, spec)
	if again := written(t, spec); !bytes.Equal(b, again) {
		t.Error("written twice, its bytes differ")
	}
	a, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	if a.Spec != spec || a.History.Size() != int64(len(history)) {
		t.Errorf("read %+v with a history of %d bytes", a.Spec, a.History.Size())
	}
	if list := a.Unlisted(); len(list) > 0 {
		t.Errorf("a good manifest says %v", list)
	}
	p, err := a.Spec.Period()
	if err != nil || !p.Since.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || !p.Until.IsZero() {
		t.Errorf("the period is %v, %v", p, err)
	}
}

// archive packs files as given, in that order.
func archive(t *testing.T, heads ...*tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range heads {
		if h.Typeflag == tar.TypeReg {
			h.Size = 1
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadRefuses(t *testing.T) {
	good := written(t, spec)
	file := func(name string) *tar.Header { return &tar.Header{Typeflag: tar.TypeReg, Name: name} }
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(good); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(archive(t, file("a")))
	copy(huge[124:], "77777777777\x00") // says that it has 8 GiB
	sum := 0
	copy(huge[148:156], "        ")
	for _, b := range huge[:512] {
		sum += int(b)
	}
	copy(huge[148:], []byte(strings.Repeat("0", 6-len(octal(sum)))+octal(sum)+"\x00 "))
	next := spec
	next.Format++
	for name, tt := range map[string]struct {
		bytes []byte
		want  string
	}{
		"empty":           {nil, "lacks"},
		"text":            {[]byte("hello"), ""},
		"compressed":      {zipped.Bytes(), ""},
		"climbing":        {archive(t, file("../evil")), "no name of a file"},
		"climbing later":  {archive(t, file("records/../../evil")), "no name of a file"},
		"absolute":        {archive(t, file("/etc/passwd")), "no name of a file"},
		"drive":           {archive(t, file("C:evil")), "no name of a file"},
		"backslash":       {archive(t, file(`..\evil`)), "no name of a file"},
		"control":         {archive(t, file("a\x1b[2J")), "no name of a file"},
		"link":            {archive(t, &tar.Header{Typeflag: tar.TypeSymlink, Name: "a", Linkname: "/etc"}), "no plain file"},
		"hard link":       {archive(t, &tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"}), "no plain file"},
		"directory":       {archive(t, &tar.Header{Typeflag: tar.TypeDir, Name: "a/"}), "no plain file"},
		"device":          {archive(t, &tar.Header{Typeflag: tar.TypeChar, Name: "a"}), "no plain file"},
		"twice":           {archive(t, file("a"), file("a")), "twice, or out of order"},
		"out of order":    {archive(t, file("b"), file("a")), "twice, or out of order"},
		"nothing but a":   {archive(t, file("a")), "lacks one of"},
		"bytes after":     {append(bytes.Clone(good), 0), "its bytes are not those"},
		"cut":             {good[:len(good)-1024], "its bytes are not those"},
		"cut in half":     {good[:len(good)/2], ""},
		"says it is huge": {huge, "larger than anything"},
		"next format":     {written(t, next), "has format 2"},
	} {
		_, err := read(tt.bytes)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func octal(n int) string {
	out := ""
	for ; n > 0; n /= 8 {
		out = string(rune('0'+n%8)) + out
	}
	return out
}

func flipped(b []byte, at int) []byte {
	out := bytes.Clone(b)
	out[at] ^= 1
	return out
}

// Whatever byte is changed, either the archive is refused or the manifest tells.
func TestEveryByteCounts(t *testing.T) {
	good := written(t, spec)
	for at := range good {
		if a, err := read(flipped(good, at)); err == nil && len(a.Unlisted()) == 0 {
			t.Fatalf("byte %d is another, and nothing is said", at)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("bundle.json"), 100)
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		good := written(t, spec)
		at = (at%len(good) + len(good)) % len(good)
		bad := append(bytes.Clone(good[:at]), data...)
		bad = append(bad, good[min(len(good), at+len(data)):]...)
		if a, err := read(bad); err == nil && !bytes.Equal(bad, good) && len(a.Unlisted()) == 0 {
			t.Error("the bytes are others, and nothing is said")
		}
	})
}
