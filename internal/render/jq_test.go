package render

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestJQ(t *testing.T) {
	for _, tt := range []struct {
		expr  string
		style Style
		want  string
	}{
		{".[].id", Style{}, "CHG-1\nCHG-2\n"},
		{".[0].title", Style{}, "=1+1 <b>, \"x\" | @team\u202e\n"},
		{".[0].title", Style{TTY: true}, "=1+1 <b>, \"x\" | @team\n"},
		{"[.[0].title]", Style{}, `["=1+1 <b>, \"x\" | @team\u202e"]` + "\n"},
		{"map(select(.score > 5)) | length", Style{}, "1\n"},
		{".[0].owner", Style{}, "\n"},
		{".[0] | .open, .score", Style{}, "true\n7\n"},
		{"map({id, s: .score})[1]", Style{}, `{"id":"CHG-2","s":-2.5}` + "\n"},
		{"empty", Style{}, ""},
		{"1, halt, 2", Style{}, "1\n"},
		{"env, $ENV", Style{}, "{}\n{}\n"},
	} {
		if got := written(t, changes(), "text", Selection{JQ: tt.expr}, tt.style); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.expr, got, tt.want)
		}
	}
	if got := written(t, changes(), "text", Selection{JQ: ".[0] | keys[]", Fields: []string{"title", "id"}}, Style{}); got != "id\ntitle\n" {
		t.Errorf("fields are not chosen before the expression runs: %q", got)
	}
}

func TestJQErrors(t *testing.T) {
	for expr, want := range map[string]string{
		".[": "parsing the jq expression", "nope": "compiling the jq expression", ".id": "running the jq expression",
		`"x" | halt_error`: "running the jq expression", `import "a" as a; .`: "compiling the jq expression", "input": "compiling the jq expression",
	} {
		var b bytes.Buffer
		err := changes().Write(context.Background(), &b, "text", Selection{JQ: expr}, Style{})
		if err == nil || !strings.Contains(err.Error(), want) || b.Len() > 0 {
			t.Errorf("%s: error %v, want %q; wrote %q", expr, err, want, b.String())
		}
	}
}

func TestJQStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := changes().Write(ctx, &bytes.Buffer{}, "text", Selection{JQ: "def f: f; f"}, Style{}); err == nil {
		t.Error("an endless expression does not stop")
	}
}
