package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// event is what a workflow was started by, as far as the gate asks.
type event struct {
	Name        string `json:"-"`
	Ref         string `json:"ref"`
	PullRequest struct {
		Number int `json:"number"`
	} `json:"pull_request"`
	MergeGroup struct {
		HeadSHA string `json:"head_sha"`
		HeadRef string `json:"head_ref"`
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
	WorkflowRun struct {
		HeadSHA      string `json:"head_sha"`
		PullRequests []struct {
			Number int `json:"number"`
			Base   struct {
				Repo struct {
					ID int64 `json:"id"`
				} `json:"repo"`
			} `json:"base"`
		} `json:"pull_requests"`
	} `json:"workflow_run"`
	Repository struct {
		ID int64 `json:"id"`
	} `json:"repository"`
}

// runsPulls are the pull requests of this repository that a workflow ran for. GitHub
// lists those of forks as well that have the same branch, and leaves out those from
// forks, which their head tells.
func (e *event) runsPulls() (numbers []int) {
	for _, p := range e.WorkflowRun.PullRequests {
		if id := p.Base.Repo.ID; id == 0 || id == e.Repository.ID {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

// event reads what started the workflow that gitsm runs in; ok is false outside
// of workflows.
func (env *Env) event() (e event, ok bool, err error) {
	path := env.getenv("GITHUB_EVENT_PATH")
	if path == "" {
		return e, false, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return e, false, fmt.Errorf("reading the event of the workflow: %w", err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, false, fmt.Errorf("reading the event of the workflow: %w", err)
	}
	e.Name = env.getenv("GITHUB_EVENT_NAME")
	return e, true, nil
}

// runURL is where people look at the workflow's run, "" outside of workflows.
func (env *Env) runURL() string {
	if env.getenv("GITHUB_RUN_ID") == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s/actions/runs/%s", env.getenv("GITHUB_SERVER_URL"), env.getenv("GITHUB_REPOSITORY"), env.getenv("GITHUB_RUN_ID"))
}

// maxSummary keeps the summary of a step below the size at which GitHub drops
// it whole.
const maxSummary = 900 << 10

// summarize adds to the summary of the workflow's step, as long as there is
// room; what there is none for is in the step's log.
func (env *Env) summarize(text string) error {
	path := env.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Size()+int64(len(text)) > maxSummary {
		const rest = "\n**There is no room here for more: the rest is in the log of the step.**"
		if have, err := os.ReadFile(path); err != nil || strings.Contains(string(have), rest) {
			return err
		}
		text = rest
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing the summary of the step: %w", err)
	}
	defer f.Close()
	if _, err := f.WriteString(text + "\n"); err != nil {
		return fmt.Errorf("writing the summary of the step: %w", err)
	}
	return nil
}
