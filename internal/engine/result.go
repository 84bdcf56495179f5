package engine

// Result is what the policy of a kind says about one record. Every list is
// sorted by the place of the rule, then by content.
type Result struct {
	Deny, Warn []Message
	Signals    []Signal
	Risk       Risk
	HasRisk    bool // whether the kind's package has a risk rule
	Approvals  []Requirement
	Retro      []Requirement // asked for after landing: they hold nothing up
	Needed     []Need        // of the package Needed alone
}

// Message is one element of deny or warn, with the rule that made it.
type Message struct {
	Rule     string // METADATA custom.id
	Title    string // METADATA title
	About    string // METADATA description
	Msg      string
	Path     string // JSON pointer into the record, or empty
	Fix      string // the element's own, else METADATA custom.fix
	Severity string // "error" for deny, "warning" for warn
	Controls []string
	File     string // where the rule is written
	Line     int
	Loc      *Loc // where the policy itself says the message belongs
}

// Loc is conftest's `_loc`, a place named by the policy.
type Loc struct {
	File string
	Line int
}

// Signal is one additive reason for risk.
type Signal struct {
	Rule       string // METADATA custom.id
	ID         string // the signal's own, else Rule
	Points     int
	Msg        string
	Mitigation string
	Path       string // JSON pointer into the record, or empty
	Try        []Step // what the mitigation would make of the record, as far as policy says
	File       string
	Line       int
}

// Step sets a field of the record to a value, or takes the field away.
type Step struct {
	Path   string // JSON pointer into the record
	Value  any    // as encoding/json decodes it, numbers as json.Number
	Remove bool
}

// Risk is the policy's judgement of a record.
type Risk struct {
	Score int
	Band  string
}

// Requirement asks for Count approvals by members of From. Elements of
// approvals with `retro: true` are in Result.Retro.
type Requirement struct {
	Rule  string   // METADATA custom.id
	ID    string   // the requirement's own, else Rule; unique in a result
	From  []string // refs: team:…, person:…
	Count int
	Msg   string
	// Shared lets a person count here and for another requirement as well.
	Shared bool
	File   string
	Line   int
}

// Need is one reason why a file is not to be changed without a change.
type Need struct {
	Rule  string // METADATA custom.id
	Type  string // of the change: standard or normal
	Path  string // of the file, in the repository
	Msg   string
	Model string // of a standard change, or empty
	File  string
	Line  int
}
