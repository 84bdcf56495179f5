package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/canonical"
)

// Digest is the content an approval is bound to: the SHA-256 (hex) of a
// record's canonical JSON without the fields named in Excluded.
type Digest struct {
	SHA256   string   `json:"sha256"`
	Excluded []string `json:"excluded"`
}

// File is a file a proposal changes besides its record; an approval covers it
// as well. Blob is "" where the proposal deletes it.
type File struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Blob string `json:"blob"`
}

// AlwaysImmaterial returns the fields that tell how the work went rather than
// what was approved; no policy can make them material, but for the state of the
// catalogue, see ImmaterialFields.
func AlwaysImmaterial() []string {
	return []string{"corrections", "implementation", "review", "state"}
}

// ImmaterialFields joins the always immaterial fields, the kind's own and the
// policy's into one sorted exclusion list. The state of a catalogue record, or of
// one that judges others, is no course of work but a thing its owner decides: an
// approval covers it, so that nobody retires a service with the approval of
// another edit.
func ImmaterialFields(k *Kind, policy []string) []string {
	all := slices.Concat(AlwaysImmaterial(), k.Immaterial, policy)
	if k.Catalogue || k.Owner != "" && len(k.States) > 0 {
		all = slices.DeleteFunc(all, func(f string) bool { return f == "state" })
	}
	if k.StateField != "" && len(k.States) > 0 { // else no step leads to what it says
		all = append(all, k.StateField)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Material computes the digest of fields without the excluded ones (RFC 8785
// canonical JSON, SHA-256). With no files it is the record's alone, so that it
// can be recomputed with any JSON canonicaliser; else record and files are
// digested together.
func Material(fields map[string]any, excluded []string, files []File) (Digest, error) {
	kept := map[string]any{}
	for k, v := range fields {
		if !slices.Contains(excluded, k) {
			kept[k] = v
		}
	}
	var subject any = kept
	if len(files) > 0 {
		sorted := slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
		subject = map[string]any{"record": kept, "files": sorted}
	}
	text, err := Canonical(subject)
	if err != nil {
		return Digest{}, fmt.Errorf("digesting the record's material fields: %w", err)
	}
	sum := sha256.Sum256(text)
	return Digest{SHA256: hex.EncodeToString(sum[:]), Excluded: excluded}, nil
}

// Canonical renders v as RFC 8785 canonical JSON.
func Canonical(v any) ([]byte, error) { return canonical.Marshal(v) }
