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
	// maxFrames are kept for readers that come again, or are slow.
	maxFrames = 256
)

// Maps is the hub of the seat maps: one map for each event that somebody looks
// at, made when the first reader comes and dropped with the last.
type Maps struct {
	pictures port.SeatPictures

	mu   sync.Mutex
	maps map[domain.EventID]*seatMap
}

var (
	_ port.SeatFeed = (*Maps)(nil)
	_ port.SeatMaps = (*Maps)(nil)
)

// NewMaps has no map. Follow is for after SetPictures.
func NewMaps() *Maps { return &Maps{maps: map[domain.EventID]*seatMap{}} }

// SetPictures says where a map begins; who answers pictures feeds this hub, so
// one of the two is there before the other.
func (h *Maps) SetPictures(p port.SeatPictures) { h.pictures = p }

// SeatsChanged hands changes to the map of an event, if somebody looks at it.
func (h *Maps) SeatsChanged(event domain.EventID, c port.SeatChanges) {
	h.mu.Lock()
	m := h.maps[event]
	h.mu.Unlock()
	if m != nil {
		m.put(c)
	}
}

// Follow opens a reader.
func (h *Maps) Follow(ctx context.Context, event domain.EventID, sections []string) (port.SeatMapReader, error) {
	h.mu.Lock()
	m := h.maps[event]
	if m == nil {
		m = &seatMap{hub: h, event: event, names: sections, ready: make(chan struct{}), poke: make(chan struct{}, 1), stop: make(chan struct{}),
			changed: make(chan struct{}), epoch: strconv.FormatInt(time.Now().UnixNano(), 36)}
		h.maps[event] = m
		go m.run() // changes are gathered from now on, the picture comes after them: no gap
	}
	m.readers++
	h.mu.Unlock()
	select {
	case <-m.ready:
		return &reader{m: m}, nil
	case <-ctx.Done():
		h.leave(m)
		return nil, ctx.Err()
	}
}

// leave drops a map with its last reader.
func (h *Maps) leave(m *seatMap) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.readers--; m.readers == 0 {
		delete(h.maps, m.event)
		close(m.stop)
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
	stop    chan struct{}
	poke    chan struct{}

	mu       sync.Mutex
	pending  []port.SeatChanges
	picture  port.SeatPicture      // as of the last frame; Statuses are changed in place
	plans    []port.SectionPicture // of picture, without what changes
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

// run draws a frame of what came together, at most 20 a second.
func (m *seatMap) run() {
	if !m.begin() {
		return
	}
	close(m.ready)
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

// begin takes the first picture, and tries until it has one or nobody waits.
func (m *seatMap) begin() bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-m.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		p, err := m.hub.pictures.Picture(ctx, m.event, m.names)
		if err == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.start(p)
			return true
		}
		select {
		case <-time.After(framePause):
		case <-ctx.Done():
			return false
		}
	}
}

func (m *seatMap) start(p port.SeatPicture) {
	m.picture, m.plans, m.snapshot = p, nil, nil
	for _, s := range p.Sections {
		m.plans = append(m.plans, port.SectionPicture{Plan: s.Plan})
	}
	m.counts = make([]port.SectionCounts, len(p.Sections))
	for i, s := range p.Sections {
		m.counts[i] = port.SectionCounts{Section: s.Plan.Section(), Subsections: countSeats(s)}
	}
}

func countSeats(s port.SectionPicture) []seating.SubsectionCount {
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

// draw makes one frame of all that is pending.
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
	f := &port.SeatFrame{Picture: port.SeatPicture{Version: m.picture.Version}, Encoded: encodedOnce()}
	at := map[port.SeatDelta]int{} // place in Changes, by seat alone
	for _, c := range pending {
		if c.Version <= m.picture.Version {
			continue // it was in the first picture
		}
		m.picture.Version = c.Version
		for _, s := range c.Seats {
			m.change(f, at, s)
		}
	}
	if len(f.Changes) == 0 {
		return
	}
	f.Picture.Sections, f.Counts = m.plans, m.changedCounts(f.Changes)
	m.add(f)
}

// change sets one seat; of a seat that changes twice the last status counts.
func (m *seatMap) change(f *port.SeatFrame, at map[port.SeatDelta]int, s port.StoredSeat) {
	i := slices.IndexFunc(m.picture.Sections, func(p port.SectionPicture) bool { return p.Plan.Section() == s.Section })
	if i < 0 {
		return
	}
	statuses := m.picture.Sections[i].Statuses
	before := statuses[s.Index]
	if before == s.Seat.Status {
		return
	}
	statuses[s.Index] = s.Seat.Status
	sub := m.picture.Sections[i].Plan.Seat(s.Index).Subsection
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
		touched[[2]int{d.Section, m.picture.Sections[d.Section].Plan.Seat(d.Seat).Subsection}] = true
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

// redraw begins anew with a picture that has the new sections: readers are told
// by a map with another epoch, which they must read whole.
func (m *seatMap) redraw() {
	p, err := m.hub.pictures.Picture(context.Background(), m.event, m.names)
	if err != nil {
		return // the server ends
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.start(p)
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
		f := &port.SeatFrame{ID: m.id(m.last), Picture: port.SeatPicture{Version: m.picture.Version}, Encoded: encodedOnce()}
		for i, s := range m.picture.Sections {
			f.Picture.Sections = append(f.Picture.Sections, port.SectionPicture{Plan: s.Plan, Statuses: slices.Clone(s.Statuses)})
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
