//go:build darwin || freebsd || netbsd

package check

import (
	"io/fs"
	"syscall"
)

// statOf returns what the system says of a file besides its content. The time
// of its last change of any sort is what nobody sets back.
func statOf(info fs.FileInfo) stat {
	s := stat{size: info.Size(), modified: info.ModTime().UnixNano(), mode: int64(info.Mode())}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode, s.changed = int64(sys.Ino), sys.Ctimespec.Nano()
	}
	return s
}
