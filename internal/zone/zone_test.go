package zone_test

import (
	"archive/zip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/zone"
)

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAt(t *testing.T) {
	tests := []struct {
		zone, wall, want string
	}{
		{"Europe/London", "2026-03-29T00:59:59", "2026-03-29T00:59:59Z"},
		{"Europe/London", "2026-03-29T01:00:00", "2026-03-29T01:00:00Z"}, // skipped: 02:00 BST
		{"Europe/London", "2026-03-29T01:30:00", "2026-03-29T01:30:00Z"}, // skipped: 02:30 BST
		{"Europe/London", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"},
		{"Europe/London", "2026-10-25T00:59:59", "2026-10-24T23:59:59Z"},
		{"Europe/London", "2026-10-25T01:30:00", "2026-10-25T00:30:00Z"}, // twice: the first, in BST
		{"Europe/London", "2026-10-25T02:00:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00Z"}, // skipped: 03:30 EDT
		{"America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"}, // twice: the first, in EDT
		{"America/New_York", "2026-11-01T02:30:00", "2026-11-01T07:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"}, // skipped half hour: 02:45 at +11
		{"Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z"}, // half an hour twice: the first, at +11
		{"Australia/Lord_Howe", "2026-04-05T02:00:00", "2026-04-04T15:30:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"}, // a day that never was
		{"UTC", "2026-03-29T01:30:00", "2026-03-29T01:30:00Z"},
	}
	for _, tt := range tests {
		wall, err := time.Parse("2006-01-02T15:04:05", tt.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := zone.At(wall, load(t, tt.zone)).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s is %s, want %s", tt.wall, tt.zone, got, tt.want)
		}
	}
}

// TestAtFindsTheFirst: what a clock shows at a moment is found again, and where
// the clock shows it twice, it is the first.
func TestAtFindsTheFirst(t *testing.T) {
	zones := []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Kathmandu"}
	rapid.Check(t, func(rt *rapid.T) {
		loc := load(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(rt, "moment"), 0).In(loc)
		got := zone.At(zone.Wall(at), loc)
		if !zone.Wall(got).Equal(zone.Wall(at)) || got.After(at) {
			rt.Fatalf("%s comes back as %s", at, got)
		}
	})
}

func TestLoadRefuses(t *testing.T) {
	for _, name := range []string{"", "Local", "Europe", "Europe/", "europe/london", "../UTC", "/etc/localtime", "Mars/Olympus", `C:\zone`, "Europe/London\x00"} {
		if _, err := zone.Load(name); err == nil {
			t.Errorf("%q is no zone, and was loaded", name)
		}
	}
}

// TestLoadIgnoresTheMachine: what the machine calls London is not asked for.
func TestLoadIgnoresTheMachine(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	if _, err := zone.Load("Australia/Lord_Howe"); err != nil {
		t.Error(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b, "Europe/London")
	}
}

// TestLoadKnowsAll: every zone of the database loads, so that no entry is
// compressed or out of reach.
func TestLoadKnowsAll(t *testing.T) {
	z, err := zip.OpenReader("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if _, err := zone.Load(f.Name); err != nil {
			t.Error(err)
		}
	}
	if len(z.File) < 400 {
		t.Errorf("the database has %d zones", len(z.File))
	}
}
