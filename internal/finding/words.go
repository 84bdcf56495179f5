package finding

import (
	"fmt"
	"strings"
)

// Counted says a number of things as messages do: "1 record", "2 entries".
func Counted(n int, thing string) string {
	switch stem, y := strings.CutSuffix(thing, "y"); {
	case n == 1:
		return "1 " + thing
	case y && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
