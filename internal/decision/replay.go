package decision

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Replayed is what the policy of a snapshot says of an input as it was
// recorded.
type Replayed struct {
	PolicyDigest string
	OPA          string
	Risk         Risk
	Asks         []string // whose approval it asks for, as Asked words it, sorted
	Rules        []string // ids of the rules that denied or warned, sorted, each once
	Waived       []string // those of them that a waiver covered, as Waived words it, sorted
}

// Replay has the policy of a snapshot judge an input once more. Nothing else
// goes into it: not the clock, and of the snapshot its policy and catalogue.
func (j *Judge) Replay(ctx context.Context, s *store.Store, kind string, input json.RawMessage) (*Replayed, error) {
	b, err := j.base(s)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, s)
	if err != nil {
		return nil, err
	}
	var in map[string]any
	d := json.NewDecoder(bytes.NewReader(input))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("reading a recorded input: %w", err)
	}
	res, err := pol.Eval(ctx, kind, in, b.catalog(pol))
	if err != nil {
		return nil, err
	}
	out := &Replayed{PolicyDigest: pol.Digest(), OPA: pol.Version(), Risk: Risk{Score: res.Risk.Score, Band: res.Risk.Band}}
	for _, r := range requirements(res, false) {
		out.Asks = append(out.Asks, Asked(r.ID, r.Count, r.From))
	}
	now, _ := moment(record.Str(in, "now"))
	cover, err := b.cover(pol, period.At(now))
	if err != nil {
		return nil, err
	}
	fields, _ := in["record"].(map[string]any)
	about := subjectOf(kind, record.Str(fields, "id"), fields)
	for _, m := range slices.Concat(res.Deny, res.Warn) {
		out.Rules = append(out.Rules, m.Rule)
		if by := cover.of(m.Rule, about).by; by != "" {
			out.Waived = append(out.Waived, Waived(m.Rule, by))
		}
	}
	for _, list := range []*[]string{&out.Asks, &out.Rules, &out.Waived} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return out, nil
}

// Waived words that a waiver covers findings of a rule, so that two can be
// compared.
func Waived(rule, waiver string) string { return rule + " by " + waiver }

// Asked words a requirement, so that two can be compared.
func Asked(id string, need int, from []string) string {
	return fmt.Sprintf("%s: %d of %s", id, need, strings.Join(slices.Sorted(slices.Values(from)), ", "))
}
