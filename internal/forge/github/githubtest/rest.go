package githubtest

import (
	"fmt"
	"strings"
)

// The rest of each thing: what GitHub says of it besides, and nobody here asks
// for. Fields are addresses by their names; a mark makes another value of one:
// ! false, # 0, ? null, * an empty list, @ the beginning of everything, = text.
const (
	restOfUser = "node_id avatar_url gravatar_id? url html_url followers_url following_url gists_url starred_url subscriptions_url organizations_url " +
		"repos_url events_url received_events_url site_admin!"
	restOfViewer = "user_view_type=private name? company? blog? location? email? hireable? bio? public_repos# public_gists# followers# following# " +
		"created_at@ updated_at@ private_gists# total_private_repos# owned_private_repos# disk_usage# collaborators# two_factor_authentication!"
	restOfRepository = "id# node_id name private! html_url description? fork! url archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url " +
		"compare_url contents_url contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url git_tags_url git_url " +
		"hooks_url issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url milestones_url notifications_url pulls_url " +
		"releases_url ssh_url stargazers_url statuses_url subscribers_url subscription_url tags_url teams_url trees_url clone_url mirror_url? svn_url " +
		"homepage? language? forks_count# stargazers_count# watchers_count# size# default_branch=main open_issues_count# has_issues! has_projects! has_wiki! " +
		"has_pages! has_downloads! has_discussions! archived! disabled! pushed_at@ created_at@ updated_at@ license? forks# open_issues# watchers#"
	restOfWholeRepository = "network_count# subscribers_count#"
	restOfListedPull      = "url diff_url patch_url issue_url commits_url review_comments_url review_comment_url comments_url statuses_url locked! labels* milestone? " +
		"assignee? assignees* author_association=MEMBER auto_merge? updated_at@"
	restOfPull = restOfListedPull + " mergeable? mergeable_state=unknown rebaseable? comments# review_comments# maintainer_can_modify! commits# additions# " +
		"deletions# changed_files#"
	restOfReview  = "node_id pull_request_url"
	restOfStatus  = "url node_id avatar_url created_at@ updated_at@"
	restOfComment = "node_id url issue_url created_at@ updated_at@"
	restOfCommit  = "node_id url html_url comments_url"
	restOfInner   = "url comment_count#"
	restOfRun     = "node_id external_id? url html_url details_url started_at@ completed_at@ check_suite? pull_requests*"
	restOfTeam    = "type=organization id# node_id description? url html_url members_url repositories_url"
	restOfApp     = "id# node_id description? name external_url html_url created_at@ updated_at@ events*"
)

// rest fills in what is not there yet.
func rest(m map[string]any, fields string) map[string]any {
	for field := range strings.FieldsSeq(fields) {
		name, text, is := strings.Cut(field, "=")
		mark := name[len(name)-1]
		name = strings.TrimRight(name, "!#?*@")
		if _, ok := m[name]; ok {
			continue
		}
		switch {
		case is:
			m[name] = text
		case mark == '!':
			m[name] = false
		case mark == '#':
			m[name] = 0
		case mark == '?':
			m[name] = nil
		case mark == '*':
			m[name] = []any{}
		case mark == '@':
			m[name] = "2026-01-01T00:00:00Z"
		default:
			m[name] = "https://github.com/" + name
		}
	}
	return m
}

// links are the addresses of a thing as GitHub puts them together.
func links(names string) map[string]any {
	out := map[string]any{}
	for name := range strings.FieldsSeq(names) {
		out[name] = map[string]any{"href": "https://github.com/" + name}
	}
	return out
}

// repositoryAt is a repository as other things show it.
func repositoryAt(fullName string) map[string]any {
	owner, name, _ := strings.Cut(fullName, "/")
	return rest(map[string]any{"full_name": fullName, "name": name, "html_url": "https://github.com/" + fullName, "owner": organisation(owner)}, restOfRepository)
}

func organisation(login string) map[string]any {
	return rest(map[string]any{"login": login, "id": 1, "type": "Organization", "html_url": "https://github.com/" + login}, restOfUser)
}

// signed is what GitHub says of the signature of a commit.
func signed(verified bool) map[string]any {
	reason := map[bool]string{true: "valid", false: "unsigned"}[verified]
	return rest(map[string]any{"verified": verified, "reason": reason}, "payload? signature? verified_at?")
}

// parentOf is a parent of a commit.
func parentOf(sha string) map[string]any {
	return rest(map[string]any{"sha": sha}, "url html_url")
}

// nodeID is the other number of a thing.
func nodeID(kind string, id any) string { return fmt.Sprintf("%s_%v", kind, id) }
