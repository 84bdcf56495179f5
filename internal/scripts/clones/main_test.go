// Package clones tests what several processes and clones do at once, and what
// hostile policy does to a machine.
package clones

import (
	"testing"

	"github.com/gitsm/gitsm/internal/scripts"
)

func TestMain(m *testing.M) { scripts.Main(m) }
