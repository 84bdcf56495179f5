# METADATA
# title: which files need a change
# description: What gitsm change needed answers, by the paths that data.config.needed lists.
package gitsm.needed

# METADATA
# title: what runs is changed by a change
# description: A file that nobody listed as harmless or as routine may be what runs. Forgetting to list one costs a change too many, never one too few.
# custom:
#   id: NED001
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
#   fix: file a change, or list the path in data.config.needed
needed contains {"type": "normal", "path": path, "msg": "no list of the policy has it"} if {
	some path in input.record.outside
	not harmless(path)
	count(routine(path)) == 0
}

# METADATA
# title: routine is a standard change
# description: Files that a model is for may be changed by a standard change, which nobody has to approve again.
# custom:
#   id: NED002
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
#   fix: file a change from the model
needed contains {"type": "standard", "path": path, "model": model, "msg": sprintf("model %s is for it", [model])} if {
	some path in input.record.outside
	not harmless(path)
	some model in routine(path)
}

harmless(path) if {
	some pattern in data.config.needed.harmless
	glob.match(pattern, ["/"], path)
}

# routine are the models that a file is for.
routine(path) := {model |
	some model, patterns in data.config.needed.routine
	some pattern in patterns
	glob.match(pattern, ["/"], path)
}
