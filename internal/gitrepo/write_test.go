package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

func TestWriteCommit(t *testing.T) {
	base := []string{"a", "1\n", "dir/b", "2\n", "dir/c", "3\n", "dir/deep/d", "4\n", "dir.x", "5\n", "dir0", "6\n"}
	tests := map[string]struct {
		edits []string
		want  string // of git ls-tree -r --name-only
	}{
		"nothing":                   {nil, "a dir.x dir/b dir/c dir/deep/d dir0"},
		"new at the top":            {[]string{"b", "x"}, "a b dir.x dir/b dir/c dir/deep/d dir0"},
		"new directories":           {[]string{"n/e/w", "x"}, "a dir.x dir/b dir/c dir/deep/d dir0 n/e/w"},
		"changed":                   {[]string{"dir/b", "x"}, "a dir.x dir/b dir/c dir/deep/d dir0"},
		"deleted":                   {[]string{"dir/b", "-"}, "a dir.x dir/c dir/deep/d dir0"},
		"last of a directory":       {[]string{"dir/deep/d", "-"}, "a dir.x dir/b dir/c dir0"},
		"last of all below":         {[]string{"dir/deep/d", "-", "dir/b", "-", "dir/c", "-"}, "a dir.x dir0"},
		"emptied and filled":        {[]string{"dir/deep/d", "-", "dir/deep/e", "x"}, "a dir.x dir/b dir/c dir/deep/e dir0"},
		"everything":                {[]string{"a", "-", "dir/b", "-", "dir/c", "-", "dir/deep/d", "-", "dir.x", "-", "dir0", "-"}, ""},
		"strange but allowed names": {[]string{".gitignore", "x", "ü/€ .yaml", "y", "..."[:2] + "x", "z"}, "..x .gitignore a dir.x dir/b dir/c dir/deep/d dir0 ü/€ .yaml"},
	}
	for _, format := range []string{"sha1", "sha256"} {
		r := newRepoOf(t, format)
		head := write(t, r, "", base...)
		for name, tt := range tests {
			t.Run(format+"/"+name, func(t *testing.T) {
				id := write(t, r, head, tt.edits...)
				got := strings.ReplaceAll(sh(t, r, r.root, "ls-tree", "-rz", "--name-only", id), "\x00", " ")
				if diff := cmp.Diff(tt.want, strings.TrimSpace(got)); diff != "" {
					t.Errorf("files (-want +got):\n%s", diff)
				}
				for i := 0; i < len(tt.edits); i += 2 {
					if tt.edits[i+1] != "-" && sh(t, r, r.root, "show", id+":"+tt.edits[i]) != strings.TrimSuffix(tt.edits[i+1], "\n") {
						t.Errorf("%s has other content", tt.edits[i])
					}
				}
				// What was written is what is read: the memo must not lie.
				sh(t, r, r.root, "update-ref", "refs/heads/check", id)
				fsck(t, r)
			})
		}
	}
}

func newRepoOf(tb testing.TB, format string) *Repo {
	tb.Helper()
	r, err := Init(tb.Context(), tempDir(tb), "main", append(environ(tb), "GIT_DEFAULT_HASH="+format))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	if r.format.name != format {
		tb.Fatalf("the format is %s", r.format.name)
	}
	return r
}

func TestWriteCommitKeepsModes(t *testing.T) {
	r := newRepo(t)
	head, _ := zoo(t, r)
	id := write(t, r, head, "run.sh", "#!/bin/true\n", "a.b", "new\n")
	got := sh(t, r, r.root, "ls-tree", "--format=%(objectmode) %(path)", id)
	want := sh(t, r, r.root, "ls-tree", "--format=%(objectmode) %(path)", head)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modes (-before +after):\n%s", diff)
	}
}

func TestWriteCommitRefuses(t *testing.T) {
	r := newRepo(t)
	head, _ := zoo(t, r)
	ok := git.CommitSpec{Base: head, Parents: []git.OID{head}, Message: "m", Author: alice, Committer: alice}
	with := func(change func(*git.CommitSpec)) git.CommitSpec { s := ok; change(&s); return s }
	files := func(pairs ...string) git.CommitSpec {
		return with(func(s *git.CommitSpec) { s.Files = edits(pairs...) })
	}
	who := func(s git.Signature) git.CommitSpec { return with(func(c *git.CommitSpec) { c.Author = s }) }
	tree := sh(t, r, r.root, "rev-parse", head+"^{tree}")
	sign := func(armored string, err error) git.CommitSpec {
		return with(func(c *git.CommitSpec) { c.Sign = func([]byte) ([]byte, error) { return []byte(armored), err } })
	}
	tests := map[string]struct {
		spec git.CommitSpec
		want string
	}{
		"through a symbolic link":  {files("link/x", "y"), "nothing is written through it"},
		"over a symbolic link":     {files("link", "y"), "symbolic link"},
		"over a submodule":         {files("module", "y"), "submodule"},
		"into a submodule":         {files("module/x", "y"), "nothing is written through it"},
		"a directory as a file":    {files("a", "y"), "is a directory"},
		"below a file":             {files("a0/x", "y"), "not a directory"},
		"deleting what is not":     {files("nope", "-"), "does not exist"},
		"deleting below what isnt": {files("no/pe", "-"), "does not exist"},
		"deleting a directory":     {files("a", "-"), "is a directory"},
		"twice":                    {files("x", "1", "x", "2"), "edited twice"},
		"as file and as directory": {files("x", "1", "x/y", "2"), "edited twice"},
		"as directory and as file": {files("x/y", "1", "x", "2"), "edited twice"},
		"unsafe path":              {files("../x", "1"), "component"},
		"no author":                {who(git.Signature{When: clock}), "needs a name"},
		"no e-mail":                {who(git.Signature{Name: "A", When: clock}), "needs a name"},
		"header in the name":       {who(git.Signature{Name: "A\ngpgsig x", Email: "a@b", When: clock}), "does not allow"},
		"two addresses":            {who(git.Signature{Name: "A", Email: "a@b> <c@d", When: clock}), "does not allow"},
		"no time":                  {who(git.Signature{Name: "A", Email: "a@b"}), "needs a time"},
		"before 1970":              {who(git.Signature{Name: "A", Email: "a@b", When: time.Unix(-1, 0)}), "needs a time"},
		"NUL in the message":       {with(func(s *git.CommitSpec) { s.Message = "a\x00b" }), "not text"},
		"latin-1 message":          {with(func(s *git.CommitSpec) { s.Message = "\xfc" }), "not text"},
		"unknown parent":           {with(func(s *git.CommitSpec) { s.Parents = []git.OID{strings.Repeat("1", 40)} }), "not in the repository"},
		"parent that is a tree":    {with(func(s *git.CommitSpec) { s.Parents = []git.OID{tree} }), "it is a tree"},
		"parent that is a name":    {with(func(s *git.CommitSpec) { s.Parents = []git.OID{"HEAD"} }), "full sha1 object id"},
		"the same parent twice":    {with(func(s *git.CommitSpec) { s.Parents = []git.OID{head, head} }), "given twice"},
		"base that is a tree":      {with(func(s *git.CommitSpec) { s.Base = tree }), "it is a tree"},
		"tree and base":            {with(func(s *git.CommitSpec) { s.Tree = tree }), "not both"},
		"tree that is a commit":    {git.CommitSpec{Tree: head, Message: "m", Author: alice, Committer: alice}, "it is a commit"},
		"signer that fails":        {sign("", errors.New("no key")), "no key"},
		"empty signature":          {sign("\n", nil), "not armored"},
	}
	before := sh(t, r, r.root, "count-objects")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id, err := r.WriteCommit(t.Context(), tt.spec)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q, %v, want %q", id, err, tt.want)
			}
		})
	}
	if after := sh(t, r, r.root, "count-objects"); after != before {
		t.Errorf("refusals stored something: %s, then %s", before, after)
	}
	if _, err := r.WriteCommit(t.Context(), files("nope", "-")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleting what is not: %v", err)
	}
	if _, err := r.WriteCommit(t.Context(), ok); err != nil {
		t.Errorf("the specification that the others are made from: %v", err)
	}
}

// A commit comes back as it was given, from Commit and from Log, and git reads
// the same.
func TestCommitRoundTrip(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n")
	other := write(t, r, "", "b", "1\n")
	zone := time.FixedZone("", -(9*3600 + 30*60))
	spec := git.CommitSpec{
		Base: base, Parents: []git.OID{base, other}, Files: edits("a", "2\n"),
		Message:   "Subject ü\n\nbody\n\nChange-Id: CHG-1",
		Author:    git.Signature{Name: "Zoë O'Neil", Email: "z@example.com", When: time.Unix(1_600_000_001, 0).In(zone)},
		Committer: git.Signature{Name: "Bot", Email: "bot@example.com", When: clock},
	}
	id, err := r.WriteCommit(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want := &git.Commit{
		OID: id, Tree: sh(t, r, r.root, "rev-parse", id+"^{tree}"), Parents: spec.Parents, Author: spec.Author, Committer: spec.Committer,
		Message: spec.Message + "\n",
	}
	sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Format("-0700") == b.Format("-0700") })
	got, err := r.Commit(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Raw) != pipe(t, r, r.root, "", "cat-file", "commit", id)+"\n" {
		t.Errorf("raw bytes are %q", got.Raw)
	}
	got.Raw = nil
	if diff := cmp.Diff(want, got, sameTime); diff != "" {
		t.Errorf("Commit (-want +got):\n%s", diff)
	}
	for e, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{id}}) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, &e.Commit, sameTime); diff != "" {
			t.Errorf("Log (-want +got):\n%s", diff)
		}
		break
	}
	if got := sh(t, r, r.root, "log", "-1", "--format=%an <%ae> %ad %cn", "--date=raw", id); got != "Zoë O'Neil <z@example.com> 1600000001 -0930 Bot" {
		t.Errorf("git reads %q", got)
	}
}

func TestWriteCommitOfTree(t *testing.T) {
	r := newRepo(t)
	base := write(t, r, "", "a", "1\n")
	tree := sh(t, r, r.root, "rev-parse", base+"^{tree}")
	for _, id := range []git.OID{tree, sha1Format.emptyTree} {
		c, err := r.WriteCommit(t.Context(), git.CommitSpec{Tree: id, Parents: []git.OID{base}, Message: "m", Author: alice, Committer: alice})
		if err != nil {
			t.Fatal(err)
		}
		if got := sh(t, r, r.root, "rev-parse", c+"^{tree}"); got != id {
			t.Errorf("the tree is %s", got)
		}
	}
}

// Signed commits verify with git itself, in both object formats.
func TestSignedCommit(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not installed")
	}
	dir := tempDir(t)
	key := filepath.Join(dir, "key")
	if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pub, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	allowed := filepath.Join(dir, "allowed")
	if err := os.WriteFile(allowed, []byte("alice@example.com "+string(pub)), 0o600); err != nil {
		t.Fatal(err)
	}
	sign := func(payload []byte) ([]byte, error) {
		cmd := exec.Command(keygen, "-q", "-Y", "sign", "-n", "git", "-f", key)
		cmd.Stdin = strings.NewReader(string(payload))
		return cmd.Output()
	}
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			r := newRepoOf(t, format)
			id, err := r.WriteCommit(t.Context(), git.CommitSpec{Files: edits("a", "1\n"), Message: "m\n\nbody", Author: alice, Committer: alice, Sign: sign})
			if err != nil {
				t.Fatal(err)
			}
			sh(t, r, r.root, "-c", "gpg.ssh.allowedSignersFile="+allowed, "verify-commit", id)
			sh(t, r, r.root, "update-ref", "refs/heads/main", id)
			fsck(t, r)
			c, err := r.Commit(t.Context(), id)
			if err != nil || c.Message != "m\n\nbody\n" || c.Author.Email != "alice@example.com" {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

// Two processes writing the same object must not disturb each other or readers.
func TestStoreLooseTwice(t *testing.T) {
	r := newRepo(t)
	for range 2 {
		if err := storeLoose(r.objectDir, looseObject{sha1Format.id("blob", []byte("x")), "blob", []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(r.objectDir, "*", "tmp_*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	info, err := os.Stat(filepath.Join(r.objectDir, sha1Format.id("blob", []byte("x"))[:2], sha1Format.id("blob", []byte("x"))[2:]))
	if err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("the object is writable: %v, %v", info.Mode(), err)
	}
	if err := storeLoose(filepath.Join(r.objectDir, "nope"), looseObject{strings.Repeat("1", 40), "blob", nil}); err == nil {
		t.Error("stored in a directory that is not there")
	}
}

// A repository that a group shares stays writable for the group.
func TestStoreLooseShared(t *testing.T) {
	dir := tempDir(t)
	env := environ(t)
	seed, err := Init(t.Context(), tempDir(t), "main", env)
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	sh(t, seed, dir, "init", "-q", "--shared=group", dir)
	r := reopen(t, seed, dir)
	id := write(t, r, "", "a", "1\n")
	info, err := os.Stat(filepath.Join(r.objectDir, id[:2]))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o070 != 0o070 || info.Mode()&fs.ModeSetgid == 0 {
		t.Errorf("the object's directory is %v", info.Mode())
	}
}

func TestCheckPath(t *testing.T) {
	for _, path := range []string{
		"a", "a/b", "a.yaml", ".github/x", ".gitignore", ".gitattributes", "..a", "a..", "a/.git.yaml", "git~2", "agit~1", "ü/€",
		"policy/data.yaml", ".gi", "x.git", "git", "a b",
	} {
		if err := checkPath(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, path := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/..", "a/../b", "a/./b", `a\b`, `..\a`, "a\x00b", "a\nb", "a\x1bb", "a\x7f",
		".git", ".git/config", "a/.git/hooks/x", ".GIT", ".Git/x", ".git.", ".git ", ".git . .", "git~1", "GIT~1/config",
		".git::$INDEX_ALLOCATION", ".git:x", ".g\u200cit", "\ufeff.git", ".gi\u202et", "C:", "c:/x", "C:x", "\xff", "a/\xc3\x28",
	} {
		if err := checkPath(path); err == nil {
			t.Errorf("%q was accepted", path)
		}
	}
}

// What checkPath accepts, git accepts as well, so that fsck has nothing to say.
func FuzzCheckPath(f *testing.F) {
	for _, s := range []string{"a/b", ".git", "a/.GiT/x", "git~1", "..", ".g\u200dit", "a:b", "x.", `\`, "con"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if checkPath(path) != nil {
			return
		}
		if !fs.ValidPath(path) || filepath.IsAbs(path) || !filepath.IsLocal(filepath.FromSlash(path)) {
			t.Errorf("%q leaves the work tree", path)
		}
		for part := range strings.SplitSeq(path, "/") {
			if strings.EqualFold(strings.TrimRight(part, ". "), ".git") {
				t.Errorf("%q names git's directory", path)
			}
		}
	})
}

func BenchmarkWriteCommit(b *testing.B) {
	r, head := bigStore(b, 10_000)
	i := 0
	for b.Loop() {
		i++
		id := write(b, r, head, recordPath(20_000+i), recordBody(i))
		move(b, r, fmt.Sprintf("refs/heads/gitsm/CHG-%d/new-aaaa", i), "", id)
	}
}

// BenchmarkOpen is what every command pays before it does anything.
func BenchmarkOpen(b *testing.B) {
	r := newRepo(b)
	for b.Loop() {
		o, err := Open(b.Context(), r.root, r.environ)
		if err != nil {
			b.Fatal(err)
		}
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
