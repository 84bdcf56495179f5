package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOutputs(t *testing.T) {
	tests := []struct {
		in   string // values with blanks between
		want []Output
		err  string
	}{
		{"", []Output{{"text", ""}}, ""},
		{"json", []Output{{"json", ""}}, ""},
		{"text json=a.json github=b=c", []Output{{"text", ""}, {"json", "a.json"}, {"github", "b=c"}}, ""},
		{"json=-", []Output{{"json", ""}}, ""},
		{"csv", nil, `unknown format "csv": use one of text, json, ndjson, github`},
		{"=x", nil, `unknown format ""`},
		{"json=", nil, "-o json= names no file: write -o json or -o json=path"},
		{"json text", nil, "only one -o may go to standard output"},
		{"json text=-", nil, "only one -o may go to standard output"},
		{"json=x text=x", nil, "two -o go to x"},
	}
	for _, tt := range tests {
		got, err := ParseOutputs(strings.Fields(tt.in), ReportFormats())
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: error %v, want %q", tt.in, err, tt.err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.in, diff)
		}
	}
}
