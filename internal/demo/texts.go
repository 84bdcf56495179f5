package demo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fields is the record of a change as its requester writes it.
func (b *builder) fields(w *work) map[string]any {
	release := fmt.Sprintf("%s.%d", isoWeek(b.now), 1+b.chance.IntN(3))
	fill := strings.NewReplacer("{release}", release, "{month}", b.now.Format("January 2006"), "{asset}", w.assets[0], "{service}", serviceTitle(w.service))
	w.text = fill.Replace
	return map[string]any{
		"title": w.text(w.job.title), "type": "normal", "owner": "team:" + b.owners[w.service], "services": []any{w.service},
		"assets": anys(w.assets), "environment": "production",
		"window": map[string]any{"start": w.from.Format(timeFormat), "end": w.to.Format(timeFormat), "timezone": "UTC"},
		"reason": w.text(w.job.reason), "impact": w.text(w.job.impact), "security_impact": securityImpact(w.job),
		"plan": map[string]any{"implement": w.text(w.job.implement), "test": w.text(w.job.test), "backout": w.text(w.job.backout),
			"verify": w.text(w.job.verify)},
		"questionnaire": map[string]any{"done_before": w.job.done, "tested": w.job.tested, "backout_tested": w.job.tested == "fully",
			"expected_outage": w.job.outage, "data_change": w.job.data, "teams": 1},
	}
}

func securityImpact(j job) string {
	if strings.Contains(j.reason, "security") || strings.Contains(j.title, "Security") || strings.Contains(j.title, "certificates") {
		return "Closes known holes; opens nothing."
	}
	return "No change to who may do or see what."
}

// isoWeek writes releases as the teams number them: 2026.47.
func isoWeek(t interface{ ISOWeek() (int, int) }) string {
	year, week := t.ISOWeek()
	return fmt.Sprintf("%d.%02d", year, week)
}

func serviceTitle(id string) string {
	for _, s := range services() {
		if s.id == id {
			return s.title
		}
	}
	return id
}

// runsOn lists the assets a service depends on directly. A service that runs
// on nothing of its own is released on nothing.
func (s service) runsOn() []string {
	var out []string
	for _, text := range s.dependsOn {
		_, of, several := strings.Cut(text, " of ")
		if !several {
			of = text
		}
		for _, id := range strings.Fields(of) {
			if !slices.ContainsFunc(services(), func(other service) bool { return other.id == id }) {
				out = append(out, id)
			}
		}
	}
	return out
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// calledOff are reasons for which a change is cancelled before it begins.
func calledOff() []string {
	return []string{
		"The supplier withdrew the version; the next one is due in a month.",
		"Superseded by a later release that holds the same work.",
		"Sales asked for quiet during the campaign; filed again afterwards.",
		"Found to be unnecessary once the load was measured.",
	}
}

// hitches are what may be noted of a change that went well in the end.
func hitches() []string {
	return []string{
		"Done, ten minutes later than planned: a health check was stricter than on staging.",
		"Done. One step of the plan was wrong and was done by hand; the runbook is corrected.",
		"Done. The dashboard showed the old version for an hour because of a label.",
		"Done, with a short rise of the error rate that stayed below the alarm.",
	}
}

// lessons are what a review may come to.
func lessons(w *work) []string {
	switch {
	case w.urgent:
		return []string{
			"The remedy took five minutes and finding it forty. It is in the runbook now.",
			"We heard of it from customers first. A probe from outside was added.",
			"It had been seen before and put right by hand; the fix for good is filed as a normal change.",
		}
	case w.fate == "successful":
		return []string{
			"Went to plan. The back-out was ready and not needed.",
			"Went to plan. The rehearsal had shown how long each step takes.",
			"Went to plan; the steps were taken over into the runbook.",
		}
	case w.fate == "successful-with-issues":
		return []string{
			"The delay came from a difference between staging and production, which is removed.",
			"The runbook was out of date in one step; it now has an owner.",
		}
	}
	return []string{
		"Staging had too little data to show the problem. A copy of production's size is kept from now on.",
		"The problem was seen within minutes and the back-out worked as written. It will be tried again with smaller steps.",
		"The test did not cover what real traffic does. The case was added to the suite.",
		"We would have seen it on one server. From now on the first server runs alone for an hour.",
	}
}
