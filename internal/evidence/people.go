package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/pgpsig"
	"github.com/gitsm/gitsm/internal/store"
)

// KeyringOf holds the keys that people and gitsm.yaml list.
func KeyringOf(people *store.Directory, config store.Config) Keyring {
	var forges []ForgeKey
	for _, f := range config.ForgeKeys {
		forges = append(forges, ForgeKey{f.Forge, f.Key})
	}
	k := NewKeyring(People(people), forges...)
	k.observes = config.Forge == "github"
	return k
}

// People lists the keys of people, sorted by person. A time that cannot be
// read makes its key unusable: it could mean that the key is revoked.
func People(dir *store.Directory) []PersonKeys {
	var out []PersonKeys
	for id, p := range dir.People {
		pk := PersonKeys{Person: id, Active: p.IsActive()}
		for _, k := range p.SigningKeys {
			after, ok1 := instant(k.ValidAfter)
			before, ok2 := instant(k.ValidBefore)
			revoked, ok3 := instant(k.RevokedSince)
			if ok1 && ok2 && ok3 {
				pk.Keys = append(pk.Keys, Key{Public: k.Key, Authority: k.Authority, ValidAfter: after, ValidBefore: before, RevokedSince: revoked})
			}
		}
		out = append(out, pk)
	}
	slices.SortFunc(out, func(a, b PersonKeys) int { return cmp.Compare(a.Person, b.Person) })
	return out
}

// OpenPGPKeys prints the OpenPGP keys of people and forges, as `gpg --import`
// reads them.
func OpenPGPKeys(people []PersonKeys, config store.Config) []byte {
	out := []string{pgpsig.GitHubText()}
	for _, f := range config.ForgeKeys {
		out = append(out, f.Key)
	}
	for _, p := range people {
		for _, k := range p.Keys {
			if strings.HasPrefix(k.Public, pgpsig.BeginKey) {
				out = append(out, k.Public)
			}
		}
	}
	var text strings.Builder
	for _, key := range out {
		text.WriteString(strings.TrimSpace(key) + "\n")
	}
	return []byte(text.String())
}

func instant(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}
