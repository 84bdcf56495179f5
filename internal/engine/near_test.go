package engine

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNear(t *testing.T) {
	words := []string{"backout", "deny", "end", "plan", "services", "start", "test", "title"}
	for name, want := range map[string]string{
		"bakout": "backout", "backuot": "backout", "bakuot": "backout", "bkuot": "", // two edits of seven letters, not three
		"tittle": "title", "ttile": "title", "titl": "title", "tilted": "",
		"dney": "deny", "dy": "", "ned": "end", "e": "", "plna": "plan", "servces": "services", "sevrices": "services", "srvcs": "",
		"title": "", "test": "", "Start": "start", "": "",
	} {
		if got, ok := near(name, words); got != want || ok != (want != "") {
			t.Errorf("near(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestDistance: one edit is one, and the distance is symmetric.
func TestDistance(t *testing.T) {
	letters := rapid.SampledFrom([]rune("abcé"))
	word := rapid.StringOfN(letters, 1, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if d, e := distance(a, b, 3), distance(b, a, 3); d != e {
			t.Fatalf("distance %d one way, %d the other", d, e)
		}
		if d := distance(a, b, 3); (d == 0) != (a == b) {
			t.Fatalf("distance of %q and %q is %d", a, b, d)
		}
		r := []rune(a)
		i := rapid.IntRange(0, len(r)-1).Draw(t, "i")
		if d := distance(a, string(r[:i])+string(r[i+1:]), 3); d != 1 {
			t.Fatalf("without a letter: %d", d)
		}
		if i > 0 && r[i] != r[i-1] {
			r[i], r[i-1] = r[i-1], r[i]
			if d := distance(a, string(r), 3); d != 1 {
				t.Fatalf("with two letters swapped: %d", d)
			}
		}
	})
}
