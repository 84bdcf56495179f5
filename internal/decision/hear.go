package decision

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Hearing is what a forge says of a proposal, with what git and evidence add.
type Hearing struct {
	Said *forge.Facts
	Work []Work // every commit the proposal brings, ancestors first

	// Brought reports whether a push brought work that approvals cover, which a
	// merge of the base alone does not.
	Brought func(forge.Push) bool
	// Material is the digest of what the proposal would land at one of its
	// commits: what a review of that commit is about.
	Material func(commit string) (record.Digest, error)
	// Signed reads the statement that a review carries in its body; ok is false
	// where it carries none that its author signed.
	Signed func(r forge.Review, person string) (material record.Digest, ok bool)
	// Recorded is what the evidence has held each review to be about since it
	// arrived, by its number: a forge may move a review to another commit.
	Recorded map[int64]string
	// Until is when the proposal landed, and the zero time while it is open.
	// What was said later came too late.
	Until time.Time
	// Asked is when the forge was asked what reviewers may do. Of one that landed,
	// Vouched is until when the gate knew what was said, and asked itself, where its
	// word is to be taken for what they might do then.
	Asked, Vouched time.Time
	// Refused are rejections of the same in other proposals, which hold here too.
	Refused []approval.Review
}

// Prompt is how soon after a review, or the landing, what an account may do is
// taken for what it might do then.
const Prompt = 24 * time.Hour

// Hear notes what a forge says: who opened the proposal, who had a hand in it,
// and who reviewed it. It replaces what commits alone had said.
func (f *Facts) Hear(h Hearing) error {
	dir, err := f.Base.Directory()
	if err != nil {
		return err
	}
	f.Opener, f.Contributors, f.Reviews = "", nil, nil
	for i := range h.Work {
		h.Work[i].accounts(dir, h.Said.Commits)
	}
	if err := f.Attribute(h.Work); err != nil {
		return err
	}
	f.opener(dir, h.Said.Pull.Author)
	f.pushers(dir, h)
	f.Reviews = slices.Clone(h.Refused)
	for n, r := range h.Said.Reviews {
		if h.Until.IsZero() {
			f.Reviews = append(f.Reviews, h.review(dir, n, r))
		} else if !r.At.After(h.Until) {
			f.Reviews = append(f.Reviews, h.review(dir, n, r.AsOf(h.Until)))
		}
	}
	InTurn(f.Reviews)
	return nil
}

// InTurn puts reviews into one sequence, by when they were given.
func InTurn(list []approval.Review) {
	slices.SortStableFunc(list, func(a, b approval.Review) int { return a.Time.Compare(b.Time) })
	for i := range list {
		list[i].Order = i
	}
}

// Elsewhere is what somebody said of another proposal, at its head.
type Elsewhere struct {
	approval.Review
	Head git.OID
}

// Refused are the rejections that hold here too, of what was said of other proposals
// of the record, oldest first: of those who have not said anything else of another
// one since. A rejection does not end because a branch is called something else by
// now, nor because its proposal does.
func (f *Facts) Refused(said []Elsewhere) []approval.Review {
	last := map[string]approval.Review{}
	for _, x := range said {
		if x.State == approval.Rejected && f.again(x) {
			last[x.Person] = x.Review
		} else {
			delete(last, x.Person)
		}
	}
	var out []approval.Review
	for _, person := range slices.Sorted(maps.Keys(last)) {
		out = append(out, last[person])
	}
	return out
}

// again reports whether what was said of another proposal was about what is
// proposed here once more.
func (f *Facts) again(x Elsewhere) bool {
	brought := slices.ContainsFunc(f.work, func(w Work) bool { return w.OID == x.Head })
	c := f.Primary()
	if c == nil || c.After == nil || brought {
		return brought
	}
	if c.Before == nil {
		return true // it has never landed, so there is but one thing to reject
	}
	now, err := record.Material(c.After.Fields, x.Excluded, f.Bound())
	return err == nil && now.SHA256 == x.Material
}

// Late restates what was said after the proposal had landed, by the people of
// base. It counts for no landing, but an emergency is approved then.
func (h *Hearing) Late(base *store.Store) ([]approval.Review, error) {
	dir, err := base.Directory()
	if err != nil || h.Until.IsZero() {
		return nil, err
	}
	var out []approval.Review
	for n, r := range h.Said.Reviews {
		if r.At.After(h.Until) {
			out = append(out, h.review(dir, n, r))
		}
	}
	return out, nil
}

// accounts adds whom the forge takes a commit's people for.
func (w *Work) accounts(dir *store.Directory, known map[string]forge.Commit) {
	c, ok := known[w.OID]
	if !ok {
		return
	}
	w.AuthorIs, _ = dir.ByAccount(c.Author.ID, c.Author.Login)
	w.CommitterIs, _ = dir.ByAccount(c.Committer.ID, c.Committer.Login)
	w.Web = w.Web || c.Web
	for role, a := range map[string]forge.Account{"author": c.Author, "committer": c.Committer} {
		if a.Bot {
			w.Bots = append(w.Bots, role)
		}
	}
	slices.Sort(w.Bots)
}

// opener is whoever opened the pull request. A machine that did stands for
// nobody; who asked for the change is in its record.
func (f *Facts) opener(dir *store.Directory, who forge.Account) {
	c := contributorOf(dir, who, "opener")
	if f.Opener = c.Person; f.Opener == "" {
		f.Contributors = append(f.Contributors, c)
	}
}

// pushers are those whose pushes brought what approvals cover.
func (f *Facts) pushers(dir *store.Directory, h Hearing) {
	seen := map[forge.Account]bool{}
	for _, p := range h.Said.Pushes {
		if !seen[p.By] && h.Brought(p) {
			seen[p.By] = true
			f.Contributors = append(f.Contributors, contributorOf(dir, p.By, "pusher"))
		}
	}
	head := h.Said.Pull.Head
	why := h.Said.NoPushes
	if why == "" && !slices.ContainsFunc(h.Said.Pushes, func(p forge.Push) bool { return p.After == head.OID }) {
		why = fmt.Sprintf("nobody is said to have brought it to %.10s", head.OID)
	}
	if why != "" {
		f.Contributors = append(f.Contributors, approval.Contributor{Who: "whoever pushed to " + head.Name + " (" + why + ")", Role: "pusher"})
	}
}

func contributorOf(dir *store.Directory, who forge.Account, role string) approval.Contributor {
	person, _ := dir.ByAccount(who.ID, who.Login)
	c := approval.Contributor{Person: person, Who: who.Login, Role: role, Bot: who.Bot && person == ""}
	if who.Ghost() {
		c.Who = "an account that is gone"
	}
	return c
}

var opinions = map[string]string{
	forge.Approved: approval.Approved, forge.ChangesRequested: approval.Rejected, forge.Dismissed: approval.Dismissed, forge.Commented: approval.Commented,
}

// review restates a review of the forge.
func (h *Hearing) review(dir *store.Directory, n int, r forge.Review) approval.Review {
	person, sure := dir.ByAccount(r.By.ID, r.By.Login)
	out := approval.Review{Person: person, Who: r.By.Login, State: opinions[r.State], Time: r.At, Order: n, Trust: approval.Observed, Ref: r.URL, Bot: r.By.Bot}
	if r.By.Ghost() {
		out.Who = "an account that is gone"
	}
	if r.State != forge.Approved || out.Person == "" || out.Bot {
		return out // nothing that is not an approval has to prove anything
	}
	if out.Void = h.void(dir, r, person, sure); out.Void != "" {
		return out
	}
	m, err := h.Material(r.Commit)
	if err != nil {
		out.Void = fmt.Sprintf("was given for commit %.10s, which cannot be read any more: %v", r.Commit, err)
		return out
	}
	if then := h.Recorded[r.ID]; then != "" && then != m.SHA256 {
		out.Void = "was given for other content, and the forge has moved it to a later commit since"
		return out
	}
	out.Material, out.Excluded = m.SHA256, m.Excluded
	if s, ok := h.Signed(r, person); ok {
		out.Trust, out.Material, out.Excluded = approval.Signed, s.SHA256, s.Excluded
	} else if !h.Said.Retargeted.IsZero() && !r.At.After(h.Said.Retargeted) {
		out.Void = "was given while the pull request went into another branch, of which it may have shown less than it brings to this one: review it again"
	}
	return out
}

// void is why an approval must not count, whatever it is about. What an account
// was allowed to do when a landing was decided is asked afterwards, when it may
// have been given more, or taken away: the gate's word of then goes before.
func (h *Hearing) void(dir *store.Directory, r forge.Review, person string, sure bool) string {
	landed := !h.Until.IsZero()
	switch p := h.Said.Permissions[r.By.ID]; {
	case !sure:
		return fmt.Sprintf("is by the account %s, and people/%s names it by its login alone, which can change hands: gitsm person edit %s --set github.id=%d", r.By.Login, person, person, r.By.ID)
	case landed && !r.At.After(h.Vouched):
	case landed && h.Recorded[r.ID] == "" && h.Asked.Sub(later(r.At, h.Until)) > Prompt:
		return "was not recorded when it was given, and neither evidence nor the gate's status says what its account might do with the repository then: gitsm change approve says it again of an emergency"
	case p == "":
		return "is by an account of which nobody knows what it may do with the repository"
	case p != forge.Write && p != forge.Admin:
		return "is by an account that may not write to the repository"
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
