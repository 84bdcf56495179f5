package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// facts holds what a record says happened against the steps it took: each step
// writes its own facts, and none of those that lie ahead.
func facts(before, after *record.Record) []finding.Finding {
	k, typ, from, to := after.Kind, after.Str("type"), "", after.State()
	if before != nil {
		from = before.State()
	}
	var out []finding.Finding
	if t, ok := k.Taken(typ, from, to); ok {
		for _, f := range t.Writes {
			if after.Str(strings.Split(f, ".")...) == "" {
				out = append(out, unsaid(after, f, t))
			}
		}
	}
	if builtin(k) && (!slices.Contains(k.States, to) || !typed(k, typ)) {
		return out // the schema says which states and types there are
	}
	for _, f := range k.Ahead(typ, to) {
		path := strings.Split(f, ".")
		if is := after.Str(path...); is == "" || refers(k, f) || before != nil && before.Str(path...) == is {
			continue // who will do it is a plan; what stood was judged when it landed
		}
		out = append(out, of(after, yamldoc.Pointer(path...), "LIF007", fmt.Sprintf("%s says what has not happened: the %s is %s", f, k.Name, to)))
	}
	return out
}

func unsaid(rec *record.Record, field string, t record.Transition) finding.Finding {
	pointer := yamldoc.Pointer(strings.Split(field, ".")...)
	f := of(rec, pointer, "LIF006", fmt.Sprintf("%s is not said, and the %s is %s", field, rec.Kind.Name, t.To))
	if _, there := rec.Doc.Node(pointer); !there {
		f = of(rec, "/state", "LIF006", f.Message)
	}
	if t.Verb != "new" {
		f.Fix = fmt.Sprintf("gitsm %s %s %s writes it", rec.Kind.Name, t.Verb, short(rec))
	}
	return f
}

// refers reports whether a field names other records.
func refers(k *record.Kind, field string) bool {
	return slices.ContainsFunc(k.Refs, func(r record.Ref) bool { return r.Path == field })
}
