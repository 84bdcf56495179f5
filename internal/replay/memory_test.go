package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/store"
)

const backout = `package gitsm.change

# METADATA
# title: a way back
# custom: {id: ORG001}
deny contains "no way back" if not input.record.plan.backout

# METADATA
# title: risk
# custom: {id: ORG010}
risk := {"score": 10 * count(input.record.services), "band": "low"}

# METADATA
# title: owner
# custom: {id: ORG011}
approvals contains {"id": "owner", "from": ["team:payments"], "count": 1, "msg": "the owner agrees"}
`

// judged is a store whose main has landed three changes, a commit each.
type judged struct {
	*testing.T
	dir  string
	repo *gitrepo.Repo
}

func newJudged(t *testing.T) *judged {
	j := &judged{T: t, dir: t.TempDir()}
	j.git("init", "-q", "-b", "main")
	j.write("gitsm.yaml", "apiVersion: gitsm/v1\nkind: config\nmain_branch: main\n")
	j.write("policy/change.rego", backout)
	j.commit()
	for i, plan := range []string{"backout: restore, ", "", "backout: restore, "} {
		j.change(i, plan, "2026-11-24T10:00:00Z")
	}
	r, err := gitrepo.Open(context.Background(), j.dir, j.environ())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	j.repo = r
	return j
}

func (j *judged) environ() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + j.dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.org",
		"GIT_AUTHOR_DATE=2026-11-20T09:00:00Z", "GIT_COMMITTER_DATE=2026-11-20T09:00:00Z"}
}

func (j *judged) git(args ...string) {
	j.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = j.dir, j.environ()
	if out, err := c.CombinedOutput(); err != nil {
		j.Fatalf("git %s: %v\n%s", args, err, out)
	}
}

func (j *judged) write(name, text string) {
	j.Helper()
	file := filepath.Join(j.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		j.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		j.Fatal(err)
	}
}

func (j *judged) commit() {
	j.Helper()
	j.git("add", "-A")
	j.git("commit", "-q", "-m", "Go on")
}

func (j *judged) change(i int, backout, start string) {
	j.Helper()
	id := fmt.Sprintf("CHG-20261120-AAAAA%d", i)
	j.write("changes/2026/11/"+id+".yaml", fmt.Sprintf("apiVersion: gitsm/v1\nkind: change\nid: %s\ntitle: Upgrade %d\ntype: normal\nstate: scheduled\nrequester: alice\nservices: [checkout]\n"+
		"window: {start: %s, end: 2026-11-24T12:00:00Z}\nplan: {%simplement: go}\n", id, i, start, backout))
	j.commit()
}

// judge is shared, since compiling takes longer than everything else.
var judge = decision.NewJudge()

// replay answers as a user gets it. names are the candidate's files.
func (j *judged) replay(k Keeper, build string, candidate map[string]string) string {
	j.Helper()
	p := &store.Policy{Modules: map[string][]byte{}}
	for name, src := range candidate {
		p.Modules[name] = []byte(src)
	}
	rep, err := Run(context.Background(), Options{Repo: j.repo, Judge: judge, Cache: store.NewCache(), Main: "main", Candidate: p, Kept: k, Build: build})
	if err != nil {
		j.Fatal(err)
	}
	out, err := json.MarshalIndent(rep, "", " ")
	if err != nil {
		j.Fatal(err)
	}
	return string(out)
}

type drawer struct{ data []byte }

func (d *drawer) Load() []byte     { return d.data }
func (d *drawer) Save(data []byte) { d.data = bytes.Clone(data) }

// lie makes every answer that was kept a refusal by LIE001, so that what is
// taken from there shows.
func lie(data []byte) []byte {
	d := &drawer{data}
	m := remember(d)
	for k, v := range m.known {
		v.Answer.Denies = []string{"LIE001"}
		m.known[k], m.used[k], m.made = v, true, true
	}
	m.save()
	return d.data
}

var (
	same     = map[string]string{"elsewhere/rules.rego": backout}
	stricter = map[string]string{"policy/change.rego": backout + "\n# METADATA\n# title: rest\n# custom: {id: ORG002}\ndeny contains \"rest\" if input.record.title == \"Upgrade 2\"\n"}
)

// TestMemory holds that a replay says the same with and without what one before
// remembers, and that it does take it from there.
func TestMemory(t *testing.T) {
	j := newJudged(t)
	truth := j.replay(nil, "1", stricter)
	if !strings.Contains(truth, "ORG002") || !strings.Contains(truth, `"unchanged": 2`) {
		t.Fatalf("the candidate is not told from the policy of then:\n%s", truth)
	}
	kept := &drawer{}
	for range 2 {
		if got := j.replay(kept, "1", stricter); got != truth {
			t.Errorf("with memory:\n%s\nwithout:\n%s", got, truth)
		}
	}
	if n := len(remember(kept).known); n != 6 {
		t.Errorf("%d answers on 3 changes by 2 policies are remembered", n)
	}
	lies := &drawer{lie(kept.data)}
	if got := j.replay(lies, "1", stricter); !strings.Contains(got, `"unchanged": 3`) {
		t.Errorf("what is remembered was decided again:\n%s", got)
	}
	if got := j.replay(lies, "2", stricter); got != truth {
		t.Errorf("what another build decided is believed:\n%s", got)
	}
}

// TestMemoryOfOnePolicy holds that a policy is asked once where it is the
// candidate as well, wherever its files lie.
func TestMemoryOfOnePolicy(t *testing.T) {
	j, kept := newJudged(t), &drawer{}
	if got := j.replay(kept, "1", same); !strings.Contains(got, `"unchanged": 3`) {
		t.Errorf("the same policy decides otherwise:\n%s", got)
	}
	if n := len(remember(kept).known); n != 3 {
		t.Errorf("%d answers on 3 changes are remembered", n)
	}
}

// TestMemoryOfAChange holds that what has changed is decided, by both policies,
// and nothing else.
func TestMemoryOfAChange(t *testing.T) {
	j, kept := newJudged(t), &drawer{}
	j.replay(kept, "1", same)
	kept.data = lie(kept.data)
	j.change(0, "", "2026-11-24T11:00:00Z") // rescheduled, and now without a way back
	got := j.replay(kept, "1", stricter)
	if !strings.Contains(got, `"decisions": 4`) || !strings.Contains(got, `"newly_allowed": 1`) {
		// Of the three lies the candidate, which is asked, allows but one: it denies
		// two. The fourth is denied by both.
		t.Errorf("got:\n%s", got)
	}
	if truth := j.replay(nil, "1", stricter); !strings.Contains(truth, `"decisions": 4`) || !strings.Contains(truth, `"newly_allowed": 0`) {
		t.Errorf("without memory:\n%s", truth)
	}
}

// TestMemoryDamaged holds that damage is no answer.
func TestMemoryDamaged(t *testing.T) {
	j, kept := newJudged(t), &drawer{}
	truth := j.replay(kept, "1", same)
	whole := lie(kept.data)
	for i := 0; i < len(whole); i++ {
		for _, data := range [][]byte{whole[:i], slices.Concat(whole[:i], []byte{whole[i] ^ 4}, whole[i+1:])} {
			if n := len(remember(&drawer{data}).known); n != 0 {
				t.Fatalf("damaged at %d, %d decisions are believed", i, n)
			}
		}
	}
	// Nor is what was written with care and makes no sense.
	body := whole[len(memoryFormat)+4:]
	for i := range body {
		bad := slices.Concat(body[:i], []byte{body[i] ^ 0x41}, body[i+1:])
		remember(&drawer{slices.Concat([]byte(memoryFormat), binary.LittleEndian.AppendUint32(nil, sumOf(bad)), bad)}) // does not panic
	}
	if got := j.replay(&drawer{whole[:len(whole)-1]}, "1", same); got != truth {
		t.Errorf("with a damaged memory:\n%s", got)
	}
}

// TestMemoryIsBounded holds that what this run was about goes before what it
// was not.
func TestMemoryIsBounded(t *testing.T) {
	kept := &drawer{}
	m := remember(kept)
	for i := range 100 {
		m.keep(keyFrom(fmt.Sprint(i)), verdict{Authorises: true, Title: fmt.Sprint(i)})
	}
	m.save()
	m = remember(kept)
	if len(m.known) != 100 {
		t.Fatalf("%d of 100 decisions are kept", len(m.known))
	}
	m.room = 1000
	for i := 95; i < 105; i++ {
		if _, ok := m.recall(keyFrom(fmt.Sprint(i))); !ok {
			m.keep(keyFrom(fmt.Sprint(i)), verdict{Authorises: true, Title: fmt.Sprint(i)})
		}
	}
	m.save()
	if len(kept.data) > 1100 {
		t.Errorf("%d bytes are kept where there is room for 1000", len(kept.data))
	}
	m = remember(kept)
	for i := 95; i < 105; i++ {
		if _, ok := m.known[keyFrom(fmt.Sprint(i))]; !ok {
			t.Errorf("%d was of use last, and is forgotten", i)
		}
	}
}
