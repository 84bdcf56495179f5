package record

// Problem is the cause of incidents, known or looked for.
type Problem struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Services     []string `json:"services"`
	Assets       []string `json:"assets"`
	Owner        string   `json:"owner"`
	State        string   `json:"state"`
	Incidents    []string `json:"incidents"`
	RootCause    string   `json:"root_cause"`
	Workaround   string   `json:"workaround"`
	KnownErrorAt string   `json:"known_error_at"`
	Changes      []string `json:"changes"` // that remove the cause
	ResolvedAt   string   `json:"resolved_at"`
}

// Request is something a user asks for, most often an item of the catalogue.
type Request struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Model       string   `json:"model"` // the catalogue item, "" for none
	Requester   string   `json:"requester"`
	Owner       string   `json:"owner"`
	Services    []string `json:"services"`
	State       string   `json:"state"`
	Answers     []Answer `json:"answers"`
	Change      string   `json:"change"`
	ApprovedAt  string   `json:"approved_at"`
	FulfilledAt string   `json:"fulfilled_at"`
}

// Answer is what a requester said to a question of a model.
type Answer struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}
