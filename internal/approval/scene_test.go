package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// scene is a proposal that alice requested and implements and that bob, who
// is in team ops, has approved; ops must give one approval. It is allowed.
// Cases change one thing in it.
type scene struct {
	reqs    []Requirement
	f       Facts
	b       Binding
	content map[string]string // field → value, of today
}

func newScene() *scene {
	s := &scene{
		content: map[string]string{"title": "one", "plan": "two", "notes": "three"},
		reqs:    []Requirement{{ID: "owner", From: []string{"team:ops"}, Count: 1, Msg: "ops runs it"}},
		f: Facts{
			People: map[string]Person{
				"alice": {Active: true}, "bob": {Active: true}, "carol": {Active: true}, "dave": {Active: true},
				"gone": {Active: false}, "mallory": {Active: true},
			},
			Teams: map[string]Team{
				"ops":    {Members: []string{"alice", "bob", "carol", "gone", "stranger"}, Active: true},
				"cab":    {Members: []string{"carol", "dave"}, Active: true},
				"closed": {Members: []string{"bob"}, Active: false},
				"left":   {Members: []string{"gone"}, Active: true},
				"empty":  {Active: true},
			},
			Requester:    "person:alice",
			Implementers: []string{"alice"},
			Opener:       "alice",
			Contributors: []Contributor{{Person: "alice", Who: "Alice", Role: "author", Commit: "1a2b3c4d5e6f7a8b"}},
			MinimumTrust: Observed,
			Judged:       true,
		},
	}
	s.b = Binding{Material: s.digest, Allowed: []string{"state", "notes"}}
	s.f.Reviews = []Review{s.review("bob", Approved, 1)}
	return s
}

// digest stands in for the material digest: the content without excluded.
func (s *scene) digest(excluded []string) (string, error) {
	var parts []string
	for k, v := range s.content {
		if !slices.Contains(excluded, k) {
			parts = append(parts, k+"="+v)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ";"), nil
}

// review is a signed review of today's content.
func (s *scene) review(person, state string, order int) Review {
	sum, _ := s.digest([]string{"state"})
	return Review{
		Person: person, Who: person, State: state, Order: order, Trust: Signed, Material: sum, Excluded: []string{"state"},
		Time: time.Date(2026, 11, 20, 10, order, 0, 0, time.UTC), Ref: fmt.Sprintf("evidence/%d", order),
	}
}

func (s *scene) add(person, state string, order int) {
	s.f.Reviews = append(s.f.Reviews, s.review(person, state, order))
}

func (s *scene) evaluate() Result { return Evaluate(s.reqs, s.f, s.b) }

// sameHuman makes records of one human.
func (s *scene) sameHuman(ids ...string) {
	for _, id := range ids {
		p := s.f.People[id]
		p.Human = ids[0]
		s.f.People[id] = p
	}
}

// alsoCab asks for an approval by the change advisory board as well.
func (s *scene) alsoCab() {
	s.reqs = append(s.reqs, Requirement{ID: "cab", From: []string{"team:cab"}, Count: 1, Msg: "it is risky"})
}
