package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/store"
)

// mainView is main as a check of the work tree looks at it. It takes some
// answers of git, which come in while records are judged.
type mainView struct {
	ready chan struct{} // closed once the rest is there
	desk  *proposal.Desk
	world *proposal.World
	err   error // there may be no main, and the work tree is checked all the same
}

// lookAtMain begins to look. Whoever called it waits before the command ends.
func (env *Env) lookAtMain(ctx context.Context) *mainView {
	m := &mainView{ready: make(chan struct{})}
	// What env makes when it is first asked for is there before two ask at once.
	if _, m.err = env.repository(ctx); m.err != nil {
		close(m.ready)
		return m
	}
	env.judges()
	env.snapshots()
	go func() {
		defer close(m.ready)
		if m.desk, m.err = env.desk(ctx, false); m.err == nil {
			m.world, m.err = m.desk.Look(ctx)
		}
	}()
	return m
}

// wait returns main, or why it cannot be seen.
func (m *mainView) wait() (*proposal.Desk, *proposal.World, error) {
	<-m.ready
	return m.desk, m.world, m.err
}

// reconfigured are the steps of gitsm.yaml, from main to a work tree, which no
// proposal could take. Where there is no main to compare with there are none.
func (env *Env) reconfigured(s *store.Store, only []string, main *mainView) ([]finding.Finding, error) {
	if len(only) > 0 && !slices.Contains(only, s.Display(store.ConfigFile)) || env.config != "" {
		return nil, nil
	}
	_, w, err := main.wait()
	if err != nil {
		return nil, nil
	}
	was, err := fs.ReadFile(w.Base.FS, store.ConfigFile)
	if err != nil {
		return nil, err
	}
	is, err := fs.ReadFile(s.FS, store.ConfigFile)
	if err != nil || bytes.Equal(was, is) {
		return nil, err
	}
	return env.judges().ConfigSteps(w.Base, s)
}

// unchecked reminds of proposals that a check of the work tree leaves out. An
// error says that nobody knows of them, as of a work tree without main, which is
// checked all the same.
func unchecked(ctx context.Context, env *Env, main *mainView) (notes []string, err error) {
	d, w, err := main.wait()
	if err != nil {
		return nil, err
	}
	branch, err := env.branch(ctx)
	if err != nil {
		return nil, err
	}
	open, err := d.Open(ctx, w)
	if err != nil {
		return nil, err
	}
	several := map[string]int{} // proposals by their record, which names one of them alone where it has one
	for _, p := range open {
		several[p.ID]++
	}
	var ids []string
	for _, p := range open {
		switch {
		case p.Branch == branch || p.Remote:
		case several[p.ID] > 1:
			ids = append(ids, p.Branch)
		default:
			ids = append(ids, p.ID)
		}
	}
	if n := len(ids); n > 0 && n <= 3 {
		notes = append(notes, "not in this work tree: gitsm check "+strings.Join(ids, " "))
	} else if n > 3 {
		notes = append(notes, fmt.Sprintf("not in this work tree: %d open proposals; gitsm check ID checks one", n))
	}
	return notes, nil
}
