package demo

// job is a kind of work that comes up again and again: what is filed for it,
// and what may go wrong. Texts may hold {asset}, {service}, {release} and
// {month}.
type job struct {
	on     string // kind of asset it is done to
	only   string // the one service it is for, "" for any
	often  int    // how frequent it is, relative to the others
	risky  int    // of a hundred, how many go wrong
	night  bool   // done in the maintenance window, at night
	length int    // planned minutes

	done   string // questionnaire: never, once, often
	tested string // no, partly, fully
	data   string // none, reversible, irreversible
	outage string // expected outage

	title, reason, impact            string
	implement, test, backout, verify string

	trouble  string // what is noted when it goes wrong
	incident string // what it then causes, "" where nobody but us notices
}

// jobs is the work of all teams: releases, maintenance, migrations.
func jobs() []job {
	all := append(releases(), maintenance()...)
	return append(append(all, databases()...), infrastructure()...)
}

func releases() []job {
	return []job{
		{
			on: "application-server", often: 26, risky: 7, length: 45, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Release {release} of {service}",
			reason:    "Finished work of the last sprint: fixes and small features, listed in the release notes of {release}.",
			impact:    "Users see no interruption; servers are taken out of rotation one by one.",
			implement: "1. Take the first server out of rotation.\n2. Deploy {release} and run the smoke tests.\n3. Watch error rate and latency for ten minutes.\n4. Go on with the others.",
			test:      "Ran on staging for two days with a day's recorded traffic; the regression suite passed.",
			backout:   "Deploy the previous release from the registry in the same order; five minutes for each server.",
			verify:    "Error rate below 0.1 % and the 95th percentile of latency within 10 % of yesterday's for half an hour.",
			trouble:   "Error rate rose on the second server; its connection pool was exhausted under real traffic.",
			incident:  "{service} answers slowly and with errors",
		},
		{
			on: "application-server", often: 9, risky: 6, length: 30, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Turn on a feature of {service} for all customers ({release})",
			reason:    "The trial with a tenth of the customers went well for two weeks: no rise in errors, conversion slightly up.",
			impact:    "All customers get the new behaviour within a minute.",
			implement: "Set the flag to 100 % in the configuration of {service} and reload it.",
			test:      "In use by a tenth of the customers since two weeks.",
			backout:   "Set the flag back to 10 %; it takes effect within a minute.",
			verify:    "Compare orders per minute and support contacts with the same weekday of last week.",
			trouble:   "Customers with an old browser saw an empty page; the trial group had few of them.",
			incident:  "Empty pages in {service} for customers with older browsers",
		},
		{
			on: "application-server", often: 6, risky: 8, night: true, length: 90, done: "once", tested: "fully", data: "none", outage: "5m",
			title:     "Move {service} to the next long-term Java runtime",
			reason:    "The runtime in use leaves vendor support at the end of the quarter and gets no security fixes after that.",
			impact:    "One server at a time restarts; up to five minutes with less capacity.",
			implement: "1. Build {release} on the new runtime.\n2. Replace one server, compare heap and pause times for an hour.\n3. Replace the others.",
			test:      "Load test at twice the usual traffic on staging; pause times were shorter than before.",
			backout:   "Start the servers from the previous image, which stays in the registry; fifteen minutes in all.",
			verify:    "No full collections in the first hour and no rise of the error rate.",
			trouble:   "A driver that is loaded at run time did not start on the new runtime.",
			incident:  "{service} has too little capacity after a restart",
		},
		{
			on: "application-server", only: "payments", often: 3, risky: 9, night: true, length: 60, done: "once", tested: "partly", data: "none", outage: "2m",
			title:     "Send strong customer authentication in the acquirer's new format",
			reason:    "The acquirer switches the old format off; payments that need authentication would be declined from then on.",
			impact:    "Payments that are being authenticated at the moment of the switch have to be entered again.",
			implement: "1. Deploy {release} with both formats.\n2. Switch one per cent of the traffic, then ten, then all, a quarter of an hour apart.",
			test:      "The acquirer's test system accepted all forty cases; their production system could not be tried.",
			backout:   "Switch the traffic back to the old format, which the acquirer accepts until the end of the month.",
			verify:    "Approval rate within one percentage point of last week's, by issuer country.",
			trouble:   "Two issuers declined everything in the new format.",
			incident:  "Card payments of two issuers are declined",
		},
		{
			on: "application-server", only: "identity", often: 3, risky: 8, night: true, length: 60, done: "never", tested: "fully", data: "reversible", outage: "0m",
			title:     "Let customers log in with passkeys",
			reason:    "Fewer stolen accounts and fewer calls about forgotten passwords.",
			impact:    "Customers are offered a passkey at their next login; passwords go on working.",
			implement: "1. Add the tables for credentials.\n2. Deploy {release} with the feature off.\n3. Turn it on for staff, a day later for customers.",
			test:      "Staff have used it on staging with every browser we support.",
			backout:   "Turn the feature off; passwords were never removed. The tables can stay.",
			verify:    "Share of successful logins stays above 97 %.",
			trouble:   "Logins from the mobile app failed because it sends another origin.",
			incident:  "Logins from the mobile app fail",
		},
		{
			on: "batch-runner", often: 4, risky: 7, length: 40, done: "often", tested: "fully", data: "reversible", outage: "0m",
			title:     "New version of the nightly loads of {service} ({release})",
			reason:    "Finance needs refunds by payment method in the monthly figures.",
			impact:    "Figures of the first night are compared with the old load before they are shown.",
			implement: "Deploy the loads, run them for yesterday into a second schema, compare, then point the reports at it.",
			test:      "Ran for the last thirty days on a copy; sums agree to the cent.",
			backout:   "Point the reports back at the old schema, which is kept for a month.",
			verify:    "The sums of the first three nights agree with the ledger.",
			trouble:   "The load ran out of temporary space after two hours.",
			incident:  "Yesterday's figures are missing in the reports",
		},
	}
}

func maintenance() []job {
	return []job{
		{
			on: "application-server", often: 16, risky: 3, length: 60, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Security updates of {month} on {asset}",
			reason:    "Monthly updates of the operating system; two of them close holes rated high.",
			impact:    "The server is out of rotation for ten minutes; the others carry the load.",
			implement: "Take {asset} out of rotation, install, restart, run the smoke test, put it back.",
			test:      "The same packages run on staging since Monday.",
			backout:   "Start the server from the snapshot taken before; ten minutes.",
			verify:    "The server answers its health check and serves its share for fifteen minutes.",
			trouble:   "The server did not come back from its restart and was started from the snapshot.",
		},
		{
			on: "load-balancer", often: 7, risky: 3, length: 30, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Renew the TLS certificates of {asset}",
			reason:    "They expire within thirty days.",
			impact:    "None: connections that are open keep their certificate.",
			implement: "Install the new certificates on the passive side, check the chain, fail over, do the other side.",
			test:      "Chain and host names were checked against staging.",
			backout:   "Install the old certificates, which stay valid for some weeks, and fail back.",
			verify:    "An outside probe sees the new serial number and an unbroken chain.",
			trouble:   "An intermediate certificate was missing from the bundle; older clients refused to connect.",
			incident:  "Certificate warnings in older browsers",
		},
		{
			on: "search-node", often: 6, risky: 4, length: 90, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Rebuild the index on {asset}",
			reason:    "Deleted products have left a third of the index unused, and queries are slower for it.",
			impact:    "The node answers no queries while it rebuilds; two of three are enough.",
			implement: "Take {asset} out of the pool, rebuild, compare the number of documents, put it back.",
			test:      "Done every quarter; the last time took seventy minutes.",
			backout:   "Put the node back with the old index, which is kept until the end.",
			verify:    "The number of documents agrees with the other nodes, and the query time with yesterday's.",
			trouble:   "The rebuild ran out of disk at 80 %; the old index was put back.",
		},
		{
			on: "mail-relay", often: 5, risky: 5, length: 45, done: "often", tested: "fully", data: "none", outage: "0m",
			title:     "Rotate the signing key of outgoing mail on {asset}",
			reason:    "Keys are rotated twice a year.",
			impact:    "None while the old key stays published.",
			implement: "Publish the new key, wait a day, switch the relay over, withdraw the old key after a week.",
			test:      "Messages signed on staging pass at three large mail providers.",
			backout:   "Switch back to the old key, which is still published.",
			verify:    "Messages to our test mailboxes pass DKIM at all three providers.",
			trouble:   "The record had not reached all name servers; some messages were marked as spam.",
			incident:  "Order confirmations end up as spam",
		},
		{
			on: "cache", often: 5, risky: 6, night: true, length: 40, done: "often", tested: "fully", data: "none", outage: "1m",
			title:     "Patch release of the cache on {asset}",
			reason:    "It fixes a memory leak that forces us to restart the cache every other week.",
			impact:    "Baskets of customers who are not logged in may be lost once, for at most a minute.",
			implement: "Update the replica, fail over, update the other one.",
			test:      "Ran on staging for a week without growing.",
			backout:   "Fail back to the node that has not been updated, and reinstall the old version.",
			verify:    "Memory stays level for a day; hit rate above 95 %.",
			trouble:   "The failover took four minutes instead of seconds, because the replica was still loading.",
			incident:  "Baskets are lost at checkout",
		},
		{
			on: "object-store", often: 4, risky: 5, length: 120, done: "once", tested: "partly", data: "reversible", outage: "0m",
			title:     "Extend {asset} by another disk shelf",
			reason:    "It is 78 % full and grows by two per cent a month.",
			impact:    "Slower reads while data is spread over the new disks.",
			implement: "1. Mount the shelf.\n2. Add it to the pool at low priority.\n3. Watch the rebalancing, which takes two days.",
			test:      "The supplier tried the firmware combination; we have no second store of this size to try it on.",
			backout:   "Remove the shelf from the pool before it holds the only copy of anything; after that, drain it first.",
			verify:    "Free space rises and read latency is back to normal after the rebalancing.",
			trouble:   "One of the new disks failed within an hour and rebalancing was stopped.",
			incident:  "Product pictures load slowly",
		},
	}
}
