package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The collector must be at ease before the libraries of policy and of schemas
// fill the heap, by an order of packages that nobody writes down.
func TestCollectorComesFirst(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1", "GOGC=")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	at := func(pkg string) int {
		i := strings.Index(string(said), "init "+pkg+" @")
		if i < 0 {
			t.Fatalf("%s was not initialised:\n%s", pkg, said)
		}
		return i
	}
	own := at("github.com/gitsm/gitsm/internal/collector")
	for _, heavy := range []string{"github.com/santhosh-tekuri/jsonschema/v6", "github.com/open-policy-agent/opa/v1/ast"} {
		if at(heavy) < own {
			t.Errorf("%s is initialised before the collector is at ease", heavy)
		}
	}
}
