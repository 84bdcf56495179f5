package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
)

// Stratum is a group of the population and how many of it were drawn.
type Stratum struct {
	Name       string `json:"name"`
	Population int    `json:"population"`
	Drawn      int    `json:"drawn"`
}

// Sample is what was drawn from a population. The same seed draws the same from
// the same population, everywhere.
type Sample struct {
	Seed    string    `json:"seed"`
	Strata  []Stratum `json:"strata"`
	Members []Member  `json:"members"`
	// Stratum has the group of each member, by record.
	Stratum map[string]string `json:"-"`
}

// Draw takes n members, from each group its share and at least one where n
// allows that; all of them where there are no more. Within a group the order
// is that of SHA-256 over seed and id, which nobody can steer by filing
// changes once the seed is known, nor by choosing the seed once they are.
func (p *Population) Draw(n int, seed string, by []string) *Sample {
	groups := map[string][]Member{}
	for _, m := range p.Members {
		name := m.stratum(by)
		groups[name] = append(groups[name], m)
	}
	out := &Sample{Seed: seed, Members: []Member{}, Stratum: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out.Strata = append(out.Strata, Stratum{Name: name, Population: len(groups[name])})
	}
	share(out.Strata, min(n, len(p.Members)), len(p.Members))
	for _, s := range out.Strata {
		list := groups[s.Name]
		slices.SortFunc(list, func(a, b Member) int {
			return cmp.Or(bytes.Compare(lot(seed, a.Record), lot(seed, b.Record)), cmp.Compare(a.Record, b.Record))
		})
		for _, m := range list[:s.Drawn] {
			out.Members = append(out.Members, m)
			out.Stratum[m.Record] = s.Name
		}
	}
	return out
}

func lot(seed, id string) []byte {
	sum := sha256.Sum256([]byte(seed + "\x00" + id))
	return sum[:]
}

// share sets how many to draw of each group: one each while there are enough,
// and the rest by size, the largest remainder first.
func share(strata []Stratum, n, total int) {
	order := make([]*Stratum, len(strata))
	for i := range strata {
		order[i] = &strata[i]
	}
	slices.SortStableFunc(order, func(a, b *Stratum) int { return cmp.Compare(b.Population, a.Population) })
	left := n
	for _, s := range order {
		if left > 0 {
			s.Drawn, left = 1, left-1
		}
	}
	for ; left > 0; left-- {
		var most *Stratum
		owed := func(s *Stratum) int { return s.Population*n - s.Drawn*total } // by how much the share is short, times total
		for _, s := range order {
			if s.Drawn < s.Population && (most == nil || owed(s) > owed(most)) {
				most = s
			}
		}
		most.Drawn++
	}
}
