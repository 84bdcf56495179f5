package engine

// near returns the candidate that name most likely misspells: one edit away,
// or two where the candidate has six letters or more. Candidates have to be
// sorted; of equals the first wins. A name that is a candidate misspells none.
func near(name string, candidates []string) (string, bool) {
	best, bestDist := "", 3
	for _, c := range candidates {
		if c == name {
			return "", false
		}
		limit := 1
		if len(c) >= 6 {
			limit = 2
		}
		if d := distance(name, c, limit); d <= limit && d < bestDist {
			best, bestDist = c, d
		}
	}
	return best, best != ""
}

// distance is the Damerau-Levenshtein distance of a and b with adjacent
// transpositions, or limit+1 when it is more than limit.
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if diff := len(s) - len(t); diff > limit || -diff > limit {
		return limit + 1
	}
	var before, prev []int
	cur := make([]int, len(t)+1)
	for j := range cur {
		cur[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, prev, cur = prev, cur, make([]int, len(t)+1)
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
	}
	return min(cur[len(t)], limit+1)
}
