package pack

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// scene is a repository with everything that a history may hold.
type scene struct {
	tb  testing.TB
	dir string
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	s := &scene{tb: tb, dir: tb.TempDir()}
	s.git("init", "-q", "-b", "main")
	s.git("config", "core.looseCompression", "9")
	return s
}

func (s *scene) objects() string { return filepath.Join(s.dir, ".git", "objects") }

func (s *scene) git(args ...string) string {
	s.tb.Helper()
	return s.feed("", args...)
}

func (s *scene) feed(stdin string, args ...string) string {
	s.tb.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+s.dir, "LC_ALL=C",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org",
		"GIT_AUTHOR_DATE=1700000000 +0100", "GIT_COMMITTER_DATE=1700000000 +0000")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(string(out))
}

// live makes a history of n commits: files in directories that grow, change,
// move, become links, directories and submodules, and go; branches that are
// merged with edits of their own; large files that are deltas of one another.
func (s *scene) live(n int) {
	s.tb.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	big := bytes.Repeat([]byte("the quick brown fox jumps over the lazy dog 0123456789\n"), 3000)
	var in bytes.Buffer
	wide := 0 // files in a directory whose tree is of many kilobytes
	for i := range n {
		branch, merge := "main", ""
		if i%7 == 3 {
			branch = "side" + strconv.Itoa(i%3)
		}
		if i%11 == 10 {
			merge = "refs/heads/side" + strconv.Itoa(i%3)
		}
		fmt.Fprintf(&in, "commit refs/heads/%s\nauthor Ann <ann@example.org> %d +0530\ncommitter Bob <bob@example.org> %d -0800\ndata <<X\ncommit %d\nX\n", branch, 1700000000+i*60, 1700000000+rnd.IntN(n*60), i)
		if i > 0 && branch != "main" {
			fmt.Fprintf(&in, "from refs/heads/main\n")
		}
		if merge != "" && i > 20 {
			fmt.Fprintf(&in, "merge %s\n", merge)
		}
		dir := fmt.Sprintf("changes/20%02d/%02d", 10+i/200, 1+i/20%12)
		put := func(mode, path, data string) {
			fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, path, len(data), data)
		}
		put("100644", fmt.Sprintf("%s/CHG-%04d.yaml", dir, rnd.IntN(i+1)), fmt.Sprintf("id: %d\nstate: %d\n%s", i, i%5, strings.Repeat("text\n", rnd.IntN(60))))
		for ; wide < 300 && i == 2; wide++ {
			put("100644", fmt.Sprintf("wide/%05d", 2*wide), strconv.Itoa(wide))
		}
		switch i % 5 {
		case 1:
			put("100644", fmt.Sprintf("wide/%05d", 2*rnd.IntN(300)), strconv.Itoa(i))
		case 2:
			put("100644", fmt.Sprintf("wide/%05d", 2*rnd.IntN(300)+1), "between")
		case 3:
			fmt.Fprintf(&in, "D wide/%05d\n", 2*rnd.IntN(300))
		}
		switch i % 13 {
		case 1:
			at := rnd.IntN(len(big) - 10)
			copy(big[at:], "CHANGED")
			big = append(big, fmt.Sprintf("and %d more\n", i)...)
			put("100644", "big", string(big))
		case 3:
			put("120000", "link", "big")
		case 4:
			put("100755", "link", "no link")
		case 5:
			put("100644", "link/inside", "a directory now")
		case 6:
			fmt.Fprintf(&in, "D link\n")
		case 7:
			put("100644", "link.x", "sorts between")
		case 8:
			fmt.Fprintf(&in, "M 160000 %040x module\n", i+1)
		case 9:
			fmt.Fprintf(&in, "D %s\n", dir)
		case 12:
			put("100644", "module", "a file now")
		}
	}
	s.feed(in.String(), "fast-import", "--quiet", "--depth=20")
	s.git("tag", "-m", "a tag", "v1", "main")
}

// all lists every object as git has it.
func (s *scene) all() map[ID]answer {
	s.tb.Helper()
	cmd := exec.Command("git", "cat-file", "--batch-all-objects", "--batch")
	cmd.Dir = s.dir
	out, err := cmd.Output()
	if err != nil {
		s.tb.Fatal(err)
	}
	objects := map[ID]answer{}
	for in := bufio.NewReader(bytes.NewReader(out)); ; {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return objects
		}
		var name, kind string
		var size int
		if _, err := fmt.Sscanf(line, "%s %s %d\n", &name, &kind, &size); err != nil {
			s.tb.Fatal(err)
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(in, data); err != nil {
			s.tb.Fatal(err)
		}
		id, err := ParseID(name)
		if err != nil {
			s.tb.Fatal(err)
		}
		objects[id] = answer{kind, string(data[:size])}
	}
}

type answer struct{ kind, data string }

func open(tb testing.TB, dirs ...string) *Store {
	tb.Helper()
	s, err := Open(dirs...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
