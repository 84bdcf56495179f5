//go:build unix

package pack

import (
	"fmt"
	"math"
	"os"
	"syscall"
)

// mapFile maps a whole file, read-only. The mapping outlives the file's name.
func mapFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > math.MaxInt {
		return nil, fmt.Errorf("%s has %d bytes: %w", name, info.Size(), ErrDamaged)
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	return data, nil
}

func unmap(data []byte) error { return syscall.Munmap(data) }
