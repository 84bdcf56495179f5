package render

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func document(t *testing.T, format string) string {
	t.Helper()
	l := List{
		Title: "Audit " + hostile, Notes: []string{"note " + hostile}, Fields: []string{"id", "points", "text"},
		Items: []map[string]any{{"id": "CHG-1", "points": 42, "text": hostile}, {"id": "=1+1", "points": -1, "text": []string{"a", "b"}}, {"id": strings.Repeat("ä", 40000)}},
	}
	return render(t, func(b *bytes.Buffer) error { return l.Write(t.Context(), b, format, Selection{}, Style{}) })
}

func TestListHTML(t *testing.T) {
	got := document(t, FormatHTML)
	if again := document(t, FormatHTML); got != again {
		t.Error("rendered twice, its bytes differ")
	}
	for _, bad := range []string{"<img", "<script", "href", "src=x>", "\x1b", "\u202e"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q comes through", bad)
		}
	}
	for _, want := range []string{"default-src 'none'", "<td>42</td>", "<td>a, b</td>", "&lt;img src=x"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing from %s", want, got[:1000])
		}
	}
}

func TestListXLSX(t *testing.T) {
	got := document(t, FormatXLSX)
	if again := document(t, FormatXLSX); got != again {
		t.Error("rendered twice, its bytes differ")
	}
	z, err := zip.NewReader(strings.NewReader(got), int64(len(got)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
	list := parts["xl/worksheets/sheet1.xml"]
	for _, want := range []string{"<c><v>42</v></c>", "<c><v>-1</v></c>", `s="1"><is><t xml:space="preserve">=1+1</t>`, `s="1"><is><t xml:space="preserve">=cmd|`} {
		if !strings.Contains(list, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(list, "<f>") || strings.Contains(list, strings.Repeat("ä", 32767)) || !strings.Contains(list, strings.Repeat("ä", 32766)+"…") {
		t.Error("a formula, or a cell longer than any spreadsheet holds")
	}
	if !strings.Contains(parts["xl/worksheets/sheet2.xml"], "note =cmd") {
		t.Error("the notes are missing")
	}
}
