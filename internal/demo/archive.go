package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// DefaultRecent is how many changes of a demo are made with the verbs. What is
// asked for beyond that is archive: every verb decides, signs and records
// evidence, which no one would wait for a hundred thousand times.
const DefaultRecent = 1000

// archived is a change of the years before the store began, when the
// organisation kept the same files in git and nothing judged them. Its life is
// four plain commits of main, from filing to the end, and all of them lie before
// genesis, so that no audit takes them for anything else.
type archived struct {
	id, path string
	plan     string // the record as filed
	done     string // what its implementation added
	review   string // what looking back added, "" where nobody did
	by, with *employee
}

// The archive ends before the store begins, and nobody files more than some
// hundred changes a month, which is what a directory holds.
const (
	archiveMonthly   = 500 // changes
	archiveMostYears = 15
	archiveSettles   = 45 * 24 * time.Hour // when the last of it is over
)

// archive writes n changes of earlier years and returns the commit they end in,
// "" for none.
func (b *builder) archive(n int) (git.OID, error) {
	if n <= 0 {
		return "", nil
	}
	months := min(12*archiveMostYears, n/archiveMonthly+12)
	last := opening.Add(-archiveSettles)
	first := last.AddDate(0, -months, 0)
	var days agenda
	var head git.OID
	for i := range n {
		step := last.Sub(first) / time.Duration(n)
		days.plan(atOffice(first.Add(step*time.Duration(i)).Truncate(time.Second)), "", func() error { return b.remember(&days, &head) })
	}
	for days.Len() > 0 {
		if err := b.ctx.Err(); err != nil {
			return "", err
		}
		t := days.next()
		b.now = t.at
		if err := t.do(); err != nil {
			return "", fmt.Errorf("writing the archive at %s: %w", t.at.Format(timeFormat), err)
		}
	}
	return head, nil
}

// remember files one archived change and plans the rest of its life.
func (b *builder) remember(days *agenda, head *git.OID) error {
	w, err := b.newWork()
	if err != nil {
		return err
	}
	a, err := b.archived(w)
	if err != nil {
		return err
	}
	b.count()
	write := func(at time.Time, who *employee, message, state, text string) {
		days.plan(at, who.id, func() error {
			content := strings.Replace(a.plan, "\nstate: scheduled\n", "\nstate: "+state+"\n", 1) + text
			return b.keep(head, who, message+" "+a.id+"\n", a.path, content)
		})
	}
	ended := w.from.Add(time.Duration(w.job.length) * time.Minute)
	write(b.now, a.by, "File", "scheduled", "")
	if w.dropped || w.called {
		write(w.from.Add(-time.Hour), a.by, "Cancel", "cancelled", "")
		return nil
	}
	started := a.done // but for when it was finished, and how
	if begin, rest, ok := strings.Cut(a.done, "  finished_at:"); ok {
		_, rest, _ = strings.Cut(rest, "\n")
		who, _, _ := strings.Cut(rest, "  outcome:")
		started = begin + who
	}
	write(w.from.Add(time.Minute), a.with, "Start", "implementing", started)
	write(ended, a.with, "Finish", "review", a.done)
	write(atOffice(ended.Add(20*time.Hour)), a.by, "Close", "closed", a.done+a.review)
	return nil
}

// archived writes the parts of a change's record once; its versions are made of
// them.
func (b *builder) archived(w *work) (*archived, error) {
	id, err := record.NewID(b.kind("change"), b.now, b.bytes)
	if err != nil {
		return nil, err
	}
	a := &archived{id: id, path: b.kind("change").PathOf(id), by: b.staff[w.requester], with: b.staff[b.implementer(w)]}
	f := b.fields(w)
	head := envelope("change", id, entry("title", f["title"]), entry("type", "normal"), entry("state", "scheduled"), entry("requester", w.requester))
	for _, key := range []string{"owner", "services", "assets", "environment", "window", "reason", "impact", "security_impact", "plan", "questionnaire"} {
		v := f[key]
		if m, ok := v.(map[string]any); ok {
			v = inOrder(m, "start", "end", "timezone", "implement", "test", "backout", "verify",
				"done_before", "tested", "backout_tested", "expected_outage", "data_change", "teams")
		}
		head = append(head, entry(key, v))
	}
	ended := w.from.Add(time.Duration(w.job.length) * time.Minute)
	done := yamldoc.Map{entry("started_at", w.from.Add(time.Minute).Format(timeFormat)), entry("finished_at", ended.Format(timeFormat)),
		entry("implementer", a.with.id), entry("outcome", w.fate)}
	review := yamldoc.Map{entry("reviewer", w.requester), entry("reviewed_at", ended.Add(18*time.Hour).Format(timeFormat)), entry("summary", pick(b, lessons(w)))}
	for _, part := range []struct {
		into *string
		text yamldoc.Map
	}{{&a.plan, head}, {&a.done, yamldoc.Map{entry("implementation", done)}}, {&a.review, yamldoc.Map{entry("review", review)}}} {
		text, err := yamldoc.Marshal(part.text)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", id, err)
		}
		*part.into = string(text)
	}
	if w.fate == "successful" {
		a.review = ""
	}
	return a, nil
}

// keep commits one file on top of head, which nobody will read again.
func (b *builder) keep(head *git.OID, who *employee, message, path, content string) error {
	sig := git.Signature{Name: who.name, Email: who.email(), When: b.now}
	spec := git.CommitSpec{Base: *head, Files: []git.FileEdit{{Path: path, Content: []byte(content)}}, Message: message, Author: sig, Committer: sig}
	if *head != "" {
		spec.Parents = []git.OID{*head}
	}
	id, err := b.repo.objects.Commit(spec)
	if err != nil {
		return err
	}
	if *head != "" {
		b.repo.objects.Supersede(*head, id)
	}
	*head = id
	b.remembered++
	return nil
}

// inOrder writes those keys that a mapping has, in this order.
func inOrder(m map[string]any, keys ...string) yamldoc.Map {
	var out yamldoc.Map
	for _, key := range keys {
		if v, ok := m[key]; ok {
			out = append(out, entry(key, v))
		}
	}
	return out
}
