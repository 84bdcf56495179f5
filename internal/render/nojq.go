//go:build !gojq

package render

import (
	"context"
	"errors"
	"io"
)

// runJQ says that jq expressions were left out of this build.
func runJQ(context.Context, io.Writer, any, string, Style) error {
	return errors.New("this gitsm was built without jq expressions: use --json and the jq program")
}
