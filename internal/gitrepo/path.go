package gitrepo

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkPath refuses every path that a checkout, on any system, might write
// somewhere else than below the work tree, or into its git directory.
func checkPath(path string) error {
	if path == "" {
		return fmt.Errorf("the path is empty")
	}
	if !utf8.ValidString(path) {
		return fmt.Errorf("path %q: it is not UTF-8", path)
	}
	for part := range strings.SplitSeq(path, "/") {
		if why := badName(part); why != "" {
			return fmt.Errorf("path %q: %s", path, why)
		}
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "it begins or ends with a slash, or has two in a row"
	case name == "." || name == "..":
		return "it has a component " + name
	case strings.ContainsFunc(name, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }):
		return "it has a backslash or a control character"
	case len(name) >= 2 && name[1] == ':':
		return "it names a drive"
	case isDotGit(name):
		return "it names git's own directory"
	}
	return ""
}

// isDotGit says whether some file system would take name for ".git": in any
// case; on NTFS as a short name, with trailing dots or spaces, or with a stream;
// on HFS+ with code points that it ignores.
func isDotGit(name string) bool {
	base, _, _ := strings.Cut(name, ":")
	base = strings.TrimRight(strings.ToLower(strings.Map(dropIgnored, base)), ". ")
	return base == ".git" || base == "git~1"
}

// dropIgnored removes the code points that HFS+ ignores when it compares names.
func dropIgnored(r rune) rune {
	switch {
	case r >= 0x200c && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x206a && r <= 0x206f, r == 0xfeff:
		return -1
	}
	return r
}
