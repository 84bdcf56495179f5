package gitrepo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
)

// bundled is a small history and its bundle.
func bundled(t *testing.T, format string) (*Repo, []byte) {
	t.Helper()
	r := newRepoOf(t, format)
	first := write(t, r, "", "a.txt", strings.Repeat("line\n", 30000), "empty", "")
	second := write(t, r, first, "b/c.txt", "c")
	move(t, r, "refs/heads/main", "", second)
	move(t, r, "refs/heads/side", "", first)
	return r, bundle(t, r)
}

func bundle(t *testing.T, r *Repo) []byte {
	t.Helper()
	refs, err := r.Refs(t.Context(), "refs/heads/")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.WriteBundle(t.Context(), &out, refs); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBundle(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			r, first := bundled(t, format)
			sh(t, r, r.root, "gc", "-q", "--aggressive")
			if again := bundle(t, reopen(t, r, r.root)); !bytes.Equal(first, again) {
				t.Error("once git has packed the repository, its bundle is another")
			}
			if got := BundleFormat(bytes.NewReader(first)); got != format {
				t.Errorf("it is said to be of a %s repository", got)
			}
			// git reads it.
			file := filepath.Join(t.TempDir(), "x.bundle")
			if err := os.WriteFile(file, first, 0o600); err != nil {
				t.Fatal(err)
			}
			clone := filepath.Join(t.TempDir(), "clone")
			sh(t, r, r.root, "clone", "-q", "-b", "main", file, clone)
			sh(t, r, clone, "fsck", "--full", "--strict")
			// And so does gitsm.
			into := newRepoOf(t, format)
			refs, err := into.ReadBundle(t.Context(), bytes.NewReader(first), int64(len(first)))
			if err != nil || len(refs) != 2 {
				t.Fatalf("%v, %v", refs, err)
			}
			if again := bundle(t, into); !bytes.Equal(first, again) {
				t.Error("the bundle of what a bundle held is another")
			}
		})
	}
}

// No byte of a bundle can be another, and none can be missing or added.
func TestBundleRefuses(t *testing.T) {
	r, good := bundled(t, "sha1")
	try := func(b []byte) error {
		_, err := newRepoOf(t, "sha1").ReadBundle(t.Context(), bytes.NewReader(b), int64(len(b)))
		return err
	}
	pack := bytes.Index(good, []byte("PACK"))
	for _, at := range []int{0, 20, pack, pack + 7, pack + 11, pack + 12, pack + 40, len(good) / 2, len(good) - 30, len(good) - 1} {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		if try(bad) == nil {
			t.Errorf("byte %d is another, and the bundle is read", at)
		}
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "no pack": good[:pack], "cut": good[:len(good)-25], "half": good[:len(good)/2], "longer": append(bytes.Clone(good), 0),
		"a tag": bytes.Replace(good, []byte("refs/heads/side"), []byte("refs/tags/sides"), 1),
	} {
		if try(bad) == nil {
			t.Errorf("%s: it is read", name)
		}
	}
	// git's own packs, compressed and with deltas, are not read, whatever they hold.
	file := filepath.Join(t.TempDir(), "git.bundle")
	sh(t, r, r.root, "bundle", "create", "-q", file, "main")
	gits, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := try(gits); err == nil || !strings.Contains(err.Error(), "not written the way gitsm writes it") {
		t.Errorf("git's own bundle: %v", err)
	}
	// A bundle without all it names is none.
	var out bytes.Buffer
	main, err := r.Ref(t.Context(), "refs/heads/main")
	if err != nil {
		t.Fatal(err)
	}
	out.WriteString(bundleSHA1 + main + " refs/heads/main\n\n")
	if err := r.writeStored(t.Context(), &out, []git.OID{main}); err != nil {
		t.Fatal(err)
	}
	if err := try(out.Bytes()); err == nil || !strings.Contains(err.Error(), "lacks what its own history names") {
		t.Errorf("a bundle of a commit alone: %v", err)
	}
}

func FuzzBundle(f *testing.F) {
	f.Add([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), 3)
	f.Fuzz(func(t *testing.T, data []byte, kind int) {
		// What is stored is read back, and nothing is read for ever.
		one := stored(sizeBytes(byte(1+(kind&0x7fff)%4), len(data)), data)
		if err := checkObject(bytes.NewReader(one)); err != nil {
			t.Error(err)
		}
		_ = checkObject(bytes.NewReader(data))
	})
}
