package gitrepo

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func reader(s string) *bufio.Reader { return bufio.NewReader(strings.NewReader(s)) }

func TestParseTreeRefuses(t *testing.T) {
	id := strings.Repeat("\x11", 20)
	ok := "100644 a\x00" + id + "40000 b\x00" + id
	if entries, err := parseTree(sha1Format, []byte(ok)); len(entries) != 2 || err != nil {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, in := range []string{
		ok[:len(ok)-1], ok + "x", ok + "100644", ok + "100644 c", ok + "100644 c\x00", "100644a\x00" + id, "9 a\x00" + id, " a\x00" + id,
		"100644 \x00" + id, "100644 .\x00" + id, "40000 ..\x00" + id, "100644 a/b\x00" + id, ok + "100644 a\x00" + id,
		"100644 b\x00" + id + "40000 b\x00" + id, "77777777777777 a\x00" + id,
	} {
		if entries, err := parseTree(sha1Format, []byte(in)); err == nil {
			t.Errorf("%q: %v", in, entries)
		}
	}
}

// What can be read as a tree is written back byte for byte, if its entries are
// in git's order.
func FuzzParseTree(f *testing.F) {
	id := strings.Repeat("\x11", 20)
	f.Add([]byte("100644 a\x00" + id + "40000 b\x00" + id))
	f.Add([]byte("40000 a\x00" + id + "100644 a.b\x00" + id))
	f.Add([]byte("100644 \x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseTree(sha1Format, data)
		if err != nil {
			return
		}
		for _, e := range entries {
			if got, ok := find(entries, e.Name); !ok || got != e {
				t.Errorf("%q is not found", e.Name)
			}
		}
		d := newDirectory("", entries)
		again, err := parseTree(sha1Format, d.encode(nil))
		if err != nil || !slices.Equal(entries, again) {
			t.Errorf("%q becomes %v, %v", data, again, err)
		}
	})
}

func TestParseCommit(t *testing.T) {
	id := strings.Repeat("a", 40)
	two := strings.Repeat("b", 40)
	head := "tree " + id + "\nparent " + id + "\nparent " + two + "\nauthor A B <a@b> 1700000000 +0130\ncommitter C <c@d> 1700000001 -0800\n"
	signed := head + "gpgsig -----BEGIN SSH SIGNATURE-----\n parent " + two + "\n author X <x@y> 1 +0000\n -----END SSH SIGNATURE-----\n\nsubject\n\nparent " + two + "\n"
	c, err := parseCommit(sha1Format, []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]git.OID{id, two}, c.Parents); diff != "" {
		t.Errorf("parents (-want +got):\n%s", diff)
	}
	if c.Author.Name != "A B" || c.Committer.Email != "c@d" || c.Message != "subject\n\nparent "+two+"\n" {
		t.Errorf("parsed %+v", c)
	}
	if got := c.Author.When.Format("2006-01-02T15:04:05-0700"); got != "2023-11-14T23:43:20+0130" {
		t.Errorf("author's time is %s", got)
	}
	for _, in := range []string{"", "tree x\n", "parent " + id + "\n", "\n\ntree " + id, "tree " + id + "x\n", "tree " + id + "\nparent x\nauthor A <a@b> 1 +0000\n\n"} {
		if c, err := parseCommit(sha1Format, []byte(in)); err == nil {
			t.Errorf("%q: %+v", in, c)
		}
	}
	// A header that comes again is not taken for the first one.
	late := head + "parent " + strings.Repeat("c", 40) + "\nauthor Z <z@z> 1 +0000\n\nm\n"
	if c, err := parseCommit(sha1Format, []byte(late)); err != nil || len(c.Parents) != 2 || c.Author.Name != "A B" {
		t.Errorf("late headers: %+v, %v", c, err)
	}
}

func FuzzParseCommit(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add([]byte("tree " + id + "\nparent " + id + "\nauthor A B <a@b> 1700000000 +0130\ncommitter C <c@d> 1700000001 -0800\n\nmsg"))
	f.Add([]byte("tree " + id + "\nauthor > <\ncommitter <<>> 99999999999999999999 +99999\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseCommit(sha1Format, raw)
		if err != nil {
			return
		}
		for _, id := range append(c.Parents, c.Tree) {
			if !sha1Format.valid(id) {
				t.Errorf("id %q", id)
			}
		}
		if !bytes.HasSuffix(raw, []byte(c.Message)) {
			t.Errorf("message %q", c.Message)
		}
	})
}

func TestParseRaw(t *testing.T) {
	id, zero := strings.Repeat("a", 40), strings.Repeat("0", 40)
	for _, line := range []string{
		"", ":", ":100644 100644 " + id + " " + id, "100644 100644 " + id + " " + id + " M", ":100644 100644 " + id[:7] + " " + id + " M",
		":100644 100644 " + id + " " + id + " M extra", "::100644 100644 100644 " + id + " " + id + " " + id + " MM",
	} {
		if c, err := sha1Format.parseRaw(line, "a"); err == nil {
			t.Errorf("%q: %+v", line, c)
		}
	}
	if _, err := sha1Format.parseRaw(":100644 100644 "+id+" "+id+" M", ""); err == nil {
		t.Error("a change without a path")
	}
	c, err := sha1Format.parseRaw(":000000 120000 "+zero+" "+id+" A", "a")
	if diff := cmp.Diff(git.FileChange{Path: "a", NewMode: "120000", NewBlob: id}, c); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"fatal: unable to access 'https://user:ghp_secret@github.com/a/b.git/': 403": "fatal: unable to access 'https://***@github.com/a/b.git/': 403",
		"https://ghp_secret@github.com/a/b":                                          "https://***@github.com/a/b",
		"http://u:p@ss@host/x https://v:q@h":                                         "http://***@host/x https://***@h",
		"ssh://git@github.com/a/b":                                                   "ssh://git@github.com/a/b",
		"ssh://git:hunter2@host/a":                                                   "ssh://git:***@host/a",
		"git@github.com:a/b.git":                                                     "git@github.com:a/b.git",
		"https://host/a?private_token=abc&x=1":                                       "https://host/a?private_token=***&x=1",
		"https://host/a?access_token=abc":                                            "https://host/a?access_token=***",
		"https://github.com/a/b: mail bob@example.com about it":                      "https://github.com/a/b: mail bob@example.com about it",
	} {
		if got := scrub(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	var long tail
	for range 100 {
		if _, err := long.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := long.Write([]byte("fatal: the reason")); err != nil {
		t.Fatal(err)
	}
	if s := long.String(); len(s) > tailLimit+10 || !strings.HasSuffix(s, "fatal: the reason") || !strings.HasPrefix(s, "…") || cap(long.buf) > 4*tailLimit {
		t.Errorf("%d bytes, capacity %d", len(s), cap(long.buf))
	}
}

func TestSubcommand(t *testing.T) {
	for want, args := range map[string][]string{
		"log": {"-c", "a=b", "log", "--stdin"}, "update-ref": {"-C", "x", "-c", "y=z", "update-ref"}, "push": {"push", "-c"}, "": {"--version"},
	} {
		if got := subcommand(args); got != want {
			t.Errorf("%v: %q, want %q", args, got, want)
		}
	}
}
