package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/itchyny/gojq"
)

// ExpressionError says that a jq expression or a template is none, whatever it is
// given.
type ExpressionError struct{ error }

// Unwrap returns what is wrong with it.
func (e *ExpressionError) Unwrap() error { return e.error }

// CheckJQ says what is wrong with a jq expression, whatever it is given.
func CheckJQ(expr string) error {
	_, err := compileJQ(expr)
	return err
}

func compileJQ(expr string) (*gojq.Code, error) {
	query, err := gojq.Parse(expr)
	if err != nil {
		return nil, &ExpressionError{fmt.Errorf("parsing the jq expression %q: %w", expr, err)}
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, &ExpressionError{fmt.Errorf("compiling the jq expression %q: %w", expr, err)}
	}
	return code, nil
}

// runJQ writes what a jq expression makes of the values of a list: text as it
// is, anything else as JSON on one line. The expression sees its input alone,
// neither the environment nor files.
func runJQ(ctx context.Context, w io.Writer, data any, expr string, style Style) error {
	code, err := compileJQ(expr)
	if err != nil {
		return err
	}
	var b strings.Builder
	results := code.RunWithContext(ctx, loose(data))
	for {
		v, ok := results.Next()
		if !ok {
			return write(w, b.String())
		}
		if err := haltOrFail(v); err != nil {
			return fmt.Errorf("running the jq expression %q: %w", expr, err)
		} else if _, halted := v.(error); halted {
			return write(w, b.String())
		}
		line, err := jqLine(v, style)
		if err != nil {
			return err
		}
		b.WriteString(line + "\n")
	}
}

// haltOrFail returns the error that v is, unless it is a plain `halt`.
func haltOrFail(v any) error {
	err, failed := v.(error)
	if !failed {
		return nil
	}
	var halt *gojq.HaltError
	if errors.As(err, &halt) && halt.Value() == nil {
		return nil
	}
	return err
}

func jqLine(v any, style Style) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return shown(v, style), nil
	}
	data, err := gojq.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding a result of the jq expression: %w", err)
	}
	return string(escapeInvisible(data)), nil
}
