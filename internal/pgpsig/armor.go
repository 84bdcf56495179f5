package pgpsig

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	end = "-----END PGP SIGNATURE-----"

	// maxSignature bounds what is decoded; signatures have a few kilobytes.
	maxSignature = 64 << 10
)

// dearmor returns the bytes of exactly one armour. Line ends may be LF or CRLF,
// and empty lines may follow, because git and mail leave such traces; headers
// such as Version may stand where they do.
func dearmor(armored []byte) ([]byte, error) {
	if len(armored) > maxSignature {
		return nil, fmt.Errorf("%d bytes are more than any signature has", len(armored))
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(armored), "\r\n", "\n"), "\n"), "\n")
	if lines[0] != Begin {
		return nil, fmt.Errorf("it does not begin with %q", Begin)
	}
	if lines[len(lines)-1] != end {
		return nil, fmt.Errorf("it does not end with %q", end)
	}
	lines = lines[1:max(1, len(lines)-1)]
	for len(lines) > 0 && strings.Contains(lines[0], ": ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || strings.TrimSpace(lines[0]) != "" {
		return nil, errors.New("no empty line comes before it")
	}
	return decode(lines[1:])
}

// decode reads base64 with the checksum that may follow it.
func decode(lines []string) ([]byte, error) {
	sum := ""
	if n := len(lines); n > 0 && strings.HasPrefix(lines[n-1], "=") && len(lines[n-1]) == 5 {
		sum, lines = lines[n-1][1:], lines[:n-1]
	}
	body, err := base64.StdEncoding.Strict().DecodeString(strings.Join(lines, ""))
	if err != nil {
		return nil, err
	}
	if sum == "" {
		return body, nil
	}
	want, err := base64.StdEncoding.Strict().DecodeString(sum)
	if got := crc24(body); err != nil || string(want) != string([]byte{byte(got >> 16), byte(got >> 8), byte(got)}) {
		return nil, errors.New("its checksum is another's")
	}
	return body, nil
}

// crc24 is the checksum of an armour (RFC 9580, 6.1.1).
func crc24(body []byte) uint32 {
	sum := uint32(0xB704CE)
	for _, b := range body {
		sum ^= uint32(b) << 16
		for range 8 {
			if sum <<= 1; sum&0x1000000 != 0 {
				sum ^= 0x1864CFB
			}
		}
	}
	return sum & 0xFFFFFF
}
