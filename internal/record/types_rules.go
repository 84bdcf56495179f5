package record

import "slices"

// Model is work authorised in advance: a standard change, or an item of the
// request catalogue.
type Model struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Use        string          `json:"use"` // change, request
	Owner      string          `json:"owner"`
	State      string          `json:"state"` // active, retired; suspension is derived
	Scope      Scope           `json:"scope"`
	Locked     map[string]any  `json:"locked"`   // fields that have to say exactly this
	Defaults   map[string]any  `json:"defaults"` // fields filled in like this, to be changed at will
	Open       []string        `json:"open"`     // dotted names of further fields that may be filled in
	Questions  []Question      `json:"questions"`
	Approvals  []ModelApproval `json:"approvals"`
	ApprovedAt string          `json:"approved_at"`
	ValidFrom  string          `json:"valid_from"`
	Expires    string          `json:"expires"`
}

// Question is what a request made from a model has to answer.
type Question struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Required bool     `json:"required"`
	Options  []string `json:"options"` // empty takes any text
}

// ModelApproval is an approval that each use of a model needs all the same.
type ModelApproval struct {
	From  []string `json:"from"`  // "team:…", "person:…"
	Count int      `json:"count"` // 0 stands for 1
}

// Window is a time in which changes may be carried out, or may not. Start and
// End are the first occurrence where it recurs.
type Window struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Type     string   `json:"type"`     // maintenance, freeze
	Strength string   `json:"strength"` // of a freeze: hard, soft; "" stands for hard
	State    string   `json:"state"`    // active, cancelled
	Start    string   `json:"start"`
	End      string   `json:"end"`      // or Duration
	Duration string   `json:"duration"` // as time.ParseDuration reads it
	Timezone string   `json:"timezone"` // "" stands for the store's
	RRule    string   `json:"rrule"`    // "" happens once
	ExDates  []string `json:"exdates"`
	Scope    Scope    `json:"scope"`
	Owner    string   `json:"owner"`
	Reason   string   `json:"reason"`
	Contact  string   `json:"contact"`
	Sequence int      `json:"sequence"`
}

// Scope is what a window or a model is for. Services, Tiers and Assets add up,
// Environments narrows; one that names nothing covers nothing.
type Scope struct {
	All          bool     `json:"all"`
	Services     []string `json:"services"`
	Tiers        []int    `json:"tiers"`
	Assets       []string `json:"assets"`
	Environments []string `json:"environments"`
}

// Empty reports whether the scope names nothing, and so covers nothing.
func (s Scope) Empty() bool {
	return !s.All && len(s.Services) == 0 && len(s.Tiers) == 0 && len(s.Assets) == 0
}

// Waiver is a rule that is not applied for a while.
type Waiver struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	State       string      `json:"state"` // active, revoked; that it expired is derived
	Rule        string      `json:"rule"`  // id of a policy rule, or code of a finding
	Scope       WaiverScope `json:"scope"`
	Reason      string      `json:"reason"`
	RequestedBy string      `json:"requested_by"`
	Approver    string      `json:"approver"`
	ValidFrom   string      `json:"valid_from"`
	Expires     string      `json:"expires"`
}

// WaiverScope is what a rule is waived for: each list narrows. One that names
// nothing covers nothing.
type WaiverScope struct {
	All      bool     `json:"all"`
	Records  []string `json:"records"`  // ids, kind:id where several kinds have one
	Services []string `json:"services"` // records whose services are all among these
	Kinds    []string `json:"kinds"`
}

// Covers reports whether a record of a kind, for these services, is in scope.
func (s WaiverScope) Covers(kind, id string, services []string) bool {
	if s.Empty() || s.All {
		return s.All
	}
	switch {
	case len(s.Kinds) > 0 && !slices.Contains(s.Kinds, kind),
		len(s.Records) > 0 && !slices.Contains(s.Records, id) && !slices.Contains(s.Records, kind+":"+id):
		return false
	case len(s.Services) == 0:
		return true
	}
	return len(services) > 0 && !slices.ContainsFunc(services, func(service string) bool { return !slices.Contains(s.Services, service) })
}

// Empty reports whether the scope names nothing, and so covers nothing.
func (s WaiverScope) Empty() bool {
	return !s.All && len(s.Records) == 0 && len(s.Services) == 0 && len(s.Kinds) == 0
}
