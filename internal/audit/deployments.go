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
)

// Deployments is a list of what was deployed, made by somebody else than
// gitsm, to hold the changes against.
type Deployments struct {
	Name   string // of the file
	SHA256 string // of its bytes
	List   []Deployment
}

// Deployment is one row of such a list.
type Deployment struct {
	Line     int // in the file; the place in the list for JSON
	ID       string
	Time     time.Time
	Service  string
	Change   string // id, where the row names one
	Artifact string // digest, as changes have it
}

// ReadDeployments reads a list as CSV, with a line of names, or as a JSON
// array of objects. Of the names, time is needed, and one of change, artifact
// and service; id is shown, and others are passed over.
func ReadDeployments(name string, src []byte) (*Deployments, error) {
	sum := sha256.Sum256(src)
	out := &Deployments{Name: name, SHA256: hex.EncodeToString(sum[:])}
	rows, err := csvRows(src)
	if text := bytes.TrimSpace(src); len(text) > 0 && text[0] == '[' {
		rows, err = jsonRows(text)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for _, r := range rows {
		d := Deployment{Line: r.line, ID: r.fields["id"], Service: r.fields["service"], Change: r.fields["change"], Artifact: r.fields["artifact"]}
		if d.Time, err = time.Parse(time.RFC3339, r.fields["time"]); err != nil {
			return nil, fmt.Errorf("reading %s:%d: time %q is not RFC 3339, such as 2026-11-20T14:00:00Z", name, r.line, r.fields["time"])
		}
		if d.Service == "" && d.Change == "" && d.Artifact == "" {
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
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
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
			fields[strings.ToLower(strings.TrimSpace(names[i]))] = strings.TrimSpace(v)
		}
		out = append(out, row{line, fields})
	}
}

func jsonRows(src []byte) ([]row, error) {
	var list []map[string]any
	if err := json.Unmarshal(src, &list); err != nil {
		return nil, err
	}
	var out []row
	for i, m := range list {
		fields := map[string]string{}
		for k, v := range m {
			if s, ok := v.(string); ok {
				fields[strings.ToLower(k)] = s
			}
		}
		out = append(out, row{i + 1, fields})
	}
	return out, nil
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
			out = append(out, failed([]string{at(d.Name, dep.Line)}, "deployment %s at %s has no change: %s", orNone(dep.ID), utc(dep.Time), why))
			continue
		}
		covered[x] = true
	}
	from, to := d.List[0].Time, d.List[len(d.List)-1].Time
	t.notes = append(t.notes, fmt.Sprintf("deployments: %d in %s (SHA-256 %s), from %s to %s, held against %s by gitsm %s",
		len(d.List), d.Name, d.SHA256, utc(from), utc(to), t.h.Head().OID, orNone(t.Tool)))
	if rest := alone(worked, covered, from, to); len(rest) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("deployments: in that time %s carried out that no deployment belongs to: %s", were(len(rest), "change"), strings.Join(rest, ", ")))
	}
	if len(out) == 0 {
		out = append(out, passed([]string{d.Name}, "each of %s belongs to a change that was being carried out", plural(len(d.List), "deployment")))
	}
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
