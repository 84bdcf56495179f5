package doctor

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// sound is a clone in which nothing is wrong.
func sound() *Local {
	return &Local{
		Setup:    git.Setup{Version: "2.39.5", ObjectFormat: "sha1", RefStorage: "files", Remotes: []string{"origin"}},
		Store:    Store{MainBranch: "main", Trust: "observed"},
		User:     User{Name: "Alice", Email: "alice@example.org", Slug: "alice", Person: "alice", Active: true},
		Key:      Key{Public: "ssh-ed25519 AAAA", Fingerprint: "SHA256:x", Owner: "alice", Others: 1},
		Evidence: Evidence{Branch: "gitsm-evidence", Local: true, Remote: true, Named: strings.Repeat("a", 40), Held: true},
		Upstream: Upstream{Remote: "origin", Tracked: "origin"},
		Newest:   noon.Add(-time.Hour), Now: noon,
	}
}

// Each case breaks one thing of a sound clone: the check that has to notice
// says how to mend it, and every other check goes on passing.
func TestExamine(t *testing.T) {
	tests := map[string]struct {
		broken func(f *Local)
		check  string
		status Status
		says   string
		fix    string
	}{
		"sha256 on GitHub": {func(f *Local) { f.Setup.ObjectFormat, f.Store.OnGitHub = "sha256", true }, CheckRepository, Fail, "sha256", "git init --object-format=sha1"},
		"replaced":         {func(f *Local) { f.Setup.Replaced = true }, CheckRepository, Warning, "replaced history", "git replace -d"},
		"partial":          {func(f *Local) { f.Setup.Partial = true }, CheckRepository, Warning, "partial clone", "git fetch --refetch"},
		"sparse":           {func(f *Local) { f.Setup.Sparse = true }, CheckRepository, Warning, "sparse", "git sparse-checkout disable"},
		"shallow":          {func(f *Local) { f.Shallow = true }, CheckHistory, Fail, "shallow", "git fetch --unshallow"},
		"bootstrap":        {func(f *Local) { f.Store.Bootstrap = true }, CheckStore, Warning, "bootstrap", "--bootstrap false"},
		"simulation":       {func(f *Local) { f.Store.Simulation, f.Store.Bootstrap = true, true }, CheckStore, Warning, "simulation", "--simulation false"},
		"no store":         {func(f *Local) { f.Unseen = map[string]error{CheckStore: errors.New("main is broken")} }, CheckStore, Unknown, "main is broken", "gitsm doctor"},
		"unnamed":          {func(f *Local) { f.User = User{Unnamed: "git does not know you"} }, CheckIdentity, Fail, "git does not know you", "git config --global user.email"},
		"nobody": {func(f *Local) { f.User = User{Name: "Al O'Neil", Email: "al@x.org", Slug: "al-o-neil"} }, CheckIdentity, Fail,
			"al@x.org is nobody's", `gitsm person new al-o-neil --name 'Al O'\''Neil' --email al@x.org`},
		"shared address":    {func(f *Local) { f.User.Person, f.User.Claimed = "", true }, CheckIdentity, Fail, "more than one person", "gitsm person list"},
		"inactive":          {func(f *Local) { f.User.Active = false }, CheckIdentity, Fail, "not active", "gitsm person edit alice --set active=true"},
		"no key":            {func(f *Local) { f.Key, f.Store.Trust = Key{Missing: "none"}, "claimed" }, CheckSigning, Warning, "claimed (none)", "git config gpg.format ssh"},
		"key demanded":      {func(f *Local) { f.Key, f.Store.Trust = Key{Missing: "none"}, "signed" }, CheckSigning, Fail, "demands signed", "git config gpg.format ssh"},
		"no forge observes": {func(f *Local) { f.Key = Key{Missing: "none"} }, CheckSigning, Fail, "demands observed", "git config gpg.format ssh"},
		"a forge observes":  {func(f *Local) { f.Key, f.Store.OnGitHub = Key{Missing: "none"}, true }, CheckSigning, Warning, "claimed", "git config gpg.format ssh"},
		"unusable key":      {func(f *Local) { f.Key = Key{Unusable: "no such file"} }, CheckSigning, Fail, "no such file", "git config user.signingkey"},
		"unknown key":       {func(f *Local) { f.Key.Owner = "" }, CheckSigning, Fail, "nobody's", "add to signing_keys: - key: ssh-ed25519 AAAA"},
		"first key":         {func(f *Local) { f.Key.Owner, f.Key.Others = "", 0 }, CheckSigning, Fail, "nobody's", "gitsm person edit alice --signing-key 'ssh-ed25519 AAAA'"},
		"somebody's key":    {func(f *Local) { f.Key.Owner = "bob" }, CheckSigning, Fail, "person:bob", "git config user.signingkey"},
		"revoked key":       {func(f *Local) { f.Key.Invalid = "the key of alice is revoked" }, CheckSigning, Fail, "revoked", "git config user.signingkey"},
		"evidence lost":     {func(f *Local) { f.Evidence.Held = false }, CheckEvidence, Fail, "aaaaaaaaaa", "git fetch origin gitsm-evidence:gitsm-evidence"},
		"evidence at home":  {func(f *Local) { f.Evidence.Remote = false }, CheckEvidence, Fail, "not at origin", "git push origin gitsm-evidence"},
		"no evidence":       {func(f *Local) { f.Evidence = Evidence{Branch: "gitsm-evidence"} }, CheckEvidence, Fail, "no branch", "git fetch origin gitsm-evidence:"},
		"no upstream":       {func(f *Local) { f.Upstream.Remote = "" }, CheckUpstream, Fail, "follows no remote", "git branch --set-upstream-to=origin/main main"},
		"never pushed":      {func(f *Local) { f.Upstream = Upstream{} }, CheckUpstream, Fail, "follows no remote", "git push -u origin main gitsm-evidence"},
		"no remote on GitHub": {func(f *Local) { f.Upstream, f.Setup.Remotes, f.Store.OnGitHub = Upstream{}, nil, true }, CheckUpstream, Fail,
			"no remote", "git remote add origin"},
		"line ends":   {func(f *Local) { f.FreeLineEnds = []string{"gitsm.yaml"} }, CheckLineEnds, Warning, "gitsm.yaml", ">> .gitattributes"},
		"CRLF":        {func(f *Local) { f.FreeLineEnds, f.AutoCRLF, f.Store.Dir = []string{"a/b"}, true, "a" }, CheckLineEnds, Fail, "CRLF", ">> a/.gitattributes"},
		"hooks":       {func(f *Local) { f.Setup.Hooks = []string{"pre-commit"} }, CheckHooks, Warning, "pre-commit", "gitsm check"},
		"clock":       {func(f *Local) { f.Newest = noon.Add(3 * time.Minute) }, CheckClock, Fail, "3m0s", "timedatectl"},
		"clock a bit": {func(f *Local) { f.Newest = noon.Add(time.Minute) }, CheckClock, Pass, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := sound()
			tt.broken(f)
			for _, r := range Examine(f) {
				if r.Check != tt.check {
					if r.Status != Pass && r.Status != NotApplicable {
						t.Errorf("%s: %s: %s", r.Check, r.Status, r.Message)
					}
					continue
				}
				if r.Status != tt.status || !strings.Contains(r.Message, tt.says) || !strings.Contains(strings.Join(r.Fix, "\n"), tt.fix) {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// What is not there to be checked neither passes nor fails.
func TestExamineOffline(t *testing.T) {
	f := sound()
	f.Setup.Remotes, f.Upstream, f.Evidence = nil, Upstream{}, Evidence{Branch: "gitsm-evidence"}
	want := map[string]Status{CheckUpstream: NotApplicable, CheckEvidence: Warning}
	for _, r := range Examine(f) {
		if s, ok := want[r.Check]; ok && r.Status != s {
			t.Errorf("%+v", r)
		}
	}
}

func TestSoundPasses(t *testing.T) {
	results := Examine(sound())
	if Worst(results) != Pass || slices.ContainsFunc(results, func(r Result) bool { return r.Status != Pass || r.Fix != nil }) {
		t.Errorf("%+v", results)
	}
}

func TestWorst(t *testing.T) {
	for _, tt := range []struct {
		of   []Status
		want Status
	}{
		{nil, Unknown},
		{[]Status{Pass, Warning, NotApplicable}, Pass},
		{[]Status{Pass, Unknown}, Unknown},
		{[]Status{Unknown, Fail, Pass}, Fail},
	} {
		var results []Result
		for _, s := range tt.of {
			results = append(results, Result{Status: s})
		}
		if got := Worst(results); got != tt.want {
			t.Errorf("%v is %s, not %s", tt.of, got, tt.want)
		}
	}
}
