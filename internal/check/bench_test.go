package check_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/validate"
)

// many is a store of n changes in month folders, 100 services and 200 assets.
func many(n int) fstest.MapFS {
	fsys := fstest.MapFS{}
	add := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }
	for name, text := range scene {
		add(name, text)
	}
	for i := range 100 {
		id := fmt.Sprintf("svc-%03d", i)
		text := strings.ReplaceAll(scene["services/search.yaml"], "search", id)
		text += fmt.Sprintf("depends_on: [search, {need: 1, of: [host-%03d, host-%03d]}]\n", i, i+100)
		add("services/"+id+".yaml", text)
	}
	for i := range 200 {
		id := fmt.Sprintf("host-%03d", i)
		add("assets/fra/"+id+".yaml", strings.ReplaceAll(scene["assets/fra/db-1.yaml"], "db-1", id))
	}
	long := "plan:\n  implement: |\n    1. Take the replica out.\n    2. Upgrade it, and put it back.\n  backout: Restore the snapshot\nreason: Support ends\nimpact: Read-only for ten minutes\n"
	for i := range n {
		id := fmt.Sprintf("CHG-2026%02d20-%06d", i%12+1, i)
		text := strings.ReplaceAll(scene[changeFile], "CHG-20261120-7K3F2M", id)
		text = strings.Replace(text, "[checkout]", fmt.Sprintf("[svc-%03d, svc-%03d]", i%100, (i+7)%100), 1)
		text = strings.Replace(text, "[db-1]", fmt.Sprintf("[host-%03d]", i%200), 1)
		add(fmt.Sprintf("changes/2026/%02d/%s.yaml", i%12+1, id), text+long)
	}
	return fsys
}

// BenchmarkRun checks 1,000 changes without policy, reading included.
func BenchmarkRun(b *testing.B) {
	fsys := many(1000)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			v := validate.New()
			b.ReportAllocs()
			for b.Loop() {
				benchmark(b, check.Options{Head: open(b, fsys), Validator: v, Workers: workers}, 1306)
			}
		})
	}
}

// BenchmarkJudge is BenchmarkRun on a tree that was read before.
func BenchmarkJudge(b *testing.B) {
	head, v := open(b, many(1000)), validate.New()
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				benchmark(b, check.Options{Head: head, Validator: v, Workers: workers}, 1306)
			}
		})
	}
}

// BenchmarkChanged checks a proposal of one change against its base.
func BenchmarkChanged(b *testing.B) {
	fsys := many(1000)
	v := validate.New()
	b.ReportAllocs()
	for b.Loop() {
		o := check.Options{Head: open(b, fsys), Base: open(b, fsys), Changed: []string{changeFile}, Validator: v, Workers: 1}
		benchmark(b, o, 1)
	}
}

func benchmark(b *testing.B, o check.Options, records int) {
	b.Helper()
	rep, err := check.Run(context.Background(), o)
	if err != nil {
		b.Fatal(err)
	}
	if rep.Records != records || rep.Errors > 0 {
		b.Fatalf("%d records, %v", rep.Records, lines(rep))
	}
}

// BenchmarkAgain says a check of 1,000 changes once more, of which nothing
// changed, without what git is asked for.
func BenchmarkAgain(b *testing.B) {
	dir := b.TempDir()
	if err := os.CopyFS(dir, many(1000)); err != nil {
		b.Fatal(err)
	}
	key, top := sha256.Sum256([]byte("key")), os.DirFS(dir)
	trace := check.NewTrace(top)
	policy := lasting{rules{key: "1"}, until}
	rep, err := check.Run(context.Background(), check.Options{Head: open(b, trace), Policy: policy, Validator: validate.New()})
	if err != nil {
		b.Fatal(err)
	}
	data, ok := check.KeepWhole(key, rep, nil, trace, top, time.Now().Add(time.Hour))
	if !ok {
		b.Fatal("it was not kept")
	}
	b.ReportAllocs()
	for b.Loop() {
		if w := check.ReadWhole(data, key); w == nil || !w.Stands(top, until.Add(-time.Second)) {
			b.Fatal("it does not stand")
		}
	}
}
