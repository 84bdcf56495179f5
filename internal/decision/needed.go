package decision

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/store"
)

// Needed says whether files may be changed without a change.
type Needed struct {
	Needed  bool     `json:"needed"`
	Type    string   `json:"type"`    // standard or normal, "" where none is needed
	Models  []string `json:"models"`  // that standard changes can be made from, sorted
	Reasons []Need   `json:"reasons"` // by path
	Records []string `json:"records"` // paths of the store's own files: the gate decides on those by themselves
	Without []string `json:"without"` // paths that need no change

	PolicyDigest string `json:"policy_digest"`
}

// Need is one reason for a change.
type Need struct {
	Path    string `json:"path"`
	Type    string `json:"type"`
	Message string `json:"message"`
	Model   string `json:"model"`
	Rule    string `json:"rule"`
	Place   string `json:"place"` // file:line of the rule
}

// ErrNoNeeded says that a policy has no rule of gitsm.needed, so that nothing
// says which files need a change.
var ErrNoNeeded = engine.ErrNoPolicy

// Needed asks the policy of a snapshot whether these files need a change, and of
// which type: the heaviest that any of them needs.
func (j *Judge) Needed(ctx context.Context, s *store.Store, files []File, actor Actor, now time.Time) (*Needed, error) {
	b, err := j.base(s)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &Needed{Models: []string{}, Reasons: []Need{}, Records: []string{}, Without: []string{}, PolicyDigest: pol.Digest()}
	if !pol.Judges(engine.Needed) {
		return nil, fmt.Errorf("asking which files need a change: %w", ErrNoNeeded)
	}
	listed, outside, records := []any{}, []any{}, []any{}
	for _, f := range files {
		listed = append(listed, map[string]any{"path": f.Path, "status": f.Status})
		rel, within := s.Relative(f.Path)
		k, id, isRecord := s.Kinds.ByPath(rel)
		switch {
		case within && isRecord:
			records = append(records, map[string]any{"path": f.Path, "kind": k.Name, "id": id})
		case guarded(s, f.Path) == "":
			outside = append(outside, f.Path)
			continue
		}
		out.Records = append(out.Records, f.Path)
	}
	in := map[string]any{"now": now.UTC().Format(time.RFC3339), "record": map[string]any{"outside": outside, "records": records},
		"transition": map[string]any{"from": "", "to": "", "verb": engine.Needed}, "actor": map[string]any{"id": actor.ID, "known": actor.Known}, "files": listed}
	for _, list := range []string{"services", "assets", "impact", "windows", "conflicts", "history", "incidents"} {
		in[list] = []any{}
	}
	res, err := pol.Eval(ctx, engine.Needed, in, b.catalog(pol))
	if err != nil {
		return nil, fmt.Errorf("asking which files need a change: %w", err)
	}
	out.answer(res, files)
	return out, nil
}

// answer sorts what policy said by file.
func (out *Needed) answer(res *engine.Result, files []File) {
	types := map[string]string{}
	for _, n := range res.Needed {
		out.Reasons = append(out.Reasons, Need{Path: n.Path, Type: n.Type, Message: n.Msg, Model: n.Model, Rule: n.Rule, Place: fmt.Sprintf("%s:%d", n.File, n.Line)})
		if types[n.Path] != "normal" {
			types[n.Path] = n.Type
		}
		if out.Type != "normal" {
			out.Type = n.Type
		}
		if n.Model != "" {
			out.Models = append(out.Models, n.Model)
		}
	}
	out.Needed = len(out.Reasons) > 0
	slices.SortStableFunc(out.Reasons, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	slices.Sort(out.Models)
	out.Models = slices.Compact(out.Models)
	for _, f := range files {
		if types[f.Path] == "" && !slices.Contains(out.Records, f.Path) {
			out.Without = append(out.Without, f.Path)
		}
	}
}
