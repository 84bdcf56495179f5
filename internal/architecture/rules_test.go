package architecture

import "slices"

// rules is what the sources are held to.
type rules struct {
	module string
	// packages has a row for each package: what it may import of this module.
	// Tests may import any package that the compiler lets them.
	packages map[string][]string
	layers   [][]string // of packages; one imports from the layers below its own
	tests    []string   // packages that serve tests alone, and are held to what tests are held to
	fences   []fence
	calls    []call
	files    []fileWall
	size     limits
}

// fence keeps a dependency within a few packages.
type fence struct {
	dependency string // import path or, with a final slash, the beginning of one
	inside     []string
	tests      bool // tests may use it everywhere
	why        string
}

// call keeps a function of the standard library within a few packages.
type call struct {
	pkg, name string
	inside    []string
	why       string
}

// fileWall keeps imports of a package within one of its files.
type fileWall struct {
	pkg, file string
	imports   []string
	why       string
}

// limits are in lines, of files and functions that are neither generated nor
// tests. Tables, which are composite literals, do not count as lines of the
// function they stand in.
type limits struct {
	fileP90, fileMax int
	funcP90, funcMax int
}

// gitsm returns the rules of this module.
func gitsm() rules {
	return rules{
		module:   "github.com/gitsm/gitsm",
		packages: packages(),
		layers:   layers(),
		tests:    []string{"internal/scripts"},
		fences:   fences(),
		calls:    calls(),
		files: []fileWall{{
			pkg: "internal/cli", file: "env.go",
			imports: []string{"internal/gitrepo", "internal/engine"},
			why:     "a verb works on interfaces, so that git, OPA and a forge are chosen in one place",
		}, {
			pkg: "internal/cli", file: "env_forge.go",
			imports: []string{"internal/forge/github"},
			why:     "tokens are taken, and a forge is chosen, in one place",
		}},
		size: limits{fileP90: 350, fileMax: 600, funcP90: 40, funcMax: 100},
	}
}

// layers are the arrows of docs/architecture.md, top first. A package imports
// from lower layers; the row in packages says from which of them.
func layers() [][]string {
	return [][]string{
		{"internal/scripts/audit", "internal/scripts/clones", "internal/scripts/github", "internal/scripts/landing", "internal/scripts/policy", "internal/scripts/store"},
		{"cmd/gitsm", "internal/scripts"},
		{"internal/cli"},
		{"internal/bundle", "internal/demo"},
		{"internal/proposal", "internal/check", "internal/audit", "internal/replay", "internal/render", "internal/doctor"},
		{"internal/decision", "internal/evidence", "internal/history"},
		{"internal/approval", "internal/engine", "internal/graph", "internal/mend", "internal/validate", "internal/scaffold", "internal/workflow", "internal/gitrepo", "internal/forge/github"},
		{"internal/calendar"},
		{"internal/store"},
		{"internal/record"},
		{"internal/yamldoc"},
		{"internal/finding"},
		{"internal/canonical", "internal/collector", "internal/forge", "internal/forge/github/githubtest", "internal/git", "internal/lazyregexp", "internal/memo", "internal/pack", "internal/period", "internal/pgpsig", "internal/sshsig", "internal/zone", "internal/architecture", "schema", "policy"},
	}
}

// packages is the table of packages. Keep rows in the order of layers, and
// imports sorted.
func packages() map[string][]string {
	return map[string][]string{
		"cmd/gitsm":                {"internal/cli", "internal/collector"},
		"internal/scripts":         {},
		"internal/scripts/audit":   {},
		"internal/scripts/clones":  {},
		"internal/scripts/github":  {},
		"internal/scripts/landing": {},
		"internal/scripts/policy":  {},
		"internal/scripts/store":   {},

		"internal/cli": {
			"internal/approval", "internal/audit", "internal/bundle", "internal/calendar", "internal/check", "internal/decision", "internal/demo", "internal/doctor", "internal/engine",
			"internal/evidence", "internal/finding", "internal/forge", "internal/forge/github", "internal/git", "internal/gitrepo",
			"internal/graph", "internal/history", "internal/lazyregexp", "internal/mend", "internal/period", "internal/proposal", "internal/record", "internal/render",
			"internal/replay", "internal/scaffold", "internal/sshsig", "internal/store", "internal/validate", "internal/workflow", "internal/yamldoc", "internal/zone",
			"policy", "schema",
		},

		"internal/bundle": {"internal/audit", "internal/evidence", "internal/git"},
		"internal/demo": {
			"internal/approval", "internal/calendar", "internal/decision", "internal/evidence", "internal/git", "internal/proposal", "internal/record",
			"internal/replay", "internal/scaffold", "internal/sshsig", "internal/store", "internal/yamldoc",
		},

		"internal/proposal": {
			"internal/approval", "internal/calendar", "internal/canonical", "internal/decision", "internal/evidence", "internal/finding",
			"internal/forge", "internal/git", "internal/history", "internal/lazyregexp", "internal/record", "internal/sshsig", "internal/store", "internal/validate",
			"internal/yamldoc", "schema",
		},
		"internal/check": {
			"internal/decision", "internal/engine", "internal/finding", "internal/graph", "internal/memo", "internal/period",
			"internal/record", "internal/store", "internal/validate", "internal/yamldoc", "schema",
		},
		"internal/audit": {
			"internal/approval", "internal/calendar", "internal/decision", "internal/evidence", "internal/finding",
			"internal/git", "internal/history", "internal/lazyregexp", "internal/record", "internal/store",
		},
		"internal/replay": {
			"internal/decision", "internal/engine", "internal/evidence", "internal/git", "internal/history", "internal/memo", "internal/record",
			"internal/store", "internal/yamldoc",
		},
		"internal/render": {
			"internal/approval", "internal/decision", "internal/evidence", "internal/finding", "internal/graph", "internal/history", "internal/lazyregexp", "internal/record",
			"internal/zone",
		},

		"internal/doctor": {"internal/forge", "internal/git", "internal/workflow"},

		"internal/decision": {
			"internal/approval", "internal/calendar", "internal/engine", "internal/finding", "internal/forge", "internal/git", "internal/graph", "internal/lazyregexp", "internal/memo",
			"internal/period", "internal/record", "internal/store", "internal/validate", "internal/yamldoc", "schema",
		},
		"internal/evidence": {"internal/canonical", "internal/lazyregexp", "internal/memo", "internal/pack", "internal/pgpsig", "internal/sshsig", "internal/store"},
		"internal/history":  {"internal/finding", "internal/git", "internal/record", "internal/store", "internal/yamldoc"},

		"internal/approval": {},
		"internal/engine":   {"internal/finding", "internal/lazyregexp", "internal/period", "internal/zone"},
		"internal/graph":    {"internal/finding", "internal/record", "internal/store"},
		"internal/mend":     {"internal/finding", "internal/record", "internal/store", "internal/yamldoc", "schema"},
		"internal/validate": {"internal/calendar", "internal/finding", "internal/lazyregexp", "internal/memo", "internal/pgpsig", "internal/record", "internal/sshsig", "internal/store", "internal/yamldoc", "internal/zone", "schema"},
		"internal/scaffold": {"internal/lazyregexp", "internal/record", "internal/yamldoc", "policy", "schema"},
		"internal/workflow": {"internal/lazyregexp", "internal/yamldoc"},
		"internal/gitrepo":  {"internal/git", "internal/lazyregexp", "internal/pack"},

		"internal/forge/github":            {"internal/forge", "internal/lazyregexp"},
		"internal/forge/github/githubtest": {},

		"internal/calendar": {"internal/record", "internal/store", "internal/zone"},

		"internal/store": {"internal/finding", "internal/lazyregexp", "internal/memo", "internal/record", "internal/yamldoc", "schema"},

		"internal/record": {"internal/canonical", "internal/finding", "internal/lazyregexp", "internal/yamldoc", "schema"},

		"internal/yamldoc": {"internal/finding", "internal/lazyregexp"},

		"internal/canonical":    {},
		"internal/collector":    {},
		"internal/finding":      {"internal/lazyregexp"},
		"internal/forge":        {},
		"internal/git":          {},
		"internal/lazyregexp":   {},
		"internal/memo":         {},
		"internal/pack":         {},
		"internal/period":       {},
		"internal/pgpsig":       {},
		"internal/sshsig":       {},
		"internal/zone":         {},
		"internal/architecture": {},
		"schema":                {},
		"policy":                {},
	}
}

// fences are the walls around dependencies.
func fences() []fence {
	return []fence{
		{
			dependency: "github.com/go-git/", inside: []string{"internal/gitrepo"},
			why: "git is reached through internal/gitrepo, which knows what go-git cannot be trusted with",
		},
		{
			dependency: "os/exec", inside: []string{"internal/gitrepo", "internal/cli", "internal/forge/github/githubtest"}, tests: true,
			why: "only internal/gitrepo runs git, and only the command line runs editors, pagers and signing programs",
		},
		{
			dependency: "github.com/open-policy-agent/", inside: []string{"internal/engine"},
			why: "policy is evaluated in the sandbox of internal/engine",
		},
		{
			dependency: "github.com/google/go-github/", inside: []string{"internal/forge/github"},
			why: "GitHub is reached through internal/forge/github",
		},
		{
			dependency: "net/http", inside: []string{"internal/forge/github", "internal/forge/github/githubtest"},
			why: "everything but the forge works offline",
		},
		{
			dependency: "github.com/cli/go-gh/", inside: []string{"internal/cli"},
			why: "tokens come from the command line's environment",
		},
		{
			dependency: "github.com/spf13/", inside: []string{"internal/cli"},
			why: "flags and arguments are the command line's business",
		},
		{
			dependency: "charm.land/", inside: []string{"internal/cli"},
			why: "only the command line asks questions",
		},
		{
			dependency: "gopkg.in/yaml.v3", inside: []string{"internal/yamldoc"}, tests: true,
			why: "YAML is read strictly, with positions, and edited by splices: use internal/yamldoc",
		},
		{
			dependency: "go.yaml.in/", inside: []string{"internal/yamldoc"}, tests: true,
			why: "YAML is read strictly, with positions, and edited by splices: use internal/yamldoc",
		},
		{
			dependency: "golang.org/x/crypto/ssh", inside: []string{"internal/sshsig", "internal/evidence"}, tests: true,
			why: "keys and signatures are judged in one place",
		},
		{
			dependency: "github.com/hiddeco/sshsig", inside: []string{"internal/sshsig", "internal/evidence"}, tests: true,
			why: "keys and signatures are judged in one place",
		},
		{
			dependency: "github.com/ProtonMail/go-crypto/", inside: []string{"internal/pgpsig"}, tests: true,
			why: "keys and signatures are judged in one place",
		},
		{
			dependency: "github.com/teambition/rrule-go", inside: []string{"internal/calendar"}, tests: true,
			why: "recurrence is bounded, and right on the days when clocks are changed, in one place",
		},
		{
			dependency: "github.com/in-toto/", inside: nil, tests: true,
			why: "statements are written by our own structs and compared with the library in tests (docs/adr/0003-statement-structs.md)",
		},
	}
}

// calls keeps the world out: below the command line, time and environment are
// arguments, so that every result can be computed again.
func calls() []call {
	top := []string{"cmd/gitsm", "internal/cli"}
	const why = "the command line passes it as an argument"
	return []call{
		{pkg: "time", name: "Now", inside: top, why: why},
		{pkg: "time", name: "Since", inside: top, why: why},
		{pkg: "time", name: "Until", inside: top, why: why},
		{pkg: "os", name: "Getenv", inside: append(slices.Clone(top), "internal/collector"), why: why},
		{pkg: "os", name: "LookupEnv", inside: top, why: why},
		{pkg: "os", name: "Environ", inside: top, why: why},
		{pkg: "os", name: "Getwd", inside: top, why: why},
		{pkg: "os", name: "Exit", inside: []string{"cmd/gitsm"}, why: "only main ends the process"},
		{pkg: "regexp", name: "MustCompile", inside: []string{"internal/lazyregexp", "internal/doctor"}, why: "internal/lazyregexp compiles it when it is first used"},
		{pkg: "log", name: "Fatal", inside: nil, why: "only main ends the process"},
		{pkg: "log", name: "Fatalf", inside: nil, why: "only main ends the process"},
	}
}
