package record

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

// FuzzRef holds references to what they say: each stands where its pointer
// leads, says no more than its text, and names what its field may name.
func FuzzRef(f *testing.F) {
	for _, s := range []string{
		"owner: team:ops\ndepends_on: [a, {need: 1, of: [b, 'c:d']}]\n", "owner: person:\n", "owner: ':x'\n", "owner: {a: b}\n",
		"depends_on: [[a], {of: a}, {of: [[b], ~, '']}]\n", "services: [asset:x, service:y]\nwindow: {calendar: z}\n", "members: [a, a]\nlead: person:b\n",
	} {
		f.Add([]byte(s))
	}
	kinds := Builtin()
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, findings := yamldoc.Parse("f.yaml", src)
		if doc == nil || len(findings) > 0 {
			return
		}
		for _, k := range kinds.All() {
			for _, rv := range New(k, "x", "x.yaml", "", doc).Refs() {
				sayRef(t, doc, k, rv)
			}
		}
	})
}

func sayRef(t *testing.T, doc *yamldoc.Doc, k *Kind, rv RefValue) {
	t.Helper()
	n, ok := doc.Node(rv.Pointer)
	if !ok {
		t.Fatalf("%s: nothing is at %q", k.Name, rv.Pointer)
	}
	said := rv.ID
	if rv.Kind != "" || strings.HasPrefix(n.Value, ":") && len(rv.Kinds) == 1 && rv.Kinds[0] == "" {
		said = rv.Kind + ":" + rv.ID
	}
	if said != n.Value {
		t.Errorf("%s: %q is taken for %+v", k.Name, n.Value, rv)
	}
	var may [][]string
	for _, ref := range k.Refs {
		may = append(may, ref.Kinds)
	}
	if !slices.ContainsFunc(may, func(kinds []string) bool {
		return len(kinds) == 0 || slices.Equal(kinds, rv.Kinds) || len(rv.Kinds) == 1 && slices.Contains(kinds, rv.Kinds[0])
	}) {
		t.Errorf("%s: %q may name %q", k.Name, n.Value, rv.Kinds)
	}
}
