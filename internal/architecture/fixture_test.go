package architecture

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// toy is a module small enough to read, with one rule of each sort.
func toy() rules {
	return rules{
		module:   "example.org/toy",
		packages: map[string][]string{"cmd/toy": {"internal/cli"}, "internal/cli": {"internal/git", "internal/low"}, "internal/git": {}, "internal/low": {}, "internal/toytest": {}},
		layers:   [][]string{{"cmd/toy"}, {"internal/cli"}, {"internal/low", "internal/git"}, {"internal/toytest"}},
		tests:    []string{"internal/toytest"},
		fences: []fence{
			{dependency: "example.com/git/", inside: []string{"internal/git"}, why: "a wall"},
			{dependency: "example.com/yaml", inside: nil, tests: true, why: "a wall"},
		},
		calls: []call{{pkg: "time", name: "Now", inside: []string{"internal/cli"}, why: "pass it"}},
		files: []fileWall{{pkg: "internal/cli", file: "env.go", imports: []string{"internal/git"}, why: "one place"}},
		size:  limits{fileP90: 30, fileMax: 40, funcP90: 8, funcMax: 10},
	}
}

const low = "// Package low is.\npackage low\n"

func TestCheckerSees(t *testing.T) {
	long := strings.Repeat("\n\tprintln()", 9)
	tests := []struct {
		name  string
		files map[string]string
		want  string // "" for no violation
	}{
		{"nothing wrong", map[string]string{
			"internal/low/a.go":      low,
			"internal/low/a_test.go": "package low\nimport (\n_ \"example.org/toy/internal/cli\"\n_ \"example.com/yaml\"\n\"time\")\nvar now = time.Now()\n",
			"internal/cli/env.go":    "// Package cli is.\npackage cli\nimport _ \"example.org/toy/internal/git\"\n",
			"cmd/toy/main.go":        "// Command toy is.\npackage main\nimport _ \"example.org/toy/internal/cli\"\n",
			"x/testdata/a.go":        "package unknown\n",
			"_old/a.go":              "no Go at all",
		}, ""},
		{"package for tests", map[string]string{
			"internal/toytest/a.go": "// Package toytest is.\npackage toytest\nimport (\n_ \"example.com/yaml\"\n_ \"example.org/toy/internal/cli\"\n)\n",
		}, ""},
		{"fence holds for packages for tests", map[string]string{"internal/toytest/a.go": "// Package toytest is.\npackage toytest\nimport _ \"example.com/git/x\"\n"},
			"internal/toytest/a.go:3: internal/toytest may not import example.com/git/x: a wall"},
		{"import of a package for tests", map[string]string{"internal/low/a.go": low + "import _ \"example.org/toy/internal/toytest\"\n"},
			"internal/low/a.go:3: internal/low may not import internal/toytest; see the rows in " + table},
		{"upward import", map[string]string{"internal/low/a.go": low + "import _ \"example.org/toy/internal/cli\"\n"},
			"internal/low/a.go:3: internal/low may not import internal/cli; see the rows in " + table},
		{"unknown package", map[string]string{"internal/new/a.go": "// Package fresh is.\npackage fresh\n"},
			"internal/new: unknown package; give it a row in " + table},
		{"import of an unknown package", map[string]string{"internal/low/a.go": low + "import _ \"example.org/toy/internal/new\"\n"},
			"internal/low/a.go:3: internal/low may not import internal/new; see the rows in " + table},
		{"no package comment", map[string]string{"internal/low/a.go": "package low\n"},
			"internal/low: no package comment; say what it owns, what it may import and what it never does"},
		{"comment that is none", map[string]string{"internal/low/a.go": "// Copyright.\npackage low\n"},
			"internal/low: no package comment; say what it owns, what it may import and what it never does"},
		{"fence", map[string]string{"internal/low/a.go": low + "import _ \"example.com/git/plumbing\"\n"},
			"internal/low/a.go:3: internal/low may not import example.com/git/plumbing: a wall"},
		{"fence holds for tests", map[string]string{"internal/low/a.go": low, "internal/low/a_test.go": "package low\nimport _ \"example.com/git/x\"\n"},
			"internal/low/a_test.go:2: internal/low may not import example.com/git/x: a wall"},
		{"fence without tests", map[string]string{"internal/low/a.go": low + "import _ \"example.com/yaml\"\n"},
			"internal/low/a.go:3: internal/low may not import example.com/yaml: a wall"},
		{"fence is no prefix of a name", map[string]string{"internal/low/a.go": low + "import _ \"example.com/yamlish\"\n"}, ""},
		{"build constraint hides nothing", map[string]string{"internal/low/a.go": "//go:build windows\n\n" + low + "import _ \"example.com/yaml\"\n"},
			"internal/low/a.go:5: internal/low may not import example.com/yaml: a wall"},
		{"file wall", map[string]string{"internal/cli/verb.go": "// Package cli is.\npackage cli\nimport _ \"example.org/toy/internal/git\"\n"},
			"internal/cli/verb.go:3: only env.go of internal/cli may import internal/git: one place"},
		{"call", map[string]string{"internal/low/a.go": low + "import \"time\"\nvar t = time.Now()\n"},
			"internal/low/a.go:4: internal/low may not use time.Now: pass it"},
		{"call under another name", map[string]string{"internal/low/a.go": low + "import clock \"time\"\nvar t = clock.Now\n"},
			"internal/low/a.go:4: internal/low may not use time.Now: pass it"},
		{"field of that name", map[string]string{"internal/low/a.go": low + "import \"time\"\nvar c struct{ Now time.Time }\nvar t = c.Now\n"}, ""},
		{"init", map[string]string{"internal/low/a.go": low + "func init() {}\n"},
			"internal/low/a.go:3: no init functions: build it where it is used"},
		{"long file", map[string]string{"internal/low/a.go": low + strings.Repeat("\n", 40)},
			"internal/low/a.go: a file of 42 lines, at most 40; split it"},
		{"long generated file", map[string]string{"internal/low/a.go": "// Code generated by x. DO NOT EDIT.\n\n" + low + strings.Repeat("\n", 40)}, ""},
		{"long function", map[string]string{"internal/low/a.go": low + "func f() {" + long + "\n}\n"},
			"internal/low/a.go:3 f: a function of 11 lines, at most 10; split it"},
		{"long table", map[string]string{"internal/low/a.go": low + "func f() []int {\n\treturn []int{" + strings.Repeat("\n\t\t1,", 12) + "\n\t}\n}\n"}, ""},
		{"code in a table", map[string]string{"internal/low/a.go": low + "var fs = []func(){\n\tfunc() {" + long + "\n\t},\n}\n"},
			"internal/low/a.go:4 function literal: a function of 11 lines, at most 10; split it"},
		{"many long functions", map[string]string{"internal/low/a.go": low + many(10, 1), "internal/low/b.go": "package low\n" + many(3, 9)},
			"nine of ten functions should have at most 8 lines; the tenth begins with internal/low/b.go:11 g of 9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, src := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(src)}
			}
			sources, err := load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, strings.Join(toy().check(sources), "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// many returns n functions of the given number of lines each.
func many(n, lines int) string {
	one := "func g() {" + strings.Repeat("\n", lines-1) + "}\n"
	return strings.Repeat(one, n)
}

func TestCheckerReportsWhatDoesNotParse(t *testing.T) {
	_, err := load(fstest.MapFS{"a/a.go": {Data: []byte("package")}})
	if err == nil || !strings.HasPrefix(err.Error(), "parsing a/a.go: ") {
		t.Errorf("load of a broken file: %v", err)
	}
}

func TestTableCheckerSees(t *testing.T) {
	tests := []struct {
		change func(*rules)
		want   string
	}{
		{func(*rules) {}, ""},
		{func(r *rules) { r.packages["internal/low"] = []string{"internal/cli"} }, "internal/low: its row allows internal/cli, which is not in a lower layer"},
		{func(r *rules) { r.packages["internal/low"] = []string{"internal/git"} }, "internal/low: its row allows internal/git, which is not in a lower layer"},
		{func(r *rules) { r.packages["internal/new"] = nil }, "internal/new: it has a row and no layer"},
		{func(r *rules) { delete(r.packages, "internal/git"); r.packages["internal/cli"] = nil }, "internal/git: it has a layer and no row"},
		{func(r *rules) { r.packages["internal/low"] = []string{"internal/toytest"} }, "internal/low: its row allows internal/toytest, which is for tests alone"},
		{func(r *rules) { r.packages["internal/cli"] = []string{"internal/low", "internal/git"} }, "internal/cli: its imports are not sorted"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := toy()
			tt.change(&r)
			if diff := cmp.Diff(tt.want, strings.Join(r.checkTable(), "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
