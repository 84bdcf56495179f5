package gitrepo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// local holds the variables that describe one repository or one command of the
// user's. They are honoured once, by Open; handing them on would let a hook's
// GIT_INDEX_FILE or a pathspec mode leak into our plumbing.
var local = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX",
	"GIT_INTERNAL_SUPER_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_LITERAL_PATHSPECS",
	"GIT_CONFIG", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_REPLACE_REF_BASE",
	"GIT_GRAFT_FILE", "GIT_ATTR_SOURCE", "GIT_FLUSH",
}

// quiet makes git's plumbing say the same thing on every machine: English
// words, no prompt, no optional lock, no replaced or grafted history.
var quiet = []string{
	"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1",
	"GIT_GRAFT_FILE=" + os.DevNull, "GIT_LITERAL_PATHSPECS=1",
}

// lookup returns the last value of a variable, as a process would see it.
func lookup(environ []string, key string) (string, bool) {
	for _, kv := range slices.Backward(environ) {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v, true
		}
	}
	return "", false
}

// without returns environ without the named variables.
func without(environ []string, keys ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return slices.Contains(keys, key)
	})
}

// objectVariables returns the variables that say where objects live, absolute.
// Inside a pre-receive hook the pushed objects are in a quarantine directory
// that only these name, sometimes relative to the hook's directory.
func objectVariables(environ []string, dir string) []string {
	var out []string
	if v, ok := lookup(environ, "GIT_OBJECT_DIRECTORY"); ok {
		out = append(out, "GIT_OBJECT_DIRECTORY="+absolute(dir, v))
	}
	if v, ok := lookup(environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES"); ok && !strings.Contains(v, `"`) {
		list := filepath.SplitList(v)
		for i, p := range list {
			list[i] = absolute(dir, p)
		}
		out = append(out, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.Join(list, string(os.PathListSeparator)))
	} else if ok {
		out = append(out, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+v)
	}
	return out
}

func absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
