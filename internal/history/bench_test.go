//go:build unix

package history_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// benchStore names a repository made by `gitsm demo DIR --changes N --no-tour`.
const benchStore = "GITSM_BENCH_STORE"

// wholly reads a repository as if its store had begun with its first commit, so
// that what came before genesis is history like all the rest.
type wholly struct{ *gitrepo.Repo }

func (r wholly) FS(ctx context.Context, id git.OID) (fs.FS, error) {
	tree, err := r.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	config := fstest.MapFS{"gitsm.yaml": {Data: []byte("apiVersion: gitsm/v1\nkind: config\n")}}
	return store.Outside{FS: tree, Rules: config, Name: "gitsm.yaml"}, nil
}

func BenchmarkHistory(b *testing.B) {
	dir := os.Getenv(benchStore)
	if dir == "" {
		b.Skipf("set %s to a store made by gitsm demo", benchStore)
	}
	theirs := func(args ...string) func(*testing.B) {
		return func(b *testing.B) {
			cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
			cmd.Stdout = io.Discard
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
		}
	}
	open := func(b *testing.B) (wholly, git.OID) {
		r, err := gitrepo.Open(b.Context(), dir, os.Environ())
		if err != nil {
			b.Fatal(err)
		}
		head, err := r.Ref(b.Context(), "refs/heads/main")
		if err != nil {
			b.Fatal(err)
		}
		return wholly{r}, head
	}
	events := func(b *testing.B) {
		r, head := open(b)
		defer r.Close()
		h, err := history.Walk(b.Context(), r, history.Options{Main: head})
		if err != nil {
			b.Fatal(err)
		}
		list, err := h.Events(b.Context(), history.Filter{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(h.Commits)), "commits")
		b.ReportMetric(float64(len(list)), "events")
	}
	listing := func(b *testing.B) {
		r, head := open(b)
		defer r.Close()
		for _, err := range r.Log(b.Context(), git.LogOptions{From: []git.OID{head}}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	pair(b, "events", events, theirs("log", "-p", "--", "changes/"))
	pair(b, "listing", listing, theirs("log", "--raw", "--", "changes/"))
}

// pair times two ways of doing something in turn, since a machine that others
// use is no clock, and reports how long the first took in units of the second:
// by the clock, and in processor time.
func pair(b *testing.B, name string, ours, theirs func(*testing.B)) {
	b.Run(name, func(b *testing.B) {
		var mine, git spent
		for b.Loop() {
			mine.add(func() { ours(b) })
			runtime.GC() // what is left of it is not for git to wait for
			git.add(func() { theirs(b) })
		}
		n := float64(b.N)
		b.ReportMetric(mine.wall.Seconds()/n, "s/ours")
		b.ReportMetric(git.wall.Seconds()/n, "s/git")
		b.ReportMetric(mine.wall.Seconds()/git.wall.Seconds(), "ours/git")
		b.ReportMetric(mine.cpu.Seconds()/n, "cpu-s/ours")
		b.ReportMetric(git.cpu.Seconds()/n, "cpu-s/git")
	})
}

// spent is time on the clock and of processors, children that have ended
// included.
type spent struct{ wall, cpu time.Duration }

func (s *spent) add(do func()) {
	began, used := time.Now(), processor()
	do()
	s.wall += time.Since(began)
	s.cpu += processor() - used
}

func processor() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}
