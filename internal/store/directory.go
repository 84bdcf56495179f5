package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/record"
)

// Directory is the people and teams of a snapshot, decoded.
type Directory struct {
	People map[string]record.Person
	Teams  map[string]record.Team

	byEmail map[string]string
	byID    map[int64]string  // GitHub accounts
	byLogin map[string]string // the same, in lower case
	humans  map[string]string // person → the first of the records of the same human
}

// Directory decodes people/ and teams/, once for each version of them. A person
// or team that cannot be read is left out, so nobody gains authority through a
// broken file.
func (s *Store) Directory() (*Directory, error) {
	s.mu.Lock()
	d := s.dir
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	d, err := s.cache.directory.Get(s.Key("person", "team"), s.readDirectory)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dir = d
	return d, nil
}

func (s *Store) readDirectory() (*Directory, error) {
	people, err := s.List("person")
	if err != nil {
		return nil, err
	}
	teams, err := s.List("team")
	if err != nil {
		return nil, err
	}
	d := &Directory{People: map[string]record.Person{}, Teams: map[string]record.Team{}, byEmail: map[string]string{},
		byID: map[int64]string{}, byLogin: map[string]string{}}
	for _, r := range people {
		var p record.Person
		if r.Decode(&p) == nil {
			p.ID = r.ID
			d.People[r.ID] = p
			d.index(p)
		}
	}
	d.humans = humans(d.People)
	for _, r := range teams {
		var t record.Team
		if r.Decode(&t) == nil {
			t.ID = r.ID
			d.Teams[r.ID] = t
		}
	}
	return d, nil
}

// index files a person under their addresses. An address two people claim
// belongs to neither: it could not say who acted.
func (d *Directory) index(p record.Person) {
	if id := p.GitHub.ID; id != 0 {
		claim(d.byID, id, p.ID)
	}
	if login := strings.ToLower(p.GitHub.Login); login != "" {
		claim(d.byLogin, login, p.ID)
	}
	for _, e := range p.Emails {
		e = strings.ToLower(strings.TrimSpace(e))
		if e == "" {
			continue // or whoever commits without an address would be this person
		}
		claim(d.byEmail, e, p.ID)
	}
}

// claim gives a mark to a person, and to nobody once two want it.
func claim[K comparable](owner map[K]string, mark K, person string) {
	if other, taken := owner[mark]; taken && other != person {
		person = ""
	}
	owner[mark] = person
}

// noReply is the address that GitHub gives an account for its commits.
var noReply = lazyregexp.New(`^([0-9]+)\+[^@]*@users\.noreply\.github\.com$`)

// ByEmail returns the id of the one person with this address, or whose account
// GitHub gave it to.
func (d *Directory) ByEmail(email string) (id string, ok bool) {
	email = strings.ToLower(strings.TrimSpace(email))
	id = d.byEmail[email]
	if m := noReply.FindStringSubmatch(email); id == "" && m != nil {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			id = d.byID[n]
		}
	}
	return id, id != ""
}

// ByAccount returns the id of the one person with a GitHub account. The number
// decides; sure is false where only the login says so, which may have been
// somebody else's before.
func (d *Directory) ByAccount(number int64, login string) (id string, sure bool) {
	if number == 0 {
		return "", false
	}
	if id = d.byID[number]; id != "" {
		return id, true
	}
	if id = d.byLogin[strings.ToLower(login)]; id != "" && d.People[id].GitHub.ID == 0 {
		return id, false
	}
	return "", false
}

// Expand returns the ids of the people a list of "team:…" and "person:…"
// names, sorted, without asking whether they are active.
func (d *Directory) Expand(refs []string) ([]string, error) {
	var out []string
	for _, ref := range refs {
		kind, id, _ := strings.Cut(ref, ":")
		switch kind {
		case "person":
			if _, ok := d.People[id]; !ok {
				return nil, fmt.Errorf("nobody in people/ is called %q", id)
			}
			out = append(out, id)
		case "team":
			t, ok := d.Teams[id]
			if !ok {
				return nil, fmt.Errorf("no team in teams/ is called %q", id)
			}
			out = append(out, t.Members...)
		default:
			return nil, fmt.Errorf("%q is neither team:… nor person:…", ref)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return slices.Compact(out), nil
}
