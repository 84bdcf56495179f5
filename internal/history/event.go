package history

import (
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// Event is one thing that happened, as scripts read it.
type Event struct {
	Time     time.Time `json:"time"` // as commit or statement says; it proves nothing
	Type     string    `json:"type"` // one of Types
	Record   string    `json:"record"`
	Kind     string    `json:"kind"`
	Commit   git.OID   `json:"commit"`   // the commit it rests on; for an opinion, the proposal's head it is about
	Actor    string    `json:"actor"`    // person id, else the name in the commit
	Trust    string    `json:"trust"`    // signed, claimed, bad; filled in by the audit
	Evidence string    `json:"evidence"` // path on the evidence branch, "" where it rests on the commit alone
	Detail   string    `json:"detail"`
	// Signature says why Trust is what it is: good, bad, unknown-key, expired,
	// unsigned.
	Signature string `json:"signature"`
}

// The types of events.
const (
	Genesis     = "genesis"
	Bootstraps  = "bootstrap"
	DirectPush  = "direct-push"
	Proposed    = "proposed"
	Edited      = "edited"
	Approved    = "approved"
	Rejected    = "rejected"
	Withdrawn   = "withdrawn"
	Landed      = "landed"
	Rescheduled = "rescheduled"
	Reverted    = "reverted"
	Deleted     = "deleted"
	Moved       = "moved"
	Reviewed    = "reviewed"
	BackedOut   = "backed-out"
)

// EventType is a row of the table of event types.
type EventType struct{ Name, Means string }

// Types is the table of event types, in the order of a record's life. Kinds
// that a store declares itself use the general ones.
func Types() []EventType {
	return []EventType{
		{Genesis, "in the commit the store began with, which nothing gates"},
		{Bootstraps, "came past the gate while the store was bootstrapping"},
		{DirectPush, "came to main past the gate"},
		{Proposed, "first commit of a proposal that others had to look at"},
		{Edited, "later commit of such a proposal, or an edit that landed"},
		{Approved, "somebody approved, here or, for an emergency, afterwards"},
		{Rejected, "somebody asked for changes"},
		{Withdrawn, "a proposal was taken back"},
		{Landed, "a new record landed; a change is authorised by it"},
		{Rescheduled, "what was authorised changed and was authorised anew"},
		{"started", "implementation of a change began"},
		{"finished", "implementation of a change ended"},
		{BackedOut, "implementation of a change ended by restoring what was before"},
		{Reviewed, "the review after implementation was written"},
		{"closed", "a record reached its end"},
		{"cancelled", "a scheduled change was given up"},
		{"opened", "an incident was opened"},
		{"acknowledged", "somebody took an incident on"},
		{"restored", "the service was back"},
		{"resolved", "the incident's cause was dealt with"},
		{Reverted, "a record went back to an earlier version"},
		{Moved, "a record took a step of its own kind's lifecycle"},
		{Deleted, "a record was removed"},
	}
}

// happened words the verbs of the built-in lifecycles as types of events.
func happened(verb string) string {
	switch verb {
	case "new":
		return Landed
	case "open":
		return "opened"
	case "start":
		return "started"
	case "finish":
		return "finished"
	case "close":
		return "closed"
	case "cancel":
		return "cancelled"
	case "acknowledge":
		return "acknowledged"
	case "restore":
		return "restored"
	case "resolve":
		return "resolved"
	case "reschedule":
		return Rescheduled
	case "edit":
		return Edited
	}
	return Moved
}

// IsOpinion reports whether an event's trust rests on a statement rather than
// on a commit.
func IsOpinion(e Event) bool {
	return e.Type == Approved || e.Type == Rejected || e.Type == Withdrawn
}

// Filter chooses events. An empty field chooses all.
type Filter struct {
	Records []string // exact ids
	Kinds   []string // names of kinds
	Types   []string
	Actors  []string
	// Services chooses records that name one of these services in any version,
	// and the services themselves.
	Services     []string
	Since, Until time.Time // half-open, by the event's own time
}

// Chooses reports whether a filter without services chooses an event.
func (f Filter) Chooses(e Event) bool { return f.about(e.Kind, e.Record) && f.allows(e) }

func (f Filter) allows(e Event) bool {
	return chosen(f.Types, e.Type) && chosen(f.Actors, e.Actor) &&
		(f.Since.IsZero() || !e.Time.Before(f.Since)) && (f.Until.IsZero() || e.Time.Before(f.Until))
}

// about reports whether a record may be chosen at all, before it is read.
func (f Filter) about(kind, id string) bool { return chosen(f.Records, id) && chosen(f.Kinds, kind) }

func chosen(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }
