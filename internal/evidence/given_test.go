package evidence

import (
	"slices"
	"testing"
	"time"
)

// TestGiven holds that a signed statement is as old as the review that carried it,
// however its author's clock goes, and every other as old as it says.
func TestGiven(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 20, 9, minute, 0, 0, time.UTC) }
	signed := &Entry{Path: "evidence/x/signed.json", Statement: Statement{Predicate: Predicate{Kind: Approval, Time: at(30)}}}
	review := &Entry{Path: "evidence/x/review.json", Statement: Statement{Predicate: Predicate{Kind: Approval, Time: at(5), Forge: &ForgeFacts{Statement: signed.Path}}}}
	other := &Entry{Path: "evidence/x/other.json", Statement: Statement{Predicate: Predicate{Kind: Rejection, Time: at(20)}}}
	given := Given(slices.Values([]*Entry{review, other, signed}))
	for e, want := range map[*Entry]time.Time{signed: at(5), review: at(5), other: at(20)} {
		if got := given(e); !got.Equal(want) {
			t.Errorf("%s was given at %s, want %s", e.Path, got, want)
		}
	}
}
