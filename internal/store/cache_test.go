package store

import (
	"crypto/sha1" //nolint:gosec // as git names objects
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
)

// committed is a file system whose files have object ids, as those of commits
// have, and which counts what is read. Several may read at a time.
type committed struct {
	fstest.MapFS
	read map[string]int
	mu   *sync.Mutex
}

func (c committed) Open(name string) (fs.File, error) {
	f, err := c.MapFS.Open(name)
	if err == nil && c.MapFS[name] != nil {
		c.mu.Lock()
		c.read[name]++
		c.mu.Unlock()
	}
	return f, err
}

func (c committed) Stat(name string) (fs.FileInfo, error) {
	info, err := c.MapFS.Stat(name)
	if err != nil {
		return nil, err
	}
	return identified{info, c.id(name)}, nil
}

func (c committed) Lstat(name string) (fs.FileInfo, error) { return c.Stat(name) }

func (c committed) ReadLink(name string) (string, error) { return c.MapFS.ReadLink(name) }

func (c committed) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := c.MapFS.ReadDir(name)
	for i, e := range entries {
		info, ierr := c.Stat(path.Join(name, e.Name()))
		if ierr != nil {
			return nil, ierr
		}
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

// id digests everything at and beneath a name.
func (c committed) id(name string) string {
	h := sha1.New() //nolint:gosec // as git names objects
	_ = fs.WalkDir(c.MapFS, name, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			fmt.Fprintf(h, "%s\x00%s\x00", p, c.MapFS[p].Data)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil))
}

type identified struct {
	fs.FileInfo
	id string
}

func (i identified) Sys() any    { return i }
func (i identified) OID() string { return i.id }

func tree(files map[string]string) committed {
	c := committed{fstest.MapFS{}, map[string]int{}, &sync.Mutex{}}
	for name, text := range files {
		c.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return c
}

const (
	aConfig  = "apiVersion: gitsm/v1\nkind: config\n"
	anOutage = "apiVersion: gitsm/v1\nkind: incident\nid: %s\ntitle: An outage\nservices: [shop]\nstate: open\n"
)

func files() map[string]string {
	return map[string]string{
		"gitsm.yaml": aConfig, "policy/a.rego": "package a\n", "policy/data.yaml": "config: {}\n",
		"people/alice.yaml":                          "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\nemails: [alice@example.org]\n",
		"incidents/2026/10/INC-20261001-AAAAAA.yaml": fmt.Sprintf(anOutage, "INC-20261001-AAAAAA"),
		"incidents/2026/11/INC-20261101-BBBBBB.yaml": fmt.Sprintf(anOutage, "INC-20261101-BBBBBB"),
	}
}

// use reads everything of a store that is remembered.
func use(t *testing.T, fsys fs.FS, c *Cache) *Store {
	t.Helper()
	s, err := Open(fsys, WithCache(c))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Policy(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Directory(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List("incident"); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCacheReadsEachVersionOnce opens two commits that differ in one record and
// one person: nothing else is read again, and what differs is.
func TestCacheReadsEachVersionOnce(t *testing.T) {
	c := NewCache()
	first := use(t, tree(files()), c)
	changed := files()
	changed["incidents/2026/11/INC-20261102-CCCCCC.yaml"] = fmt.Sprintf(anOutage, "INC-20261102-CCCCCC")
	changed["people/alice.yaml"] += "active: false\n"
	second := tree(changed)
	s := use(t, second, c)

	var read []string
	for name := range second.read {
		read = append(read, name)
	}
	slices.Sort(read)
	if want := []string{"incidents/2026/11/INC-20261102-CCCCCC.yaml", "people/alice.yaml"}; !slices.Equal(read, want) {
		t.Errorf("read %v, want %v", read, want)
	}
	if s.Kinds != first.Kinds {
		t.Error("one gitsm.yaml gave two tables of kinds")
	}
	was, _ := first.Directory()
	is, _ := s.Directory()
	if was.People["alice"].Active != nil || is.People["alice"].Active == nil {
		t.Error("people of another commit were handed out")
	}
	list, err := s.List("incident")
	if err != nil || len(list) != 3 {
		t.Errorf("%d incidents, %v", len(list), err)
	}
	if list, _ := first.List("incident"); len(list) != 2 {
		t.Errorf("the first commit has %d incidents by now", len(list))
	}
}

func TestKey(t *testing.T) {
	key := func(fsys fs.FS, kinds ...string) string {
		t.Helper()
		s, err := Open(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return s.Key(kinds...)
	}
	base := key(tree(files()), "incident", "asset")
	if base == "" {
		t.Error("a commit gave no key")
	}
	if again := key(tree(files()), "incident", "asset"); again != base {
		t.Error("the same records gave another key")
	}
	changed := files()
	changed["people/alice.yaml"] += "active: false\n"
	if other := key(tree(changed), "incident", "asset"); other != base {
		t.Error("another kind changed the key")
	}
	changed["assets/db.yaml"] = "apiVersion: gitsm/v1\n"
	if other := key(tree(changed), "incident", "asset"); other == base {
		t.Error("a new record left the key as it was")
	}
	if got := key(tree(files()).MapFS, "incident"); got != "" {
		t.Errorf("a work tree gave the key %q", got)
	}
	if got := key(tree(files()), "spaceship"); got != "" {
		t.Errorf("an unknown kind gave the key %q", got)
	}
}

func TestParts(t *testing.T) {
	parts := func(f map[string]string) map[string]int {
		t.Helper()
		s, err := Open(tree(f))
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Parts("incident")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int{}
		for _, p := range list {
			recs, err := p.Records()
			if err != nil {
				t.Fatal(err)
			}
			out[p.Key] += len(recs)
		}
		return out
	}
	before := parts(files())
	changed := files()
	changed["incidents/2026/11/INC-20261102-CCCCCC.yaml"] = fmt.Sprintf(anOutage, "INC-20261102-CCCCCC")
	after := parts(changed)
	kept := 0
	for key, n := range after {
		if before[key] > 0 {
			kept += n
		}
	}
	if kept != 1 {
		t.Errorf("of 3 records %d are in parts that stayed the same, want the one of October", kept)
	}
	if none, err := Open(tree(map[string]string{"gitsm.yaml": aConfig})); err != nil {
		t.Fatal(err)
	} else if list, err := none.Parts("incident"); err != nil || len(list) != 0 {
		t.Errorf("a store without incidents: %v, %v", list, err)
	}
}

// TestFindWholeID holds that a whole id which is not there is looked for in no
// list: nothing else ends with it.
func TestFindWholeID(t *testing.T) {
	fsys := tree(files())
	s, err := Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find("INC-20261101-ZZZZZZ"); err == nil {
		t.Error("found what is not there")
	}
	for short, want := range map[string]string{"inc-20261101-bbbbbb": "INC-20261101-BBBBBB", "aaaa": "INC-20261001-AAAAAA"} {
		if rec, err := s.Find(short); err != nil || rec.ID != want {
			t.Errorf("%s: %v, %v", short, rec, err)
		}
	}
}
