package sshsig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	armorBegin = "-----BEGIN SSH SIGNATURE-----"
	armorEnd   = "-----END SSH SIGNATURE-----"

	// armorWidth is the line length ssh-keygen uses, so that the same key and
	// message give the same bytes here and there.
	armorWidth = 70

	// maxArmor bounds what is decoded. An RSA key of 16384 bits, the longest
	// OpenSSH takes, needs about 6 KiB.
	maxArmor = 64 << 10
)

// armor writes a signature blob the way ssh-keygen does.
func armor(blob []byte) []byte {
	text := base64.StdEncoding.EncodeToString(blob)
	var out bytes.Buffer
	out.WriteString(armorBegin + "\n")
	for len(text) > 0 {
		n := min(armorWidth, len(text))
		out.WriteString(text[:n])
		out.WriteByte('\n')
		text = text[n:]
	}
	out.WriteString(armorEnd + "\n")
	return out.Bytes()
}

// dearmor returns the blob of exactly one armour. Line ends may be LF or CRLF,
// and empty lines may follow, because git and mail leave such traces; any other
// byte outside the armour is refused.
func dearmor(armored []byte) ([]byte, error) {
	if len(bytes.TrimSpace(armored)) == 0 {
		return nil, errors.New("reading an SSH signature: it is empty")
	}
	if len(armored) > maxArmor {
		return nil, fmt.Errorf("reading an SSH signature: %d bytes are more than any signature has", len(armored))
	}
	lines := bytes.Split(bytes.TrimRight(armored, "\r\n"), []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimSuffix(lines[i], []byte("\r"))
	}
	if string(lines[0]) != armorBegin {
		return nil, fmt.Errorf("reading an SSH signature: it does not begin with %q", armorBegin)
	}
	if len(lines) < 2 || string(lines[len(lines)-1]) != armorEnd {
		return nil, fmt.Errorf("reading an SSH signature: it does not end with %q", armorEnd)
	}
	body := lines[1 : len(lines)-1]
	for _, line := range body {
		if bytes.HasPrefix(line, []byte("-----")) {
			return nil, errors.New("reading an SSH signature: a second armour or other text follows the first")
		}
	}
	// The decoder skips line ends wherever they stand; each line was freed of
	// them above, and Strict refuses a second spelling of the last bits.
	blob, err := base64.StdEncoding.Strict().DecodeString(string(bytes.Join(body, nil)))
	if err != nil {
		return nil, fmt.Errorf("reading an SSH signature: %w", err)
	}
	return blob, nil
}
