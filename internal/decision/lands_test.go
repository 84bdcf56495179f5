package decision_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
)

// What a proposal changed is held to what main has after its landing: as it landed,
// as main had it already, or as main kept it, which nobody approved.
func TestLands(t *testing.T) {
	t.Parallel()
	main := blobs{fstest.MapFS{"same.sh": {Data: []byte("same"), Mode: 0o755}, "kept.txt": {Data: []byte("kept")}}}
	same, kept := oid([]byte("same")), oid([]byte("kept"))
	change := func(path, mode, old, now string) git.FileChange {
		c := git.FileChange{Path: path, OldMode: mode, OldBlob: old, NewMode: mode, NewBlob: now}
		if old == "" {
			c.OldMode = ""
		}
		if now == "" {
			c.NewMode = ""
		}
		return c
	}
	record := change("r.yaml", "100644", "", "aaaa")
	tests := []struct {
		name              string
		own, landed, want []git.FileChange
	}{
		{"all of it", []git.FileChange{record}, []git.FileChange{record}, []git.FileChange{record}},
		{"merged with what main had", []git.FileChange{change("r.yaml", "100644", "cccc", "aaaa")}, []git.FileChange{change("r.yaml", "100644", "dddd", "bbbb")},
			[]git.FileChange{change("r.yaml", "100644", "dddd", "bbbb")}},
		{"main has it byte for byte", []git.FileChange{record, change("same.sh", "100755", "", same)}, []git.FileChange{record},
			[]git.FileChange{record, change("same.sh", "100755", same, same)}},
		{"main kept its own", []git.FileChange{record, change("kept.txt", "100644", "", "eeee")}, []git.FileChange{record},
			[]git.FileChange{change("kept.txt", "100644", kept, kept), record}},
		{"gone on both sides", []git.FileChange{record, change("gone.txt", "100644", "ffff", "")}, []git.FileChange{record},
			[]git.FileChange{{Path: "gone.txt"}, record}},
		{"something besides", []git.FileChange{record}, []git.FileChange{change("a.txt", "100644", "", "1111"), record},
			[]git.FileChange{change("a.txt", "100644", "", "1111"), record}},
	}
	for _, tt := range tests {
		got, err := decision.Lands(tt.own, tt.landed, func() (fs.FS, error) { return main, nil })
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", tt.name, err, diff)
		}
	}
	gone := errors.New("gone")
	if _, err := decision.Lands([]git.FileChange{record}, nil, func() (fs.FS, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("where main cannot be read: %v", err)
	}
	plain := fstest.MapFS{"r.yaml": {Data: []byte("x")}} // no commit's
	if _, err := decision.Lands([]git.FileChange{record}, nil, func() (fs.FS, error) { return plain, nil }); err == nil {
		t.Error("a file without an id passes for one that is not there")
	}
}
