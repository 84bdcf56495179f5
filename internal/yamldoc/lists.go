package yamldoc

import (
	"reflect"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// listEdits returns the edits that turn a list into another one and leave the
// elements that are in both, with their comments, where they are. ok is false
// when elements would have to move.
func listEdits(pointer string, n *yaml.Node, want []any) (edits []Edit, ok bool) {
	have := make([]any, len(n.Content))
	for i, item := range n.Content {
		have[i] = valueOf(item)
	}
	goal, _ := plainOf(want).([]any)
	at := func(i int) string { return pointer + Pointer(strconv.Itoa(i)) }
	if changed, same := samePlaces(have, goal); same {
		for _, i := range changed {
			edits = append(edits, Edit{Pointer: at(i), Value: want[i]})
		}
		return edits, true
	}
	// The elements of the goal that are there already, in order, come first;
	// the rest is added behind them.
	var gone []int
	next := 0
	for i, item := range have {
		if next < len(goal) && reflect.DeepEqual(item, goal[next]) {
			next++
			continue
		}
		gone = append(gone, i)
	}
	if next == 0 {
		return nil, false
	}
	for _, item := range goal[next:] {
		if slices.ContainsFunc(have, func(h any) bool { return reflect.DeepEqual(h, item) }) {
			return nil, false
		}
	}
	for _, i := range slices.Backward(gone) {
		edits = append(edits, Edit{Pointer: at(i), Delete: true})
	}
	for _, item := range want[next:] {
		edits = append(edits, Edit{Pointer: pointer, Value: item, Append: true})
	}
	return edits, true
}

// samePlaces returns which elements differ between two lists of one length. It
// is false when an element of one is found at another place of the other.
func samePlaces(have, goal []any) (changed []int, same bool) {
	if len(have) != len(goal) {
		return nil, false
	}
	for i := range have {
		if reflect.DeepEqual(have[i], goal[i]) {
			continue
		}
		for j := range have {
			if reflect.DeepEqual(have[i], goal[j]) || reflect.DeepEqual(goal[i], have[j]) {
				return nil, false
			}
		}
		changed = append(changed, i)
	}
	return changed, true
}
