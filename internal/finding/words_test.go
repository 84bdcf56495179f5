package finding

import "testing"

func TestCounted(t *testing.T) {
	for _, tt := range []struct {
		n     int
		thing string
		want  string
	}{
		{0, "record", "0 records"}, {1, "record", "1 record"}, {2, "record", "2 records"},
		{1, "entry", "1 entry"}, {3, "entry", "3 entries"}, {2, "key", "2 keys"}, {2, "day", "2 days"},
	} {
		if got := Counted(tt.n, tt.thing); got != tt.want {
			t.Errorf("%d %s: %s", tt.n, tt.thing, got)
		}
	}
}
