package evidence

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Step is what one commit of the evidence branch changes against one of its
// parents. A merge is a step for each parent: against the first alone, a merge
// that drops what the second brought would change nothing.
type Step struct {
	Commit  string
	Parent  string // "" for a commit without parents
	Changes []FileChange
}

// FileChange is one path of a Step, with renames told as a deletion and an
// addition. Blobs and modes are git's, "" when absent.
type FileChange struct {
	Path             string
	OldMode, NewMode string
	OldBlob, NewBlob string
}

// Tamper is a commit that did to the evidence branch what never happens there.
type Tamper struct {
	Commit string
	Path   string
	What   string // what happened to the path, as the end of a sentence
}

// CheckAppendOnly reports everything in steps that is not the addition of a
// statement with its signature, in the order of steps and, within one, of paths.
func CheckAppendOnly(steps []Step) []Tamper {
	var out []Tamper
	for _, s := range steps {
		added := map[string]bool{}
		for _, c := range s.Changes {
			added[c.Path] = c.OldBlob == "" && c.NewBlob != ""
		}
		changes := slices.SortedFunc(slices.Values(s.Changes), func(a, b FileChange) int {
			return cmp.Compare(a.Path, b.Path)
		})
		for _, c := range changes {
			if what := misdeed(s, c, added); what != "" {
				out = append(out, Tamper{Commit: s.Commit, Path: c.Path, What: what})
			}
		}
	}
	return out
}

// misdeed says what is wrong with one change, "" when it is what recording does.
func misdeed(s Step, c FileChange, added map[string]bool) string {
	statement, isSig := strings.CutSuffix(c.Path, ".sig")
	switch {
	case c.OldBlob != "" && c.NewBlob == "":
		return "was deleted or renamed"
	case c.OldBlob != "":
		return "was modified"
	case c.NewMode != "100644":
		return "was added as something other than a plain file"
	case s.Parent == "" && c.Path == "README.md":
		return ""
	case !isEntryPath(c.Path):
		return "was added but is no statement"
	case isSig && !added[statement]:
		return "was added later than the statement it signs"
	}
	return ""
}

// isEntryPath reports whether a statement or a signature may be kept at name.
func isEntryPath(name string) bool {
	dir, file := path.Split(name)
	id, ok := strings.CutPrefix(dir, rootDir+"/")
	id = strings.TrimSuffix(id, "/")
	return ok && (id == StoreID || formID.MatchString(id)) && namePattern.MatchString(file)
}
