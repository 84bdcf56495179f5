package evidence

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/pgpsig"
	"github.com/gitsm/gitsm/internal/sshsig"
)

// AllowedSigners prints the keys as an OpenSSH allowed_signers file, so that
// ssh-keygen alone, version 9.1 or later, can check evidence and commits:
//
//	ssh-keygen -Y verify -f allowed_signers -I alice -n gitsm -s F.sig < F
//
// It says what a Keyring of the same people says. Keys a Keyring never calls
// good are left out, with a comment that tells why.
func AllowedSigners(people []PersonKeys) []byte {
	keys := NewKeyring(people)
	var out bytes.Buffer
	for _, problem := range keys.Problems() {
		fmt.Fprintf(&out, "# left out: %s\n", oneLine(problem))
	}
	sorted := slices.SortedStableFunc(slices.Values(people), func(a, b PersonKeys) int {
		return cmp.Compare(a.Person, b.Person)
	})
	for _, p := range sorted {
		if !p.Active || !formPerson.MatchString(p.Person) {
			fmt.Fprintf(&out, "# left out: %q is not an active person\n", p.Person)
			continue
		}
		for _, key := range p.Keys {
			out.WriteString(keys.signer(p.Person, key))
		}
	}
	return out.Bytes()
}

// signer is the line of one key, "" for a key that is a problem of the keyring.
func (k Keyring) signer(person string, key Key) string {
	if strings.HasPrefix(key.Public, pgpsig.BeginKey) {
		return fmt.Sprintf("# left out: an OpenPGP key of %s, for gpg --import\n", person)
	}
	pub, err := sshsig.ParseAuthorized(key.Public)
	if err != nil {
		return ""
	}
	held := k.keys[string(pub.Marshal())]
	var options []string
	if key.Authority {
		held = slices.DeleteFunc(slices.Clone(k.authorities[string(pub.Marshal())]), func(h holding) bool { return h.person != person })
		options = append(options, "cert-authority")
	}
	if len(ownersOf(held)) > 1 {
		return ""
	}
	from, to := openSSHWindow(held, key)
	// OpenSSH stops reading the file at a window that is empty.
	if !to.IsZero() && (to.Unix() <= 0 || !from.Before(to)) {
		return fmt.Sprintf("# left out: the key %s of %s, which is never valid\n", sshsig.Fingerprint(pub), person)
	}
	options = append(options, `namespaces="`+Namespace+","+CommitNamespace+`"`)
	if from.Unix() > 0 {
		options = append(options, `valid-after="`+openSSHTime(from)+`"`)
	}
	if !to.IsZero() {
		options = append(options, `valid-before="`+openSSHTime(to)+`"`)
	}
	return fmt.Sprintf("%s %s %s\n", person, strings.Join(options, ","), sshsig.Authorized(pub))
}

// openSSHWindow is the first and the last second of a listing, zero where it is
// open. A key that is revoked in one of its listings ends in all of them.
func openSSHWindow(held []holding, key Key) (from, to time.Time) {
	to = key.ValidBefore
	for _, h := range held {
		if since := h.key.RevokedSince; !since.IsZero() && (to.IsZero() || since.Before(to)) {
			to = since
		}
	}
	if !to.IsZero() {
		to = ceil(to).Add(-time.Second)
	}
	if !key.ValidAfter.IsZero() {
		from = ceil(key.ValidAfter)
	}
	return from, to
}

// openSSHTime writes a time with the Z that makes it UTC; without it OpenSSH
// reads local time.
func openSSHTime(t time.Time) string { return t.UTC().Format("20060102150405Z") }

// ceil rounds up to a whole second, the finest that OpenSSH compares.
func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

// oneLine keeps text of a people record from ending the comment it stands in.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
