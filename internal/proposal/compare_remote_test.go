package proposal_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/proposal"
)

// TestCompareRemote holds that whatever a forge says otherwise by now is said, of
// the statement that it is about, and that nothing is where it says the same.
func TestCompareRemote(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	landed, n := h.submitted(t)
	if _, err := h.desk("bob").Approve(t.Context(), landed); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk("alice").Merge(t.Context(), landed); err != nil {
		t.Fatal(err)
	}
	_, closed := h.submitted(t)
	stamp := func() string { return h.clock.read().UTC().Format(time.RFC3339) }
	h.server.Arrange(closed, func(p *githubtest.Pull) { p.State, p.Closed, p.ClosedBy = "closed", stamp(), "alice" })
	for _, n := range []int{n, closed} {
		if _, err := h.desk("gate").RecordPull(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	other := h.server.Pulls()[closed-1].HeadOID
	first := func(edit func(*githubtest.Review)) func(*githubtest.Pull) {
		return func(p *githubtest.Pull) { edit(p.Reviews[0]) }
	}
	for _, tt := range []struct {
		name string
		n    int
		edit func(*githubtest.Pull)
		says []string
	}{
		{"the same", n, func(*githubtest.Pull) {}, nil},
		{"its author is gone", n, first(func(r *githubtest.Review) { r.Login = "" }), nil},
		{"a comment besides", n, func(p *githubtest.Pull) { p.Title, p.Body = "another title", "more words" }, nil},
		{"dismissed", n, first(func(r *githubtest.Review) { r.State = "DISMISSED" }), []string{"-approval-", "the review is dismissed"}},
		{"another word", n, first(func(r *githubtest.Review) { r.State = "CHANGES_REQUESTED" }), []string{"-approval-", "the review is changes-requested"}},
		{"edited", n, first(func(r *githubtest.Review) { r.Body = "Approved." }), []string{"-approval-", "no review carries it any more"}},
		{"moved to another commit", n, first(func(r *githubtest.Review) { r.Commit = strings.Repeat("a", 40) }), []string{"-approval-", "the review is of commit aaaa"}},
		{"somebody else's", n, first(func(r *githubtest.Review) { r.Login = "carol" }), []string{"-approval-", "the review is by github:13"}},
		{"given later", n, first(func(r *githubtest.Review) { r.At = "2026-12-24T00:00:00Z" }), []string{"-approval-", "submitted at 2026-12-24T00:00:00Z"}},
		{"gone", n, func(p *githubtest.Pull) { p.Reviews = nil }, []string{"-approval-", "the forge has no such review"}},
		{"another landing", n, func(p *githubtest.Pull) { p.MergeCommit = other }, []string{"-merge-", "landed as " + other}},
		{"another head", n, func(p *githubtest.Pull) { p.HeadOID = other }, []string{"-decision-", "landed commit " + other}},
		{"landed by another", n, func(p *githubtest.Pull) { p.MergedBy = "dave" }, []string{"-decision-", "landed by github:14"}},
		{"landed at another time", n, func(p *githubtest.Pull) { p.Closed = "2026-12-24T00:00:00Z" }, []string{"-decision-", "landed at 2026-12-24T00:00:00Z"}},
		{"never landed", n, func(p *githubtest.Pull) { p.MergeCommit, p.State = "", "closed" }, []string{"-merge-", "has not landed"}},
		{"open again", closed, func(p *githubtest.Pull) { p.State, p.Closed = "open", "" }, []string{"-withdrawal-", "open again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var as githubtest.Pull
			h.server.Arrange(tt.n, func(p *githubtest.Pull) {
				as = *p
				as.Reviews = nil
				for _, r := range p.Reviews {
					copied := *r
					as.Reviews = append(as.Reviews, &copied)
				}
				tt.edit(p)
			})
			defer h.server.Arrange(tt.n, func(p *githubtest.Pull) { *p = as })
			checked, list, err := h.desk("gate").CompareRemote(t.Context())
			said := ""
			for _, x := range list {
				said += x.Path + ": " + x.Why + "\n"
			}
			if err != nil || checked != 5 || (len(list) == 0) != (len(tt.says) == 0) {
				t.Errorf("%d compared, %v\n%s", checked, err, said)
			}
			for _, s := range tt.says {
				if !strings.Contains(said, s) {
					t.Errorf("%q is not said:\n%s", s, said)
				}
			}
		})
	}
}

// TestCompareEnd holds that a pull request which is over since is said to be, until
// that is recorded: here its branch was deleted, which closes it.
func TestCompareEnd(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	d := h.desk("gate")
	record := func() {
		t.Helper()
		if _, err := d.RecordPull(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	compare := func(want string) {
		t.Helper()
		_, list, err := d.CompareRemote(t.Context())
		if err != nil || (len(list) == 0) != (want == "") || len(list) > 0 && !strings.Contains(list[0].Why, want) {
			t.Errorf("%v, %v; want %q", list, err, want)
		}
	}
	record()
	compare("")
	h.git("update-ref", "-d", "refs/heads/"+h.server.Pulls()[n-1].Head)
	compare("is over, and nothing recorded says how: gitsm evidence record --pr 1")
	record()
	compare("")
}

// TestCompareBranch holds that evidence which the upstream has lost is said,
// statement by statement, and that none is where another has added to it.
func TestCompareBranch(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	d := h.desk("gate")
	record := func() string {
		t.Helper()
		_, n := h.submitted(t)
		h.server.Review(n, "bob", "APPROVED", "")
		out, err := d.RecordPull(t.Context(), n)
		if err != nil || len(out.Paths) != 1 {
			t.Fatalf("%v, %v", out, err)
		}
		return out.Paths[0]
	}
	const branch = "refs/heads/gitsm-evidence"
	one, before := record(), h.ref(branch)
	two, after := record(), h.ref(branch)
	more := h.git("commit-tree", after+"^{tree}", "-p", after, "-m", "more")
	for name, tt := range map[string]struct {
		move []string
		want map[string]string // what is said, by path
	}{
		"as it was": {[]string{branch, after}, nil},
		"added to":  {[]string{branch, more}, nil},
		"set back":  {[]string{branch, before}, map[string]string{two: "does not have it: git push origin gitsm-evidence"}},
		"deleted":   {[]string{"-d", branch}, map[string]string{one: "has no branch gitsm-evidence any more", two: "has no branch"}},
	} {
		h.git("update-ref", branch, after)
		if _, _, err := d.CompareRemote(t.Context()); err != nil { // so that the clone has it
			t.Fatal(err)
		}
		h.git(append([]string{"update-ref"}, tt.move...)...)
		_, list, err := d.CompareRemote(t.Context())
		if err != nil || len(list) != len(tt.want) {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		for _, x := range list {
			if want := tt.want[x.Path]; want == "" || !strings.Contains(x.Why, want) {
				t.Errorf("%s: %s: %q, want %q", name, x.Path, x.Why, want)
			}
		}
	}
}

// renamed is the forge after the repository got another name.
type renamed struct{ proposal.Forge }

func (renamed) Where() string { return "github.com/acme/store" }

// TestCompareRenamed holds that what was said while the repository was called
// something else is compared as well, and recorded once more for a landing of
// later: somebody could pass any statement for one of another repository.
func TestCompareRenamed(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, n := h.submitted(t)
	d := h.desk("gate")
	record := func(want int) {
		t.Helper()
		if out, err := d.RecordPull(t.Context(), n); err != nil || len(out.Paths) != want {
			t.Fatalf("%v, %v; want %d statements", out, err, want)
		}
	}
	h.server.Review(n, "bob", "APPROVED", "")
	record(1)
	connect := d.Connect
	d = h.desk("gate")
	d.Connect = func(ctx context.Context) (proposal.Forge, error) {
		f, err := connect(ctx)
		return renamed{f}, err
	}
	if _, err := h.desk("alice").Merge(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	record(3)
	record(0)
	if checked, list, err := d.CompareRemote(t.Context()); err != nil || checked != 4 || len(list) != 0 {
		t.Errorf("%d compared, %v, %v", checked, list, err)
	}
	h.server.Arrange(n, func(p *githubtest.Pull) { p.Reviews = nil })
	_, list, err := d.CompareRemote(t.Context())
	if err != nil || len(list) != 2 || !strings.Contains(list[0].Why+list[1].Why, "it is of github.com/acme/shop, and of github.com/acme/store the forge has no such review") {
		t.Errorf("%v, %v", list, err)
	}
}
