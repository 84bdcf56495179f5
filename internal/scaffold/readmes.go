package scaffold

import (
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// about says what belongs into a kind's directory and which command puts it
// there. A kind without a row gets a page all the same.
var about = map[string]struct{ what, command string }{
	"change": {
		"A change is anything that is done to a service on purpose. A record on the main branch with\n`state: scheduled` is authorised.",
		"gitsm change new --title 'Upgrade the orders database' --service checkout",
	},
	"service": {
		"A service is what users rely on: who owns it, how critical it is, what it depends on.",
		"gitsm service new checkout --title Checkout --owner team:payments --tier 1",
	},
	"asset": {
		"An asset is what services run on: databases, clusters, network links, licences. Subdirectories\nare yours to choose.",
		"gitsm asset new db-1 --title 'Orders database' --type database --owner team:payments",
	},
	"incident": {
		"An incident is a service that fails, or is about to.",
		"gitsm incident open --title 'Checkout returns errors' --service checkout",
	},
	"problem": {
		"A problem is the cause, known or looked for, behind one or more incidents.",
		"gitsm problem new --title 'Checkout runs out of connections' --service checkout",
	},
	"request": {
		"A request is something that a user asks for and the organisation is used to provide.",
		"gitsm request new --title 'Read access to the orders database'",
	},
	"model": {
		"A model is work that is authorised in advance: a standard change, or an item of the request\ncatalogue.",
		"gitsm model new db-minor-upgrade --title 'Minor upgrade of a database' --use change --owner team:payments --service checkout",
	},
	"window": {
		"A window is a time in which changes may be carried out (maintenance) or may not (freeze).",
		"gitsm window new christmas-freeze --title 'Christmas freeze' --type freeze --start 2026-12-18T18:00:00Z --end 2027-01-04T06:00:00Z --tier 0,1 --owner team:payments",
	},
	"waiver": {
		"A waiver says which rule is not applied, to what, until when, and who answers for that.",
		"gitsm waiver new no-test-system --title 'No test system yet' --rule CHG020 --service checkout --reason '…' --approver bob --expires 2027-03-31T00:00:00Z",
	},
	"exception": {
		"An exception says which failed check of the audit is accepted, for what, by whom and until when.",
		"gitsm exception new unsigned-migration --title 'Migrated without signatures' --set check=SOD-1 --set record=CHG-… --set 'rests_on=[…]' --reason '…' --set accepted_by=carol --set until=2027-03-31T00:00:00Z",
	},
	"team": {
		"A team owns services and approves changes of them. Teams are never deleted: `active: false`.",
		"gitsm team new payments --title Payments --member alice --member bob",
	},
	"person": {
		"A person files, approves and carries out changes. The addresses say whose commits are theirs, the\nkeys whose signatures. People are never deleted: `active: false`.",
		"gitsm person new alice --name 'Alice Moreau' --email alice@example.org --signing-key ~/.ssh/id_ed25519.pub",
	},
}

// readme is the page of a kind's directory.
func readme(k *record.Kind) []byte {
	a, ok := about[k.Name]
	if !ok {
		a.what = fmt.Sprintf("The store's %s.", k.Plural)
		a.command = fmt.Sprintf("gitsm %s new", k.Name)
	}
	heading := strings.ToUpper(k.Plural[:1]) + k.Plural[1:]
	return fmt.Appendf(nil, "# %s\n\n%s\n\nOne file each, named by its id: `%s`.\n\n    %s\n\n`gitsm schema %s` lists the fields.\n",
		heading, a.what, k.Path, a.command, k.Name)
}
