package evidence

import (
	"fmt"
	"time"
)

// readme is the file the branch begins with. The branch's first commit is made
// of these bytes: changing one of them gives every new clone a branch that can
// no longer be told apart from a forged one.
const readme = `# Evidence

This branch records who approved what in the store that began with commit
%s.

Files are only ever added. Each is an in-toto statement,
` + "`evidence/<record>/<time>-<type>-<digest>.json`" + `, and beside it, where its
author has a key, a signature that can be checked with

    ssh-keygen -Y verify -f allowed_signers -I <person> -n gitsm -s FILE.sig < FILE
`

// rootTime is when the first commit says it was made: a round number, since
// nobody made it and it must be the same everywhere. It is not 1970, which git
// and other tools take for a missing date.
var rootTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Root is the first commit of the evidence branch: a function of genesis, so
// that two clones that never met make the same one.
func Root(genesis string) CommitSpec {
	return CommitSpec{
		Files:   map[string][]byte{"README.md": fmt.Appendf(nil, readme, genesis)},
		Message: "Begin the evidence of " + genesis + "\n",
		By:      &Identity{Name: "gitsm", Email: "gitsm@localhost", When: rootTime},
	}
}
