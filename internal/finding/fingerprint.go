package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// Fingerprints returns for each finding a name that stays the same while the
// finding does: when lines above it come and go, its file is moved or its line
// is indented otherwise. It is made of the code, the record, the text of the
// line and the message; findings that agree in all that are numbered in the
// order of fs, so fs should be sorted.
func Fingerprints(fs []Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(fs))
	frame, line := "", "" // of the finding before, which mostly has the same
	for i, f := range fs {
		about := f.Record
		if about == "" {
			about = f.File
		}
		if f.Frame != frame {
			frame, line = f.Frame, strings.Join(strings.Fields(f.Frame), " ")
		}
		message := placeInText.ReplaceAllString(f.Message, "")
		sum := sha256.Sum256([]byte(strings.Join([]string{f.Code, about, line, message}, "\x00")))
		name := hex.EncodeToString(sum[:16])
		seen[name]++
		out[i] = fmt.Sprintf("%s:%d", name, seen[name])
	}
	return out
}

// placeInText finds where a message names lines and columns, which move.
var placeInText = lazyregexp.New(`\bline \d+|:\d+(:\d+)?\b`)
