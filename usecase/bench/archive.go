package bench

import (
	"context"

	"github.com/onsale-tickets/onsale/port"
)

// ArchiveInput says how much is sold before.
type ArchiveInput struct {
	Seats   int
	Clients int
	Buyers  int
	Steps   Steps
}

// ArchiveFigures say what an archive takes, and what it frees.
type ArchiveFigures struct {
	Seats, Bookings  int
	Times            port.ArchiveTimes
	PartitionsBefore int
	PartitionsAfter  int
	DiskBefore       int64   // bytes of brokers and seat servers
	DiskAfter        int64   // the same, with the file
	DiskRatio        float64 // DiskAfter : DiskBefore
}

// Archive measures the archive of a large event.
type Archive struct {
	maker
	archive port.EventArchive
}

// NewArchive returns the use case.
func NewArchive(e port.BenchEvents, t port.Tokens, l port.Load, a port.EventArchive) *Archive {
	return &Archive{maker{e, t, l}, a}
}

// Handle sells an event, all of it paid, closes it and archives it.
func (h *Archive) Handle(ctx context.Context, in ArchiveInput) (f ArchiveFigures, err error) {
	f.Seats, f.Bookings = in.Seats, in.Seats/seatsEach
	sale, err := h.sale(ctx, hallFor(in.Seats), in.Buyers)
	if err != nil {
		return f, err
	}
	if _, err := h.load.FullLife(ctx, port.LifeOrder{Sale: sale, Bookings: f.Bookings, Clients: in.Clients, Pay: 1, Strict: true,
		OnProgress: in.Steps.Step("sale", f.Bookings)}); err != nil {
		return f, err
	}
	if err := h.archive.Close(ctx, sale.Event); err != nil {
		return f, err
	}
	if f.PartitionsBefore, f.DiskBefore, err = h.archive.Kept(ctx, sale.Event); err != nil {
		return f, err
	}
	archived := in.Steps.Step("archive, once the event sleeps", 1)
	if f.Times, err = h.archive.Archive(ctx, sale.Event); err != nil {
		return f, err
	}
	archived(1, 1)
	f.PartitionsAfter, f.DiskAfter, err = h.archive.Kept(ctx, sale.Event)
	f.DiskAfter += f.Times.Bytes
	f.DiskRatio = float64(f.DiskAfter) / float64(f.DiskBefore)
	return f, err
}
