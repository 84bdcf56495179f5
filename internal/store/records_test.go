package store_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

const (
	one   = "changes/2026/11/CHG-20261120-7K3F2M.yaml"
	two   = "changes/2026/11/CHG-20261121-AB3F2M.yaml"
	three = "changes/2026/10/CHG-20261020-7K3F2N.yaml"
)

func dated(path string) string {
	return strings.TrimSuffix(path[strings.LastIndex(path, "/")+1:], ".yaml")
}

func dates(pairs ...string) fstest.MapFS {
	for _, p := range []string{one, two, three} {
		pairs = append(pairs, p, change(dated(p)))
	}
	return files(pairs...)
}

func TestListAndIDs(t *testing.T) {
	s := open(t, dates("assets/z.yaml", service("z"), "assets/fra/rack/a.yaml", service("a"), "assets/.trash/b.yaml", service("b"), "assets/fra/README.md", "x"))
	for kind, want := range map[string][]string{
		"change":   {"CHG-20261020-7K3F2N", "CHG-20261120-7K3F2M", "CHG-20261121-AB3F2M"},
		"changes":  {"CHG-20261020-7K3F2N", "CHG-20261120-7K3F2M", "CHG-20261121-AB3F2M"},
		"asset":    {"a", "z"},
		"service":  {},
		"incident": {},
	} {
		recs, err := s.List(kind)
		if diff := cmp.Diff(want, ids(recs)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", kind, err, diff)
		}
		got, err := s.IDs(kind)
		if diff := cmp.Diff(want, append([]string{}, got...)); diff != "" || err != nil {
			t.Errorf("ids of %s: %v (-want +got):\n%s", kind, err, diff)
		}
	}
	if found, err := s.Findings(); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", brief(found), err)
	}
	all, err := s.Files()
	want := []string{"assets/fra/rack/a.yaml", "assets/z.yaml", three, one, two, "gitsm.yaml"}
	slices.Sort(want)
	if diff := cmp.Diff(want, all); diff != "" || err != nil {
		t.Errorf("files: %v (-want +got):\n%s", err, diff)
	}
	for _, ask := range []func(string) error{
		func(k string) error { _, err := s.List(k); return err },
		func(k string) error { _, err := s.IDs(k); return err },
		func(k string) error { _, err := s.Get(k, "a"); return err },
		func(k string) error { _, err := s.Findings(k); return err },
	} {
		if err := ask("sevice"); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a kind there is not: %v", err)
		}
	}
}

func TestGet(t *testing.T) {
	s := open(t, dates("assets/fra/a.yaml", service("a"), "services/broken.yaml", "a: [", "services/link.yaml", "->broken.yaml",
		"services/Big.yaml", service("Big"), "assets/dup/x.yaml", service("x"), "assets/x.yaml", service("x")))
	tests := []struct{ kind, id, want string }{ // want is a path, or what the error says
		{"change", "CHG-20261120-7K3F2M", one},
		{"change", "chg-20261120-7k3f2m", "file does not exist"},
		{"change", "7K3F2M", "file does not exist"},
		{"asset", "a", "assets/fra/a.yaml"},
		{"asset", "b", "file does not exist"},
		{"asset", "x", "assets/dup/x.yaml"}, // the same one each time; that there are two is a finding
		{"asset", "../services/broken", "file does not exist"},
		{"service", "broken", "service broken cannot be used: services/broken.yaml:1:"},
		{"service", "link", "service link cannot be used: services/link.yaml:1:1: STO005 this is no ordinary file"},
		{"service", "Big", "file does not exist"},
		{"service", "", "file does not exist"},
	}
	for _, tt := range tests {
		rec, err := s.Get(tt.kind, tt.id)
		var invalid *store.InvalidError
		switch {
		case err != nil && (!strings.Contains(err.Error(), tt.want) || errors.Is(err, fs.ErrNotExist) == errors.As(err, &invalid)):
			t.Errorf("%s %q: %v", tt.kind, tt.id, err)
		case err == nil && (rec.Path != tt.want || rec.Kind.Name != tt.kind):
			t.Errorf("%s %q: %s", tt.kind, tt.id, rec.Path)
		}
	}
}

func TestFind(t *testing.T) {
	s := open(t, dates("services/payments.yaml", service("payments"), "teams/payments.yaml", team("payments", ""), "incidents/2026/11/INC-20261120-9K3F2M.yaml",
		"kind: incident\nid: INC-20261120-9K3F2M\n", "people/7k3f2m.yaml", person("7k3f2m", ""), "services/broken.yaml", "a: ["))
	tests := []struct{ short, kinds, want string }{
		{"CHG-20261120-7K3F2M", "", "change CHG-20261120-7K3F2M"},
		{"chg-20261120-7k3f2m", "", "change CHG-20261120-7K3F2M"},
		{"ab3f2m", "", "change CHG-20261121-AB3F2M"},
		{"3f2n", "", "change CHG-20261020-7K3F2N"},
		{"3f2m", "", `"3f2m" names several records: CHG-20261120-7K3F2M, CHG-20261121-AB3F2M, INC-20261120-9K3F2M`},
		{"3f2m", "change", `"3f2m" names several records: CHG-20261120-7K3F2M, CHG-20261121-AB3F2M`},
		{"3f2m", "incident", "incident INC-20261120-9K3F2M"},
		{"7k3f2m", "change", "change CHG-20261120-7K3F2M"},
		{"7k3f2m", "", "person 7k3f2m"}, // the whole id of one, though the end of another
		{"payments", "", `"payments" names several records: service:payments, team:payments`},
		{"payments", "team", "team payments"},
		{"team:payments", "", "team payments"},
		{"svc:payments", "", "service payments"},
		{"team:payments", "service", `no record is called "team:payments"`},
		{"payment", "", `no record is called "payment"`},
		{"", "", `no record is called ""`},
		{"", "change", `no record is called ""`},
		{"20261120-7K3F", "", "no record"}, // the beginning is no end
		{"*", "", "no record"},
		{"broken", "service", "service broken cannot be used"},
		{"broken", "", "service broken cannot be used"},
	}
	for _, tt := range tests {
		rec, err := s.Find(tt.short, strings.Fields(tt.kinds)...)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = rec.Kind.Name + " " + rec.ID
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q among %q: %s, want %s", tt.short, tt.kinds, got, tt.want)
		}
		if strings.HasPrefix(tt.want, "no record") && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v is not fs.ErrNotExist", tt.short, err)
		}
	}
}

// An alias names a record to people, after every id; ids are what is written.
func TestAliases(t *testing.T) {
	shop := service("checkout") + "aliases: [shop, front, payments]\n"
	s := open(t, dates("services/checkout.yaml", shop, "teams/payments.yaml", team("payments", ""), "teams/money.yaml", team("money", "")+"aliases: [front]\n"))
	for _, tt := range []struct{ short, kinds, found, written string }{
		{"shop", "", "service checkout", "checkout"},
		{"service:shop", "", "service checkout", "service:checkout"},
		{"checkout", "", "service checkout", "checkout"},
		{"payments", "", "team payments", "payments"}, // an id comes first
		{"payments", "service", "service checkout", "checkout"},
		{"front", "", `"front" names several records: checkout, money`, "front"},
		{"team:front", "", "team money", "team:money"},
		{"Shop", "", "no record", "Shop"},
		{"shop", "team", "no record", "shop"},
		{"ab3f2m", "", "change CHG-20261121-AB3F2M", "ab3f2m"}, // the end of an id is no alias
	} {
		rec, err := s.Find(tt.short, strings.Fields(tt.kinds)...)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = rec.Kind.Name + " " + rec.ID
		}
		if !strings.HasPrefix(got, tt.found) {
			t.Errorf("%q among %q: %s, want %s", tt.short, tt.kinds, got, tt.found)
		}
		if got := s.Unaliased(tt.short, strings.Fields(tt.kinds)...); got != tt.written {
			t.Errorf("%q among %q is written %s, want %s", tt.short, tt.kinds, got, tt.written)
		}
	}
}

func TestAt(t *testing.T) {
	s := open(t, dates("services/a.yaml", service("a"), "services/broken.yaml", "a: [", "services/Bad.yaml", service("Bad"), "services/link.yaml", "->a.yaml",
		"changes/2026/12/CHG-20261120-7K3F2M.yaml", change("CHG-20261120-7K3F2M"), "assets/Com1.x/c.yaml", service("c"), "assets/a:b/d.yaml", service("d"),
		"assets/etc./e.yaml", service("e"), "services/dir.yaml/x", "", "real/b.yaml", service("b"), "teams", "->real"))
	tests := []struct {
		path  string
		there bool
		want  []string
	}{
		{"services/a.yaml", true, nil},
		{"services/none.yaml", false, nil},
		{"assets/none/none.yaml", false, nil},
		{"services/broken.yaml", false, []string{"services/broken.yaml:1:"}},
		{"services/Bad.yaml", true, []string{`services/Bad.yaml:1:1 STO002 id "Bad" is not a slug`}},
		{"services/link.yaml", false, []string{"services/link.yaml:1:1 STO005"}},
		{"services/dir.yaml", false, []string{"services/dir.yaml:1:1 STO005"}},
		{"changes/2026/12/CHG-20261120-7K3F2M.yaml", true, []string{"changes/2026/12/CHG-20261120-7K3F2M.yaml:1:1 STO003 CHG-20261120-7K3F2M belongs at another path"}},
		{"assets/Com1.x/c.yaml", true, []string{`assets/Com1.x/c.yaml:1:1 STO007 "Com1.x" is a device name on Windows`}},
		{"assets/a:b/d.yaml", true, []string{`assets/a:b/d.yaml:1:1 STO007 "a:b" holds a character`}},
		{"assets/etc./e.yaml", true, []string{`assets/etc./e.yaml:1:1 STO007 "etc." ends in a period or a blank`}},
		{"teams/b.yaml", false, []string{"teams:1:1 STO005"}}, // a work tree would follow the link, a commit would not
	}
	for _, tt := range tests {
		rec, found, err := s.At(tt.path)
		if err != nil || (rec != nil) != tt.there || len(found) != len(tt.want) {
			t.Errorf("%s: %v, %v, %v", tt.path, rec, brief(found), err)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(brief(found)[i], want) {
				t.Errorf("%s: %v, want %s", tt.path, brief(found), want)
			}
		}
	}
	if _, _, err := s.At("README.md"); err == nil || !strings.Contains(err.Error(), "no kind keeps records at README.md") {
		t.Errorf("README.md: %v", err)
	}
}

// What stands beside the store's own files under their names, but for letter
// case, is read on some machines and overlooked on others.
func TestLookalikes(t *testing.T) {
	s := open(t, files("Services/a.yaml", service("a"), "POLICY/x.rego", "package x\n", "Gitsm.yaml", "x", "docs/Services/a.md", "x", "services.md", "x"))
	found, err := s.Findings()
	want := []string{
		"Gitsm.yaml:1:1 STO006 Gitsm.yaml differs from gitsm.yaml in letter case alone",
		"POLICY:1:1 STO006 POLICY differs from policy in letter case alone",
		"Services:1:1 STO006 Services differs from services in letter case alone",
	}
	if diff := cmp.Diff(want, brief(found)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if found, err := s.Findings("service"); err != nil || len(found) > 0 {
		t.Errorf("of one kind: %v, %v", brief(found), err)
	}
	got := s.Lookalike("Services/a.yaml")
	if len(got) != 1 || got[0].File != "Services/a.yaml" || got[0].Fix != "git mv Services services" {
		t.Errorf("of a file: %+v", got)
	}
}

func TestFindingsOfPlaces(t *testing.T) {
	s := open(t, files(
		"services/a.yaml", service("a"),
		"services/README.md", "fine",
		"services/.hidden.yaml", "a: [",
		"services/.hidden/x.yaml", "a: [",
		"services/b.yml", service("b"),
		"services/nested/c.yaml", service("c"),
		"services/d.yaml/x", "",
		"services/e.yaml", "->a.yaml",
		"services/Capital.yaml", service("Capital"),
		"services/twice.yaml", "a: 1\na: 2\n",
		"changes/CHG-20261120-7K3F2M.yaml", change("CHG-20261120-7K3F2M"),
		"changes/2026/11/CHG-20261220-7K3F2M.yaml", change("CHG-20261220-7K3F2M"),
		"changes/2026/11/flood.yaml", change("flood"),
		"changes/link", "->../services",
		"assets", "->services",
		"people", "no directory",
	))
	want := []string{
		"assets:1:1 STO005 a directory of records should be here, and is none",
		"changes/2026/11/CHG-20261220-7K3F2M.yaml:1:1 STO003 CHG-20261220-7K3F2M belongs at another path",
		`changes/2026/11/flood.yaml:1:1 STO002 id "flood" is not of the form CHG-YYYYMMDD-XXXXXX, with digits and capital letters without I, L, O and U for X`,
		"changes/CHG-20261120-7K3F2M.yaml:1:1 STO003 no change is kept at this path, so nothing would read it",
		"changes/link:1:1 STO005 a symbolic link stands where a record should be",
		"people:1:1 STO005 a directory of records should be here, and is none",
		`services/Capital.yaml:1:1 STO002 id "Capital" is not a slug: up to 63 of a-z, 0-9 and -, beginning with a letter or digit`,
		"services/b.yml:1:1 STO003 no service is kept at this path, so nothing would read it",
		"services/d.yaml:1:1 STO004 a directory is named like a record",
		"services/e.yaml:1:1 STO005 a symbolic link stands where a record should be",
		"services/nested/c.yaml:1:1 STO003 no service is kept at this path, so nothing would read it",
		"services/twice.yaml:2:1 YML012 duplicate key \"a\"",
	}
	found, err := s.Findings()
	got := brief(found)
	for i := range got {
		if strings.Contains(got[i], " YML") { // its words are yamldoc's
			got[i] = want[len(want)-1]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, f := range found {
		if f.Fix == "" || f.Severity == "" {
			t.Errorf("incomplete: %+v", f)
		}
	}
	for _, kind := range []string{"asset", "person"} {
		if list, err := s.IDs(kind); err != nil || len(list) > 0 {
			t.Errorf("ids of %s: %v, %v", kind, list, err)
		}
	}
	if list, err := s.IDs("service"); err != nil || len(list) != 2 {
		t.Errorf("ids: %v, %v", list, err) // a and twice: whether they can be read is not asked
	}
}

func TestTooLargeRecord(t *testing.T) {
	s := open(t, files("services/big.yaml", service("big")+"description: "+strings.Repeat("x", 256<<10)+"\n"))
	_, found, err := s.At("services/big.yaml")
	if err != nil || len(found) != 1 || !strings.HasPrefix(found[0].Code, "YML") {
		t.Errorf("%v, %v", brief(found), err)
	}
}

func TestDeclaredKinds(t *testing.T) {
	fsys := files("risks/2026/RSK-20261120-7K3F2M.yaml", "title: Flood\nstate: raised\nhits: [checkout]\n", "notes/a/b/c.yaml", "headline: C\n")
	fsys[store.ConfigFile].Data = []byte(config + `kinds:
  - name: risk
    plural: risks
    prefix: RSK
    path: risks/{yyyy}/{id}.yaml
    states: [raised, over]
    initial: raised
    terminal: [over]
    transitions: [{from: raised, to: over, verb: end}]
    refs: [{path: "hits[]", kinds: [service]}]
    immaterial: [title]
  - {name: note, plural: notes, path: 'notes/**/{id}.yaml', title: headline}
`)
	s := open(t, fsys)
	risk, err := s.Find("7k3f2m")
	if err != nil || risk.Kind.Name != "risk" || risk.Title() != "Flood" || len(risk.Refs()) != 1 || risk.Terminal() {
		t.Fatalf("%+v, %v", risk, err)
	}
	if record.CheckTransition(risk.Kind, "", "", "raised") != nil || record.CheckTransition(risk.Kind, "", "", "over") == nil ||
		record.CheckTransition(risk.Kind, "", "raised", "over") != nil || record.CheckTransition(risk.Kind, "", "over", "raised") == nil {
		t.Errorf("transitions %+v", risk.Kind.Transitions)
	}
	if note, err := s.Get("note", "c"); err != nil || note.Title() != "C" {
		t.Errorf("%+v, %v", note, err)
	}
	if _, ok := open(t, files()).Kinds.ByName("risk"); ok {
		t.Error("one store's kind is another's")
	}
}

// Stores of several commits share a cache, and goroutines share a store.
func TestConcurrentUse(t *testing.T) {
	fsys := dates("people/alice.yaml", person("alice", "a@example.org"), "teams/a.yaml", team("a", "alice"), "policy/x.rego", "package x\n")
	cache := store.NewCache()
	s := open(t, fsys, store.WithCache(cache))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			other := open(t, fsys, store.WithCache(cache))
			for _, st := range []*store.Store{s, other} {
				if recs, err := st.List("change"); err != nil || len(recs) != 3 {
					t.Errorf("%v, %v", recs, err)
				}
				if dir, err := st.Directory(); err != nil || len(dir.People) != 1 {
					t.Errorf("%v, %v", dir, err)
				}
				if _, err := st.Findings(); err != nil {
					t.Error(err)
				}
				if r, err := st.Find("ab3f2m"); err != nil || r.ID != "CHG-20261121-AB3F2M" {
					t.Errorf("%v, %v", r, err)
				}
				if p, err := st.Policy(); err != nil || len(p.Modules) != 1 {
					t.Errorf("%v, %v", p, err)
				}
			}
		})
	}
	wg.Wait()
}
