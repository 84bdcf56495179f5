package render

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Column is a field as the text format shows it.
type Column struct {
	Field  string
	Header string // "" is the field's name in capitals
}

// List is the result of a list command, or of a view when Single is set: the
// items with all their fields, and which of them a person sees at first.
type List struct {
	Fields  []string         // every field there is, in order
	Columns []Column         // what text and markdown show; empty is every field
	Items   []map[string]any // anything that encodes as JSON
	Single  bool             // the one item is shown as an object, not an array
	Title   string           // heads the formats of documents
	Notes   []string         // what a reader of a document has to know of the whole
}

// Selection is what the user asked to see of a List.
type Selection struct {
	Fields   []string // --json; empty is the default of the format
	JQ       string   // --jq expression over the JSON
	Template string   // --template over the same values
}

// FieldError is a --json that names no field, or fields that there are not.
type FieldError struct {
	Unknown []string
	Fields  []string // those there are
}

// Error lists the fields there are.
func (e *FieldError) Error() string {
	fields := "choose from " + strings.Join(e.Fields, ", ")
	if len(e.Unknown) == 0 {
		return "--json needs the names of fields: " + fields
	}
	quoted := make([]string, len(e.Unknown))
	for i, u := range e.Unknown {
		quoted[i] = fmt.Sprintf("%q", u)
	}
	return fmt.Sprintf("unknown field %s: %s", strings.Join(quoted, ", "), fields)
}

// AllFields is the value of --json that names every field.
const AllFields = "*"

// ParseFields reads the value of --json, names with commas between or AllFields.
// Anything that is not among fields is a *FieldError.
func ParseFields(value string, fields []string) ([]string, error) {
	if value == AllFields {
		return fields, nil
	}
	var names, unknown []string
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || slices.Contains(names, name):
		case slices.Contains(fields, name):
			names = append(names, name)
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 || len(names) == 0 {
		return nil, &FieldError{Unknown: unknown, Fields: fields}
	}
	return names, nil
}

// Write renders the list in format, one of ListFormats. A jq expression or a
// template replaces the format, since it makes its own.
func (l List) Write(ctx context.Context, w io.Writer, format string, sel Selection, style Style) error {
	if sel.JQ != "" && sel.Template != "" {
		return errors.New("--jq and --template exclude each other: give one")
	}
	if l.Single && len(l.Items) != 1 {
		return fmt.Errorf("rendering a view: it has %d items", len(l.Items))
	}
	items, err := l.choose(sel.Fields)
	if err != nil {
		return err
	}
	switch {
	case sel.JQ != "":
		return runJQ(ctx, w, l.data(items), sel.JQ, style)
	case sel.Template != "":
		return runTemplate(w, l.data(items), sel.Template, style)
	case len(sel.Fields) > 0 && format == FormatText:
		format = FormatJSON // --json names what it wants
	}
	switch format {
	case FormatText:
		return l.text(w, items, style)
	case FormatJSON:
		return JSON(w, l.data(items))
	case FormatNDJSON:
		return ndjson(w, items)
	case FormatYAML:
		return YAML(w, l.data(items))
	case FormatCSV:
		return l.csv(w, items, sel.Fields)
	case FormatMarkdown:
		return l.markdown(w, items, sel.Fields)
	case FormatHTML:
		return l.html(w, items, sel.Fields)
	case FormatXLSX:
		return l.xlsx(w, items, sel.Fields)
	}
	return fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(ListFormats(), ", "))
}

// choose reduces the items to fields, in that order.
func (l List) choose(fields []string) ([]object, error) {
	if len(fields) == 0 {
		fields = l.Fields
	} else if _, err := ParseFields(strings.Join(fields, ","), l.Fields); err != nil {
		return nil, err
	}
	items := make([]object, len(l.Items))
	for i, item := range l.Items {
		items[i] = make(object, len(fields))
		for k, name := range fields {
			v, err := normal(item[name])
			if err != nil {
				return nil, fmt.Errorf("rendering field %s: %w", name, err)
			}
			items[i][k] = member{name, v}
		}
	}
	return items, nil
}

// data is the list as one normal value.
func (l List) data(items []object) any {
	if l.Single {
		return items[0]
	}
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
	}
	return list
}

// columns returns the columns to show: the chosen fields, else the defaults.
func (l List) columns(fields []string) []Column {
	if len(fields) == 0 && len(l.Columns) > 0 {
		return l.Columns
	}
	if len(fields) == 0 {
		fields = l.Fields
	}
	cols := make([]Column, len(fields))
	for i, f := range fields {
		cols[i].Field = f
	}
	return cols
}

func headers(cols []Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		if out[i] = c.Header; c.Header == "" {
			out[i] = strings.ToUpper(strings.ReplaceAll(Terminal(c.Field), "_", " "))
		}
	}
	return out
}

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// cells returns the values of cols as text.
func (o object) cells(cols []Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = cell(o.get(c.Field))
	}
	return out
}

// cell shows a value as text: a list of plain values with commas between,
// anything deeper as JSON, null as nothing.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			switch e.(type) {
			case object, []any, nil:
				return jsonCell(v)
			}
			parts[i] = cell(e)
		}
		return strings.Join(parts, ", ")
	case object:
		return jsonCell(v)
	}
	return fmt.Sprint(v) // bool, json.Number
}

func jsonCell(v any) string {
	data, err := compact(v)
	if err != nil {
		return "" // a normal value always encodes
	}
	return string(data)
}

func (l List) text(w io.Writer, items []object, style Style) error {
	cols := l.columns(nil)
	if l.Single {
		return details(w, headers(cols), items[0].cells(cols), style)
	}
	rows := make([][]string, len(items))
	for i, item := range items {
		rows[i] = item.cells(cols)
	}
	return Table(w, headers(cols), rows, style)
}

// details shows one item as a line per field, empty ones left out.
func details(w io.Writer, names, values []string, style Style) error {
	longest := 0
	for i, name := range names {
		if values[i] != "" {
			longest = max(longest, len(name))
		}
	}
	var b strings.Builder
	for i, name := range names {
		value := strings.TrimRight(TerminalLines(values[i]), "\n")
		switch {
		case value == "":
		case style.TTY:
			indent := strings.Repeat(" ", longest+columnGap)
			b.WriteString(style.paint(dim, name) + indent[len(name):] + strings.ReplaceAll(value, "\n", "\n"+indent) + "\n")
		default:
			b.WriteString(name + "\t" + Terminal(value) + "\n")
		}
	}
	return write(w, b.String())
}

func ndjson(w io.Writer, items []object) error {
	var b strings.Builder
	for _, item := range items {
		data, err := compact(item)
		if err != nil {
			return err
		}
		b.Write(data)
		b.WriteByte('\n')
	}
	return write(w, b.String())
}

func (l List) csv(w io.Writer, items []object, fields []string) error {
	if len(fields) == 0 {
		fields = l.Fields
	}
	cols := l.columns(fields)
	var b strings.Builder
	enc := csv.NewWriter(&b)
	rows := [][]string{fields}
	for _, item := range items {
		row := item.cells(cols)
		for i, c := range cols {
			if _, number := item.get(c.Field).(json.Number); !number {
				row[i] = CSVCell(row[i])
			}
		}
		rows = append(rows, row)
	}
	if err := enc.WriteAll(rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return write(w, b.String())
}

func (l List) markdown(w io.Writer, items []object, fields []string) error {
	cols := l.columns(fields)
	var b strings.Builder
	if l.Title != "" {
		b.WriteString("# " + Markdown(l.Title) + "\n\n")
		for _, n := range l.Notes {
			b.WriteString("- " + Markdown(n) + "\n")
		}
		if len(l.Notes) > 0 {
			b.WriteString("\n")
		}
	}
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	names := headers(cols)
	rule := make([]string, len(cols))
	for i := range cols {
		names[i], rule[i] = Markdown(names[i]), "---"
	}
	line(names)
	line(rule)
	for _, item := range items {
		row := item.cells(cols)
		for i := range row {
			row[i] = Markdown(row[i])
		}
		line(row)
	}
	return write(w, b.String())
}
