package decision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Files looks at files that are no records: steps of policy and config that
// cannot be taken, and files that stand where only records may.
func (j *Judge) Files(ctx context.Context, f *Facts) ([]finding.Finding, error) {
	var out []finding.Finding
	policy, schemas := false, false
	for _, file := range f.Files {
		rel, ok := f.Base.Relative(file.Path)
		if !ok {
			continue
		}
		var found []finding.Finding
		var err error
		switch {
		case rel == store.ConfigFile && file.Status == "deleted":
			found = []finding.Finding{gate("GAT003", file.Path, "gitsm.yaml is deleted: without it there is no store")}
		case rel == store.ConfigFile:
			schemas = true
			found, err = j.judgeConfig(f)
		case judges(f.Base, rel), judges(f.Head, rel):
			schemas = true
		case guarded(f.Base, file.Path) == store.PolicyDir:
			policy = true
		case file.Status != "deleted":
			found, err = j.judgeStray(f, file, rel)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	if schemas {
		found, err := j.Validator.Schemas(f.Head)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	if policy {
		found, err := j.judgePolicy(ctx, f)
		return append(out, found...), err
	}
	return out, nil
}

// judgeStray looks at a file that is no record of a kind in force: one of a
// kind that the proposal declares, or one that nothing would ever read.
func (j *Judge) judgeStray(f *Facts, file File, rel string) ([]finding.Finding, error) {
	if _, _, ok := f.Head.Kinds.ByPath(rel); ok {
		rec, found, err := f.Head.At(rel)
		if err != nil || rec == nil {
			return found, err
		}
		structure, err := j.conform(f, rec)
		return append(found, structure...), err
	}
	out := f.Head.Lookalike(rel)
	for _, k := range f.Head.Kinds.All() {
		if k.Dir() == "." || rel != k.Dir() && !strings.HasPrefix(rel, k.Dir()+"/") {
			continue
		}
		found, err := f.Head.Findings(k.Name)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			if x.File == file.Path {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// judgePolicy refuses a policy that could judge nothing once it has landed, not
// even the proposal that mends it.
func (j *Judge) judgePolicy(ctx context.Context, f *Facts) ([]finding.Finding, error) {
	pol, err := j.Policy(ctx, f.Head)
	var wrong *engine.CompileError
	var data *store.InvalidError
	switch {
	case err == nil && pol.Judges("change"):
		return nil, nil
	case errors.As(err, &data):
		return data.Findings, nil
	case err == nil, errors.Is(err, engine.ErrNoPolicy):
		return []finding.Finding{gate("GAT010", f.Head.Display(store.PolicyDir), "no rule would be left to judge changes")}, nil
	case !errors.As(err, &wrong):
		return nil, err
	}
	var out []finding.Finding
	for _, p := range wrong.Problems {
		x := gate(p.Code, p.File, p.Message)
		x.Line, x.Column = max(p.Line, 1), max(p.Column, 1)
		if p.Fix != "" {
			x.Fix = p.Fix
		}
		out = append(out, x)
	}
	return out, nil
}

// executable finds records that a proposal makes executable: approvals are of
// what a record says, so nobody would be asked about its mode. One that main has
// like that already may be edited, and made ordinary again.
func executable(f *Facts) []finding.Finding {
	var out []finding.Finding
	for i := range f.Changes {
		c := &f.Changes[i]
		if c.NewMode != "100755" || c.OldMode == c.NewMode {
			continue
		}
		x := gate("STO005", f.Head.Display(c.Path), "this is executable (mode 100755), and a record is an ordinary file (mode 100644)")
		x.Record, x.Fix = c.ID, "git update-index --chmod=-x "+x.File
		out = append(out, x)
	}
	return out
}

func gate(code, file, msg string) finding.Finding {
	c, _ := finding.Lookup(code)
	return finding.Finding{Code: code, Severity: finding.Error, File: file, Line: 1, Column: 1, Message: msg, Why: c.Explain, Fix: c.Fix}
}

// about holds a proposal to the record its branch names: evidence and audit go
// by that name, so what lands under another is seen by nobody.
func about(f *Facts) []finding.Finding {
	if f.ID != "" {
		switch p := f.Primary(); {
		case p == nil:
			return []finding.Finding{gate("GAT006", f.first(), fmt.Sprintf("the proposal is about %s and does not change it", f.ID))}
		case p.Stays():
			return []finding.Finding{gate("GAT006", p.file(), fmt.Sprintf("the proposal is about %s, and main has it already as the proposal leaves it", f.ID))}
		}
		return nil
	}
	var out []finding.Finding
	judged := slices.ContainsFunc(f.Files, func(x File) bool { return guarded(f.Base, x.Path) != "" })
	for i := range f.Changes {
		c := &f.Changes[i]
		judged = true
		if !c.Kind.Catalogue {
			out = append(out, gate("GAT006", c.file(), fmt.Sprintf("the proposal is about no record, and changes %s %s", c.Kind.Name, c.ID)))
		}
	}
	// On GitHub the gate is asked about every pull request. What is not the store's
	// is let by, and of the store's own files the owners of config are asked.
	if !judged && !(loose(f) && onGitHub(f.Base)) {
		out = append(out, gate("GAT007", f.first(), "the proposal changes nothing that anybody judges"))
	}
	return out
}

// first is the first file of the proposal, for findings about all of it.
func (f *Facts) first() string {
	var files []string
	for i := range f.Changes {
		files = append(files, f.Changes[i].file())
	}
	for _, x := range f.Files {
		files = append(files, x.Path)
	}
	if len(files) == 0 {
		return f.Base.Display(store.ConfigFile)
	}
	return slices.Min(files)
}

// unreadable are the services, assets and windows on main that cannot be read
// and that the proposal does not mend: what depends on them, who owns them and
// when they forbid changes, policy would not be told. The catalogue itself can
// still be mended piece by piece.
func unreadable(pol *engine.Policy, f *Facts) ([]finding.Finding, error) {
	if !slices.ContainsFunc(f.Changes, func(c Change) bool { return !c.Kind.Catalogue && pol.Judges(c.Kind.Name) }) {
		return nil, nil
	}
	mended := map[string]bool{}
	for _, c := range f.Changes {
		mended[f.Base.Display(c.Path)] = true
	}
	found, err := f.Base.Findings("service", "asset", "window")
	if err != nil {
		return nil, err
	}
	var out []finding.Finding
	for _, x := range found {
		rel, _ := f.Base.Relative(x.File)
		if mended[x.File] || len(out) > 0 && out[len(out)-1].File == x.File {
			continue
		}
		var rec *record.Record
		if _, _, ok := f.Base.Kinds.ByPath(rel); ok {
			if rec, _, err = f.Base.At(rel); err != nil {
				return nil, err
			}
			if rec == nil {
				out = append(out, gate("GAT008", x.File, fmt.Sprintf("%s cannot be read on %s: %s", x.File, f.Base.Config.MainBranch, x.Message)))
			}
		}
	}
	return out, nil
}
