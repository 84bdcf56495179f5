package bundle

import (
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
)

// Commands are what shows, in a directory a bundle was unpacked in, without
// gitsm, that what it rests on is what it says. Each has a comment before it.
func Commands(s Spec) []string {
	out := []string{
		"# each file is what the manifest says", "sha256sum -c " + Manifest,
		"# the history is whole, and each object is what its id says", "git clone -q --bare " + History + " store.git", "git -C store.git fsck --full --strict",
		"# main and the evidence stand where the reports say", fmt.Sprintf("test \"$(git -C store.git rev-parse %s)\" = %s", s.Main, s.Head),
	}
	if s.Evidence != "" {
		out = append(out, fmt.Sprintf("test \"$(git -C store.git rev-parse %s)\" = %s", evidence.Branch, s.Evidence))
	}
	out = append(out,
		"# what landed, in order", "git -C store.git log --first-parent --format='%H %cI %s' "+s.Main,
		"# who signed which commit: SSH keys by keys/allowed_signers, OpenPGP keys by a keyring of these alone",
		"mkdir -m 700 gnupg && gpg --homedir gnupg -q --import keys/openpgp.asc",
		"GNUPGHOME=$PWD/gnupg git -C store.git -c gpg.ssh.allowedSignersFile=$PWD/keys/allowed_signers log --format='%H %G? %GS' "+s.Main,
	)
	return append(out, signatures...)
}

// signatures shows of every statement who signed it. A key that nobody is known
// by proves no person, and is no error: what it signed is shown to be unaltered.
var signatures = []string{
	"# who signed which statement, and that it is unaltered; of a key that nobody is known by, or no longer, which that is",
	"bad=; for f in evidence/*/*.json; do",
	"  test -e $f.sig || continue",
	"  who=$(ssh-keygen -Y find-principals -f keys/allowed_signers -s $f.sig 2>/dev/null | head -n 1)",
	"  if test -n \"$who\"; then",
	"    ssh-keygen -Y verify -f keys/allowed_signers -n " + evidence.Namespace + " -I \"$who\" -s $f.sig < $f",
	"  else",
	"    printf '%s: not in keys/allowed_signers: ' $f && ssh-keygen -Y check-novalidate -n " + evidence.Namespace + " -s $f.sig < $f",
	"  fi || bad=\"$bad $f\"",
	"done; test -z \"$bad\" || { echo \"altered, or signed for something else:$bad\"; false; }",
}

// guide is the text that lies in a bundle.
func guide(s Spec) string {
	var out strings.Builder
	fmt.Fprintf(&out, `# An audit to take away

Made by gitsm %s from commit %s of %s.

| | |
|---|---|
| %s | the whole history of %s and of the evidence, as a git bundle |
| records/ | the records of the period, as %s has them |
| evidence/ | the statements about them, with their signatures |
| policies/ | policy and config as they were when the period began, and as each landing in it left them, by commit |
| inputs/ | what policy saw when it decided, by SHA-256 |
| keys/ | the keys that signatures are held against, for ssh-keygen and gpg |
| reports/ | what the audit found: every verdict, the population, and each framework |
| %s | the SHA-256 of every other file |

`+"`gitsm audit bundle verify FILE`"+` computes all of it again from %s, without a network, and says what differs.
Without gitsm, git, gpg and ssh-keygen alone show what it rests on:

`+"```sh\n%s\n```\n", s.Tool, s.Head, s.Main, History, s.Main, s.Main, Manifest, History, strings.Join(Commands(s), "\n"))
	out.WriteString(`
A key that was revoked or has run out is no longer in keys/allowed_signers as it was when it signed; gitsm judges each
signature by the keys of its time. Who made a bundle can have made all of it: hold its first commit, or a checkpoint kept
elsewhere, against it (` + "`--root`, `--checkpoint`" + `).
`)
	return out.String()
}
