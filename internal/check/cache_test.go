package check_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

const outageFile = "incidents/2026/11/INC-20261119-AAAAAA.yaml"

// rules is a policy that judges what is not over, as decision's does.
type rules struct {
	key  string
	deny string // a title
}

func (r rules) Judge(_ context.Context, _, after *record.Record) ([]finding.Finding, int, error) {
	if !r.Judged(after) {
		return nil, 0, nil
	}
	if r.deny != "" && strings.Contains(after.Title(), r.deny) {
		return []finding.Finding{{Code: "CHG900", Severity: finding.Error, Message: r.deny}}, 3, nil
	}
	return nil, 3, nil
}
func (r rules) Survey() func()                        { return func() {} }
func (r rules) Glimpse(_ store.Spot, src []byte) bool { return len(src)%2 == 1 }
func (r rules) See(*record.Record)                    {}
func (r rules) Key() string                           { return r.key }
func (r rules) Judged(rec *record.Record) bool        { return rec.Kind.Name == "change" && !rec.Terminal() }

// disk is a directory whose files were written long ago.
type disk struct {
	t    *testing.T
	dir  string
	when time.Time

	schemas *validate.Validator // compiled once

	mu     sync.Mutex
	opened []string // since the last check
	fs.FS
}

func newDisk(t *testing.T) *disk {
	d := &disk{t: t, dir: t.TempDir(), when: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), schemas: validate.New()}
	d.FS = os.DirFS(d.dir)
	for name, text := range scene {
		d.write(name, text)
	}
	closed := strings.Replace(scene[changeFile], "state: scheduled", "state: closed", 1)
	for i := range 6 {
		id := fmt.Sprintf("CHG-2026102%d-ABCDEF", i)
		text := strings.Replace(closed, "CHG-20261120-7K3F2M", id, 1)
		if i == 0 {
			text += "incident: INC-20261119-AAAAAA\n"
		}
		d.write("changes/2026/10/"+id+".yaml", text)
	}
	d.write(outageFile, "apiVersion: gitsm/v1\nkind: incident\nid: INC-20261119-AAAAAA\ntitle: Outage\nstate: closed\nservices: [checkout]\n")
	return d
}

// write writes a file as of another moment.
func (d *disk) write(name, text string) {
	d.t.Helper()
	path := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	d.when = d.when.Add(time.Minute)
	if err := os.Chtimes(path, d.when, d.when); err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) read(name string) string {
	d.t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(name)))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

func (d *disk) Open(name string) (fs.File, error) {
	d.mu.Lock()
	d.opened = append(d.opened, name)
	d.mu.Unlock()
	return d.FS.Open(name)
}

func (d *disk) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.FS, name) }
func (d *disk) Lstat(name string) (fs.FileInfo, error)     { return fs.Lstat(d.FS, name) }
func (d *disk) ReadLink(name string) (string, error)       { return fs.ReadLink(d.FS, name) }
func (d *disk) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(d.FS, name) }

// later is when a check begins that finds all files old enough.
func later() time.Time { return time.Now().Add(time.Hour) }

// check checks with a cache, and holds that the report is the one without.
func (d *disk) check(data []byte, tool string, from time.Time, p rules) (rep *check.Report, next []byte, read []string) {
	d.t.Helper()
	want := run(d.t, check.Options{Head: open(d.t, d), Policy: p, Validator: d.schemas})
	cache := check.ReadCache(data, tool, from)
	d.opened = nil
	rep = run(d.t, check.Options{Head: open(d.t, d), Policy: p, Validator: d.schemas, Cache: cache})
	for _, name := range d.opened {
		if dir, _, _ := strings.Cut(name, "/"); strings.HasSuffix(name, ".yaml") && slices.Contains([]string{"changes", "incidents", "problems", "contracts"}, dir) {
			read = append(read, filepath.Base(name))
		}
	}
	if diff := cmp.Diff(want, rep); diff != "" {
		d.t.Errorf("with and without a cache (-without +with):\n%s", diff)
	}
	next, changed := cache.Bytes()
	if !changed {
		next = data
	}
	slices.Sort(read)
	return rep, next, read
}

// openRead is read by each check because policy judges it; the incident is,
// because a change that was sound refers to it.
const openRead = "CHG-20261120-7K3F2M.yaml"

func TestCache(t *testing.T) {
	victim := "changes/2026/10/CHG-20261023-ABCDEF.yaml"
	young := "CHG-20261023-ABCDEF.yaml"
	tests := []struct {
		name string
		do   func(d *disk, in *[]byte, tool *string, p *rules)
		all  bool     // everything is read again
		read []string // else this, besides what is read each time
		code string   // a finding that is expected
	}{
		{"nothing changed", func(*disk, *[]byte, *string, *rules) {}, false, nil, ""},
		{"touched", func(d *disk, _ *[]byte, _ *string, _ *rules) { d.write(victim, d.read(victim)) }, false, []string{young}, ""},
		{"edited", func(d *disk, _ *[]byte, _ *string, _ *rules) {
			d.write(victim, strings.Replace(d.read(victim), "title", "tilte", 1))
		}, false, []string{young, young}, "SCH002"},
		{"deleted", func(d *disk, _ *[]byte, _ *string, _ *rules) { os.Remove(filepath.Join(d.dir, victim)) }, false, nil, ""},
		{"another file in its place", func(d *disk, _ *[]byte, _ *string, _ *rules) {
			d.write(victim, d.read("changes/2026/10/CHG-20261022-ABCDEF.yaml"))
		}, false, []string{young, young}, "SCH006"},
		{"a service is gone", func(d *disk, _ *[]byte, _ *string, _ *rules) {
			os.Remove(filepath.Join(d.dir, "services/checkout.yaml"))
		}, true, nil, "REF001"},
		{"a service retired", func(d *disk, _ *[]byte, _ *string, _ *rules) {
			d.write("services/checkout.yaml", d.read("services/checkout.yaml")+"state: retired\n")
		}, true, nil, "REF003"},
		{"an incident is gone", func(d *disk, _ *[]byte, _ *string, _ *rules) { os.Remove(filepath.Join(d.dir, outageFile)) }, false, []string{"CHG-20261020-ABCDEF.yaml"}, "REF001"},
		{"the policy changed", func(_ *disk, _ *[]byte, _ *string, p *rules) { p.key, p.deny = "other", "Upgrade" }, true, nil, "CHG900"},
		{"the configuration changed", func(d *disk, _ *[]byte, _ *string, _ *rules) {
			d.write("gitsm.yaml", d.read("gitsm.yaml")+"title: Ours\n")
		}, true, nil, ""},
		{"another build", func(_ *disk, _ *[]byte, tool *string, _ *rules) { *tool = "2" }, true, nil, ""},
		{"damaged", func(_ *disk, in *[]byte, _ *string, _ *rules) { (*in)[len(*in)/2] ^= 1 }, true, nil, ""},
		{"cut short", func(_ *disk, in *[]byte, _ *string, _ *rules) { *in = (*in)[:len(*in)-1] }, true, nil, ""},
		{"lost", func(_ *disk, in *[]byte, _ *string, _ *rules) { *in = nil }, true, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDisk(t)
			p, tool := rules{key: "one"}, "1"
			_, data, read := d.check(nil, tool, later(), p)
			if len(read) < 8 {
				t.Fatalf("the first check read %v", read)
			}
			tt.do(d, &data, &tool, &p)
			rep, _, read := d.check(data, tool, later(), p)
			read = slices.DeleteFunc(read, func(name string) bool { return name == openRead || name == filepath.Base(outageFile) })
			if all := len(read) >= 6; all != tt.all || !all && !slices.Equal(read, tt.read) {
				t.Errorf("%v were read", read)
			}
			if tt.code != "" && !slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.Code == tt.code }) {
				t.Errorf("no %s among %v", tt.code, lines(rep))
			}
		})
	}
}

// TestCacheYoung holds that a file is not trusted that may be edited once more
// within the moment its time stands for: same size, same time, other content.
func TestCacheYoung(t *testing.T) {
	d := newDisk(t)
	victim := "changes/2026/10/CHG-20261023-ABCDEF.yaml"
	path := filepath.Join(d.dir, filepath.FromSlash(victim))
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil {
		t.Fatal(err)
	}
	_, data, _ := d.check(nil, "1", now.Add(time.Second), rules{})
	if err := os.WriteFile(path, []byte(strings.Replace(d.read(victim), "[checkout]", "[chekcout]", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, now, now); err != nil {
		t.Fatal(err)
	}
	if rep, _, _ := d.check(data, "1", later(), rules{}); rep.Errors == 0 {
		t.Error("a service that does not exist passes")
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	_, data, _ = d.check(nil, "1", info.ModTime().Add(time.Second), rules{})
	if _, _, read := d.check(data, "1", later(), rules{}); len(read) < 7 {
		t.Errorf("only %v were read: the others were trusted a second after they changed", read)
	}
}

// TestCacheAgrees holds over a long life of a store, with every sort of edit in
// any order, that a check with a cache says what one without says.
func TestCacheAgrees(t *testing.T) {
	d := newDisk(t)
	chance := rand.New(rand.NewPCG(1, 2))
	var files []string
	for name := range scene {
		files = append(files, name)
	}
	for i := range 6 {
		files = append(files, fmt.Sprintf("changes/2026/10/CHG-2026102%d-ABCDEF.yaml", i))
	}
	files = append(files, outageFile)
	files = slices.DeleteFunc(files, func(name string) bool { return name == "gitsm.yaml" })
	slices.Sort(files)
	texts := map[string]string{}
	for _, f := range files {
		texts[f] = d.read(f)
	}
	words := [][2]string{{"closed", "scheduled"}, {"closed", "cancelled"}, {"checkout", "search"}, {"checkout", "nowhere"}, {"title:", "tilte:"},
		{"alice", "malice"}, {"kind:", "&a kind:"}, {"AAAAAA", "BBBBBB"}}
	var data []byte
	p := rules{key: "a"}
	for range 150 {
		f := files[chance.IntN(len(files))]
		switch w := words[chance.IntN(len(words))]; chance.IntN(6) {
		case 0:
			_ = os.Remove(filepath.Join(d.dir, filepath.FromSlash(f)))
		case 1, 2:
			d.write(f, texts[f])
		case 3:
			p = []rules{{key: "a"}, {key: "b", deny: "Upgrade"}}[chance.IntN(2)]
		default:
			d.write(f, strings.Replace(texts[f], w[0], w[1], 1))
		}
		_, data, _ = d.check(data, "1", later(), p)
	}
}
