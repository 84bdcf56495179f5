package record

import "strings"

// Change is a planned, standard or emergency change to services and assets.
type Change struct {
	ID             string         `json:"id"`
	Title          string         `json:"title"`
	Type           string         `json:"type"` // standard, normal, emergency
	State          string         `json:"state"`
	Requester      string         `json:"requester"`
	Owner          string         `json:"owner"`
	Services       []string       `json:"services"`
	Assets         []string       `json:"assets"`
	Environment    string         `json:"environment"`
	Window         Schedule       `json:"window"`
	Reason         string         `json:"reason"`
	Plan           Plan           `json:"plan"`
	Model          string         `json:"model"`
	Incident       string         `json:"incident"`
	Authoriser     string         `json:"authoriser"`
	Implementation Implementation `json:"implementation"`
	Review         Review         `json:"review"`
	FiledLate      bool           `json:"filed_late"`
}

// Schedule is when a change may be implemented, half-open, as RFC 3339 strings.
type Schedule struct {
	Start    string `json:"start"`
	End      string `json:"end"`
	Timezone string `json:"timezone"` // IANA name
}

// Plan is how a change is implemented, tested, backed out and verified.
type Plan struct {
	Implement string `json:"implement"`
	Test      string `json:"test"`
	Backout   string `json:"backout"`
	Verify    string `json:"verify"`
}

// Implementation is what happened, written by start, finish and backout.
type Implementation struct {
	StartedAt   string `json:"started_at"`
	FinishedAt  string `json:"finished_at"`
	Implementer string `json:"implementer"`
	Outcome     string `json:"outcome"` // successful, successful-with-issues, failed, backed-out
	Notes       string `json:"notes"`
}

// Review is the post-implementation review.
type Review struct {
	Reviewer   string `json:"reviewer"`
	ReviewedAt string `json:"reviewed_at"`
	Summary    string `json:"summary"`
}

// Service is something users depend on.
type Service struct {
	ID                 string   `json:"id"`
	Title              string   `json:"title"`
	Owner              string   `json:"owner"`
	Tier               *int     `json:"tier"` // 0 most critical … 4; nil where not given
	State              string   `json:"state"`
	Environments       []string `json:"environments"`
	DataClassification string   `json:"data_classification"`
	DependsOn          []any    `json:"depends_on"` // id, or {need, of}
}

// Asset is a configuration item that services run on.
type Asset struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Type        string `json:"type"`
	Owner       string `json:"owner"`
	Environment string `json:"environment"`
	State       string `json:"state"`
	DependsOn   []any  `json:"depends_on"`
}

// Incident is an unplanned interruption of a service.
type Incident struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	State          string   `json:"state"`
	Services       []string `json:"services"`
	CausedBy       string   `json:"caused_by"`
	StartedAt      string   `json:"started_at"`
	DetectedAt     string   `json:"detected_at"`
	AcknowledgedAt string   `json:"acknowledged_at"`
	RestoredAt     string   `json:"restored_at"`
	ResolvedAt     string   `json:"resolved_at"`
}

// Team is a group of people that can own services and give approvals.
type Team struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Members []string `json:"members"` // person ids
	Lead    string   `json:"lead"`
	Active  *bool    `json:"active"` // nil counts as active
}

// Person is the identity that commits, approvals and signatures belong to.
type Person struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Emails      []string     `json:"emails"`
	GitHub      GitHub       `json:"github"`
	SigningKeys []SigningKey `json:"signing_keys"`
	Active      *bool        `json:"active"` // nil counts as active
}

// GitHub is a person's account there; the numeric id survives renames.
type GitHub struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
}

// SigningKey is one public key of a person with the time it is good for.
type SigningKey struct {
	Key          string `json:"key"`       // authorized_keys form, or an armored OpenPGP public key
	Authority    bool   `json:"authority"` // it signs SSH certificates that name the person
	ValidAfter   string `json:"valid_after"`
	ValidBefore  string `json:"valid_before"`
	RevokedSince string `json:"revoked_since"`
}

// Essence is what makes a key this one: type and key without the comment, or
// how an OpenPGP key begins, as every copy of it does. It is "" for what is no
// key.
func (k SigningKey) Essence() string {
	text := strings.ReplaceAll(strings.TrimSpace(k.Key), "\r\n", "\n")
	if _, body, armored := strings.Cut(text, "\n\n"); armored {
		body = strings.ReplaceAll(body, "\n", "")
		return body[:min(len(body), pgpBeginning)]
	}
	parts := strings.Fields(text)
	if len(parts) < 2 {
		return ""
	}
	return parts[0] + " " + parts[1]
}

// pgpBeginning is how much of a key in base64 tells it from all others: it has
// the time it was made and a good part of its numbers.
const pgpBeginning = 64

// IsActive reports whether the person may act.
func (p Person) IsActive() bool { return p.Active == nil || *p.Active }

// IsActive reports whether the team may act.
func (t Team) IsActive() bool { return t.Active == nil || *t.Active }
