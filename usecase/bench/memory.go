package bench

import (
	"context"

	"github.com/onsale-tickets/onsale/port"
)

// MemoryInput says how much is sold, and how many events are open afterwards.
type MemoryInput struct {
	Seats   int
	Events  int // in all
	Clients int
	Buyers  int
	Steps   Steps
}

// MemoryFigures are resident memories by process, in bytes.
type MemoryFigures struct {
	Events  int
	One     map[string]port.Resident // at rest with one event
	Sellout map[string]port.Resident // after a sell-out, with its peak
	Many    map[string]port.Resident // at rest with all events
}

// Memory measures what the processes keep in memory.
type Memory struct {
	maker
	memory port.Memory
}

// NewMemory returns the use case.
func NewMemory(e port.BenchEvents, t port.Tokens, l port.Load, m port.Memory) *Memory {
	return &Memory{maker{e, t, l}, m}
}

// Handle creates an event, sells it out and creates further events. It reads the
// memories after each.
func (m *Memory) Handle(ctx context.Context, in MemoryInput) (MemoryFigures, error) {
	f := MemoryFigures{Events: in.Events}
	sale, err := m.sale(ctx, hallFor(in.Seats), in.Buyers)
	if err != nil {
		return f, err
	}
	if f.One, err = m.atRest(ctx); err != nil {
		return f, err
	}
	order := port.SelloutOrder{Sale: sale, Bookings: in.Seats / seatsEach, Clients: in.Clients, OnProgress: in.Steps.Step("sell-out", in.Seats/seatsEach)}
	if _, err := m.load.SellOut(ctx, order); err != nil {
		return f, err
	}
	f.Sellout = m.memory.Resident()
	created := in.Steps.Step("events", in.Events)
	for n := 1; n < in.Events; n++ {
		if _, err := m.sale(ctx, smallHall, 0); err != nil {
			return f, err
		}
		created(n+1, n+1)
	}
	f.Many, err = m.atRest(ctx)
	return f, err
}

// atRest reads the memories when the work of the last event is done.
func (m *Memory) atRest(ctx context.Context) (map[string]port.Resident, error) {
	err := pause(ctx, settling)
	return m.memory.Resident(), err
}

// MemoryPerReaderInput says how many read the map of an event.
type MemoryPerReaderInput struct{ Seats, Readers int }

// MemoryPerReaderFigures say what a reader adds.
type MemoryPerReaderFigures struct {
	Seats, Readers int
	By             map[string]int64 // bytes a reader, by process
	Before, With   map[string]port.Resident
}

// MemoryPerReader measures what each open stream of a live map takes.
type MemoryPerReader struct {
	maker
	readers port.MapReaders
	memory  port.Memory
}

// NewMemoryPerReader returns the use case.
func NewMemoryPerReader(e port.BenchEvents, t port.Tokens, l port.Load, r port.MapReaders, m port.Memory) *MemoryPerReader {
	return &MemoryPerReader{maker{e, t, l}, r, m}
}

// Handle opens the streams and compares the memories before and with them.
func (m *MemoryPerReader) Handle(ctx context.Context, in MemoryPerReaderInput) (MemoryPerReaderFigures, error) {
	f := MemoryPerReaderFigures{Seats: in.Seats, Readers: in.Readers, By: map[string]int64{}}
	sale, err := m.sale(ctx, hallFor(in.Seats), 0)
	if err != nil {
		return f, err
	}
	if err := pause(ctx, settling); err != nil {
		return f, err
	}
	f.Before = m.memory.Resident()
	stop, err := m.readers.Watch(ctx, sale.Event, in.Readers)
	if err != nil {
		return f, err
	}
	if err := pause(ctx, settling); err != nil {
		return f, err
	}
	f.With = m.memory.Resident()
	for name, with := range f.With {
		f.By[name] = (with.Now - f.Before[name].Now) / int64(in.Readers)
	}
	_, err = stop()
	return f, err
}
