package cli

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// offered is how many records are offered at once, with their titles.
const offered = 50

// store opens the store around the working directory, without asking git, which
// would take longer than all the rest; nil where there is none.
func (c *completer) store() *store.Store {
	if c.tree != nil {
		return c.tree
	}
	if c.env.config != "" {
		c.tree = c.outside()
		return c.tree
	}
	for dir := c.env.realDir(); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, store.ConfigFile)); err == nil {
			root, err := os.OpenRoot(dir)
			if err != nil {
				return nil
			}
			if c.tree, err = store.Open(root.FS()); err != nil {
				return nil
			}
			c.dir = dir
			return c.tree
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// outside opens the work tree as --config has it read.
func (c *completer) outside() *store.Store {
	ctx := context.Background()
	s, err := c.env.workTree(ctx)
	if err != nil {
		return nil
	}
	repo, err := c.env.repository(ctx)
	if err != nil {
		return nil
	}
	c.dir = repo.Root()
	return s
}

// ids offers records of some kinds, of all where none is named: the newest
// first, with their titles. Where a team or a person may stand, which of them
// it is belongs to the id.
func (c *completer) ids(kinds ...string) offer {
	return func(cmd *cobra.Command, typed string) []string {
		s := c.store()
		if s == nil {
			return nil
		}
		list := kinds
		if len(list) == 0 {
			for _, k := range s.Kinds.All() {
				list = append(list, k.Name)
			}
		}
		told := slices.Contains(kinds, "team") && slices.Contains(kinds, "person")
		var out []string
		for _, name := range list {
			k, ok := s.Kinds.ByName(name)
			if !ok {
				continue
			}
			of := c.of(cmd.Context(), s, k, told, typed)
			out = append(out, of[:min(len(of), offered-len(out))]...)
		}
		return out
	}
}

// of offers the records of one kind: those that proposals would add, then those
// of the work tree.
func (c *completer) of(ctx context.Context, s *store.Store, k *record.Kind, told bool, typed string) []string {
	prefix := ""
	if told {
		prefix = k.Name + ":"
	}
	want := func(id string) bool { return completion(k, prefix, id, typed) != "" }
	found, err := s.Newest(k.Name, offered, typed, want)
	if err != nil {
		return nil
	}
	var out []string
	if k.Dated() {
		for _, p := range c.proposed(ctx) {
			if record.CheckID(k, p.id) == nil && want(p.id) && !exists(s, k.PathOf(p.id)) {
				out = append(out, described(completion(k, prefix, p.id, typed), c.titleAt(ctx, k, p)))
			}
		}
	}
	for _, n := range found {
		title := ""
		if rec, _, err := s.At(n.Path); err == nil && rec != nil {
			title = rec.Title()
		}
		out = append(out, described(completion(k, prefix, n.ID, typed), title))
	}
	return out
}

func exists(s *store.Store, p string) bool {
	_, err := fs.Stat(s.FS, p)
	return err == nil
}

// completion is an id as it is spelt by somebody who began to type it: whole,
// or of a dated kind its random end, in the case of what was typed. It is ""
// where the id does not begin that way.
func completion(k *record.Kind, prefix, id, typed string) string {
	if !k.Dated() {
		if !strings.HasPrefix(prefix+id, typed) {
			return ""
		}
		return prefix + id
	}
	for _, form := range []string{prefix + id, id[strings.LastIndexByte(id, '-')+1:]} {
		if len(typed) > len(form) || !strings.EqualFold(form[:len(typed)], typed) {
			continue
		}
		rest := form[len(typed):]
		if typed != "" && typed == strings.ToLower(typed) && typed != strings.ToUpper(typed) {
			rest = strings.ToLower(rest)
		}
		return typed + rest
	}
	return ""
}

// proposed are the records that the branches of this clone propose, by id, the
// newest first.
func (c *completer) proposed(ctx context.Context) []proposedRecord {
	if c.asked {
		return c.open
	}
	c.asked = true
	repo, err := c.env.repository(ctx)
	if err != nil {
		return nil
	}
	const under = "refs/heads/gitsm/"
	refs, err := repo.Refs(ctx, under)
	if err != nil {
		return nil
	}
	for _, r := range refs {
		if id, _, ok := strings.Cut(strings.TrimPrefix(r.Name, under), "/"); ok {
			c.open = append(c.open, proposedRecord{id, r.OID})
		}
	}
	slices.SortStableFunc(c.open, func(a, b proposedRecord) int { return cmp.Compare(b.id, a.id) })
	c.open = slices.CompactFunc(c.open, func(a, b proposedRecord) bool { return a.id == b.id })
	return c.open
}

// branches offers the branches of this clone that propose what is no record:
// gitsm.yaml, or the policy. Which of them it is takes reading them, so both are.
func (c *completer) branches(cmd *cobra.Command, typed string) []string {
	repo, err := c.env.repository(cmd.Context())
	if err != nil {
		return nil
	}
	refs, err := repo.Refs(cmd.Context(), "refs/heads/gitsm/"+proposal.StoreTopic+"/")
	if err != nil {
		return nil
	}
	var out []string
	for _, r := range refs {
		if name := strings.TrimPrefix(r.Name, "refs/heads/"); strings.HasPrefix(name, typed) {
			out = append(out, name)
		}
	}
	return out[:min(len(out), offered)]
}

// proposedRecord is a record that a branch proposes.
type proposedRecord struct {
	id string
	at git.OID
}

// titleAt is the title of a record on its branch.
func (c *completer) titleAt(ctx context.Context, k *record.Kind, p proposedRecord) string {
	prefix, err := c.env.repo.Prefix(c.dir)
	if err != nil {
		return ""
	}
	fsys, err := c.env.repo.FS(ctx, p.at)
	if err != nil {
		return ""
	}
	src, err := fs.ReadFile(fsys, path.Join(prefix, k.PathOf(p.id)))
	if err != nil {
		return ""
	}
	doc, found := k.Parse(p.id, src)
	if doc == nil || len(found) > 0 {
		return ""
	}
	return record.Str(doc.Value(), k.Title)
}
