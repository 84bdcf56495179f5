// Command gitsm is IT service management in a git repository: changes,
// services and incidents as YAML records, risk and approvals as policy, and an
// audit trail computed from commit history.
//
// It owns the process and nothing else: signals, streams and the exit code.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "time/tzdata" // the same zones on every machine, so that decisions can be computed again

	"github.com/gitsm/gitsm/internal/cli"
	_ "github.com/gitsm/gitsm/internal/collector" // before the libraries fill the heap
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	env := cli.System()
	env.LimitMemory()
	code := cli.Main(ctx, os.Args[1:], env)
	stop()
	os.Exit(code)
}
