package record

// builtinKinds is the table of the kinds every store has. A store's own kinds
// are rows of the same shape, read from gitsm.yaml.
func builtinKinds() []Kind {
	teamOrPerson := []string{"team", "person"}
	return []Kind{
		{
			Name: "change", Plural: "changes", Aliases: []string{"chg"},
			Prefix: "CHG", Path: "changes/{yyyy}/{mm}/{id}.yaml", Schema: "change", Title: "title",
			States:      []string{"scheduled", "implementing", "review", "closed", "cancelled"},
			Terminal:    []string{"closed", "cancelled"},
			Transitions: changeTransitions(),
			Refs: []Ref{
				{"requester", []string{"person"}}, {"owner", teamOrPerson},
				{"services[]", []string{"service"}}, {"assets[]", []string{"asset"}},
				{"incident", []string{"incident"}}, {"authoriser", []string{"person"}},
				{"implementation.implementer", []string{"person"}}, {"review.reviewer", []string{"person"}},
				{"review.actions[].owner", teamOrPerson}, {"corrections[].corrected_by", []string{"person"}},
			},
		},
		{
			Name: "service", Plural: "services", Aliases: []string{"svc"},
			Path: "services/{id}.yaml", Schema: "service", Title: "title", Catalogue: true,
			Refs: []Ref{
				{"owner", teamOrPerson},
				{"depends_on[]", []string{"service", "asset"}}, {"depends_on[].of[]", []string{"service", "asset"}},
			},
		},
		{
			Name: "asset", Plural: "assets", Aliases: []string{"ci"},
			Path: "assets/**/{id}.yaml", Schema: "asset", Title: "title", Catalogue: true,
			Refs: []Ref{
				{"owner", teamOrPerson},
				{"depends_on[]", []string{"asset", "service"}}, {"depends_on[].of[]", []string{"asset", "service"}},
			},
		},
		{
			Name: "incident", Plural: "incidents", Aliases: []string{"inc"},
			Prefix: "INC", Path: "incidents/{yyyy}/{mm}/{id}.yaml", Schema: "incident", Title: "title",
			States:      []string{"open", "acknowledged", "restored", "resolved", "closed"},
			Terminal:    []string{"closed"},
			Transitions: incidentTransitions(),
			Refs: []Ref{
				{"services[]", []string{"service"}}, {"assets[]", []string{"asset"}},
				{"caused_by", []string{"change"}}, {"suspects[]", []string{"change"}},
				{"timeline[].by", []string{"person"}},
			},
		},
		{
			Name: "team", Plural: "teams",
			Path: "teams/{id}.yaml", Schema: "team", Title: "title", Owner: "people", Catalogue: true,
			Refs: []Ref{{"members[]", []string{"person"}}, {"lead", []string{"person"}}},
		},
		{
			Name: "person", Plural: "people", Path: "people/{id}.yaml",
			Schema: "person", Title: "name", Owner: "people", Catalogue: true,
		},
	}
}

// changeTransitions: a normal or standard change is authorised by landing as
// scheduled; an emergency may land while it is being implemented, or even
// after, and is authorised in retrospect.
func changeTransitions() []Transition {
	planned, emergency := []string{"standard", "normal"}, []string{"emergency"}
	return []Transition{
		{From: "", To: "scheduled", Verb: "new", Types: planned},
		{From: "", To: "implementing", Verb: "new", Types: emergency},
		{From: "", To: "review", Verb: "new", Types: emergency},
		{From: "scheduled", To: "scheduled", Verb: "reschedule", Types: planned},
		{From: "scheduled", To: "implementing", Verb: "start", Types: planned},
		{From: "scheduled", To: "cancelled", Verb: "cancel", Types: planned},
		{From: "implementing", To: "review", Verb: "finish"},
		{From: "review", To: "closed", Verb: "close"},
	}
}

// incidentTransitions only move forward, but may skip what did not happen: an
// incident can be over before anybody acknowledged it.
func incidentTransitions() []Transition {
	return []Transition{
		{From: "", To: "open", Verb: "open"},
		{From: "open", To: "acknowledged", Verb: "acknowledge"},
		{From: "open", To: "restored", Verb: "restore"},
		{From: "acknowledged", To: "restored", Verb: "restore"},
		{From: "open", To: "resolved", Verb: "resolve"},
		{From: "acknowledged", To: "resolved", Verb: "resolve"},
		{From: "restored", To: "resolved", Verb: "resolve"},
		{From: "resolved", To: "closed", Verb: "close"},
	}
}
