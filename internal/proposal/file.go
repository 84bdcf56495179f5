package proposal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Draft is a record's new content on its way into a proposal.
type Draft struct {
	Kind    *record.Kind
	ID      string
	Path    string // in the store; Kind.PathOf(ID) for a new record
	Verb    string
	Content []byte
	Title   string
	Target  *Target // nil for a new record

	// Remake makes the content anew from what main has meanwhile, for edits
	// that do not depend on how the rest of the record looked. Nil refuses to
	// go over somebody else's edit.
	Remake func(rec *record.Record) ([]byte, error)
}

// name is what messages call what is drafted.
func (dr *Draft) name() string {
	if dr.Path == store.ConfigFile {
		return dr.Path
	}
	return dr.ID
}

// Propose writes a draft: onto the record's open proposal where it has one,
// else as a new proposal, which lands at once where policy needs nobody.
// New changes wait for merge, whatever policy says.
func (d *Desk) Propose(ctx context.Context, dr Draft) (*Outcome, error) {
	if err := d.May(ctx, dr.Kind); err != nil {
		return nil, err
	}
	if dr.Target != nil && dr.Target.Proposal != nil {
		return d.amend(ctx, dr)
	}
	branch, err := d.newBranch(dr.ID, dr.Verb)
	if err != nil {
		return nil, err
	}
	if dr.Target == nil && dr.Kind.Name == "change" {
		return d.file(ctx, dr, branch)
	}
	out, err := d.landOrFile(ctx, dr, branch)
	if err != nil || out.Landed || out.DryRun {
		return out, err
	}
	return out, d.alsoOpen(ctx, out)
}

// alsoOpen says which other proposals the record of a new one has, since its id
// names none of them from now on.
func (d *Desk) alsoOpen(ctx context.Context, out *Outcome) error {
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	open, err := d.openUnder(ctx, w, out.ID)
	if err != nil {
		return err
	}
	for _, p := range open {
		if p.Branch == out.Branch {
			continue
		}
		out.shared = true
		note := "it has another open proposal, " + p.Branch
		if out.Kind == "change" {
			note += ": gitsm change cancel " + p.Branch + " withdraws that"
		}
		out.Notes = append(out.Notes, note)
	}
	return nil
}

// May refuses somebody whom people/ calls inactive, and a change by somebody who
// could have signed it.
func (d *Desk) May(ctx context.Context, kind *record.Kind) error {
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	_, person, err := d.Actor(w.Base)
	if err != nil || person == nil {
		return err
	}
	if !person.IsActive() {
		return &RefusedError{What: fmt.Sprintf("%s is inactive in people/, and proposes nothing", person.ID)}
	}
	if d.Signer != nil || w.reviewed() || kind.Name != "change" {
		return nil
	}
	// It would be held up at the gate, which takes nobody's word for who made the
	// work of somebody who signs. On a forge it is the forge that knows.
	keys, err := Keyring(w.Base)
	if err == nil && keys.Signs(person.ID, d.Now()) {
		err = &RefusedError{What: fmt.Sprintf("%s has a signing key in people/, and git is not set up to sign here", person.ID),
			Fix: "git config user.signingkey names the key, git config gpg.format ssh its kind"}
	}
	return err
}

// file writes a new proposal without deciding anything.
func (d *Desk) file(ctx context.Context, dr Draft, branch string) (*Outcome, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	if dr, err = d.onTop(w, dr); err != nil {
		return nil, err
	}
	head, err := d.commit(ctx, w.Main, w.Main, dr)
	if err != nil {
		return nil, err
	}
	out := &Outcome{ID: dr.ID, Kind: dr.Kind.Name, Path: w.Base.Display(dr.Path), Branch: branch, Verb: dr.Verb, Commit: head,
		DryRun: d.DryRun, Content: dr.Content, Record: dr.record()}
	if d.DryRun {
		return out, nil
	}
	return out, d.update(ctx, "gitsm: "+dr.Verb+" "+dr.ID, git.RefUpdate{Name: heads + branch, New: head})
}

// amend adds a commit to an open proposal.
func (d *Desk) amend(ctx context.Context, dr Draft) (*Outcome, error) {
	p := dr.Target.Proposal
	head, err := d.commit(ctx, p.Head, p.Head, dr)
	if err != nil {
		return nil, err
	}
	out := &Outcome{ID: dr.ID, Kind: dr.Kind.Name, Path: p.Facts.Base.Display(dr.Path), Branch: p.Branch, Verb: dr.Verb, Commit: head,
		DryRun: d.DryRun, Content: dr.Content, Record: dr.record(), shared: p.shared}
	out.Before, out.Unpublished = source(dr.Target.Current()), p.upstream != ""
	if d.DryRun {
		return out, nil
	}
	old, err := d.here(ctx, p)
	if err == nil {
		err = d.update(ctx, "gitsm: "+dr.Verb+" "+dr.ID, git.RefUpdate{Name: heads + p.Branch, Old: old, New: head})
	}
	if errors.Is(err, git.ErrStale) {
		return nil, &RefusedError{What: "somebody else edited " + p.Branch + " meanwhile", Fix: "look at it again: gitsm " + dr.Kind.Name + " view " + dr.ID}
	}
	return out, err
}

// landOrFile proposes a draft and lands it where the gate allows it. Where
// policy wants approvals the proposal stays open; where it is denied nothing
// is left behind.
func (d *Desk) landOrFile(ctx context.Context, dr Draft, branch string) (*Outcome, error) {
	if w, err := d.Look(ctx); err != nil {
		return nil, err
	} else if w.reviewed() && (!w.Base.Config.Bootstrap || !dr.Kind.Catalogue && dr.Path != store.ConfigFile) {
		return d.through(ctx, dr, branch)
	}
	var last *Loaded
	out, err := d.landing(ctx, MergeOptions{}, func(w *World) (*Loaded, error) {
		dr, err := d.onTop(w, dr)
		if err != nil {
			return nil, err
		}
		head, err := d.commit(ctx, w.Main, w.Main, dr)
		if err != nil {
			return nil, err
		}
		if last, err = d.Load(ctx, w, Proposal{Branch: branch, ID: dr.ID, Verb: dr.Verb, Head: head}); err == nil {
			last.alone = true // no forge has it yet
		}
		return last, err
	})
	if errors.Is(err, git.ErrUnreachable) && (dr.Verb == "new" || dr.Verb == "edit") {
		return d.fileOffline(ctx, dr, branch)
	}
	if err != nil || out.Decision.Allowed() {
		return out, err
	}
	if out.Decision.Verdict != approval.Pending {
		return out, &RefusedError{What: fmt.Sprintf("%s of %s is refused", dr.Verb, dr.name()), Why: reasons(out), Decision: out.Decision}
	}
	out.Unpublished = last.world.remote != ""
	if d.DryRun {
		return out, nil
	}
	return out, d.update(ctx, "gitsm: "+dr.Verb+" "+dr.ID, git.RefUpdate{Name: heads + branch, New: last.Head})
}

// fileOffline keeps what could not be decided as a proposal. Steps of a
// lifecycle are not kept: they say what is done now, or it is not done.
func (d *Desk) fileOffline(ctx context.Context, dr Draft, branch string) (*Outcome, error) {
	out, err := d.file(ctx, dr, branch)
	if err != nil {
		return nil, err
	}
	out.Notes = append(out.Notes, fmt.Sprintf("the upstream could not be reached, so this is a proposal until it is: gitsm %s merge %s", dr.Kind.Name, out.Arg()))
	return out, nil
}

// onTop holds a draft against what main has now: a lost race must neither undo
// somebody else's edit nor file a record twice.
func (d *Desk) onTop(w *World, dr Draft) (Draft, error) {
	rec, broken, err := config(w.Base), []finding.Finding(nil), error(nil)
	if dr.Path != store.ConfigFile {
		rec, broken, err = w.Base.At(dr.Path)
	}
	if err != nil {
		return dr, err
	}
	if rec == nil && len(broken) > 0 {
		return dr, &RefusedError{What: fmt.Sprintf("%s on %s cannot be read", w.Base.Display(dr.Path), d.Main), Why: []string{broken[0].Code + " " + broken[0].Message},
			Fix: "mend the file on a branch " + branchPrefix + dr.ID + "/mend-1"}
	}
	var was *record.Record
	if dr.Target != nil {
		was = dr.Target.Landed
	}
	switch {
	case rec == nil && was == nil:
		return dr, nil
	case was == nil:
		return dr, &RefusedError{What: fmt.Sprintf("%s %s exists already", dr.Kind.Name, dr.ID), Fix: fmt.Sprintf("gitsm %s edit %s", dr.Kind.Name, dr.ID)}
	case rec == nil:
		return dr, &RefusedError{What: fmt.Sprintf("%s is gone from %s", dr.ID, d.Main)}
	case bytes.Equal(rec.Doc.Source, was.Doc.Source):
		return dr, nil
	case dr.Remake == nil:
		return dr, &RefusedError{What: fmt.Sprintf("%s changed on main meanwhile", dr.name()), Fix: "look at it again and repeat the edit"}
	}
	dr.Content, err = dr.Remake(rec)
	return dr, err
}

// record is the draft as it reads; nil for policy, and where it cannot be read.
func (dr Draft) record() *record.Record {
	doc, found := dr.Kind.Parse(dr.Path, dr.Content)
	if finding.Worst(found) == finding.Error {
		return nil
	}
	return record.New(dr.Kind, dr.ID, dr.Path, "", doc)
}

// commit writes the draft on top of parent.
func (d *Desk) commit(ctx context.Context, base, parent git.OID, dr Draft) (git.OID, error) {
	head, err := d.Repo.WriteCommit(ctx, git.CommitSpec{
		Base: base, Parents: []git.OID{parent},
		Files:   []git.FileEdit{{Path: d.path(dr.Path), Content: dr.Content}},
		Message: fmt.Sprintf("Propose to %s %s %s: %s\n", dr.Verb, dr.Kind.Name, dr.ID, oneLine(dr.Title)),
		Author:  d.signature(), Committer: d.signature(), Sign: d.sign(ctx, evidence.CommitNamespace),
	})
	if err != nil {
		return "", fmt.Errorf("writing the proposal: %w", err)
	}
	return head, nil
}

func (d *Desk) path(p string) string {
	if d.Dir == "" {
		return p
	}
	return d.Dir + "/" + p
}

// skips are words in a commit's message that keep GitHub from starting the workflows
// of a push.
var skips = lazyregexp.New(`(?i)\[(skip ci|ci skip|no ci|skip actions|actions skip)\]`)

// Harmless takes words out of a title that are orders in the message of a commit,
// which it becomes where a pull request is squashed.
func Harmless(title string) string { return skips.ReplaceAllString(title, "($1)") }

// oneLine keeps a title from starting trailers of its own in a commit message, and
// from giving orders there.
func oneLine(s string) string {
	s = Harmless(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return s
}

// reasons says in words why a decision is no pass.
func reasons(out *Outcome) []string {
	var why []string
	for _, f := range problems(out.Decision) {
		why = append(why, f.Code+" "+f.Message)
	}
	if len(why) == 0 {
		why = append(why, out.Decision.Reasons...)
	}
	return why
}
