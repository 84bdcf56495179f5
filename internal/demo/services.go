package demo

import (
	"fmt"
	"strings"
)

// service is a row of the service catalogue. Dependencies are ids, or
// "2 of a b c" where fewer than all are enough.
type service struct {
	id, title, owner string
	tier             int
	about            string
	data             string // classification
	dependsOn        []string
}

func services() []service {
	return []service{
		{"gateway", "API gateway", "platform", 0, "Every request from outside comes in here: TLS, rate limits, routing.", "internal",
			[]string{"1 of lb-edge-1 lb-edge-2", "1 of dns-a dns-b", "1 of switch-core-1 switch-core-2"}},
		{"identity", "Identity", "platform", 0, "Logins, sessions and permissions of customers and staff.", "restricted",
			[]string{"2 of identity-app-1 identity-app-2 identity-app-3", "1 of identity-db-1 identity-db-2", "2 of host-1 host-2 host-3"}},
		{"checkout", "Checkout", "storefront", 0, "Basket to paid order.", "confidential",
			[]string{"payments", "identity", "orders", "2 of checkout-app-1 checkout-app-2 checkout-app-3", "1 of checkout-cache-1 checkout-cache-2"}},
		{"payments", "Payments", "payments", 0, "Card payments, refunds and the connection to the acquirer.", "restricted",
			[]string{"ledger", "fraud-screening", "2 of payments-app-1 payments-app-2 payments-app-3", "1 of payments-db-1 payments-db-2",
				"1 of hsm-1 hsm-2", "1 of acquirer-link-a acquirer-link-b"}},
		{"ledger", "Ledger", "payments", 0, "Double-entry books of everything that was paid.", "restricted",
			[]string{"1 of ledger-app-1 ledger-app-2", "1 of ledger-db-1 ledger-db-2"}},
		{"fraud-screening", "Fraud screening", "payments", 1, "Scores each payment; payments without a score wait for a person.", "confidential",
			[]string{"1 of fraud-app-1 fraud-app-2", "fraud-model-store", "2 of bus-1 bus-2 bus-3"}},
		{"storefront", "Storefront", "storefront", 1, "The shop that customers see.", "public",
			[]string{"gateway", "catalogue", "search", "checkout", "2 of web-1 web-2 web-3"}},
		{"catalogue", "Product catalogue", "storefront", 1, "Products, prices, pictures and stock levels.", "internal",
			[]string{"1 of catalogue-app-1 catalogue-app-2", "1 of catalogue-db-1 catalogue-db-2", "media-store"}},
		{"orders", "Orders", "storefront", 1, "Orders from payment to delivery.", "confidential",
			[]string{"1 of orders-app-1 orders-app-2", "1 of orders-db-1 orders-db-2", "2 of bus-1 bus-2 bus-3"}},
		{"search", "Search", "data", 2, "Product search and suggestions.", "public",
			[]string{"catalogue", "2 of search-node-1 search-node-2 search-node-3"}},
		{"notifications", "Notifications", "platform", 2, "Mail and push messages to customers.", "confidential",
			[]string{"1 of notify-app-1 notify-app-2", "1 of mail-relay-1 mail-relay-2", "2 of bus-1 bus-2 bus-3"}},
		{"reporting", "Reporting", "data", 3, "Figures for finance and management, a day old at most.", "confidential",
			[]string{"report-app-1", "report-db-1", "etl-runner-1"}},
	}
}

// asset is something a service runs on.
type asset struct {
	id, title, kind, owner, location string
	dependsOn                        []string
}

// rack is a series of like assets: web-1, web-2 …
type rack struct {
	name, kind, owner, title string
	names                    []string
	dependsOn                []string
}

func racks() []rack {
	numbered := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint(i+1))
		}
		return out
	}
	hosts := []string{"2 of host-1 host-2 host-3"}
	return []rack{
		{"switch-core", "switch", "platform", "Core switch", numbered(2), nil},
		{"host", "hypervisor", "platform", "Virtualisation host", numbered(3), []string{"1 of switch-core-1 switch-core-2"}},
		{"lb-edge", "load-balancer", "platform", "Edge load balancer", numbered(2), []string{"1 of switch-core-1 switch-core-2"}},
		{"dns", "dns", "platform", "Authoritative name server", []string{"a", "b"}, nil},
		{"web", "application-server", "storefront", "Storefront web server", numbered(3), hosts},
		{"checkout-app", "application-server", "storefront", "Checkout server", numbered(3), hosts},
		{"checkout-cache", "cache", "storefront", "Checkout session cache", numbered(2), hosts},
		{"catalogue-app", "application-server", "storefront", "Catalogue server", numbered(2), hosts},
		{"catalogue-db", "database", "storefront", "Catalogue database", numbered(2), hosts},
		{"media-store", "object-store", "storefront", "Product picture store", nil, nil},
		{"orders-app", "application-server", "storefront", "Orders server", numbered(2), hosts},
		{"orders-db", "database", "storefront", "Orders database", numbered(2), hosts},
		{"payments-app", "application-server", "payments", "Payments server", numbered(3), hosts},
		{"payments-db", "database", "payments", "Payments database", numbered(2), hosts},
		{"hsm", "hsm", "payments", "Hardware security module", numbered(2), nil},
		{"acquirer-link", "network-link", "payments", "Leased line to the acquirer", []string{"a", "b"}, nil},
		{"ledger-app", "application-server", "payments", "Ledger server", numbered(2), hosts},
		{"ledger-db", "database", "payments", "Ledger database", numbered(2), hosts},
		{"fraud-app", "application-server", "payments", "Fraud scoring server", numbered(2), hosts},
		{"fraud-model-store", "object-store", "payments", "Fraud model store", nil, nil},
		{"identity-app", "application-server", "platform", "Identity server", numbered(3), hosts},
		{"identity-db", "database", "platform", "Identity database", numbered(2), hosts},
		{"bus", "message-broker", "platform", "Message broker", numbered(3), hosts},
		{"mail-relay", "mail-relay", "platform", "Outbound mail relay", numbered(2), hosts},
		{"notify-app", "application-server", "platform", "Notification server", numbered(2), hosts},
		{"search-node", "search-node", "data", "Search node", numbered(3), hosts},
		{"report-app", "application-server", "data", "Reporting server", numbered(1), hosts},
		{"report-db", "database", "data", "Reporting database", numbered(1), hosts},
		{"etl-runner", "batch-runner", "data", "Nightly load runner", numbered(1), hosts},
	}
}

// assets are the members of all racks, sixty in number, every second of a
// series in the other computing centre.
func assets() []asset {
	var out []asset
	for _, r := range racks() {
		if r.names == nil {
			out = append(out, asset{r.name, r.title, r.kind, r.owner, "Rotterdam and Hamburg", r.dependsOn})
		}
		for i, n := range r.names {
			place := []string{"Rotterdam, hall 2", "Hamburg, hall 1"}[i%2]
			out = append(out, asset{r.name + "-" + n, r.title + " " + strings.ToUpper(n), r.kind, r.owner, place, r.dependsOn})
		}
	}
	return out
}
