package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/schema"
)

// schemaDir is where a store keeps copies of the schemas, for editors alone.
const schemaDir = ".gitsm/schema"

const schemaPage = `# Schemas

Copies of the JSON Schemas that gitsm judges records by, for editors. gitsm
itself never reads them. After an update of gitsm, renew them:

    gitsm schema change > %s
`

// schemas copies the schema of each kind and of gitsm.yaml.
func schemas(o Options) ([]File, error) {
	first := schemaPath("change")
	files := []File{{Path: o.in(schemaDir + "/README.md"), Content: fmt.Appendf(nil, schemaPage, first), Why: "what these copies are"}}
	for _, name := range schemaNames() {
		text, ok := schema.Kind(name)
		if !ok {
			return nil, fmt.Errorf("copying schemas: there is none for %s", name)
		}
		files = append(files, File{Path: o.in(schemaPath(name)), Content: text, Why: "lets editors complete and check"})
	}
	return files, nil
}

func schemaPath(name string) string { return path.Join(schemaDir, name+".v1.schema.json") }

func schemaNames() []string {
	names := []string{"config"}
	for _, k := range record.Builtin().All() {
		names = append(names, k.Schema)
	}
	return names
}

// wildcards turns a kind's path into one that git and editors match with.
var wildcards = strings.NewReplacer("{yyyy}", "*", "{mm}", "*", "{id}", "*")

// gitFiles keep line ends the same on every system, since records are digested
// and signed as bytes. The patterns name the store's own files, so that no other
// file of the repository looks changed.
func gitFiles(o Options) ([]File, error) {
	var attrs strings.Builder
	attrs.WriteString("# Records and policy are digested and signed as bytes, so that they have the same\n# line ends on every system.\n")
	for _, p := range textFiles() {
		fmt.Fprintf(&attrs, "/%s text eol=lf\n", p)
	}
	return []File{{Path: o.in(".gitattributes"), Content: []byte(attrs.String()), Why: "the same bytes on every system"}}, nil
}

// textFiles are the patterns of the files a store owns.
func textFiles() []string {
	out := []string{"gitsm.yaml", "policy/**", schemaDir + "/**"}
	for _, k := range record.Builtin().All() {
		out = append(out, k.Dir()+"/**/*.yaml")
	}
	return out
}

const editorConfig = `[{gitsm.yaml,%s}]
charset = utf-8
end_of_line = lf
indent_style = space
indent_size = 2
insert_final_newline = true
trim_trailing_whitespace = true

# opa fmt indents with tabs.
[policy/*.rego]
charset = utf-8
end_of_line = lf
indent_style = tab
insert_final_newline = true
trim_trailing_whitespace = true
`

// editorFiles are read by editors: those of a directory beside the records,
// those of a workspace at the top of the repository.
func editorFiles(o Options) ([]File, error) {
	patterns := []string{}
	mapping := map[string]string{"./" + o.in(schemaPath("config")): o.in("gitsm.yaml")}
	for _, k := range record.Builtin().All() {
		patterns = append(patterns, k.Dir()+"/**.yaml")
		mapping["./"+o.in(schemaPath(k.Schema))] = o.in(wildcards.Replace(k.Path))
	}
	patterns = append(patterns, "policy/*.yaml")
	settings, err := indented(map[string]any{"yaml.schemas": mapping})
	if err != nil {
		return nil, err
	}
	extensions, err := indented(map[string]any{"recommendations": []string{"redhat.vscode-yaml", "tsandall.opa", "editorconfig.editorconfig"}})
	if err != nil {
		return nil, err
	}
	return []File{
		{Path: o.in(".editorconfig"), Content: fmt.Appendf(nil, editorConfig, strings.Join(patterns, ",")), Why: "the same layout in every editor"},
		{Path: ".vscode/settings.json", Content: settings, Why: "which schema is whose"},
		{Path: ".vscode/extensions.json", Content: extensions, Why: "what reads YAML, Rego and the layout"},
	}, nil
}

// indented is JSON as people edit it.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return b.Bytes(), nil
}
