package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func changes() List {
	return List{
		Fields:  []string{"id", "title", "score", "services", "window", "owner", "open"},
		Columns: []Column{{Field: "id"}, {Field: "title"}, {Field: "score", Header: "RISK"}, {Field: "services"}},
		Items: []map[string]any{
			{"id": "CHG-1", "title": "=1+1 <b>, \"x\" | @team\u202e", "score": 7, "services": []string{"checkout", "cart"}, "window": map[string]any{"start": "2026-11-20T10:00:00Z", "end": nil}, "owner": nil, "open": true},
			{"id": "CHG-2", "title": "two\nlines", "score": -2.5, "services": []string{}, "extra": "never shown"},
		},
	}
}

func written(t *testing.T, l List, format string, sel Selection, style Style) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return l.Write(context.Background(), b, format, sel, style) })
}

func TestListFormats(t *testing.T) {
	tests := []struct {
		format string
		sel    Selection
		style  Style
		want   string
	}{
		{"text", Selection{}, Style{}, "CHG-1\t=1+1 <b>, \"x\" | @team\t7\tcheckout, cart\nCHG-2\ttwo lines\t-2.5\t\n"},
		{"text", Selection{}, Style{TTY: true}, `ID     TITLE                  RISK  SERVICES
CHG-1  =1+1 <b>, "x" | @team  7     checkout, cart
CHG-2  two lines              -2.5
`},
		{"json", Selection{Fields: []string{"title", "id", "services"}}, Style{}, `[
  {
    "title": "=1+1 <b>, \"x\" | @team\u202e",
    "id": "CHG-1",
    "services": [
      "checkout",
      "cart"
    ]
  },
  {
    "title": "two\nlines",
    "id": "CHG-2",
    "services": []
  }
]
`},
		{"ndjson", Selection{}, Style{}, `{"id":"CHG-1","title":"=1+1 <b>, \"x\" | @team\u202e","score":7,"services":["checkout","cart"],"window":{"end":null,"start":"2026-11-20T10:00:00Z"},"owner":null,"open":true}
{"id":"CHG-2","title":"two\nlines","score":-2.5,"services":[],"window":null,"owner":null,"open":null}
`},
		{"csv", Selection{}, Style{}, "id,title,score,services,window,owner,open\n" +
			"CHG-1,\"'=1+1 <b>, \"\"x\"\" | @team\u202e\",7,\"checkout, cart\",\"{\"\"end\"\":null,\"\"start\"\":\"\"2026-11-20T10:00:00Z\"\"}\",,true\n" +
			"CHG-2,\"two\nlines\",-2.5,,,,\n"},
		{"csv", Selection{Fields: []string{"score", "id"}}, Style{}, "score,id\n7,CHG-1\n-2.5,CHG-2\n"},
		{"markdown", Selection{}, Style{}, `| ID | TITLE | RISK | SERVICES |
| --- | --- | --- | --- |
| CHG\-1 | \=1\+1 &lt;b&gt;\, \"x\" \| \@&#8203;team | 7 | checkout\, cart |
| CHG\-2 | two lines | \-2\.5 |  |
`},
		{"yaml", Selection{}, Style{}, `- id: CHG-1
  title: "=1+1 <b>, \"x\" | @team\u202e"
  score: 7
  services:
    - checkout
    - cart
  window:
    end: null
    start: "2026-11-20T10:00:00Z"
  owner: null
  open: true
- id: CHG-2
  title: |-
    two
    lines
  score: -2.5
  services: []
  window: null
  owner: null
  open: null
`},
	}
	for _, tt := range tests {
		got := written(t, changes(), tt.format, tt.sel, tt.style)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %+v: %s", tt.format, tt.sel, diff)
		}
	}
}

func TestListSameJSONOnTerminal(t *testing.T) {
	want := written(t, changes(), "json", Selection{}, Style{})
	if got := written(t, changes(), "json", Selection{}, Style{TTY: true, Color: true, Width: 10}); got != want {
		t.Error(cmp.Diff(want, got))
	}
	if got := written(t, changes(), "text", Selection{Fields: changes().Fields}, Style{}); got != want {
		t.Error("--json without -o is not JSON", cmp.Diff(want, got))
	}
	var items []map[string]any
	if err := json.Unmarshal([]byte(want), &items); err != nil || items[0]["title"] != changes().Items[0]["title"] {
		t.Error(err, items)
	}
}

func TestListEmpty(t *testing.T) {
	for format, want := range map[string]string{
		"text": "", "json": "[]\n", "ndjson": "", "yaml": "[]\n", "csv": "id,state\n", "markdown": "| ID | STATE |\n| --- | --- |\n",
	} {
		if got := written(t, List{Fields: []string{"id", "state"}}, format, Selection{}, Style{}); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}

func TestView(t *testing.T) {
	l := changes()
	l.Items, l.Single = l.Items[1:], true
	l.Columns = append(l.Columns, Column{Field: "owner"})
	for _, tt := range []struct {
		format string
		style  Style
		want   string
	}{
		{"text", Style{TTY: true}, "ID     CHG-2\nTITLE  two\n       lines\nRISK   -2.5\n"},
		{"text", Style{}, "ID\tCHG-2\nTITLE\ttwo lines\nRISK\t-2.5\n"},
		{"json", Style{}, "{\n  \"id\": \"CHG-2\",\n"},
		{"yaml", Style{}, "id: CHG-2\n"},
		{"csv", Style{}, "id,title,"},
	} {
		if got := written(t, l, tt.format, Selection{}, tt.style); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.format, got, tt.want)
		}
	}
	l.Items = nil
	if err := l.Write(context.Background(), &bytes.Buffer{}, "json", Selection{}, Style{}); err == nil {
		t.Error("a view without an item is no error")
	}
}

func TestParseFields(t *testing.T) {
	fields := []string{"id", "title", "state"}
	tests := []struct {
		in   string
		want []string
		err  string
	}{
		{"id", []string{"id"}, ""},
		{"title, id,title", []string{"title", "id"}, ""},
		{"", nil, "--json needs the names of fields: choose from id, title, state"},
		{",", nil, "--json needs the names of fields"},
		{"id,tittle", nil, `unknown field "tittle": choose from id, title, state`},
		{"a,b", nil, `unknown field "a", "b": choose`},
		{"ID", nil, `unknown field "ID"`},
	}
	for _, tt := range tests {
		got, err := ParseFields(tt.in, fields)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: error %v, want %q", tt.in, err, tt.err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.in, diff)
		}
	}
}

func TestListErrors(t *testing.T) {
	unknown := &FieldError{}
	for _, tt := range []struct {
		format string
		sel    Selection
		want   string
	}{
		{"xml", Selection{}, `unknown format "xml": use one of text, json, ndjson`},
		{"json", Selection{JQ: ".", Template: "x"}, "exclude each other"},
		{"json", Selection{Fields: []string{"nope"}}, `unknown field "nope"`},
		{"json", Selection{Template: "{{"}, "parsing the template"},
		{"json", Selection{Template: `{{truncate 0 "x"}}`}, "give at least 1"},
		{"json", Selection{Template: `{{env "HOME"}}`}, `function "env" not defined`},
	} {
		var b bytes.Buffer
		err := changes().Write(context.Background(), &b, tt.format, tt.sel, Style{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || b.Len() > 0 {
			t.Errorf("%+v: error %v, want %q; wrote %q", tt.sel, err, tt.want, b.String())
		}
		if strings.Contains(tt.want, "unknown field") != errors.As(err, &unknown) {
			t.Errorf("%+v: %T", tt.sel, err)
		}
	}
	l := List{Fields: []string{"f"}, Items: []map[string]any{{"f": func() {}}}}
	if err := l.Write(context.Background(), &bytes.Buffer{}, "json", Selection{}, Style{}); err == nil || !strings.Contains(err.Error(), "field f") {
		t.Error(err)
	}
}

func TestTemplate(t *testing.T) {
	for _, tt := range []struct {
		template string
		style    Style
		want     string
	}{
		{`{{range .}}{{.id}} {{end}}`, Style{}, "CHG-1 CHG-2 "},
		{`{{with index . 0}}{{if gt .score 5}}{{.id}}{{end}}{{end}}`, Style{}, "CHG-1"},
		{`{{join "+" (pluck "id" .)}}`, Style{}, "CHG-1+CHG-2"},
		{`{{range .}}{{join "," .services}};{{end}}`, Style{}, "checkout,cart;;"},
		{`{{truncate 4 "größer"}}`, Style{}, "grö…"},
		{`{{json (index . 0).window}}`, Style{}, `{"end":null,"start":"2026-11-20T10:00:00Z"}`},
		{`{{(index . 0).title}}`, Style{}, "=1+1 <b>, \"x\" | @team\u202e"},
		{`{{(index . 0).title}}{{"\n"}}`, Style{TTY: true}, "=1+1 <b>, \"x\" | @team\n"},
		{`{{range .}}{{tablerow .id .score}}{{end}}`, Style{}, "CHG-1  7\nCHG-2  -2.5\n"},
		{`{{tablerow "a"}}{{tablerender}}--{{tablerow "b" nil}}`, Style{}, "a\n--b\n"},
	} {
		if got := written(t, changes(), "json", Selection{Template: tt.template}, tt.style); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.template, got, tt.want)
		}
	}
}
