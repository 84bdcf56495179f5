package engine

// Rule describes one rule of the policy, from its METADATA.
type Rule struct {
	ID          string // custom.id, such as CHG012
	Name        string // deny, warn, signals, risk or approvals
	Package     string // gitsm.change
	Title       string
	Description string
	Severity    string // "error" for deny, "warning" for warn, else as in METADATA
	Fix         string
	Controls    []string
	Waivable    bool // whether a waiver may cover its findings: deny and warn, unless METADATA says waivable: false
	File        string
	Line        int
}
