package doctor

import (
	"fmt"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// The checks of a clone, by the names that reports have and Unseen is keyed by.
const (
	CheckGit        = "git"
	CheckRepository = "repository"
	CheckHistory    = "history"
	CheckStore      = "store"
	CheckIdentity   = "identity"
	CheckSigning    = "signing"
	CheckEvidence   = "evidence"
	CheckUpstream   = "upstream"
	CheckLineEnds   = "line-ends"
	CheckHooks      = "hooks"
	CheckClock      = "clock"
)

// Local is what can be seen in a clone, without a forge.
type Local struct {
	Setup    git.Setup
	Shallow  bool
	Store    Store
	User     User
	Key      Key
	Evidence Evidence
	Upstream Upstream

	FreeLineEnds []string // paths of records whose line ends nothing fixes
	AutoCRLF     bool     // git writes CRLF into files whose line ends are free

	Newest time.Time // when main's newest commit says it was made
	Now    time.Time

	Unseen map[string]error // by check: what could not be seen, and why
}

// Store is what main says about the store.
type Store struct {
	Dir        string // within the repository, "" at its top
	MainBranch string
	OnGitHub   bool // its forge is github
	Bootstrap  bool
	Simulation bool
	Trust      string // the most that policy demands of an approval, for any risk
}

// User is who git says is working here.
type User struct {
	Name, Email string
	Unnamed     string // why git does not know, "" where it does
	Slug        string // the id that a new person of this name would have
	Person      string // whose address it is, "" for nobody's
	Claimed     bool   // more than one person has the address
	Active      bool
}

// Key is what the user signs with.
type Key struct {
	Missing     string // why there is none, "" where there is one
	Unusable    string // why the configured one cannot be used
	Public      string // its public half, as in a .pub file
	Fingerprint string
	Owner       string // whose it is by people/, "" for nobody's
	Invalid     string // why it does not count now although it is known
	Others      int    // keys that the user has in people/
}

// Evidence is where the branch of evidence is.
type Evidence struct {
	Branch        string
	Local, Remote bool   // it is here, or was fetched from the upstream
	Named         string // the commit of it that main's newest landing names, "" for none
	Held          bool   // that commit is here
}

// Upstream is where main is pushed to.
type Upstream struct {
	Remote  string // "" where main follows none
	Tracked string // the remote whose main was fetched, followed or not
}

// local are the checks of a clone, in the order in which they are read.
var local = []check[*Local]{
	{CheckGit, func(f *Local) Result { return pass("git " + f.Setup.Version) }},
	{CheckRepository, repository},
	{CheckHistory, history},
	{CheckStore, storeState},
	{CheckIdentity, identity},
	{CheckSigning, signing},
	{CheckEvidence, evidenceBranch},
	{CheckUpstream, upstream},
	{CheckLineEnds, lineEnds},
	{CheckHooks, hooks},
	{CheckClock, clock},
}

// Examine checks a clone.
func Examine(f *Local) []Result { return run(local, f, f.Unseen) }

// OldGit is all there is to say where git is too old to be asked anything.
func OldGit(err error) []Result {
	r := fail(err.Error(), "install a newer git: https://git-scm.com/downloads")
	r.Check = CheckGit
	return []Result{r}
}

func repository(f *Local) Result {
	s := f.Setup
	switch {
	case s.ObjectFormat != "sha1" && f.Store.OnGitHub:
		return fail("object ids are "+s.ObjectFormat+", and GitHub hosts no such repositories", "git init --object-format=sha1 ../new && git fast-export --all | git -C ../new fast-import")
	case s.Replaced:
		return warning("git shows replaced history (refs/replace or grafts), which gitsm does not read: audits judge the commits as they are", "git replace -l | xargs git replace -d; rm -f \"$(git rev-parse --git-path info/grafts)\"")
	case s.Partial:
		return warning("partial clone: objects that are missing are fetched when they are read, so audits need the network",
			"git config --unset remote.origin.partialclonefilter && git fetch --refetch origin && git config --unset remote.origin.promisor")
	case s.Sparse:
		return warning("sparse checkout: gitsm check without --base sees only the records that are checked out", "git sparse-checkout disable")
	}
	layout := s.ObjectFormat + " ids, " + s.RefStorage + " for refs"
	if s.Linked {
		layout += ", a linked work tree"
	}
	return pass(layout)
}

func history(f *Local) Result {
	if f.Shallow {
		return fail("shallow clone: history ends before its beginning, so approvals and audits cannot be verified",
			"git fetch --unshallow", "in a workflow: actions/checkout with fetch-depth: 0")
	}
	return pass("whole, down to the first commit")
}

func storeState(f *Local) Result {
	s := f.Store
	switch {
	case s.Simulation:
		return warning("simulation: true lets whoever writes choose the time, and every audit says so", "gitsm config edit --simulation false")
	case s.Bootstrap:
		return warning("bootstrap: true lets people, policy and configuration land without approval", "gitsm config edit --bootstrap false")
	}
	return pass("in force on " + s.MainBranch)
}

func identity(f *Local) Result {
	u := f.User
	switch {
	case u.Unnamed != "":
		return fail(u.Unnamed, "git config --global user.name 'Your Name'", "git config --global user.email you@example.org")
	case u.Claimed:
		return fail(u.Email+" is the address of more than one person, so it is nobody's", "take it out of all but one: gitsm person list --json id,emails")
	case u.Person == "":
		return fail(u.Email+" is nobody's address in people/, so nothing that you do counts as anybody's",
			fmt.Sprintf("gitsm person new %s --name %s --email %s", u.Slug, quote(u.Name), quote(u.Email)))
	case !u.Active:
		return fail("you are person:"+u.Person+", who is not active", "gitsm person edit "+u.Person+" --set active=true")
	}
	return pass("you are person:" + u.Person)
}

func signing(f *Local) Result {
	k := f.Key
	const set = "git config gpg.format ssh && git config user.signingkey ~/.ssh/id_ed25519.pub"
	switch {
	case k.Unusable != "":
		return fail(k.Unusable, set)
	case k.Missing != "" && (f.Store.Trust == "signed" || f.Store.Trust == "observed" && !f.Store.OnGitHub):
		return fail("no signing key, and policy demands "+f.Store.Trust+" approvals: yours do not count, for some changes ("+k.Missing+")", set)
	case k.Missing != "":
		return warning("no signing key: what you approve with gitsm counts as claimed ("+k.Missing+")", set)
	case f.User.Person == "" || f.User.Unnamed != "":
		return notApplicable("whose key " + k.Fingerprint + " has to be is known once " + CheckIdentity + " passes")
	case k.Owner == "":
		return fail("the key "+k.Fingerprint+" is nobody's in people/, so your signatures count as nobody's", register(f.User.Person, k))
	case k.Owner != f.User.Person:
		return fail("the key "+k.Fingerprint+" is that of person:"+k.Owner+", and you are person:"+f.User.Person, set)
	case k.Invalid != "":
		return fail(k.Invalid, set)
	}
	return pass("signs with " + k.Fingerprint + ", a key of person:" + k.Owner)
}

// register is the command that makes a key known. The flag sets the whole list,
// so that keys which are there already call for an editor.
func register(person string, k Key) string {
	if k.Others > 0 {
		return "gitsm person edit " + person + ", and add to signing_keys: - key: " + k.Public
	}
	return "gitsm person edit " + person + " --signing-key " + quote(k.Public)
}

func evidenceBranch(f *Local) Result {
	e := f.Evidence
	fetch := "git fetch " + f.remote() + " " + e.Branch + ":" + e.Branch
	push := "where the upstream lacks it, whoever landed last runs: git push " + f.remote() + " " + e.Branch
	switch {
	case e.Named != "" && !e.Held:
		return fail("main names evidence "+short(e.Named)+", which this clone does not have", fetch, push)
	case e.Local && f.Upstream.Remote != "" && !e.Remote:
		return fail("branch "+e.Branch+" is here, and not at "+f.Upstream.Remote+" as far as this clone knows: other clones miss it", "git push "+f.Upstream.Remote+" "+e.Branch)
	case e.Local || e.Remote:
		return pass("branch " + e.Branch)
	case f.Upstream.Remote != "":
		return fail("there is no branch "+e.Branch+" here, nor one fetched from "+f.Upstream.Remote, fetch, push)
	}
	return warning("there is no branch "+e.Branch+" yet", "the first approval or landing makes it")
}

// remote is the remote to name in a command.
func (f *Local) remote() string {
	for _, name := range []string{f.Upstream.Remote, f.Upstream.Tracked} {
		if name != "" {
			return name
		}
	}
	if len(f.Setup.Remotes) > 0 {
		return f.Setup.Remotes[0]
	}
	return "origin"
}

func upstream(f *Local) Result {
	main, remote := f.Store.MainBranch, f.remote()
	switch {
	case f.Upstream.Remote != "":
		return pass(main + " follows " + f.Upstream.Remote)
	case f.Upstream.Tracked != "":
		return fail(main+" follows no remote, so what lands here stays here", "git branch --set-upstream-to="+remote+"/"+main+" "+main)
	case len(f.Setup.Remotes) > 0:
		return fail(main+" follows no remote, so what lands here stays here", "git push -u "+remote+" "+main+" "+f.Evidence.Branch)
	case f.Store.OnGitHub:
		return fail("the forge is github, and there is no remote", "git remote add origin git@github.com:OWNER/REPO.git && git push -u origin "+main+" "+f.Evidence.Branch)
	}
	return notApplicable("there is no remote: everything is in this clone")
}

func lineEnds(f *Local) Result {
	if len(f.FreeLineEnds) == 0 {
		return pass("the same on every system")
	}
	at := ".gitattributes"
	if f.Store.Dir != "" {
		at = f.Store.Dir + "/" + at
	}
	fix := `printf '*.yaml text eol=lf\n*.rego text eol=lf\n' >> ` + quote(at)
	what := "no attribute fixes the line ends of " + some(f.FreeLineEnds)
	if f.AutoCRLF {
		return fail(what+", and git is set to write CRLF here: records are signed as bytes", fix)
	}
	return warning(what+": a clone where core.autocrlf is set would have others, and records are signed as bytes", fix)
}

func hooks(f *Local) Result {
	if len(f.Setup.Hooks) == 0 {
		return pass("none is installed that gitsm would pass by")
	}
	return warning("gitsm commits without running "+strings.Join(f.Setup.Hooks, ", "),
		"gitsm check, which submit and the gate run; what else these hooks check belongs into the workflow on pull requests")
}

// skew is how far a clock may be off before it matters.
const skew = 2 * time.Minute

func clock(f *Local) Result {
	if ahead := f.Newest.Sub(f.Now); ahead > skew {
		return fail(fmt.Sprintf("the newest commit of %s is from %s, which this clock has yet to reach in %s", f.Store.MainBranch, f.Newest.UTC().Format(time.RFC3339), ahead.Round(time.Second)), setClock...)
	}
	return pass("past the newest commit of " + f.Store.MainBranch)
}

var setClock = []string{"timedatectl set-ntp true", "macOS: sudo sntp -sS time.apple.com; Windows: w32tm /resync"}

// some names the first few of many.
func some(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

func short(oid string) string { return oid[:min(10, len(oid))] }

// quote makes one word of a POSIX shell.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r)
	}
	if s != "" && strings.Trim(s, "~") == s && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
