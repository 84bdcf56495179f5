package validate

import "testing"

func TestWholeMoment(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-20 14:00:00Z":       "2026-11-20T14:00:00Z",
		"2026-11-20t14:00z":          "2026-11-20T14:00:00Z",
		"2026-11-20T14:00+01:00":     "2026-11-20T14:00:00+01:00",
		"2026-11-20 14:00:00 -05:30": "2026-11-20T14:00:00-05:30",
		"2026-11-20 14:00:00.25Z":    "2026-11-20T14:00:00.25Z",
		"2026-11-20 14:00:00":        "", // in which zone?
		"2026-11-20":                 "",
		"2026-02-30 14:00Z":          "",
		"2026-11-20 25:00Z":          "",
		"20.11.2026 14:00Z":          "",
		"2026-11-20  14:00Z":         "",
		"2026-11-20T14:00+0100":      "",
	} {
		if got := wholeMoment(text); got != want {
			t.Errorf("wholeMoment(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSameLetters(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		words      []string
	}{
		{"Normal", "normal", []string{"standard", "normal"}},
		{"norml", "", []string{"standard", "normal"}},
		{"low", "", []string{"Low", "LOW"}}, // either could be meant
	} {
		if got := sameLetters(tc.text, tc.words); got != tc.want {
			t.Errorf("sameLetters(%q, %q) = %q, want %q", tc.text, tc.words, got, tc.want)
		}
	}
}
