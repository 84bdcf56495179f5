package render

import (
	"fmt"
	"io"
	"strings"
	"text/template"
)

// CheckTemplate says what is wrong with a template, whatever it is given.
func CheckTemplate(source string) error {
	_, err := new(filler).parse(source)
	return err
}

func (f *filler) parse(source string) (*template.Template, error) {
	t, err := template.New("--template").Funcs(f.functions()).Parse(source)
	if err != nil {
		return nil, &ExpressionError{fmt.Errorf("parsing the template: %w", err)}
	}
	return t, nil
}

// runTemplate executes a Go template over the values of a list.
func runTemplate(w io.Writer, data any, source string, style Style) error {
	fill := &filler{style: style}
	t, err := fill.parse(source)
	if err != nil {
		return err
	}
	if err := t.Execute(&fill.out, loose(data)); err != nil {
		return fmt.Errorf("executing the template: %w", err)
	}
	fill.flush()
	return write(w, shown(fill.out.String(), style))
}

// shown makes free output safe where a terminal would act on it. In a pipe it
// is data and goes through as it is.
func shown(s string, style Style) string {
	if style.TTY {
		return TerminalLines(s)
	}
	return s
}

// filler is one execution of a template, with the table it is gathering.
type filler struct {
	out   strings.Builder
	style Style
	rows  [][]string
}

// functions are what a template may call beyond the language's own. None of
// them reads anything but its arguments.
func (f *filler) functions() template.FuncMap {
	return template.FuncMap{
		"join":        join,
		"pluck":       pluck,
		"truncate":    truncate,
		"json":        toJSON,
		"tablerow":    f.tablerow,
		"tablerender": f.tablerender,
	}
}

// join puts sep between the values of a list.
func join(sep string, list []any) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = asText(v)
	}
	return strings.Join(parts, sep)
}

// pluck returns one field of each object in a list.
func pluck(field string, list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		if m, ok := v.(map[string]any); ok {
			out[i] = m[field]
		}
	}
	return out
}

// truncate cuts text to a number of columns.
func truncate(most int, v any) (string, error) {
	if most < 1 {
		return "", fmt.Errorf("truncate to %d columns: give at least 1", most)
	}
	return snip(asText(v), most), nil
}

func toJSON(v any) (string, error) {
	data, err := compact(v)
	return string(data), err
}

// tablerow adds a row to the table that tablerender, or the end, writes.
func (f *filler) tablerow(cells ...any) string {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = Terminal(asText(c))
	}
	f.rows = append(f.rows, row)
	return ""
}

func (f *filler) tablerender() string {
	table := layOut(f.rows, f.style)
	f.rows = nil
	return table
}

func (f *filler) flush() { f.out.WriteString(f.tablerender()) }

// asText shows a value as a cell does.
func asText(v any) string {
	n, err := normal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cell(n)
}
