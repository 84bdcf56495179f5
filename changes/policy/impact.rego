package gitsm.change

# How bad it would be if the change went wrong.
impact_signals := {"tier", "unknown-service", "blast-radius", "exposure", "irreversible-data"}

# unknown are the services that the catalogue does not have, with their place.
unknown[i] := id if {
	some i, id in input.record.services
	not id in {service.id | some service in input.services}
}

# tiers are the services at stake by tier: those named, those that depend on
# them, and the unknown ones, which are as critical as any could be.
tiers contains {"tier": service.tier, "what": service.id} if {
	some service in input.services
	tiered(service)
}

tiers contains {"tier": dependent.tier, "what": sprintf("%s, which depends on it", [dependent.id])} if {
	some dependent in input.impact
	dependent.kind == "service"
	tiered(dependent)
}

tiers contains {"tier": 0, "what": sprintf("%s, which is unknown", [id])} if some id in unknown

# tiered says whether there are points for the tier of a service.
tiered(service) if points.tier[sprintf("%d", [service.tier])]

# A tier that is missing on main, where a record got past every check, or that
# nobody gave points, is the most critical.
tiers contains {"tier": 0, "what": sprintf("%s, whose tier is unknown", [service.id])} if {
	some service in input.services
	not tiered(service)
}

tiers contains {"tier": 0, "what": sprintf("%s, which depends on it and whose tier is unknown", [dependent.id])} if {
	some dependent in input.impact
	dependent.kind == "service"
	not tiered(dependent)
}

# most is the highest of the points in a table, for what is not in it.
most(table) := max([n | some n in table])

# METADATA
# title: criticality
# description: The tier of the most critical service that the change touches, or that depends on what it touches.
# custom:
#   id: CHG101
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "tier",
	"points": object.get(points.tier, sprintf("%d", [tier]), most(points.tier)),
	"msg": sprintf("tier %d: %s", [tier, concat("; ", sort([t.what | some t in tiers; t.tier == tier]))]),
	"mitigation": "touch fewer critical services, or one of several replicas at a time",
	"path": "/services",
} if {
	tier := min([t.tier | some t in tiers])
}

# METADATA
# title: unknown service
# description: A service that is not in the catalogue has no owner to ask and no dependents to count.
# custom:
#   id: CHG102
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "unknown-service",
	"points": points.unknown_service,
	"msg": sprintf("service %s is unknown, and counts as tier 0", [id]),
	"mitigation": sprintf("add services/%s.yaml with its owner, tier and dependencies", [id]),
	"path": sprintf("/services/%d", [i]),
} if {
	some i, id in unknown
}

# METADATA
# title: blast radius
# description: How many services and assets go down with what the change touches.
# custom:
#   id: CHG103
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "blast-radius",
	"points": max([row.points | some row in points.blast_radius; dependents >= row.from]),
	"msg": sprintf("%d %s on it", [dependents, {true: "depends", false: "depend"}[dependents == 1]]),
	"mitigation": "carry it out in steps, each with fewer dependents",
	"path": "/services",
} if {
	dependents := count(input.impact)
	dependents > 0
}

# METADATA
# title: irreversible change of data
# description: Backing out restores the software, not the data.
# custom:
#   id: CHG104
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "irreversible-data",
	"points": points.irreversible_data,
	"msg": "stored data is changed beyond recall",
	"mitigation": "keep the old data until the change has proved itself",
	"path": "/questionnaire/data_change",
	"try": [{"path": "/questionnaire/data_change", "value": "reversible"}],
} if {
	answers.data_change == "irreversible"
}

# METADATA
# title: exposure
# description: How sensitive the data is that the touched services handle. A service that does not say counts as handling the most sensitive.
# custom:
#   id: CHG105
#   controls: [NIST-CM-4, ISO27001-A.8.32, PCI-6.5.1]
signals contains {
	"id": "exposure",
	"points": worst,
	"msg": concat("; ", sort([e.msg | some e in exposures; e.points == worst])),
	"mitigation": concat("; ", sort({e.mitigation | some e in exposures; e.points == worst})),
	"path": "/services",
} if {
	worst := max([e.points | some e in exposures])
	worst > 0
}

exposures contains {
	"points": object.get(points.exposure, service.data_classification, most(points.exposure)),
	"msg": sprintf("%s handles %s data", [service.id, service.data_classification]),
	"mitigation": "keep the data out of what the change touches",
} if {
	some service in input.services
}

exposures contains {
	"points": most(points.exposure),
	"msg": sprintf("the data of %s is unknown, and counts as restricted", [service.id]),
	"mitigation": sprintf("set data_classification in services/%s.yaml", [service.id]),
} if {
	some service in input.services
	not service.data_classification
}

exposures contains {
	"points": most(points.exposure),
	"msg": sprintf("the data of %s is unknown, and counts as restricted", [id]),
	"mitigation": sprintf("add services/%s.yaml with its data_classification", [id]),
} if {
	some id in unknown
}
