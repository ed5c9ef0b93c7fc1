package feedhub

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

const (
	// framePause is the least time between two frames: 20 a second.
	framePause = 50 * time.Millisecond
	// maxFrames is how many frames are kept for readers that reconnect or are slow.
	maxFrames = 256
)

// Maps is the hub of the seat maps. It has one map for each event that is being
// read, made for the first reader and dropped after the last.
type Maps struct {
	snapshots port.MapSnapshots

	mu   sync.Mutex
	maps map[domain.EventID]*seatMap
}

var (
	_ port.SeatFeed = (*Maps)(nil)
	_ port.SeatMaps = (*Maps)(nil)
)

// NewMaps returns a hub without maps. SetSnapshots has to be called before Follow.
func NewMaps() *Maps { return &Maps{maps: map[domain.EventID]*seatMap{}} }

// SetSnapshots says where a map begins. What returns snapshots also feeds this hub,
// so one of the two must exist before the other.
func (h *Maps) SetSnapshots(p port.MapSnapshots) { h.snapshots = p }

// SeatsChanged passes changes to the map of an event, if it is being read.
func (h *Maps) SeatsChanged(event domain.EventID, c port.SeatChanges) {
	h.mu.Lock()
	m := h.maps[event]
	h.mu.Unlock()
	if m != nil {
		m.put(c)
	}
}

// Follow opens a reader. Without a first snapshot it returns the reason.
func (h *Maps) Follow(ctx context.Context, event domain.EventID, sections []string) (port.SeatMapReader, error) {
	h.mu.Lock()
	m := h.maps[event]
	if m == nil {
		m = &seatMap{hub: h, event: event, names: sections, ready: make(chan struct{}), poke: make(chan struct{}, 1), stop: make(chan struct{}),
			changed: make(chan struct{}), epoch: strconv.FormatInt(time.Now().UnixNano(), 36)}
		h.maps[event] = m
		go m.run() // changes are gathered from now on, the snapshot comes after them: no gap
	}
	m.readers++
	h.mu.Unlock()
	select {
	case <-m.ready:
		if m.err != nil {
			h.leave(m)
			return nil, m.err
		}
		return &reader{m: m}, nil
	case <-ctx.Done():
		h.leave(m)
		return nil, ctx.Err()
	}
}

// leave drops a map after its last reader.
func (h *Maps) leave(m *seatMap) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.readers--; m.readers == 0 {
		h.forget(m)
		close(m.stop)
	}
}

// forget lets the next Follow make a new map.
func (h *Maps) forget(m *seatMap) {
	if h.maps[m.event] == m {
		delete(h.maps, m.event)
	}
}

// seatMap is the map of one event.
type seatMap struct {
	hub     *Maps
	event   domain.EventID
	names   []string
	epoch   string // ids of another map are not its own
	readers int    // under the hub's lock
	ready   chan struct{}
	err     error // there is no snapshot to begin with; set before ready is closed
	stop    chan struct{}
	poke    chan struct{}

	mu       sync.Mutex
	pending  []port.SeatChanges
	current  port.MapSnapshot       // as of the last frame; Statuses are changed in place
	plans    []port.SectionSnapshot // of current, without what changes
	counts   []port.SectionCounts
	frames   []*port.SeatFrame
	last     int64 // number of the last frame
	snapshot *port.SeatFrame
	changed  chan struct{}
}

func (m *seatMap) put(c port.SeatChanges) {
	m.mu.Lock()
	m.pending = append(m.pending, c)
	m.mu.Unlock()
	select {
	case m.poke <- struct{}{}:
	default:
	}
}

// run makes a frame of what was gathered, at most 20 a second.
func (m *seatMap) run() {
	defer m.hub.snapshots.Watch(m.event)()
	if !m.begin() {
		return
	}
	for {
		select {
		case <-m.poke:
			m.draw()
		case <-m.stop:
			return
		}
		select {
		case <-time.After(framePause):
		case <-m.stop:
			return
		}
	}
}

// begin takes the first snapshot. Without one, those who wait for the map are told
// why, and the next reader begins again.
func (m *seatMap) begin() bool {
	s, err := m.take()
	if err != nil {
		m.hub.mu.Lock()
		m.hub.forget(m)
		m.hub.mu.Unlock()
		m.err = err
	} else {
		m.mu.Lock()
		m.start(s)
		m.mu.Unlock()
	}
	close(m.ready)
	return err == nil
}

// take returns a snapshot, unless all readers leave meanwhile.
func (m *seatMap) take() (port.MapSnapshot, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-m.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return m.hub.snapshots.MapSnapshot(ctx, m.event, m.names)
}

func (m *seatMap) start(p port.MapSnapshot) {
	m.current, m.plans, m.snapshot = p, nil, nil
	for _, s := range p.Sections {
		m.plans = append(m.plans, port.SectionSnapshot{Plan: s.Plan})
	}
	m.counts = make([]port.SectionCounts, len(p.Sections))
	for i, s := range p.Sections {
		m.counts[i] = port.SectionCounts{Section: s.Plan.Section(), Subsections: countSeats(s)}
	}
}

func countSeats(s port.SectionSnapshot) []seating.SubsectionCount {
	var counts []seating.SubsectionCount
	for _, sub := range s.Plan.Layout().Subsections {
		c := seating.SubsectionCount{Number: sub.Number}
		from, to, _ := s.Plan.SubsectionRange(sub.Number)
		for i := from; i < to; i++ {
			*countOf(&c, s.Statuses[i])++
		}
		counts = append(counts, c)
	}
	return counts
}

func countOf(c *seating.SubsectionCount, s seating.Status) *int {
	switch s {
	case seating.Reserved:
		return &c.Reserved
	case seating.Sold:
		return &c.Sold
	}
	return &c.Available
}

// draw makes one frame of all pending changes.
func (m *seatMap) draw() {
	m.mu.Lock()
	pending := m.pending
	m.pending = nil
	m.mu.Unlock()
	if slices.ContainsFunc(pending, func(c port.SeatChanges) bool { return c.NewSections }) {
		m.redraw()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &port.SeatFrame{Map: port.MapSnapshot{Version: m.current.Version}, Encoded: encodedOnce()}
	at := map[port.SeatDelta]int{} // place in Changes, by seat alone
	for _, c := range pending {
		if c.Version <= m.current.Version {
			continue // it was in the first snapshot
		}
		m.current.Version = c.Version
		for _, s := range c.Seats {
			m.change(f, at, s)
		}
	}
	if len(f.Changes) == 0 {
		return
	}
	f.Map.Sections, f.Counts = m.plans, m.changedCounts(f.Changes)
	m.add(f)
}

// change sets one seat. If a seat changes twice, the last status counts.
func (m *seatMap) change(f *port.SeatFrame, at map[port.SeatDelta]int, s port.StoredSeat) {
	i := slices.IndexFunc(m.current.Sections, func(p port.SectionSnapshot) bool { return p.Plan.Section() == s.Section })
	if i < 0 {
		return
	}
	statuses := m.current.Sections[i].Statuses
	before := statuses[s.Index]
	if before == s.Seat.Status {
		return
	}
	statuses[s.Index] = s.Seat.Status
	sub := m.current.Sections[i].Plan.Seat(s.Index).Subsection
	c := &m.counts[i].Subsections[slices.IndexFunc(m.counts[i].Subsections, func(c seating.SubsectionCount) bool { return c.Number == sub })]
	*countOf(c, before)--
	*countOf(c, s.Seat.Status)++
	key := port.SeatDelta{Section: i, Seat: s.Index}
	if place, known := at[key]; known {
		f.Changes[place].Status = s.Seat.Status
		return
	}
	at[key] = len(f.Changes)
	f.Changes = append(f.Changes, port.SeatDelta{Section: i, Seat: s.Index, Status: s.Seat.Status})
}

func (m *seatMap) changedCounts(changes []port.SeatDelta) []port.SectionCounts {
	touched := map[[2]int]bool{}
	for _, d := range changes {
		touched[[2]int{d.Section, m.current.Sections[d.Section].Plan.Seat(d.Seat).Subsection}] = true
	}
	var out []port.SectionCounts
	for i, section := range m.counts {
		c := port.SectionCounts{Section: section.Section}
		for _, sub := range section.Subsections {
			if touched[[2]int{i, sub.Number}] {
				c.Subsections = append(c.Subsections, sub)
			}
		}
		if len(c.Subsections) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func (m *seatMap) id(n int64) string { return m.epoch + "-" + strconv.FormatInt(n, 10) }

func (m *seatMap) add(f *port.SeatFrame) {
	m.last++
	f.ID = m.id(m.last)
	if len(m.frames) == maxFrames {
		m.frames = slices.Delete(m.frames, 0, 1)
	}
	m.frames = append(m.frames, f)
	m.snapshot = nil
	close(m.changed)
	m.changed = make(chan struct{})
}

// redraw begins again with a snapshot that has the new sections. The map gets another
// epoch, so that readers take it whole. Without a snapshot it tries again at the next
// frame.
func (m *seatMap) redraw() {
	s, err := m.take()
	if err != nil {
		m.put(port.SeatChanges{NewSections: true})
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.start(s)
	m.frames, m.last = nil, 0
	m.epoch = strconv.FormatInt(time.Now().UnixNano(), 36)
	close(m.changed)
	m.changed = make(chan struct{})
}

// reader is one stream.
type reader struct {
	m    *seatMap
	once sync.Once
}

func (r *reader) Snapshot() *port.SeatFrame {
	m := r.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.snapshot == nil {
		f := &port.SeatFrame{ID: m.id(m.last), Map: port.MapSnapshot{Version: m.current.Version}, Encoded: encodedOnce()}
		for i, s := range m.current.Sections {
			f.Map.Sections = append(f.Map.Sections, port.SectionSnapshot{Plan: s.Plan, Statuses: slices.Clone(s.Statuses)})
			f.Counts = append(f.Counts, port.SectionCounts{Section: m.counts[i].Section, Subsections: slices.Clone(m.counts[i].Subsections)})
		}
		m.snapshot = f
	}
	return m.snapshot
}

func (r *reader) After(id string) ([]*port.SeatFrame, bool) {
	m := r.m
	m.mu.Lock()
	defer m.mu.Unlock()
	prefix := m.epoch + "-"
	if len(id) <= len(prefix) || id[:len(prefix)] != prefix {
		return nil, false
	}
	n, err := strconv.ParseInt(id[len(prefix):], 10, 64)
	behind := m.last - n
	if err != nil || behind < 0 || behind > int64(len(m.frames)) {
		return nil, false
	}
	return slices.Clone(m.frames[int64(len(m.frames))-behind:]), true
}

func (r *reader) Changed() <-chan struct{} {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	return r.m.changed
}

func (r *reader) Close() { r.once.Do(func() { r.m.hub.leave(r.m) }) }
