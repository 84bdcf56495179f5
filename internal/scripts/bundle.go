package scripts

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// rebundle is the script command
//
//	rebundle IN OUT alter|remove|add|cut NAME [manifest]
//
// It does to a file of a bundle what somebody might, and with `manifest` makes
// the manifest agree. NAME is a pattern: the first file that begins so.
func rebundle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: rebundle IN OUT alter|remove|add|cut NAME [manifest]")
	}
	files := untar(ts, ts.ReadFile(args[0]))
	name := args[3]
	for _, n := range slices.Sorted(maps.Keys(files)) {
		if args[2] != "add" && strings.HasPrefix(n, name) {
			name = n
			break
		}
	}
	content, known := files[name]
	if known == (args[2] == "add") {
		ts.Fatalf("%s: it is there: %t", name, known)
	}
	switch args[2] {
	case "alter":
		altered := bytes.Clone(content)
		altered[len(altered)/2] ^= 1
		files[name] = altered
	case "remove":
		delete(files, name)
	case "add":
		files[name] = []byte("made up\n")
	case "cut":
		files[name] = content[:len(content)-100]
	default:
		ts.Fatalf("rebundle: %s is nothing it does", args[2])
	}
	if len(args) > 4 {
		var list strings.Builder
		for _, n := range slices.Sorted(maps.Keys(files)) {
			if n != "manifest.sha256" {
				fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(files[n]), n)
			}
		}
		files["manifest.sha256"] = []byte(list.String())
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, n := range slices.Sorted(maps.Keys(files)) {
		ts.Check(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: n, Size: int64(len(files[n])), Mode: 0o644, ModTime: time.Unix(0, 0)}))
		_, err := w.Write(files[n])
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}

func untar(ts *testscript.TestScript, text string) map[string][]byte {
	files := map[string][]byte{}
	in := tar.NewReader(strings.NewReader(text))
	for {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		ts.Check(err)
		files[head.Name], err = io.ReadAll(in)
		ts.Check(err)
	}
}
