package store

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// mark is something that only one human has.
type mark struct{ what, value string }

// marks are what a person record says that only this human has.
func marks(p record.Person) []mark {
	var out []mark
	if p.GitHub.ID != 0 {
		out = append(out, mark{"a GitHub account", strconv.FormatInt(p.GitHub.ID, 10)})
	}
	if p.GitHub.Login != "" {
		out = append(out, mark{"a GitHub login", strings.ToLower(p.GitHub.Login)})
	}
	for _, e := range p.Emails {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" {
			out = append(out, mark{"an e-mail address", e})
		}
	}
	for _, k := range p.SigningKeys {
		if e := k.Essence(); e != "" && !k.Authority {
			out = append(out, mark{"a signing key", e})
		}
	}
	return out
}

// Shared says what two people records share that only one human has, "" where
// they are not known to be the same human's.
func (d *Directory) Shared(a, b string) string {
	if a == b || d.Human(a) != d.Human(b) {
		return ""
	}
	theirs := marks(d.People[b])
	for _, m := range marks(d.People[a]) {
		if slices.Contains(theirs, m) {
			return m.what
		}
	}
	return "a third record"
}

// Human is the id that stands for everybody who is the same human as a person:
// the first of the records that share what only one human has.
func (d *Directory) Human(id string) string {
	if h, ok := d.humans[id]; ok {
		return h
	}
	return id
}

// humans joins the people who share a mark, the first id in the lead.
func humans(people map[string]record.Person) map[string]string {
	lead := map[string]string{}
	find := func(id string) string {
		for lead[id] != id {
			id = lead[id]
		}
		return id
	}
	owner := map[mark]string{}
	ids := slices.Sorted(maps.Keys(people))
	for _, id := range ids {
		lead[id] = id
		for _, m := range marks(people[id]) {
			if other, ok := owner[m]; ok {
				a, b := find(other), find(id)
				lead[max(a, b)] = min(a, b)
			} else {
				owner[m] = id
			}
		}
	}
	for _, id := range ids {
		lead[id] = find(id)
	}
	return lead
}
