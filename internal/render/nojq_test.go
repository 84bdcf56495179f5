//go:build !gojq

package render

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestNoJQSaysSo(t *testing.T) {
	var b bytes.Buffer
	err := changes().Write(context.Background(), &b, "text", Selection{JQ: "."}, Style{})
	if err == nil || !strings.Contains(err.Error(), "without jq") || b.Len() > 0 {
		t.Errorf("%v; wrote %q", err, b.String())
	}
}
