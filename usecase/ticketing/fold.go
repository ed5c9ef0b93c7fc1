package ticketing

import (
	"context"

	"github.com/onsale-tickets/onsale/port"
)

// foldLimit is the number of deltas of one step: a step takes well below a
// second, also in an installation with a long history that was never folded.
const foldLimit = 10_000

// FoldDeltas folds the deltas of all events.
type FoldDeltas struct{ deltas port.DeltaFolding }

// NewFoldDeltas binds the port.
func NewFoldDeltas(d port.DeltaFolding) *FoldDeltas { return &FoldDeltas{d} }

// Handle returns when no more than a part of a step was left.
func (h *FoldDeltas) Handle(ctx context.Context) error {
	for {
		if n, err := h.deltas.FoldDeltas(ctx, foldLimit); err != nil || n < foldLimit {
			return err
		}
	}
}
