package landing

import (
	"testing"

	"github.com/gitsm/gitsm/internal/scripts"
)

func TestMain(m *testing.M) { scripts.Main(m) }

func TestScripts(t *testing.T) { scripts.Run(t, "landing") }
