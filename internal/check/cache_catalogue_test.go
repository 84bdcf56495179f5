package check_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/finding"
)

// catalogued adds records to a disk that name different parts of a catalogue:
// dated ones that are over, and open ones that no rule judges.
func catalogued(t *testing.T) *disk {
	d := newDisk(t)
	for name, text := range map[string]string{
		"gitsm.yaml": scene["gitsm.yaml"] + `kinds:
  - {name: vendor, plural: vendors, envelope: false, path: "vendors/**/*.yaml", id_field: code}
  - {name: contract, plural: contracts, path: "contracts/{yyyy}/{mm}/{id}.yaml", prefix: CON, refs: [{path: vendor, kinds: [vendor]}, {path: about, kinds: [service, asset, person, incident]}]}
`,
		"vendors/eu/acme.yaml":   "code: acme\nname: Acme\n",
		"vendors/us/globex.yaml": "code: globex\nname: Globex\n",
		"people/bob.yaml":        "apiVersion: gitsm/v1\nkind: person\nid: bob\nname: Bob\n",
		"teams/web.yaml":         "apiVersion: gitsm/v1\nkind: team\nid: web\ntitle: Web\nmembers: [bob]\n",
		"services/mail.yaml":     "apiVersion: gitsm/v1\nkind: service\nid: mail\ntitle: Mail\nowner: team:web\ntier: 2\n",
		"assets/fra/web-1.yaml":  "apiVersion: gitsm/v1\nkind: asset\nid: web-1\ntitle: Server\ntype: host\nowner: team:web\n",
	} {
		d.write(name, text)
	}
	add := func(kind, id, rest string) {
		dir := map[string]string{"incident": "incidents", "change": "changes", "problem": "problems"}[kind]
		d.write(dir+"/2026/11/"+id+".yaml", "apiVersion: gitsm/v1\nkind: "+kind+"\nid: "+id+"\ntitle: Some\n"+rest)
	}
	for i, refs := range []string{"services: [mail]\n", "services: [search]\n", "services: [mail, checkout]\nassets: [web-1]\n", "services: [mail]\nassets: [db-1]\n"} {
		add("incident", fmt.Sprintf("INC-20261101-00000%d", i), "state: open\n"+refs)
		add("incident", fmt.Sprintf("INC-20261102-00000%d", i), "state: closed\n"+refs)
		add("problem", fmt.Sprintf("PRB-20261101-00000%d", i), "state: open\nowner: "+[]string{"team:web", "team:ops", "person:bob", "person:alice"}[i]+"\n"+refs)
		add("change", fmt.Sprintf("CHG-20261101-00000%d", i), "type: normal\nstate: closed\nrequester: "+[]string{"alice", "bob"}[i%2]+"\n"+refs)
	}
	for i, refs := range []string{"vendor: acme\n", "vendor: globex\nabout: mail\n", "about: service:search\n", "about: bob\n", "about: INC-20261101-000000\n"} {
		id := fmt.Sprintf("CON-20261101-00000%d", i)
		d.write("contracts/2026/11/"+id+".yaml", "apiVersion: gitsm/v1\nkind: contract\nid: "+id+"\n"+refs)
	}
	return d
}

// TestCacheNames holds that an edit of the catalogue takes away what names the
// record that was edited, and nothing else.
func TestCacheNames(t *testing.T) {
	d := catalogued(t)
	p := rules{key: "one"}
	rep, data, _ := d.check(nil, "1", later(), p)
	if len(rep.Findings) > 0 {
		t.Fatalf("the store is not sound: %v", lines(rep))
	}
	always := []string{openRead, filepath.Base(outageFile), "INC-20261101-000000.yaml"} // judged, or referred to
	for _, tt := range []struct {
		file, old, new string
		read           []string
		code           string
	}{
		{"services/search.yaml", "title: Search", "title: Find", []string{"CHG-20261101-000001.yaml", "CON-20261101-000002.yaml", "INC-20261101-000001.yaml", "INC-20261102-000001.yaml", "PRB-20261101-000001.yaml"}, ""},
		{"vendors/eu/acme.yaml", "name: Acme", "name: Acme & Sons", []string{"CON-20261101-000000.yaml"}, ""},
		{"vendors/eu/acme.yaml", "code: acme", "code: acne", []string{"CON-20261101-000000.yaml"}, "REF001"},
		{"people/bob.yaml", "name: Bob\n", "name: Bob\nactive: false\n", []string{"CHG-20261101-000001.yaml", "CHG-20261101-000003.yaml", "CON-20261101-000003.yaml", "PRB-20261101-000002.yaml"}, "REF003"},
		{"assets/ams/mail.yaml", "", strings.ReplaceAll(scene["assets/fra/db-1.yaml"], "db-1", "mail"), []string{"CON-20261101-000001.yaml"}, "REF002"},
		{"people/carol.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: carol\nname: Carol\n", nil, ""},
	} {
		before := ""
		if tt.old != "" {
			before = d.read(tt.file)
		}
		d.write(tt.file, strings.Replace(before, tt.old, tt.new, 1))
		rep, next, read := d.check(data, "1", later(), p)
		read = slices.DeleteFunc(slices.Compact(read), func(name string) bool { return slices.Contains(always, name) })
		if !slices.Equal(read, tt.read) {
			t.Errorf("after %s became %q, %v were read", tt.file, tt.new, read)
		}
		if tt.code != "" && !slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.Code == tt.code }) {
			t.Errorf("after %s became %q: no %s among %v", tt.file, tt.new, tt.code, lines(rep))
		}
		if _, _, read := d.check(next, "1", later(), p); tt.code == "" && slices.Contains(read, "CON-20261101-000000.yaml") {
			t.Errorf("after %s became %q, what was read again is not remembered", tt.file, tt.new)
		}
		if before == "" {
			if err := os.Remove(filepath.Join(d.dir, tt.file)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		d.write(tt.file, before)
	}
}

// TestCacheCatalogue holds over any edits of any files of the catalogue, one and
// several at a time, that a check with a cache says what one without says.
func TestCacheCatalogue(t *testing.T) {
	d := catalogued(t)
	texts := map[string]string{}
	for _, dir := range []string{"services", "assets", "people", "teams", "vendors"} {
		err := filepath.WalkDir(filepath.Join(d.dir, dir), func(p string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				name, _ := filepath.Rel(d.dir, p)
				texts[filepath.ToSlash(name)] = d.read(filepath.ToSlash(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	files := slices.Sorted(maps.Keys(texts))
	id := func(name string) string { return strings.TrimSuffix(filepath.Base(name), ".yaml") }
	chance := rand.New(rand.NewPCG(3, 4))
	var data []byte
	p := rules{key: "a"}
	for range 150 {
		for range 1 + chance.IntN(3) {
			f, other := files[chance.IntN(len(files))], files[chance.IntN(len(files))]
			switch text := texts[f]; chance.IntN(9) {
			case 0:
				_ = os.Remove(filepath.Join(d.dir, filepath.FromSlash(f)))
			case 1, 2, 3:
				d.write(f, text)
			case 4:
				d.write(f, text+"active: false\n")
			case 5:
				d.write(f, text+"state: retired\n")
			case 6:
				d.write(f, text+"aliases: ["+id(other)+"]\n")
			case 7:
				d.write(f, strings.ReplaceAll(text, id(f), id(other))) // in a file of another name
			case 8:
				d.write(f, "&a "+text) // unreadable
			}
		}
		_, data, _ = d.check(data, "1", later(), p)
	}
}
