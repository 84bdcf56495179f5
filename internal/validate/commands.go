package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// setCommand is the command line that sets one field of a record. Fields in
// lists have none, and kinds that a store declares are edited as files.
func setCommand(rec *record.Record, path []string, value string) string {
	field := name(path)
	if !builtin(rec.Kind) || strings.Contains(field, "[") {
		return fmt.Sprintf("write %s: %s in %s", field, value, rec.Doc.Name)
	}
	set := field + "=" + value
	if strings.ContainsAny(value, " []{}'\"$&;<>()|*?!#\\") {
		set = "'" + strings.ReplaceAll(set, "'", `'\''`) + "'"
	}
	return fmt.Sprintf("gitsm %s edit %s --set %s", rec.Kind.Name, short(rec), set)
}

// short is what a person would type for a record: of a dated id its random
// part.
func short(rec *record.Record) string {
	if i := strings.LastIndexByte(rec.ID, '-'); rec.Kind.Dated() && i >= 0 {
		return strings.ToLower(rec.ID[i+1:])
	}
	return rec.ID
}

// replaceCommand is the command line that puts the id a reference was meant to
// be in its place: the whole list where it stands in one.
func replaceCommand(sub subject, rv record.RefValue, id string) string {
	path := pathOf(rv.Pointer)
	if sub.rec == nil {
		return fmt.Sprintf("write %s in %s", id, sub.doc.Name)
	}
	if text, _ := valueAt(sub.rec.Fields, path).(string); rv.Kind != "" && strings.HasPrefix(text, rv.Kind+":") {
		id = rv.Kind + ":" + id
	}
	last := len(path) - 1
	i, err := strconv.Atoi(path[last])
	if err != nil {
		return setCommand(sub.rec, path, id)
	}
	list, ok := record.Value(sub.rec.Fields, path[:last]...).([]any)
	items := record.Strs(sub.rec.Fields, path[:last]...)
	if !ok || i >= len(items) || len(items) != len(list) {
		return fmt.Sprintf("write %s in %s", id, sub.doc.Name)
	}
	items[i] = id
	return setCommand(sub.rec, path[:last], "["+strings.Join(items, ", ")+"]")
}

// listCommand shows what a reference may name.
func listCommand(kinds *record.Kinds, names []string) string {
	var out []string
	for _, name := range names {
		if k, ok := kinds.ByName(name); ok {
			out = append(out, "gitsm "+k.Name+" list")
		}
	}
	if len(out) == 0 {
		return "correct it, or file what is missing first"
	}
	return "correct it, or file what is missing first; " + strings.Join(out, " and ") + " shows what there is"
}
