package port

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

//go:generate go tool mockgen -source=bench.go -destination=portmock/bench.go -package=portmock

// Hall is the seating of a benchmark's event: equal sections named A, B and so
// on. Seats must be a multiple of Sections × Rows × SeatsPerRow.
type Hall struct{ Sections, Seats, Rows, SeatsPerRow int }

// BenchEvents creates the events that a benchmark sells.
type BenchEvents interface {
	// Create puts an event on sale. It returns once the event can be booked.
	Create(ctx context.Context, h Hall) (domain.EventID, error)
}

// Sale says what is booked, and by whom. Bookings go round its sections and its
// buyers.
type Sale struct {
	Event       domain.EventID
	Sections    []string
	SeatsEach   int      // in each booking
	BuyerTokens []string // each buyer reads a stream of its bookings
}

// SelloutOrder says how to sell all seats.
type SelloutOrder struct {
	Sale
	Bookings   int                          // in all
	Clients    int                          // in a closed loop
	OnProgress func(accepted, answered int) // called from one goroutine
}

// SelloutResult is what the clients and the buyers saw.
type SelloutResult struct {
	Elapsed  time.Duration   // until buyers and stores know of all seats
	Accepted time.Duration   // until the last booking was accepted
	Answered time.Duration   // until the last buyer was told
	Held     int             // bookings that got seats, as buyers were told
	Failed   int             // bookings that got none
	Refused  int             // requests that were not answered by 200
	Accepts  []time.Duration // of each request, ascending
}

// PacedOrder says how many bookings a second to send, whether or not the ones before
// were answered.
type PacedOrder struct {
	Sale
	Rate       float64 // bookings a second
	For        time.Duration
	WarmUp     time.Duration                // bookings of this time before are sent but not measured
	Clients    int                          // the most requests at the same time; more wait, and are dropped at the end
	OnMeasure  func()                       // called once, when the warm-up is over
	OnProgress func(accepted, answered int) // called from one goroutine
}

// PacedResult is what the clients and the buyers saw of the bookings after the
// warm-up. A booking's time begins when it was due, even if it was sent later.
type PacedResult struct {
	Bookings int           // that were sent
	Elapsed  time.Duration // until the last buyer was told
	Held     int
	Failed   int
	Refused  int
	Accepts  []time.Duration // until the request was answered, ascending
	Pendings []time.Duration // until the buyer's stream said that seats are held, ascending
}

// LifeOrder says what becomes of bookings that have seats.
type LifeOrder struct {
	Sale
	Bookings   int                       // in all
	Clients    int                       // that book, and as many that pay
	Pay        float64                   // part of the bookings that is paid; the others are left to expire
	Window     time.Duration             // after which those expire
	Strict     bool                      // a refused request fails the load
	OnProgress func(accepted, ended int) // called from one goroutine
}

// LifeResult is what the clients and the buyers saw.
type LifeResult struct {
	Elapsed   time.Duration // until each buyer was told that the booking is paid, cancelled or without seats
	Held      int
	Paid      int
	Cancelled int
	Failed    int
	Refused   int // requests for seats
	Unpaid    int // requests for payment that were not answered by 200
}

// Load books the seats of an event.
type Load interface {
	// Wake books a seat and cancels the booking, so that the event is awake and has
	// all its topics. It returns when journal and tickets say that all its seats are
	// available.
	Wake(ctx context.Context, s Sale, token string, seats int) error
	// SellOut books as fast as it can. It returns when every buyer has been told and
	// journal and tickets have no seat left. It fails at the first request that is
	// refused, and at the first buyer who gets no seats: the event could not be sold
	// out. Like all loads, it fails if nothing happens for half a minute.
	SellOut(ctx context.Context, o SelloutOrder) (SelloutResult, error)
	// Paced books at a rate. It returns when every buyer has been told.
	Paced(ctx context.Context, o PacedOrder) (PacedResult, error)
	// FullLife books as fast as it can and pays as soon as seats are held. It returns
	// when each booking has ended.
	FullLife(ctx context.Context, o LifeOrder) (LifeResult, error)
}

// Availability is known to the seat journal and to the tickets of record.
type Availability interface {
	// AwaitAvailable blocks until both say that so many of an event's seats are
	// available, and all others reserved or sold. It fails if neither number changes
	// for half a minute.
	AwaitAvailable(ctx context.Context, event domain.EventID, available int) error
}

// SeatState is what seat-reservation-service keeps besides the journal.
type SeatState interface {
	// ClearSeats ends the first server, if it runs, and removes its state. It stays
	// down until Servers.Restart.
	ClearSeats() error
}

// MapReaders read the live map of an event.
type MapReaders interface {
	// Watch opens n streams and returns when each has the whole map. They stay open
	// until ctx is done or stop is called, which returns the number of frames that
	// they got, snapshots included. err of stop says that a stream ended early.
	Watch(ctx context.Context, event domain.EventID, n int) (stop func() (frames int, err error), err error)
}

// EventArchive ends an event and archives it.
type EventArchive interface {
	// Close closes the sale.
	Close(ctx context.Context, event domain.EventID) error
	// Archive archives the event once it sleeps, and checks the file again, as somebody
	// does who has the file alone.
	Archive(ctx context.Context, event domain.EventID) (ArchiveTimes, error)
	// Kept returns how many partitions the brokers have of an event, and how many bytes
	// all events and their seats take on disk, without PostgreSQL.
	Kept(ctx context.Context, event domain.EventID) (partitions int, bytes int64, err error)
}

// ArchiveTimes are of one archive.
type ArchiveTimes struct {
	Took     time.Duration // without the wait until the event slept
	Verified time.Duration // until the file was read and checked again
	Bytes    int64         // of the file
}

// AwakeEvents counts the events that cost something.
type AwakeEvents interface {
	// Awake returns the largest number of events that are awake in a server.
	Awake(ctx context.Context) (int, error)
}

// Resident is the memory of a process, in bytes.
type Resident struct {
	Now  int64 // of the process and its children; memory that they share counts once
	Peak int64 // of the process alone, since it began
}

// Memory reads the resident memory of each process, by name.
type Memory interface {
	Resident() map[string]Resident
}

// Prober books one seat after another in each section, to find out when a
// section stops selling and when it sells again.
type Prober interface {
	// Start probes in the background until ctx is done or stop is called. stop
	// blocks until the last request has ended.
	Start(ctx context.Context, event domain.EventID, sections []string, token string) (stop func())
	// Outage returns the longest time, over all sections, from since to the first
	// answer after it. It reports false while some section has not answered a
	// request that was sent after since.
	Outage(since time.Time) (longest time.Duration, all bool)
}

// CPUTimes reads the processor time that each process has used so far, by name.
type CPUTimes interface {
	CPUTimes() map[string]time.Duration
}

// Servers ends and starts servers of a running installation.
type Servers interface {
	// Kill ends a server by SIGKILL; it stays down until Restart.
	Kill(server string)
	// Terminate asks a server to end in order, by SIGTERM; it stays down until
	// Restart.
	Terminate(server string)
	// Restart starts a server that was ended and blocks until it is ready.
	Restart(ctx context.Context, server string) error
}

// BenchBuild runs a benchmark with the programs of one build.
type BenchBuild interface {
	// Bench runs the benchmark once, on an installation made for it, and returns its
	// figures. It fails if an invariant was violated.
	Bench(ctx context.Context) (BenchFigures, error)
}

// BenchFigures are the numbers of a benchmark's JSON by their names there. A number
// in an object has both names, with a dot between them.
type BenchFigures map[string]float64
