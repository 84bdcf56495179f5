package yamldoc

import (
	"reflect"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// maxCompared is the length of a list up to which elements are compared with
// each other, which takes the square of the time.
const maxCompared = 500

// listEdits returns the edits that turn a list into another one and leave the
// elements that are in both, with their comments, where they are. It returns
// none when elements would have to move.
func listEdits(pointer string, n *yaml.Node, want []any) (edits []Edit) {
	have := make([]any, len(n.Content))
	for i, item := range n.Content {
		have[i] = valueOf(item)
	}
	goal, _ := plainOf(want).([]any)
	if len(have) > maxCompared || len(goal) > maxCompared {
		return nil
	}
	at := func(i int) string { return pointer + Pointer(strconv.Itoa(i)) }
	if changed, same := samePlaces(have, goal); same {
		for _, i := range changed {
			edits = append(edits, Edit{Pointer: at(i), Value: want[i]})
		}
		return edits
	}
	gone, kept := keptInOrder(have, goal)
	if kept == 0 || slices.ContainsFunc(goal[kept:], func(item any) bool { return holds(have, item) }) {
		return nil
	}
	for _, i := range slices.Backward(gone) {
		edits = append(edits, Edit{Pointer: at(i), Delete: true})
	}
	for _, item := range want[kept:] {
		edits = append(edits, Edit{Pointer: pointer, Value: item, Append: true})
	}
	return edits
}

// keptInOrder returns how many elements the goal starts with that are there
// already, in this order, and which of those that are there are not among them.
func keptInOrder(have, goal []any) (gone []int, kept int) {
	for i, item := range have {
		if kept < len(goal) && reflect.DeepEqual(item, goal[kept]) {
			kept++
			continue
		}
		gone = append(gone, i)
	}
	return gone, kept
}

func holds(list []any, item any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return reflect.DeepEqual(other, item) })
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
		if holds(goal, have[i]) || holds(have, goal[i]) {
			return nil, false
		}
		changed = append(changed, i)
	}
	return changed, true
}
