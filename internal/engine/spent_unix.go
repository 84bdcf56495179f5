//go:build unix

package engine

import (
	"syscall"
	"time"
)

// spent is the time that the processors have given to this process, where the
// system tells.
func spent() (time.Duration, bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
