package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
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

// TestDeriveSome: of a directory in which one record comes, changes or goes only
// those beside it are looked at again, and what comes of it is what comes of all.
func TestDeriveSome(t *testing.T) {
	month := func(edit func(map[string]string)) map[string]string {
		out := map[string]string{"gitsm.yaml": aConfig, "incidents/2026/11/notes.txt": "none\n"}
		for i := range 200 {
			id := fmt.Sprintf("INC-20261101-%06d", i)
			out["incidents/2026/11/"+id+".yaml"] = strings.Replace(fmt.Sprintf(anOutage, id), "An outage", id, 1)
		}
		edit(out)
		return out
	}
	var made atomic.Int64
	some := titles
	some.Some = memo.New[[]string](1 << 8)
	some.Of = func(recs []*record.Record) []string { made.Add(int64(len(recs))); return titles.Of(recs) }
	some.Join = func(lists [][]string) []string { return slices.Concat(lists...) }
	derive := func(files map[string]string, d Derivation[[]string]) []string {
		s, err := Open(tree(files))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := s.Parts("incident")
		if err != nil {
			t.Fatal(err)
		}
		lists, err := Derive(parts, d)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Concat(lists...)
	}
	const path = "incidents/2026/11/INC-20261101-000101.yaml"
	for _, tt := range []struct {
		name string
		edit func(map[string]string)
		most int // records that are looked at
	}{
		{"all are new", func(map[string]string) {}, 200},
		{"nothing", func(map[string]string) {}, 0},
		{"one changed", func(f map[string]string) { f[path] = strings.Replace(f[path], "title: ", "title: Once more ", 1) }, 100},
		{"one went", func(f map[string]string) { delete(f, path) }, 100},
		{"one came", func(f map[string]string) {
			f[strings.Replace(path, "000101", "00010A", 1)] = fmt.Sprintf(anOutage, "INC-20261101-00010A")
		}, 100},
	} {
		made.Store(0)
		files := month(tt.edit)
		if diff := cmp.Diff(derive(files, titles), derive(files, some)); diff != "" {
			t.Errorf("%s: (-all +some):\n%s", tt.name, diff)
		}
		if n := made.Load(); n > int64(tt.most) {
			t.Errorf("%s: %d records were looked at, want at most %d", tt.name, n, tt.most)
		}
	}
}

// TestDeriveFails: where some of a directory cannot be read, nothing is joined of
// what is missing.
func TestDeriveFails(t *testing.T) {
	gone := errors.New("gone")
	some := titles
	some.Some = memo.New[[]string](1 << 8)
	some.Join = func(lists [][]string) []string {
		if slices.ContainsFunc(lists, func(l []string) bool { return l == nil }) {
			t.Error("what was not read is joined")
		}
		return slices.Concat(lists...)
	}
	s, err := Open(tree(map[string]string{"gitsm.yaml": aConfig, "incidents/2026/11/INC-20261101-000001.yaml": fmt.Sprintf(anOutage, "INC-20261101-000001")}))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Parts("incident")
	if err != nil || len(parts) == 0 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	parts[0].groups = func(Brief) ([]group, error) {
		return []group{{key: "a", read: func() ([]*record.Record, error) { return nil, gone }}, {key: "b"}}, nil
	}
	if _, err := Derive(parts, some); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

// TestDeriveBriefly: what need not be parsed is not, and the same records are
// found; of a work tree, which may change meanwhile, everything is parsed.
func TestDeriveBriefly(t *testing.T) {
	text := func(id, more string) string {
		return "apiVersion: gitsm/v1\nkind: incident\nid: " + id + "\ntitle: " + id + "\nstate: closed\nservices:\n  - a\n" + more
	}
	const month = "incidents/2026/11/"
	files := tree(map[string]string{
		"gitsm.yaml":                         aConfig,
		month + "INC-20261101-PPPPPP.yaml":   text("INC-20261101-PPPPPP", ""),
		month + "INC-20261101-FFFFFF.yaml":   text("INC-20261101-FFFFFF", "assets: [x]\n"),
		month + "INC-20261101-AAAAAA.yaml":   text("INC-20261101-AAAAAA", "impact: asked\n"),
		month + "INC-20261101-BBBBBB.yaml":   "none at all: [\n",
		month + "INC-20260101-CCCCCC.yaml":   text("INC-20260101-CCCCCC", ""), // another month's
		month + "INC-20261101-DDDDDD.yml":    text("INC-20261101-DDDDDD", ""),
		month + "notes.txt":                  "none\n",
		month + ".INC-20261101-EEEEEE.yaml":  text("INC-20261101-EEEEEE", ""),
		"incidents/INC-20261101-GGGGGG.yaml": text("INC-20261101-GGGGGG", ""),
	})
	of := func(fsys fs.FS, b Brief) (all, brief []string) {
		s, err := Open(fsys)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := s.Parts("incident")
		if err != nil {
			t.Fatal(err)
		}
		d := titles
		d.Brief = b
		d.Of = func(recs []*record.Record) (out []string) {
			for _, r := range recs {
				out = append(out, r.ID+" "+r.Path+" "+r.Blob+" "+r.Title())
				if r.Doc == nil {
					brief = append(brief, r.ID)
				}
			}
			return out
		}
		for _, p := range parts {
			list, err := derive(p, d)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, list...)
		}
		return all, brief
	}
	plain := func(_ *record.Kind, file *yamldoc.Glance) map[string]any {
		fields, _ := file.Fields("title", "impact")
		if fields["impact"] != nil {
			return nil
		}
		return fields
	}
	parsed, none := of(files, nil)
	same, brief := of(files, plain)
	if diff := cmp.Diff(parsed, same); diff != "" || len(parsed) != 4 || len(none) > 0 {
		t.Errorf("%d parsed, %v briefly; (-parsed +briefly):\n%s", len(parsed), none, diff)
	}
	if diff := cmp.Diff([]string{"INC-20260101-CCCCCC", "INC-20261101-PPPPPP"}, brief); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, brief := of(files.MapFS, plain); len(brief) > 0 {
		t.Errorf("%v were not parsed in a work tree", brief)
	}
}
