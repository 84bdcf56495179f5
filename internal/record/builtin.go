package record

import "slices"

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
				{"model", []string{"model"}}, {"incident", []string{"incident"}}, {"authoriser", []string{"person"}},
				{"implementation.implementer", []string{"person"}}, {"review.reviewer", []string{"person"}},
				{"review.actions[].owner", teamOrPerson}, {"corrections[].corrected_by", []string{"person"}},
			},
		},
		{
			Name: "service", Plural: "services", Aliases: []string{"svc"},
			Path: "services/{id}.yaml", Schema: "service", Title: "title", Catalogue: true, Aliased: true,
			Refs: []Ref{
				{"owner", teamOrPerson},
				{"depends_on[]", []string{"service", "asset"}}, {"depends_on[].of[]", []string{"service", "asset"}},
			},
		},
		{
			Name: "asset", Plural: "assets", Aliases: []string{"ci"},
			Path: "assets/**/{id}.yaml", Schema: "asset", Title: "title", Catalogue: true, Aliased: true,
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
			Name: "problem", Plural: "problems", Aliases: []string{"prb"},
			Prefix: "PRB", Path: "problems/{yyyy}/{mm}/{id}.yaml", Schema: "problem", Title: "title",
			States:   []string{"open", "known-error", "resolved", "closed"},
			Terminal: []string{"closed"},
			Transitions: []Transition{
				{From: "", To: "open", Verb: "new"},
				{From: "open", To: "known-error", Verb: "diagnose", Writes: []string{"known_error_at"}},
				{From: "open", To: "resolved", Verb: "resolve", Writes: []string{"resolved_at"}}, // it can be removed as it is found
				{From: "known-error", To: "resolved", Verb: "resolve", Writes: []string{"resolved_at"}},
				{From: "resolved", To: "closed", Verb: "close"},
			},
			Refs: []Ref{
				{"services[]", []string{"service"}}, {"assets[]", []string{"asset"}}, {"owner", teamOrPerson},
				{"incidents[]", []string{"incident"}}, {"changes[]", []string{"change"}}, {"timeline[].by", []string{"person"}},
			},
		},
		{
			Name: "request", Plural: "requests", Aliases: []string{"req"},
			Prefix: "REQ", Path: "requests/{yyyy}/{mm}/{id}.yaml", Schema: "request", Title: "title",
			States:      []string{"new", "approved", "fulfilled", "closed"},
			Terminal:    []string{"closed"},
			Transitions: requestTransitions(),
			Refs: []Ref{
				{"model", []string{"model"}}, {"requester", []string{"person"}}, {"owner", teamOrPerson},
				{"services[]", []string{"service"}}, {"change", []string{"change"}},
			},
		},
		{
			Name: "model", Plural: "models",
			Path: "models/{id}.yaml", Schema: "model", Title: "title", Owner: "models", Catalogue: true, Aliased: true,
			States:      []string{"active", "retired"},
			Terminal:    []string{"retired"},
			Transitions: []Transition{{From: "", To: "active", Verb: "new"}, {From: "active", To: "retired", Verb: "retire"}},
			Refs: []Ref{
				{"owner", teamOrPerson}, {"scope.services[]", []string{"service"}}, {"scope.assets[]", []string{"asset"}},
				{"locked.owner", teamOrPerson}, {"locked.services[]", []string{"service"}}, {"locked.assets[]", []string{"asset"}},
				{"defaults.owner", teamOrPerson}, {"defaults.services[]", []string{"service"}}, {"defaults.assets[]", []string{"asset"}},
				{"approvals[].from[]", teamOrPerson},
			},
		},
		{
			Name: "window", Plural: "windows",
			Path: "windows/{id}.yaml", Schema: "window", Title: "title", Owner: "windows", Catalogue: true, Aliased: true,
			States:      []string{"active", "cancelled"},
			Terminal:    []string{"cancelled"},
			Transitions: []Transition{{From: "", To: "active", Verb: "new"}, {From: "active", To: "cancelled", Verb: "cancel"}},
			Refs: []Ref{
				{"owner", teamOrPerson}, {"scope.services[]", []string{"service"}}, {"scope.assets[]", []string{"asset"}},
			},
		},
		{
			Name: "waiver", Plural: "waivers",
			Path: "waivers/{id}.yaml", Schema: "waiver", Title: "title", Owner: "waivers", Aliased: true,
			States:      []string{"active", "revoked"},
			Terminal:    []string{"revoked"},
			Transitions: []Transition{{From: "", To: "active", Verb: "new"}, {From: "active", To: "revoked", Verb: "revoke"}},
			Refs: []Ref{
				{"requested_by", []string{"person"}}, {"approver", []string{"person"}},
				{"scope.records[]", nil}, {"scope.services[]", []string{"service"}},
			},
		},
		{
			Name: "exception", Plural: "exceptions",
			Path: "exceptions/{id}.yaml", Schema: "exception", Title: "title", Owner: "waivers", Aliased: true,
			Refs: []Ref{{"accepted_by", []string{"person"}}, {"record", nil}},
		},
		{
			Name: "team", Plural: "teams",
			Path: "teams/{id}.yaml", Schema: "team", Title: "title", Owner: "people", Catalogue: true, Aliased: true,
			Refs: []Ref{{"members[]", []string{"person"}}, {"lead", []string{"person"}}},
		},
		{
			Name: "person", Plural: "people", Path: "people/{id}.yaml",
			Schema: "person", Title: "name", Owner: "people", Catalogue: true, Aliased: true,
		},
	}
}

// changeTransitions: a normal or standard change is authorised by landing as
// scheduled; an emergency may land while it is being implemented, or even
// after, and is authorised in retrospect.
func changeTransitions() []Transition {
	planned, emergency := []string{"standard", "normal"}, []string{"emergency"}
	begun := []string{"implementation.started_at", "implementation.implementer"}
	ended := []string{"implementation.finished_at", "implementation.outcome"}
	return []Transition{
		{From: "", To: "scheduled", Verb: "new", Types: planned},
		{From: "", To: "implementing", Verb: "new", Types: emergency, Writes: begun},
		{From: "", To: "review", Verb: "new", Types: emergency, Writes: slices.Concat(begun, ended)},
		{From: "scheduled", To: "scheduled", Verb: "reschedule", Types: planned},
		{From: "scheduled", To: "implementing", Verb: "start", Types: planned, Writes: begun},
		{From: "scheduled", To: "cancelled", Verb: "cancel", Types: planned},
		{From: "implementing", To: "review", Verb: "finish", Writes: ended},
		{From: "review", To: "closed", Verb: "close"},
	}
}

// incidentTransitions only move forward, but may skip what did not happen: an
// incident can be over before anybody acknowledged it.
func incidentTransitions() []Transition {
	acknowledged, restored, resolved := []string{"acknowledged_at"}, []string{"restored_at"}, []string{"resolved_at"}
	return []Transition{
		{From: "", To: "open", Verb: "open"},
		{From: "open", To: "acknowledged", Verb: "acknowledge", Writes: acknowledged},
		{From: "open", To: "restored", Verb: "restore", Writes: restored},
		{From: "acknowledged", To: "restored", Verb: "restore", Writes: restored},
		{From: "open", To: "resolved", Verb: "resolve", Writes: resolved},
		{From: "acknowledged", To: "resolved", Verb: "resolve", Writes: resolved},
		{From: "restored", To: "resolved", Verb: "resolve", Writes: resolved},
		{From: "resolved", To: "closed", Verb: "close"},
	}
}

// requestTransitions lead forward. A request is declined, or withdrawn, by
// closing it before it was fulfilled.
func requestTransitions() []Transition {
	return []Transition{
		{From: "", To: "new", Verb: "new"},
		{From: "new", To: "approved", Verb: "authorise", Writes: []string{"approved_at"}},
		{From: "approved", To: "fulfilled", Verb: "fulfil", Writes: []string{"fulfilled_at"}},
		{From: "new", To: "closed", Verb: "close"},
		{From: "approved", To: "closed", Verb: "close"},
		{From: "fulfilled", To: "closed", Verb: "close"},
	}
}
