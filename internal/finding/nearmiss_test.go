package finding_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/finding"
)

func TestNearMiss(t *testing.T) {
	fields := []string{"title", "tier", "plan", "backout", "requester", "owner", "services"}
	for word, want := range map[string]string{
		"tilte":     "title", // swapped
		"titel":     "title",
		"titl":      "title",
		"titles":    "title",
		"Title":     "title",
		"bakout":    "backout",
		"bakcuot":   "backout", // two slips in a long word
		"tire":      "tier",
		"tyre":      "", // two slips in a short one
		"colour":    "",
		"":          "",
		"title":     "", // it is one of them
		"requestor": "requester",
		"service":   "services",
	} {
		if got := finding.NearMiss(word, fields); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := finding.NearMiss("db-9", []string{"db-2", "db-1"}); got != "db-1" {
		t.Errorf("of two equally near the first in order, got %q", got)
	}
}

// distance is the recursive definition that Slips has to agree with.
func distance(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	x, y := a[:len(a)-1], b[:len(b)-1]
	change := 1
	if a[len(a)-1] == b[len(b)-1] {
		change = 0
	}
	d := min(distance(x, b)+1, distance(a, y)+1, distance(x, y)+change)
	if len(a) > 1 && len(b) > 1 && a[len(a)-1] == b[len(b)-2] && a[len(a)-2] == b[len(b)-1] {
		d = min(d, distance(a[:len(a)-2], b[:len(b)-2])+1)
	}
	return d
}

func TestSlipsProperty(t *testing.T) {
	word := rapid.SliceOfN(rapid.SampledFrom([]rune("abä")), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		most := rapid.IntRange(0, 3).Draw(t, "most")
		if got, want := finding.Slips(string(a), string(b), most), min(distance(a, b), most+1); got != want {
			t.Fatalf("%q %q at most %d: got %d, want %d", string(a), string(b), most, got, want)
		}
	})
}

func TestMeant(t *testing.T) {
	fields := []string{"timezone", "title", "main_branch", "owners", "owner_of_last_resort"}
	for word, want := range map[string]string{
		"time": "timezone", "TIME": "timezone", "main": "main_branch", "titel": "title", // near, or begun
		"ti": "", "own": "", "zone": "", "title": "", "": "",
	} {
		if got := finding.Meant(word, fields); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
