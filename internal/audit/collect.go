package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// Collection is what an audit of a period found, for somebody to take away,
// with the files that it rests on.
type Collection struct {
	Report      *Report
	Population  *Population
	Compliances []*Compliance // one for each of Frameworks
	Files       []File        // sorted by name
}

// File is a file as it stands in history, under the name it is given away by.
type File struct {
	Name    string
	Content []byte
}

// Collect audits a period once, for every framework, and gathers its records as
// main has them now, their evidence, what policy saw, the policies that were in
// force, and the keys that signatures are held against.
func (a *Auditor) Collect(ctx context.Context, p Period) (*Collection, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	if len(t.main.Heads) > 1 || len(t.ledger.heads) > 1 {
		return nil, errors.New("main or its evidence is here in two versions that have diverged: bring them together first")
	}
	in, all, found, err := t.everything(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &Collection{Report: t.report(slices.Clone(found), all, in, Scope{Period: p}), Population: t.population(all, in)}
	for _, f := range Frameworks() {
		out.Compliances = append(out.Compliances, t.comply(f, found, all, in))
	}
	out.Files, err = t.files(ctx, all, in)
	return out, err
}

// gathered are files by name.
type gathered map[string][]byte

// files gathers what an audit of a period rests on.
func (t *trail) files(ctx context.Context, all []*dossier, in span) ([]File, error) {
	g := gathered{}
	main, err := t.Repo.FS(ctx, t.h.Head().OID)
	if err != nil {
		return nil, err
	}
	var topics []string
	for _, d := range all {
		if d.kind != nil && !in.touches(d) {
			continue
		}
		topics = append(topics, topic(d.id))
		for _, it := range d.items {
			g.input(it)
		}
		if n := len(d.steps); d.kind != nil && n > 0 && d.steps[n-1].touch.NewBlob != "" {
			if err := g.copy(main, d.steps[n-1].file(t.Dir), "records"); err != nil {
				return nil, err
			}
		}
	}
	if err := g.evidence(ctx, t, append(topics, evidence.StoreID)); err != nil {
		return nil, err
	}
	if err := g.policies(ctx, t, in); err != nil {
		return nil, err
	}
	g.signers(t.h.Head().After)
	var out []File
	for name, content := range g {
		out = append(out, File{name, content})
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// copy takes in a file, or everything below a directory, below another name.
// What is not there is left out.
func (g gathered) copy(from fs.FS, name, below string) error {
	err := fs.WalkDir(from, name, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(from, p)
		g[path.Join(below, p)] = content
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// input takes in what policy saw when it decided, by its digest.
func (g gathered) input(it *item) {
	if d := it.Statement.Predicate.Decision; d != nil && len(d.Input) > 0 {
		sum := sha256.Sum256(d.Input)
		g["inputs/"+hex.EncodeToString(sum[:])+".json"] = d.Input
	}
}

// evidence takes in the statements about records.
func (g gathered) evidence(ctx context.Context, t *trail, topics []string) error {
	for _, head := range t.ledger.heads {
		fsys, err := t.Repo.FS(ctx, head)
		if err != nil {
			return fmt.Errorf("reading the evidence: %w", err)
		}
		for _, topic := range topics {
			if err := g.copy(fsys, path.Join("evidence", topic), ""); err != nil {
				return fmt.Errorf("reading the evidence: %w", err)
			}
		}
	}
	return nil
}

// policies takes in what judged the period: policy and config as they were
// when it began, and as each landing in it left them.
func (g gathered) policies(ctx context.Context, t *trail, in span) error {
	var began *history.Landing
	var left []*history.Landing
	for _, l := range t.h.Line {
		switch {
		case l.Index == 0 || len(l.Rules) > 0 && l.Index <= in.after || len(l.Rules) > 0 && l.Committer.When.Before(in.Since):
			began = l
		case len(l.Rules) > 0 && in.landing(l):
			left = append(left, l)
		}
	}
	for _, l := range append([]*history.Landing{began}, left...) {
		if err := g.policy(ctx, t, l.OID); err != nil {
			return fmt.Errorf("reading policy at %s: %w", l.OID, err)
		}
	}
	return nil
}

func (g gathered) policy(ctx context.Context, t *trail, at git.OID) error {
	fsys, err := t.Repo.FS(ctx, at)
	if err != nil {
		return err
	}
	below := "policies/" + at
	if err := g.copy(fsys, path.Join(t.Dir, store.PolicyDir), below); err != nil {
		return err
	}
	return g.copy(fsys, path.Join(t.Dir, store.ConfigFile), below)
}

// signers takes in the keys of people and forges, as ssh-keygen and gpg read
// them.
func (g gathered) signers(e *history.Epoch) {
	people := evidence.People(e.People)
	g["keys/allowed_signers"] = evidence.AllowedSigners(people)
	g["keys/openpgp.asc"] = evidence.OpenPGPKeys(people, e.Config)
}
