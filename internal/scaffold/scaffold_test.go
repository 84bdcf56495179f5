package scaffold_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
)

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5rCLLgwEYvHcAprn7GDzTCvPcqrrlLTWtKzSvnfnPl"

var zoe = scaffold.Options{MainBranch: "main", Timezone: "Europe/Berlin", Name: "Zoë O'Brien", Email: "zoe@example.org"}

// with returns zoe's options, changed.
func with(change func(*scaffold.Options)) scaffold.Options {
	o := zoe
	change(&o)
	return o
}

// opened is the store that the files make, and what check finds in it.
func opened(t *testing.T, o scaffold.Options, tree fs.FS) (*store.Store, *check.Report) {
	t.Helper()
	steps := plan(t, o)
	fsys, err := scaffold.Preview(tree, o.Dir, steps)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(fsys, store.InDirectory(o.Dir))
	if err != nil {
		t.Fatal(err)
	}
	advice, err := decision.NewJudge().Advise(t.Context(), s, s, decision.Actor{}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	rep, err := check.Run(t.Context(), check.Options{Head: s, Policy: advice, Immaterial: advice.Immaterial})
	if err != nil {
		t.Fatal(err)
	}
	return s, rep
}

func plan(t *testing.T, o scaffold.Options, trees ...fs.FS) []scaffold.Step {
	t.Helper()
	files, err := scaffold.Files(o)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := scaffold.Plan(files, trees...)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// TestFilesPassCheck: whatever git says of a person, what they begin with has
// no findings and says what it was told.
func TestFilesPassCheck(t *testing.T) {
	tests := map[string]struct {
		options scaffold.Options
		person  string
		title   string
	}{
		"plain":           {options: zoe, person: "zoe-obrien"},
		"with a key":      {options: with(func(o *scaffold.Options) { o.Key = key }), person: "zoe-obrien"},
		"in a directory":  {options: with(func(o *scaffold.Options) { o.Dir = "ops/itsm" }), person: "zoe-obrien"},
		"with a title":    {options: with(func(o *scaffold.Options) { o.Title = `Shop: "we sell" #1` }), person: "zoe-obrien", title: `Shop: "we sell" #1`},
		"another branch":  {options: with(func(o *scaffold.Options) { o.MainBranch = "release/2026" }), person: "zoe-obrien"},
		"not Latin":       {options: with(func(o *scaffold.Options) { o.Name, o.Email = "李雷", "li.lei@example.org" }), person: "li-lei"},
		"nothing for ids": {options: with(func(o *scaffold.Options) { o.Name, o.Email = "李雷", "李雷@example.org" }), person: "founder"},
		"like YAML":       {options: with(func(o *scaffold.Options) { o.Name, o.Email = "null", "{a}:b#c@example.org" }), person: "null"},
		"nobody":          {options: with(func(o *scaffold.Options) { o.Name, o.Email = "", "" })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, rep := opened(t, tt.options, nil)
			for _, f := range rep.Findings {
				t.Errorf("%s:%d: %s %s", f.File, f.Line, f.Code, f.Message)
			}
			c := s.Config
			if c.MainBranch != tt.options.MainBranch || c.Timezone != "Europe/Berlin" || c.Forge != "local" || !c.Bootstrap || c.Simulation || c.Title != tt.title {
				t.Errorf("gitsm.yaml says %+v", c)
			}
			dir, err := s.Directory()
			if err != nil {
				t.Fatal(err)
			}
			if tt.person == "" {
				if rep.Records != 0 || len(c.Owners["policy"]) != 0 {
					t.Errorf("%d records, owners %v", rep.Records, c.Owners)
				}
				return
			}
			if id, ok := dir.ByEmail(tt.options.Email); id != tt.person || !ok {
				t.Errorf("%s is %q, want %q", tt.options.Email, id, tt.person)
			}
			p := dir.People[tt.person]
			if p.Name != tt.options.Name || (tt.options.Key != "") != (len(p.SigningKeys) == 1 && p.SigningKeys[0].Key == key) {
				t.Errorf("the person is %+v", p)
			}
			for _, what := range []string{"policy", "people", "windows", "waivers", "models", "config"} {
				if got, err := dir.Expand(c.Owners[what]); err != nil || !slices.Equal(got, []string{tt.person}) {
					t.Errorf("owners.%s are %v, %v", what, got, err)
				}
			}
		})
	}
}

// TestFilesRefuses what could not be read back.
func TestFilesRefuses(t *testing.T) {
	for name, o := range map[string]scaffold.Options{
		"gitsm.yaml":       with(func(o *scaffold.Options) { o.Title = "a\x00b" }),
		"the first person": with(func(o *scaffold.Options) { o.Name = "a\u202eb" }),
	} {
		if _, err := scaffold.Files(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestFilesAreComplete: every kind has its directory and page, the policy is
// the default pack byte for byte, and each file says what it is for.
func TestFilesAreComplete(t *testing.T) {
	files := map[string]scaffold.File{}
	for _, s := range plan(t, zoe) {
		files[s.Path] = s.File
		if s.Why == "" || len(s.Content) == 0 || !bytes.HasSuffix(s.Content, []byte("\n")) || bytes.Contains(s.Content, []byte("\r")) {
			t.Errorf("%s: %d bytes, for %q", s.Path, len(s.Content), s.Why)
		}
	}
	for _, k := range record.Builtin().All() {
		page := string(files[k.Dir()+"/README.md"].Content)
		if !strings.Contains(page, "\n    gitsm "+k.Name+" ") || !strings.Contains(page, k.Path) || strings.Contains(page, "The store's ") {
			t.Errorf("the page of %s says:\n%s", k.Plural, page)
		}
	}
	err := fs.WalkDir(policy.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := policy.FS.ReadFile(name)
		if !bytes.Equal(files["policy/"+name].Content, want) {
			t.Errorf("policy/%s is not the pack's", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(files["policy/data.yaml"].Content), "team:"+scaffold.Team) {
		t.Errorf("policy asks another team than %s", scaffold.Team)
	}
}

// TestEveryKeyIsExplained: each top key of gitsm.yaml that can be chosen has a
// comment above it, and a blank line above that.
func TestEveryKeyIsExplained(t *testing.T) {
	o := with(func(o *scaffold.Options) { o.Title = "Shop" })
	for _, s := range plan(t, o) {
		if s.Path != "gitsm.yaml" {
			continue
		}
		paragraphs := strings.Split(string(s.Content), "\n\n")
		var keys []string
		for _, p := range paragraphs {
			lines := strings.Split(p, "\n")
			if !strings.HasPrefix(lines[0], "# ") {
				t.Errorf("no comment in %q", p)
			}
			i := slices.IndexFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "#") })
			k, _, _ := strings.Cut(lines[i], ":")
			keys = append(keys, k)
			for _, l := range lines {
				if len(l) > 80 {
					t.Errorf("too long: %s", l)
				}
			}
		}
		if d := cmp.Diff([]string{"apiVersion", "title", "main_branch", "forge", "timezone", "owners", "bootstrap"}, keys); d != "" {
			t.Errorf("keys (-want +got):\n%s", d)
		}
	}
}

// TestEditorsFindSchemas: each schema that the settings name is there, and its
// glob covers where records of the kind are put.
func TestEditorsFindSchemas(t *testing.T) {
	for _, dir := range []string{"", "ops/itsm"} {
		files := map[string][]byte{}
		for _, s := range plan(t, with(func(o *scaffold.Options) { o.Dir = dir })) {
			files[s.Path] = s.Content
		}
		var settings struct {
			Schemas map[string]string `json:"yaml.schemas"`
		}
		if err := json.Unmarshal(files[".vscode/settings.json"], &settings); err != nil {
			t.Fatal(err)
		}
		globs := map[string]string{}
		for file, glob := range settings.Schemas {
			var s struct {
				Title string `json:"title"`
			}
			if err := json.Unmarshal(files[path.Clean(file)], &s); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			globs[s.Title] = glob
		}
		want := map[string]string{
			"Store configuration": "gitsm.yaml", "Change": "changes/*/*/*.yaml", "Incident": "incidents/*/*/*.yaml", "Service": "services/*.yaml",
			"Asset": "assets/**/*.yaml", "Team": "teams/*.yaml", "Person": "people/*.yaml",
			"Problem": "problems/*/*/*.yaml", "Request": "requests/*/*/*.yaml", "Model": "models/*.yaml", "Window": "windows/*.yaml", "Waiver": "waivers/*.yaml", "Exception": "exceptions/*.yaml",
		}
		for title, glob := range want {
			want[title] = path.Join(dir, glob)
		}
		if d := cmp.Diff(want, globs); d != "" {
			t.Errorf("globs (-want +got):\n%s", d)
		}
	}
}

func TestSlug(t *testing.T) {
	long := strings.Repeat("ab ", 40)
	for name, want := range map[string]string{
		"Alice": "alice", "Alice Moreau": "alice-moreau", "  Zoë  Müller-Lüdenscheidt ": "zoe-muller-ludenscheidt", "Sean O’Neill": "sean-oneill",
		"Søren Strauß": "soren-strauss", "R2 D2": "r2-d2", "J. R. R. Tolkien": "j-r-r-tolkien", "---": "post", "": "post", "Λάμπρος": "post",
		"con": "post", "Nul": "post", "Ana\u0301": "ana", "[bot] deploy": "bot-deploy", long: strings.Repeat("ab-", 20) + "ab",
	} {
		if got := scaffold.Slug(name, "Post@example.org"); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := scaffold.Slug("", ""); got != "founder" {
		t.Errorf("nobody is %q", got)
	}
}

// TestSlugIsAnID whatever a name is made of.
func TestSlugIsAnID(t *testing.T) {
	person, _ := record.Builtin().ByName("person")
	rapid.Check(t, func(t *rapid.T) {
		if s := scaffold.Slug(rapid.String().Draw(t, "name"), rapid.String().Draw(t, "email")); record.CheckID(person, s) != nil {
			t.Fatalf("%q is no id", s)
		}
	})
}

func TestPlan(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("mine\n")}
	link := &fstest.MapFile{Data: []byte("elsewhere"), Mode: fs.ModeSymlink | 0o777}
	tests := map[string]struct {
		trees   []fs.FS
		keep    []string
		blocked string
	}{
		"nothing there": {trees: []fs.FS{fstest.MapFS{}}},
		"in the work tree": {
			trees: []fs.FS{fstest.MapFS{".editorconfig": file, "services/README.md": file, "unrelated": file}}, keep: []string{".editorconfig", "services/README.md"},
		},
		"in the commit alone":   {trees: []fs.FS{fstest.MapFS{}, fstest.MapFS{".gitattributes": file}}, keep: []string{".gitattributes"}},
		"in both":               {trees: []fs.FS{fstest.MapFS{".gitattributes": file}, fstest.MapFS{".gitattributes": file}}, keep: []string{".gitattributes"}},
		"a link in its place":   {trees: []fs.FS{fstest.MapFS{".gitattributes": link}}, keep: []string{".gitattributes"}},
		"owners elsewhere":      {trees: []fs.FS{fstest.MapFS{"CODEOWNERS": file}}, keep: []string{"CODEOWNERS"}},
		"owners in docs":        {trees: []fs.FS{fstest.MapFS{}, fstest.MapFS{"docs/CODEOWNERS": file}}, keep: []string{"docs/CODEOWNERS"}},
		"a file for a kind":     {trees: []fs.FS{fstest.MapFS{"changes": file}}, blocked: "changes"},
		"a link for a kind":     {trees: []fs.FS{fstest.MapFS{"policy": link}}, blocked: "policy"},
		"a file in the commit":  {trees: []fs.FS{fstest.MapFS{}, fstest.MapFS{".vscode": file}}, blocked: ".vscode"},
		"a file deeper":         {trees: []fs.FS{fstest.MapFS{".gitsm/schema": file}}, blocked: ".gitsm/schema"},
		"a directory as a file": {trees: []fs.FS{fstest.MapFS{"gitsm.yaml/x": file}}, keep: []string{"gitsm.yaml"}},
	}
	all := len(plan(t, zoe))
	files, err := scaffold.Files(zoe)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			steps, err := scaffold.Plan(files, tt.trees...)
			var blocked *scaffold.BlockedError
			if errors.As(err, &blocked) != (tt.blocked != "") || (blocked != nil && (blocked.Path != tt.blocked || !strings.HasPrefix(blocked.For, tt.blocked+"/"))) {
				t.Fatalf("error %v", err)
			}
			if blocked != nil {
				return
			}
			var kept []string
			for _, s := range steps {
				if s.Keep {
					kept = append(kept, s.Path)
				}
				if s.Keep != (s.Content == nil) {
					t.Errorf("%s: kept %v with %d bytes", s.Path, s.Keep, len(s.Content))
				}
			}
			if d := cmp.Diff(tt.keep, kept); d != "" || len(steps) != all {
				t.Errorf("%d steps, kept (-want +got):\n%s", len(steps), d)
			}
			if !slices.IsSortedFunc(steps, func(a, b scaffold.Step) int { return strings.Compare(a.Path, b.Path) }) {
				t.Error("not sorted")
			}
		})
	}
	broken := failing{errors.New("disk on fire")}
	if _, err := scaffold.Plan(files, broken); !errors.Is(err, broken.err) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Open(string) (fs.File, error) { return nil, f.err }

// TestPreviewShowsWhatIsThere: other people's YAML in a kind's directory is
// read as a record, and nothing else of the repository is.
func TestPreviewShowsWhatIsThere(t *testing.T) {
	manifest := &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Service\nmetadata: {name: web}\n")}
	alice := &fstest.MapFile{Data: []byte("apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\n")}
	tests := map[string]struct {
		dir   string
		tree  fstest.MapFS
		files []string // with findings
		count int      // records
	}{
		"other files":            {tree: fstest.MapFS{"main.go": manifest, "deploy/web.yaml": manifest, "services/web/main.go": manifest, "assets/logo.png": manifest}, count: 2},
		"a manifest":             {tree: fstest.MapFS{"services/web.yaml": manifest}, files: []string{"services/web.yaml"}, count: 3},
		"a record":               {tree: fstest.MapFS{"people/alice.yaml": alice}, count: 3},
		"a link":                 {tree: fstest.MapFS{"people/alice.yaml": {Data: []byte("../secret"), Mode: fs.ModeSymlink}}, files: []string{"people/alice.yaml"}, count: 3},
		"beside the store":       {dir: "itsm", tree: fstest.MapFS{"services/web.yaml": manifest}, count: 2},
		"beneath the store":      {dir: "itsm", tree: fstest.MapFS{"itsm/services/web.yaml": manifest}, files: []string{"itsm/services/web.yaml"}, count: 3},
		"in a wrong directory":   {tree: fstest.MapFS{"people/old/alice.yml": alice}, files: []string{"people/old/alice.yml"}, count: 2},
		"in an asset's location": {tree: fstest.MapFS{"assets/css/site.yaml": manifest}, files: []string{"assets/css/site.yaml"}, count: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, rep := opened(t, with(func(o *scaffold.Options) { o.Dir = tt.dir }), tt.tree)
			var files []string
			for _, f := range rep.Findings {
				files = append(files, f.File)
			}
			if d := cmp.Diff(tt.files, slices.Compact(files)); d != "" || rep.Records != tt.count {
				t.Errorf("%d records, want %d; files with findings (-want +got):\n%s", rep.Records, tt.count, d)
			}
		})
	}
	broken := failing{errors.New("disk on fire")}
	if _, err := scaffold.Preview(broken, "", nil); !errors.Is(err, broken.err) {
		t.Errorf("error %v", err)
	}
}
