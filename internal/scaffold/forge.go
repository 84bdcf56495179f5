package scaffold

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

//go:embed github
var githubFiles embed.FS

// GitHub is the forge for which there are workflows.
const GitHub = "github"

// workflows are the files of .github/workflows, with what each is for, and
// whether there is another that acts as an app.
var workflows = []struct {
	name, why string
	app       bool
}{
	{"gitsm-check.yml", "checks pull requests, without secrets", false},
	{"gitsm-gate.yml", "decides whether pull requests may land", true},
	{"gitsm-review.yml", "tells the gate that a review came", false},
	{"gitsm-evidence.yml", "records what GitHub says of pull requests", true},
}

var (
	fullCommit = lazyregexp.New(`^[0-9a-f]{40}$`)
	codeOwner  = lazyregexp.New(`^@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?$`)
)

// forgeFiles are what is read where proposals are reviewed. Without a forge they
// are the one that does no harm.
func forgeFiles(o Options) ([]File, error) {
	for _, who := range o.CodeOwners {
		if !codeOwner.MatchString(who) {
			return nil, &OptionError{Option: "codeowner", Value: who, Want: "@login or @org/team"}
		}
	}
	files := []File{{
		Path: ".github/CODEOWNERS", Content: codeowners(o), Why: "who reviews the rules on GitHub",
		Instead: []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"},
	}}
	if o.Forge != GitHub {
		return files, nil
	}
	fill, err := filler(o)
	if err != nil {
		return nil, err
	}
	for _, w := range workflows {
		from := "github/" + w.name
		if o.Environment != "" && w.app {
			from = "github/app/" + w.name
		}
		text, err := githubFiles.ReadFile(from)
		if err != nil {
			return nil, fmt.Errorf("reading the workflow %s: %w", w.name, err)
		}
		files = append(files, File{Path: ".github/workflows/" + w.name, Content: []byte(fill.Replace(string(text))), Why: w.why})
	}
	if o.Dir == "" { // a repository that holds other things has pull requests about other things
		text, err := githubFiles.ReadFile("github/pull_request_template.md")
		if err != nil {
			return nil, fmt.Errorf("reading the template of pull requests: %w", err)
		}
		files = append(files, File{
			Path: ".github/pull_request_template.md", Content: text, Why: "what a pull request opened by hand says",
			Instead: []string{".github/PULL_REQUEST_TEMPLATE.md", "pull_request_template.md", "PULL_REQUEST_TEMPLATE.md", "docs/pull_request_template.md", "docs/PULL_REQUEST_TEMPLATE.md"},
		})
	}
	return files, nil
}

// OptionError says that an option cannot be used for what is to be made of it.
type OptionError struct{ Option, Value, Want string }

func (e *OptionError) Error() string {
	return fmt.Sprintf("%s %q is not %s", e.Option, e.Value, e.Want)
}

// filler puts a store's own words into a workflow. They become strings of YAML
// that GitHub must not take for expressions.
func filler(o Options) (*strings.Replacer, error) {
	if !fullCommit.MatchString(o.Pin) {
		return nil, &OptionError{Option: "pin", Value: o.Pin, Want: "the 40 digits of a commit"}
	}
	words := map[string]string{"__STORE__": path.Join(".", o.Dir), "__MAIN__": o.MainBranch, "__ENVIRONMENT__": o.Environment}
	pairs := []string{"__PIN__", o.Pin}
	for key, word := range words {
		if strings.Contains(word, "${{") {
			return nil, &OptionError{Option: "the path of the store", Value: word, Want: "a name that workflows can hold"}
		}
		quoted, err := json.Marshal(word) // a string of JSON is one of YAML
		if err != nil {
			return nil, fmt.Errorf("writing a workflow: %w", err)
		}
		pairs = append(pairs, key, string(quoted))
	}
	return strings.NewReplacer(pairs...), nil
}

// judging are the directories of what judges proposals.
var judging = []string{"policy", "people", "teams", "windows", "waivers", "exceptions", "models"}

// Judging is a path in each place that CODEOWNERS has to have somebody for.
func Judging(dir string) []string {
	paths := []string{path.Join(dir, "gitsm.yaml"), ".github/workflows/gitsm-gate.yml"}
	for _, d := range judging {
		paths = append(paths, path.Join(dir, d, "any.yaml"))
	}
	return paths
}

// noOne stands for whoever reviews, in a CODEOWNERS that is a template yet.
const noOne = "@your-org/change-managers"

// codeowners asks the right people about what judges: it routes reviews, while
// whose approval counts is policy's business.
func codeowners(o Options) []byte {
	var b strings.Builder
	who, comment := strings.Join(o.CodeOwners, " "), ""
	b.WriteString("# Who is asked to review what on GitHub.")
	if who == "" {
		who, comment = noOne, "# "
		fmt.Fprintf(&b, " gitsm does not know your accounts: put\n# teams or people for %s and take the # away.\n#", noOne)
	}
	b.WriteString("\n")
	line := func(pattern string) { fmt.Fprintf(&b, "%s%s %s\n", comment, pattern, who) }
	line(ownersPattern(o.in("gitsm.yaml")))
	for _, dir := range judging {
		line(ownersPattern(o.in(dir)) + "/")
	}
	line("/.github/")
	return []byte(b.String())
}

// ownersPattern is the pattern of a path: in CODEOWNERS a space ends it.
func ownersPattern(p string) string { return "/" + strings.ReplaceAll(p, " ", `\ `) }
