package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Deployments is a list of what was deployed, made by somebody else than
// gitsm, to hold the changes against.
type Deployments struct {
	Name   string // of the file, or what tags were meant
	SHA256 string // of its bytes; of tags, of a line "COMMIT NAME" for each
	List   []Deployment
}

// Deployment is one row of such a list.
type Deployment struct {
	Line     int // in the file; the place in the list for JSON
	ID       string
	Time     time.Time
	Service  string
	Change   string  // id, where the row names one
	Artifact string  // digest, as changes have it
	Commit   git.OID // that was deployed, "" where nothing says
}

// place is where a list names the deployment, for RestsOn.
func (dep Deployment) place(list string) []string {
	if dep.Line == 0 {
		return []string{"refs/tags/" + dep.ID, dep.Commit}
	}
	return []string{at(list, dep.Line)}
}

// TagDeployments takes each tag for a deployment, at the time that it claims. It
// is one of the change that a Change-Id trailer of its message names, else of the
// service that its name begins with, as in checkout/v1.2.0 or checkout@1.2.0. The
// trailer of the commit is none of it: that names what landed last.
func TagDeployments(name string, tags []git.Tag) *Deployments {
	sum := sha256.New()
	out := &Deployments{Name: name}
	for _, t := range tags {
		fmt.Fprintf(sum, "%s %s\n", t.Commit, t.Name)
		d := Deployment{ID: t.Name, Time: t.When, Commit: t.Commit, Change: history.Trailer(t.Message, history.ChangeID)}
		if i := strings.IndexAny(t.Name, "/@"); i > 0 {
			d.Service = t.Name[:i]
		}
		out.List = append(out.List, d)
	}
	out.SHA256 = hex.EncodeToString(sum.Sum(nil))
	slices.SortStableFunc(out.List, func(a, b Deployment) int { return a.Time.Compare(b.Time) })
	return out
}

// ReadDeployments reads a list as CSV, with a line of names, or as a JSON
// array of objects. Of the names, time is needed, and one of change, artifact,
// service and sha; id is shown, and others are passed over. What GitHub's API
// lists as deployments is such an array: created_at is the time, and the payload
// may name change, artifact and service.
func ReadDeployments(name string, src []byte) (*Deployments, error) {
	sum := sha256.Sum256(src)
	out := &Deployments{Name: name, SHA256: hex.EncodeToString(sum[:])}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // as spreadsheets write it
	rows, err := csvRows(src)
	if text := bytes.TrimSpace(src); len(text) > 0 && text[0] == '[' {
		rows, err = jsonRows(text)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for _, r := range rows {
		d := Deployment{Line: r.line, ID: r.fields["id"], Service: r.fields["service"], Change: r.fields["change"], Artifact: r.fields["artifact"], Commit: r.fields["sha"]}
		if d.Time, err = time.Parse(time.RFC3339, r.fields["time"]); err != nil {
			return nil, fmt.Errorf("reading %s:%d: time %q is not RFC 3339, such as 2026-11-20T14:00:00Z", name, r.line, r.fields["time"])
		}
		if d.Service == "" && d.Change == "" && d.Artifact == "" && d.Commit == "" {
			return nil, fmt.Errorf("reading %s:%d: nothing says what was deployed: it needs one of change, artifact, service", name, r.line)
		}
		out.List = append(out.List, d)
	}
	slices.SortStableFunc(out.List, func(a, b Deployment) int { return a.Time.Compare(b.Time) })
	return out, nil
}

type row struct {
	line   int
	fields map[string]string
}

func csvRows(src []byte) ([]row, error) {
	r := csv.NewReader(bytes.NewReader(src))
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		if slices.Contains(names[:i], names[i]) && names[i] != "" {
			return nil, fmt.Errorf("two columns are named %q", names[i])
		}
	}
	if !slices.Contains(names, "time") {
		return nil, fmt.Errorf("no column is named time; the first line, with commas between, has %q", names)
	}
	var out []row
	for {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		fields := map[string]string{}
		for i, v := range values {
			fields[names[i]] = strings.TrimSpace(v)
		}
		out = append(out, row{line, fields})
	}
}

func jsonRows(src []byte) ([]row, error) {
	var list []map[string]any
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber() // an id of twenty digits stays what it is
	if err := dec.Decode(&list); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the list: it has to be one JSON array")
	}
	var out []row
	for i, m := range list {
		fields := map[string]string{}
		texts(fields, m)
		if inner, ok := m["payload"].(map[string]any); ok {
			texts(fields, inner)
		}
		if fields["time"] == "" {
			fields["time"] = fields["created_at"]
		}
		out = append(out, row{i + 1, fields})
	}
	return out, nil
}

// texts adds the members of an object that are text, and a number as its id.
func texts(to map[string]string, m map[string]any) {
	for k, v := range m {
		switch v := v.(type) {
		case string:
			to[strings.ToLower(k)] = v
		case json.Number:
			if strings.EqualFold(k, "id") && to["id"] == "" {
				to["id"] = v.String()
			}
		}
	}
}

// complete is POP-1: each deployment had a change that was being carried out.
func (t *trail) complete(ds []*dossier) []answer {
	if t.Deployments == nil {
		return []answer{inapplicable("no list of deployments was given to hold the changes against (--deployments)")}
	}
	d := t.Deployments
	if len(d.List) == 0 {
		return []answer{unverifiable([]string{d.Name}, "%s lists no deployment: an empty population proves nothing", d.Name)}
	}
	var worked []*dossier
	for _, x := range ds {
		if x.is("change") && x.started() != nil {
			worked = append(worked, x)
		}
	}
	covered := map[*dossier]bool{}
	var out []answer
	for _, dep := range d.List {
		x, why := dep.change(worked)
		if x == nil {
			out = append(out, failed(dep.place(d.Name), "deployment %s at %s has no change: %s", orNone(dep.ID), utc(dep.Time), why))
			continue
		}
		covered[x] = true
	}
	from, to := d.List[0].Time, d.List[len(d.List)-1].Time
	t.notes = append(t.notes, fmt.Sprintf("deployments: %d in %s (SHA-256 %s), from %s to %s, held against %s by gitsm %s",
		len(d.List), d.Name, d.SHA256, utc(from), utc(to), t.h.Head().OID, orNone(t.Tool)))
	if twice := d.twice(); len(twice) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("deployments: listed more than once: %s", strings.Join(twice, ", ")))
	}
	if rest := alone(worked, covered, from, to); len(rest) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("deployments: in that time %s carried out that no deployment belongs to: %s", were(len(rest), "change"), strings.Join(rest, ", ")))
	}
	if len(out) == 0 {
		out = append(out, passed([]string{d.Name}, "each of %s belongs to a change that was being carried out", finding.Counted(len(d.List), "deployment")))
	}
	return out
}

// twice are the ids that more than one row of the list has.
func (l *Deployments) twice() []string {
	seen := map[string]int{}
	var out []string
	for _, d := range l.List {
		if seen[d.ID]++; d.ID != "" && seen[d.ID] == 2 {
			out = append(out, d.ID)
		}
	}
	slices.Sort(out)
	return out
}

// change finds the change a deployment belongs to: the one it names, else one
// with the same artifact, else one of the same service at the time.
func (dep Deployment) change(worked []*dossier) (*dossier, string) {
	has := func(is func(*dossier) bool) *dossier {
		if i := slices.IndexFunc(worked, is); i >= 0 {
			return worked[i]
		}
		return nil
	}
	switch {
	case dep.Change != "":
		return has(func(d *dossier) bool { return d.id == dep.Change && d.during(dep.Time) }), "no change " + dep.Change + " was being carried out then"
	case dep.Artifact != "":
		return has(func(d *dossier) bool {
			return d.during(dep.Time) && slices.ContainsFunc(pinned(d.newest()), func(p string) bool { return strings.HasSuffix(p, " "+dep.Artifact) })
		}), "no change with the artifact " + dep.Artifact + " was being carried out then"
	case dep.Service == "":
		return nil, "nothing says which change, artifact or service it is of"
	}
	return has(func(d *dossier) bool {
			return d.during(dep.Time) && slices.Contains(d.newest().Strs("services"), dep.Service)
		}),
		"no change of service " + dep.Service + " was being carried out then"
}

// during reports whether the change was being carried out, by its own word.
func (d *dossier) during(when time.Time) bool {
	from, ok := d.newest().Time("implementation", "started_at")
	to, over := d.newest().Time("implementation", "finished_at")
	return ok && !when.Before(from) && (!over || !when.After(to))
}

// alone lists the changes that began in a time and that no deployment belongs to.
func alone(worked []*dossier, covered map[*dossier]bool, from, to time.Time) []string {
	var out []string
	for _, d := range worked {
		began, ok := d.newest().Time("implementation", "started_at")
		if ok && !covered[d] && !began.Before(from) && !began.After(to) {
			out = append(out, d.id)
		}
	}
	slices.Sort(out)
	return out
}
