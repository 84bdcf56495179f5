package audit

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/record"
)

// rated is RSK-1: the risk that the gate recorded is the one that the policy
// and the facts of the time give.
func rated(d *dossier) []answer {
	var out []answer
	for _, s := range d.steps {
		r := s.ruling
		switch {
		case !judged(s.way) || s.touch.NewBlob == "":
			continue
		case r == nil || r.err != nil:
			out = append(out, r.unjudged())
		case r.recorded == nil:
			out = append(out, unverifiable([]string{s.OID}, "landing %s has no recorded decision", short(s.OID)))
		default:
			out = append(out, r.rated(d.t))
		}
	}
	if len(out) == 0 {
		out = append(out, inapplicable("no gate rated it"))
	}
	return out
}

func (r *ruling) rated(t *trail) answer {
	then, dec := r.recorded.Statement.Predicate.Decision, r.decision
	rests := []string{r.landing.OID, r.recorded.Path}
	var differs []string
	if then.PolicyDigest != dec.PolicyDigest {
		differs = append(differs, "the policy ("+short(then.PolicyDigest)+", and main had "+short(dec.PolicyDigest)+")")
	}
	for _, p := range r.differs {
		differs = append(differs, "input"+p)
	}
	risk := evidence.Risk{Score: dec.Risk.Score, Band: dec.Risk.Band}
	switch tool := r.recorded.Statement.Predicate.Tool; {
	case len(then.Input) == 0:
		return unverifiable(rests, "the recorded decision on landing %s does not say what policy saw", short(r.landing.OID))
	case risk == then.Risk && len(differs) == 0:
		return passed(rests, "the risk comes out as recorded: %s", ratedAs(risk))
	case tool.Gitsm != t.Tool || tool.OPA != dec.OPA:
		return unverifiable(rests, "landing %s was rated by gitsm %s (OPA %s), and comes out otherwise here: check it with that version", short(r.landing.OID), tool.Gitsm, orNone(tool.OPA))
	case len(differs) == 0:
		return failed(rests, "landing %s recorded %s, and the same policy gives %s", short(r.landing.OID), ratedAs(then.Risk), ratedAs(risk))
	}
	return failed(rests, "landing %s was rated on something else than it had: %s differs", short(r.landing.OID), strings.Join(differs, ", "))
}

func ratedAs(r evidence.Risk) string { return orNone(r.Band) + " " + strconv.Itoa(r.Score) }

// mostDiffers bounds how many differences between two inputs are named.
const mostDiffers = 5

// differences lists, as JSON pointers, where two documents differ. What is no
// JSON differs as a whole.
func differences(a, b []byte) []string {
	if bytes.Equal(a, b) {
		return nil
	}
	x, errX := values(a)
	y, errY := values(b)
	if errX != nil || errY != nil {
		return []string{"/"}
	}
	out := walk("", x, y)
	if more := len(out) - mostDiffers; more > 0 {
		out = append(out[:mostDiffers], " and "+strconv.Itoa(more)+" more")
	}
	return out
}

func values(src []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	return v, d.Decode(&v)
}

func walk(at string, a, b any) []string {
	if m, ok := a.(map[string]any); ok {
		if n, ok := b.(map[string]any); ok {
			keys := maps.Clone(m)
			maps.Copy(keys, n)
			var out []string
			for _, k := range slices.Sorted(maps.Keys(keys)) {
				out = append(out, walk(at+"/"+k, m[k], n[k])...)
			}
			return out
		}
	}
	x, errX := record.Canonical(a)
	y, errY := record.Canonical(b)
	if errX == nil && errY == nil && bytes.Equal(x, y) {
		return nil
	}
	return []string{at}
}
