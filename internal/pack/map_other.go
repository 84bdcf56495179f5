//go:build !unix

package pack

import "fmt"

// mapFile is for systems whose files can be replaced while they are mapped.
func mapFile(name string) ([]byte, error) {
	return nil, fmt.Errorf("mapping %s: %w", name, ErrUnsupported)
}

func unmap([]byte) error { return nil }
