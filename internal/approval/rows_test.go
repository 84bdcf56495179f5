package approval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where cases stand, each beside a twin that may land.
const (
	pullCases = "internal/decision/hear_test.go"
	hubCases  = "internal/proposal/forge_cases_test.go"
	moreCases = "internal/proposal/heard_cases_test.go"
	flows     = "internal/proposal/forge_test.go"
	client    = "internal/forge/github/client_test.go"
	emergency = "cmd/gitsm/testdata/script/github_emergency.txtar"
	bypass    = "cmd/gitsm/testdata/script/github_bypass.txtar"
)

// rows are what a gate on a forge has to get right, with the cases that hold it.
var rows = []struct{ what, file, name string }{
	{"author approves", pullCases, "author approves"},
	{"committer approves", pullCases, "committer approves"},
	{"committer approves, whom only the forge knows", pullCases, "committer whom only the forge knows approves"},
	{"author of a commit reachable only through a merge's second parent", moreCases, "author of a commit that a merge brought"},
	{"author of a file that another moved to its place", moreCases, "file that who approves wrote, and another moved"},
	{"co-author approves", pullCases, "co-author approves"},
	{"Update branch counts, edited bound content does not", pullCases, "reviewer edited what approvals cover"},
	{"opener who authored nothing", pullCases, "opener who authored nothing approves"},
	{"pusher who authored nothing", moreCases, "pushed by who approves"},
	{"pusher whose push was replaced", moreCases, "pushed by who approves, and replaced since"},
	{"requester of a bot-opened pull request", pullCases, "requester of a bot's pull request approves"},
	{"commit without an account", pullCases, "commit of nobody's"},
	{"bot approves", pullCases, "bot approves"},
	{"reader without write approves", pullCases, "reader approves"},
	{"reviewer unknown to people/", pullCases, "reviewer unknown to people/"},
	{"login in another case", pullCases, "login of another account"},
	{"renamed login", pullCases, "renamed login"},
	{"deleted reviewer", pullCases, "reviewer who is gone"},
	{"deleted opener", pullCases, "opener that is gone"},
	{"one human with two accounts", pullCases, "one human with two accounts"},
	{"one human for two roles", pullCases, "one human for two roles"},
	{"team membership unknown", hubCases, "team of the forge that the token may not read"},
	{"team membership, 404 and 403", client, "TestHiddenTeams"},
	{"permission, 403", hubCases, "permission that the token may not read"},
	{"permission, 404", hubCases, "account that is no collaborator"},
	{"approve, then push", hubCases, "approve, then push other content"},
	{"approve, then force-push the same and other content", pullCases, "approve, then push by force"},
	{"approve, then update the branch", hubCases, "approve, then update the branch with other content"},
	{"conflict resolved inside the merge", pullCases, "conflict resolved inside the merge"},
	{"conflict resolved by who approves", moreCases, "conflict resolved inside the merge by who approves"},
	{"rebase with identical records", pullCases, "rebase that loses what was approved"},
	{"typo in an immaterial field", pullCases, "edit after the approval"},
	{"base moved and the required set grew", hubCases, "base moved and the required set grew"},
	{"retargeted base", hubCases, "retargeted base"},
	{"dismissed revives nothing", pullCases, "changes requested and dismissed"},
	{"changes requested by an outsider", pullCases, "changes requested"},
	{"edited review", hubCases, "edited review"},
	{"review whose signed statement was edited into a later one", moreCases, "statement of a review that was edited since, in a later one"},
	{"review edited to carry what was signed before a rejection", moreCases, "statement of before a rejection, in a review after it"},
	{"rejected in an earlier pull request", moreCases, "rejected in an earlier pull request"},
	{"review whose signed statement was edited away", pullCases, "signature that was edited away"},
	{"more than 100 reviews", hubCases, "more than a hundred reviews, and the last one objects"},
	{"two changes with different needs", pullCases, "two changes with different needs"},
	{"record and policy changed together", pullCases, "record and policy changed together"},
	{"record renamed", hubCases, "record renamed"},
	{"record deleted", hubCases, "record deleted"},
	{"more than 300 changed files", hubCases, "more than three hundred files, one of them changed since"},
	{"fork", hubCases, "fork that is gone"},
	{"private fork", hubCases, "fork that nobody may look into"},
	{"draft", hubCases, "draft"},
	{"approval after merge", pullCases, "approval after the landing"},
	{"merged already", moreCases, "merged already"},
	{"emergency merged first, in time", emergency, "$IN_TIME"},
	{"emergency merged first, late", emergency, "$LATE"},
	{"emergency merged first, never", emergency, "$NEVER"},
	{"admin bypass", bypass, "github land 2 root merge"},
	{"direct push", bypass, "git push -q origin HEAD:main"},
	{"status forged by somebody else", hubCases, "status forged by somebody else"},
	{"status forged, and merged on the strength of it", bypass, "github status 3 Mallory success"},
	{"head moves between evaluation and status", flows, "TestHeadMoves"},
	{"head moves while it is decided about", flows, "TestHeadMovesMeanwhile"},
	{"API fails on page 2", hubCases, "more than a hundred reviews, of which page 2 fails"},
	{"zero matching rules", hubCases, "no rule that matches"},
	{"policy rolled back on main", hubCases, "policy that main rolled back to an older version"},
	{"policy rolled back by the proposal", hubCases, "policy that the proposal rolls back"},
}

// TestRows holds that what a gate has to get right is held by a case of that name.
func TestRows(t *testing.T) {
	for _, r := range rows {
		text, err := os.ReadFile(filepath.Join("../..", r.file))
		if err != nil {
			t.Fatal(err)
		}
		written := `{"` + r.name + `", func(`
		switch {
		case strings.HasSuffix(r.file, ".txtar"):
			written = r.name
		case strings.HasPrefix(r.name, "Test"):
			written = "func " + r.name + "("
		}
		if !strings.Contains(string(text), written) {
			t.Errorf("%s: %s has no case %q", r.what, r.file, r.name)
		}
	}
}
