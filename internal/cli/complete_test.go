package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/record"
)

// shelf writes a store without git: completion of what lies there asks it
// nothing.
func shelf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// complete returns what a shell is offered, and the directive.
func complete(t testing.TB, dir string, words ...string) ([]string, string) {
	t.Helper()
	var out bytes.Buffer
	env := &Env{In: strings.NewReader(""), Out: &out, Err: &bytes.Buffer{}, Dir: dir, Version: "devel"}
	if code := Main(context.Background(), append([]string{"__complete"}, words...), env); code != ExitOK {
		t.Fatalf("%q: exit code %d", words, code)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1]
}

const declared = `apiVersion: gitsm/v1
kind: config
kinds: [{name: risk, plural: risks, path: 'risks/{id}.yaml', title: name}]
`

func TestComplete(t *testing.T) {
	dir := shelf(t, map[string]string{
		"gitsm.yaml": declared,
		"changes/2026/11/CHG-20261120-7K3F2M.yaml":   "title: Upgrade\n",
		"changes/2026/10/CHG-20261001-7K9999.yaml":   "title: \"a\\tb\\u00a0\\nc\"\n",
		"changes/2026/11/CHG-20261121-AAAAAA.yaml":   "title: [\n",
		"changes/2025/01/CHG-20250101-BBBBBB.yaml":   "{}\n",
		"incidents/2026/11/INC-20261119-0A1B2C.yaml": "title: Down\n",
		"services/checkout.yaml":                     "title: Checkout\n",
		"services/search.yaml":                       "title: Search\n",
		"teams/payments.yaml":                        "title: Payments\n",
		"people/alice.yaml":                          "name: Alice\n",
		"risks/flood.yaml":                           "name: Flood\n",
	})
	const order, files, bare = ":36", ":32", ":4" // of cobra: keep the order, files as well, nothing more
	for _, tt := range []struct {
		words     string // the last one is what is completed
		want      string // offers, with _ for a tab, divided by |
		directive string
	}{
		{"change view ?", "CHG-20261121-AAAAAA|CHG-20261120-7K3F2M_Upgrade|CHG-20261001-7K9999_a b\u00a0 c|CHG-20250101-BBBBBB", order},
		{"risk view ?", "flood_Flood", order}, // a noun that gitsm.yaml declares
		{"?ris", "risk_File, edit and look at risks", bare},
		{"change view ?CHG-202611", "CHG-20261121-AAAAAA|CHG-20261120-7K3F2M_Upgrade", order},
		{"change view ?chg-20261120-", "chg-20261120-7k3f2m_Upgrade", order},
		{"change view ?7k3", "7k3f2m_Upgrade", order},
		{"change view ?7K3", "7K3F2M_Upgrade", order},
		{"change view ?7", "7K3F2M_Upgrade|7K9999_a b\u00a0 c", order},
		{"change view ?x", "", order},
		{"change view CHG-20261120-7K3F2M ?", "", bare},
		{"service edit ?", "checkout_Checkout|search_Search", order},
		{"service edit ?Ch", "", order},
		{"service new ?", "", order},
		{"gate ?INC", "INC-20261119-0A1B2C_Down", order},
		{"check ?fl", "flood_Flood", files},
		{"fmt checkout ?sea", "search_Search", files},
		{"audit show ?flood", "flood_Flood", order},
		{"change new --service ?", "checkout_Checkout|search_Search", order},
		{"change new --service ?checkout,", "checkout,search_Search", order},
		{"change new --owner ?", "team:payments_Payments|person:alice_Alice", order},
		{"team new x --member ?a", "alice_Alice", order},
		{"change new --type ?n", "normal", order},
		{"change list --state ?new,sch", "new,scheduled", order},
		{"change list --owner ?person:", "person:alice_Alice", order},
		{"incident resolve --caused-by ?7k3", "7k3f2m_Upgrade", order},
		{"audit log --kind ?ri", "risk", order},
		{"audit log --actor ?", "alice_Alice", order},
		{"audit verify --check ?SOD-1", "SOD-1", order},
		{"service list --json ?id,ti", "id,title|id,tier", order},
		{"inbox --json ?to", "todo", order},
		{"change edit 7k3f2m --set ?plan.b", "plan.backout=_steps that restore the previous state, and the sign that tells the implementer to take them", ":38"},
		{"change edit 7k3f2m --set ?type=e", "type=emergency", order},
		{"change edit 7k3f2m --set ?services=", "services=checkout_Checkout|services=search_Search", order},
		{"change edit 7k3f2m --set ?sta", "", order},
		{"schema ?ri", "risk", order},
		{"explain ?YML004", "YML004_no content", order},
		{"check -o ?gith", "github", order},
		{"change finish 7k3f2m --outcome ?f", "failed", order},
	} {
		before, typed, _ := strings.Cut(tt.words, "?")
		got, directive := complete(t, dir, append(strings.Fields(before), typed)...)
		if diff := cmp.Diff(tt.want, strings.ReplaceAll(strings.Join(got, "|"), "\t", "_")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.words, diff)
		}
		if directive != tt.directive {
			t.Errorf("%s: directive %s, want %s", tt.words, directive, tt.directive)
		}
	}
	if got, _ := complete(t, t.TempDir(), "change", "view", ""); len(got) > 0 {
		t.Errorf("without a store: %q", got)
	}
}

// TestCompleteBound: no more is offered, and read, than anybody looks at.
func TestCompleteBound(t *testing.T) {
	files := map[string]string{"gitsm.yaml": declared}
	for i := range offered + 20 {
		files[fmt.Sprintf("changes/2026/11/CHG-20261120-%06d.yaml", i)] = "title: x\n"
		files[fmt.Sprintf("services/s%d.yaml", i)] = "title: x\n"
	}
	dir := shelf(t, files)
	for _, words := range [][]string{{"change", "view", ""}, {"service", "view", ""}, {"gate", ""}} {
		if got, _ := complete(t, dir, words...); len(got) != offered {
			t.Errorf("%q: %d offers", words, len(got))
		}
	}
}

// TestJSONFields: each command with --json is known to jsonFields, and those
// that it does not name write a record.
func TestJSONFields(t *testing.T) {
	root := newRootCmd(testEnv(t), nil)
	writes := []string{"new", "open", "edit", "rename", "merge", "start", "finish", "backout", "review", "reschedule", "close", "cancel"}
	for _, k := range record.Builtin().All() {
		for _, t := range k.Transitions {
			writes = append(writes, t.Verb)
		}
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if cmd.Flags().Lookup("json") == nil {
			return
		}
		written := slices.Equal((&completer{env: testEnv(t)}).jsonFields(cmd), writtenFields)
		if written != slices.Contains(writes, cmd.Name()) {
			t.Errorf("%s: --json takes other fields, or this test does not know that it writes", cmd.CommandPath())
		}
	}
	walk(root)
}

// BenchmarkComplete completes ids in a store of 100,000 changes of five years:
// the newest, and an end of an id that all of them have to be looked through
// for.
func BenchmarkComplete(b *testing.B) {
	dir := shelf(b, map[string]string{"gitsm.yaml": declared, "services/checkout.yaml": "title: Checkout\n"})
	text := []byte("apiVersion: gitsm/v1\nkind: change\ntitle: Upgrade the payments database\ntype: normal\nstate: closed\nservices: [checkout]\n")
	for month := range 60 {
		at := filepath.Join(dir, fmt.Sprintf("changes/%d/%02d", 2022+month/12, month%12+1))
		if err := os.MkdirAll(at, 0o755); err != nil {
			b.Fatal(err)
		}
		for i := range 100_000 / 60 {
			name := fmt.Sprintf("CHG-%d%02d%02d-%06d.yaml", 2022+month/12, month%12+1, i%28+1, i)
			if err := os.WriteFile(filepath.Join(at, name), text, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	for name, typed := range map[string]string{"newest": "", "month": "CHG-202403", "end": "001665", "nothing": "zzz"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				complete(b, dir, "change", "view", typed)
			}
		})
	}
}
