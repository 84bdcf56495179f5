//go:build !unix

package check

import "io/fs"

// statOf returns what the system says of a file besides its content.
func statOf(info fs.FileInfo) stat {
	return stat{size: info.Size(), modified: info.ModTime().UnixNano(), mode: int64(info.Mode())}
}
