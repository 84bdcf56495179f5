package yamldoc

import (
	"errors"
	"fmt"
)

// ErrSplice says that an edit was refused because it could not be proved to
// change its target alone. Nothing was changed.
var ErrSplice = errors.New("edit refused")

// Edit is one change to a document.
type Edit struct {
	Pointer string // JSON pointer of the value
	Value   any    // what to set or append
	Delete  bool   // remove the entry instead
	Append  bool   // add Value to the list at Pointer instead
}

// Apply returns the source with the edits applied, one after the other.
func (d *Doc) Apply(edits ...Edit) ([]byte, error) {
	return nil, fmt.Errorf("editing %s: not built yet: %w", d.Name, ErrSplice)
}
