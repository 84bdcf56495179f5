package decision

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	for _, m := range slices.Concat(res.Deny, res.Warn) {
		out.Rules = append(out.Rules, m.Rule)
	}
	slices.Sort(out.Asks)
	slices.Sort(out.Rules)
	out.Asks, out.Rules = slices.Compact(out.Asks), slices.Compact(out.Rules)
	return out, nil
}

// Asked words a requirement, so that two can be compared.
func Asked(id string, need int, from []string) string {
	return fmt.Sprintf("%s: %d of %s", id, need, strings.Join(slices.Sorted(slices.Values(from)), ", "))
}
