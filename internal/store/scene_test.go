package store_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

const config = "apiVersion: gitsm/v1\nkind: config\n"

// files makes a store of path, content pairs besides gitsm.yaml. A content that
// begins with "->" is a symbolic link.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{store.ConfigFile: {Data: []byte(config)}}
	for i := 0; i < len(pairs); i += 2 {
		f := &fstest.MapFile{Data: []byte(pairs[i+1])}
		if target, link := strings.CutPrefix(pairs[i+1], "->"); link {
			f = &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink}
		}
		fsys[pairs[i]] = f
	}
	return fsys
}

// under moves a store into a directory.
func under(dir string, fsys fstest.MapFS) fstest.MapFS {
	out := fstest.MapFS{}
	for name, f := range fsys {
		out[dir+"/"+name] = f
	}
	return out
}

func open(tb testing.TB, fsys fs.FS, opts ...store.Option) *store.Store {
	tb.Helper()
	s, err := store.Open(fsys, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func service(id string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: service\nid: %s\ntitle: %[1]s\nowner: team:a\n", id)
}

func person(id, emails string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: person\nid: %s\nname: %[1]s\nemails: [%s]\n", id, emails)
}

func team(id, members string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: team\nid: %s\ntitle: %[1]s\nmembers: [%s]\n", id, members)
}

func change(id string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: change\nid: %s\ntitle: %[1]s\ntype: normal\nstate: scheduled\nrequester: alice\nservices: [a]\n", id)
}

func ids(recs []*record.Record) []string {
	out := []string{}
	for _, r := range recs {
		out = append(out, r.ID)
	}
	return out
}

// brief is a finding without what every row of its code says.
func brief(fs []finding.Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s:%d:%d %s %s", f.File, f.Line, f.Column, f.Code, f.Message))
	}
	return out
}
