package evidence

import "time"

// CommitNamespace is the SSHSIG namespace of git's own signatures.
const CommitNamespace = "git"

// VerifyCommit judges the signature of a commit object, given as its raw bytes
// without the object header, as of at.
func VerifyCommit(raw []byte, k Keyring, at time.Time) Judgement { panic("unwritten") }
