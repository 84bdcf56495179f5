package render

import (
	"io"
	"strings"
)

// html renders the list as a page of its own: nothing is loaded, and nothing
// runs.
func (l List) html(w io.Writer, items []object, fields []string) error {
	cols := l.columns(fields)
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>` + HTML(oneLine(l.Title)) + `</title>
<style>
body { font: 14px/1.4 sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #bbb; padding: .2em .5em; text-align: left; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
th { background: #eee; }
</style>
<h1>` + HTML(oneLine(l.Title)) + "</h1>\n")
	if len(l.Notes) > 0 {
		b.WriteString("<ul>\n")
		for _, n := range l.Notes {
			b.WriteString("<li>" + HTML(n) + "</li>\n")
		}
		b.WriteString("</ul>\n")
	}
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, c := range cells {
			b.WriteString("<" + tag + ">" + HTML(c) + "</" + tag + ">")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<table>\n<thead>\n")
	row("th", headers(cols))
	b.WriteString("</thead>\n<tbody>\n")
	for _, item := range items {
		row("td", item.cells(cols))
	}
	b.WriteString("</tbody>\n</table>\n</html>\n")
	return write(w, b.String())
}
