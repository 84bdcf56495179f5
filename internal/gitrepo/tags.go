package gitrepo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// Tags lists the tags that a pattern of git for-each-ref names below refs/tags/,
// all of them where it is "", sorted by name.
func (r *Repo) Tags(ctx context.Context, pattern string) ([]git.Tag, error) {
	name := "refs/tags"
	if pattern != "" {
		name += "/" + pattern
	}
	const format = "--format=%(refname:lstrip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)%00%(contents:subject)%0a%0a%(contents:body)%00"
	out, err := r.git("for-each-ref", format, "--", name).run(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing tags: %w", err)
	}
	fields := strings.Split(string(out), "\x00")
	var list []git.Tag
	for ; len(fields) > 5; fields = fields[5:] {
		t := git.Tag{Name: strings.TrimPrefix(fields[0], "\n"), Commit: fields[1]}
		if fields[2] != "" { // the tag is an object of its own
			t.Commit, t.Message = fields[2], fields[4]
		}
		if at, err := strconv.ParseInt(fields[3], 10, 64); err == nil {
			t.When = time.Unix(at, 0).UTC()
		}
		list = append(list, t)
	}
	return list, nil
}
