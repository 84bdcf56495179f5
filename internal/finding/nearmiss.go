package finding

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// NearMiss returns the candidate that word was most likely meant to be, ""
// where none is near or word is one of them: at most one slip away, or two
// where both have six letters and more. A slip is a letter left out, added or
// changed, or two neighbours swapped; case does not count.
func NearMiss(word string, candidates []string) string {
	if slices.Contains(candidates, word) {
		return ""
	}
	best, bestSlips := "", 3
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		most := 1
		if min(utf8.RuneCountInString(word), utf8.RuneCountInString(c)) >= 6 {
			most = 2
		}
		if n := Slips(strings.ToLower(word), strings.ToLower(c), most); n <= most && n < bestSlips {
			best, bestSlips = c, n
		}
	}
	return best
}

// Meant returns the candidate that word was most likely meant to be: one that is
// near, or else the only one that begins with it, where it has three letters or
// more. "" is none.
func Meant(word string, candidates []string) string {
	if near := NearMiss(word, candidates); near != "" || slices.Contains(candidates, word) || utf8.RuneCountInString(word) < 3 {
		return near
	}
	begun := ""
	for _, c := range candidates {
		if !strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
			continue
		}
		if begun != "" {
			return ""
		}
		begun = c
	}
	return begun
}

// Slips is the Damerau-Levenshtein distance of two words in letters (optimal
// string alignment), or most+1 where it is greater than most.
func Slips(word, other string, most int) int {
	a, b := []rune(word), []rune(other)
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i+1)%3], rows[(i+2)%3], rows[i%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
	}
	return min(rows[len(a)%3][len(b)], most+1)
}
