package demo

// person is somebody of the organisation. Everybody is made up.
type person struct {
	id, name string
	team     string // the team they work in
}

func (p person) email() string { return p.id + "@harbourlane.example" }

// The two people of the tour, and who sees to it that changes are managed.
const (
	engineer = "priya"
	reviewer = "tomas"
	manager  = "ines"
	founder  = "anouk" // who set the store up
)

// changeManagers is the team that policy asks about risky changes.
const changeManagers = "change-managers"

// people are twenty people of Harbour & Lane, an online shop.
func people() []person {
	return []person{
		{"mira", "Mira Okafor", "storefront"},
		{"jonas", "Jonas Weber", "storefront"},
		{"lucia", "Lucia Ferrari", "storefront"},
		{"sam", "Sam Adeyemi", "storefront"},
		{"hana", "Hana Suzuki", "storefront"},
		{"tomas", "Tomáš Novák", "payments"},
		{"priya", "Priya Raman", "payments"},
		{"oscar", "Oscar Lindqvist", "payments"},
		{"leila", "Leila Haddad", "payments"},
		{"ben", "Ben Carter", "payments"},
		{"anouk", "Anouk de Vries", "platform"},
		{"diego", "Diego Santos", "platform"},
		{"freya", "Freya Nielsen", "platform"},
		{"kwame", "Kwame Mensah", "platform"},
		{"marta", "Marta Kowalska", "platform"},
		{"yusuf", "Yusuf Demir", "data"},
		{"elena", "Elena Popova", "data"},
		{"chloe", "Chloé Martin", "data"},
		{"ines", "Inês Carvalho", changeManagers},
		{"patrick", "Patrick Byrne", changeManagers},
	}
}

// team is a team with its lead; its other members are those people who name it.
type team struct {
	id, title, lead string
	also            []string // members who work in another team
}

func teams() []team {
	return []team{
		{id: "storefront", title: "Storefront", lead: "mira"},
		{id: "payments", title: "Payments", lead: "tomas"},
		{id: "platform", title: "Platform", lead: "anouk"},
		{id: "data", title: "Data", lead: "yusuf"},
		{id: changeManagers, title: "Change managers", lead: "ines", also: []string{"yusuf"}},
	}
}

// members lists the members of a team in the order of people.
func (t team) members() []string {
	var out []string
	for _, p := range people() {
		if p.team == t.id {
			out = append(out, p.id)
		}
	}
	return append(out, t.also...)
}
