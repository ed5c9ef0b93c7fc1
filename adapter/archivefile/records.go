package archivefile

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// line is one record. Exactly one field is set.
type line struct {
	Event    *eventRecord    `json:"event,omitempty"`
	Section  *sectionRecord  `json:"section,omitempty"`
	Journal  *journalRecord  `json:"journal,omitempty"`
	Booking  *bookingRecord  `json:"booking,omitempty"`
	Ticket   *ticketRecord   `json:"ticket,omitempty"`
	Minute   *minuteRecord   `json:"minute,omitempty"`
	Manifest *manifestRecord `json:"manifest,omitempty"`
}

// manifestRecord is the last record: how many there are of each kind.
type manifestRecord struct {
	Format   int                    `json:"format"`
	Sections int                    `json:"sections"`
	Journal  [domain.Partitions]int `json:"journal"` // by partition
	Bookings int                    `json:"bookings"`
	Tickets  int                    `json:"tickets"`
	Minutes  int                    `json:"minutes"`
}

func manifestOf(a *port.ArchivedEvent) manifestRecord {
	m := manifestRecord{Format: format, Sections: len(a.Event.Sections), Bookings: len(a.Bookings), Tickets: len(a.Tickets), Minutes: len(a.Minutes)}
	for p := range a.Journal {
		m.Journal[p] = len(a.Journal[p])
	}
	return m
}

type eventRecord struct {
	ID          int64     `json:"id"`
	SellerID    int64     `json:"seller_id"`
	SellerName  string    `json:"seller_name"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	VenueName   string    `json:"venue_name"`
	StartsAt    time.Time `json:"starts_at"`
	TimeZone    string    `json:"time_zone"`
	Currency    string    `json:"currency"`
	MaxTickets  int       `json:"max_tickets_per_booking"`
	CreatedAt   time.Time `json:"created_at"`
	Revision    int64     `json:"revision"`
	Journal     string    `json:"journal_topic_id"`
	ArchivedAt  time.Time `json:"archived_at"`
}

func eventOf(a *port.ArchivedEvent) *eventRecord {
	e := a.Event
	return &eventRecord{int64(e.ID), int64(e.SellerID), e.SellerName, e.Name, e.Description, e.VenueName, e.StartsAt, e.TimeZone, string(e.Currency),
		e.MaxTickets, e.CreatedAt, e.Revision, e.JournalTopicID, a.At}
}

func (r *eventRecord) into(a *port.ArchivedEvent) {
	a.At = r.ArchivedAt
	a.Event = ticketing.CatalogueEvent{ID: domain.EventID(r.ID), SellerID: domain.UserID(r.SellerID), SellerName: r.SellerName, Name: r.Name,
		Description: r.Description, VenueName: r.VenueName, StartsAt: r.StartsAt, TimeZone: r.TimeZone, Currency: domain.Currency(r.Currency),
		MaxTickets: r.MaxTickets, Closed: true, CreatedAt: r.CreatedAt, Revision: r.Revision, JournalTopicID: r.Journal}
}

// sectionRecord is a section with what was sold of it.
type sectionRecord struct {
	Name        string             `json:"name"`
	Price       int64              `json:"price"`
	Subsections []subsectionRecord `json:"subsections"`
	Available   int                `json:"available"`
	Reserved    int                `json:"reserved"`
	Sold        int                `json:"sold"`
	Revenue     int64              `json:"revenue"`
}

type subsectionRecord struct {
	Number int         `json:"number"`
	Rows   []rowRecord `json:"rows"`
}

type rowRecord struct {
	Row   int   `json:"row"`
	Seats []int `json:"seats"`
}

func sectionOf(a *port.ArchivedEvent, i int) *sectionRecord {
	s := a.Event.Sections[i]
	r := &sectionRecord{Name: s.Layout.Name, Price: s.Price}
	if i < len(a.Counts) {
		r.Available, r.Reserved, r.Sold = a.Counts[i].Available, a.Counts[i].Reserved, a.Counts[i].Sold
	}
	if i < len(a.Revenue) {
		r.Revenue = a.Revenue[i]
	}
	for _, sub := range s.Layout.Subsections {
		to := subsectionRecord{Number: sub.Number}
		for _, row := range sub.Rows {
			to.Rows = append(to.Rows, rowRecord{row.Number, row.Seats})
		}
		r.Subsections = append(r.Subsections, to)
	}
	return r
}

func (r *sectionRecord) into(a *port.ArchivedEvent) {
	s := ticketing.CatalogueSection{Layout: seating.SectionLayout{Name: r.Name}, Price: r.Price}
	for _, sub := range r.Subsections {
		to := seating.Subsection{Number: sub.Number}
		for _, row := range sub.Rows {
			to.Rows = append(to.Rows, seating.Row{Number: row.Row, Seats: row.Seats})
		}
		s.Layout.Subsections = append(s.Layout.Subsections, to)
	}
	a.Event.Sections = append(a.Event.Sections, s)
	a.Counts = append(a.Counts, ticketing.Counts{Available: r.Available, Reserved: r.Reserved, Sold: r.Sold})
	a.Revenue = append(a.Revenue, r.Revenue)
}

// journalRecord has the bytes of a record of the seat journal, as the topic had them.
type journalRecord struct {
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
	Kind      string `json:"kind,omitempty"` // for people
	Record    []byte `json:"record"`
	Damaged   string `json:"damaged,omitempty"` // why the topic's bytes are no record
}

func journalOf(p int, e journal.Entry) *journalRecord {
	r := &journalRecord{Partition: p, Offset: e.Offset}
	if e.Damaged != nil {
		r.Damaged, r.Record = e.Damaged.Error(), e.Bytes
	} else {
		r.Kind, r.Record = e.Record.Kind.String(), journalcodec.Append(nil, e.Record)
	}
	return r
}

func (r *journalRecord) into(a *port.ArchivedEvent) error {
	if r.Partition < 0 || r.Partition >= domain.Partitions {
		return fmt.Errorf("a journal record of partition %d", r.Partition)
	}
	e := journal.Entry{Offset: r.Offset}
	var err error
	if r.Damaged != "" {
		e.Damaged, e.Bytes = errors.New(r.Damaged), r.Record
	} else if e.Record, err = journalcodec.Decode(r.Record); err != nil {
		return err
	}
	a.Journal[r.Partition] = append(a.Journal[r.Partition], e)
	return nil
}

type bookingRecord struct {
	ID           string     `json:"id"`
	BuyerID      int64      `json:"buyer_id"`
	Section      string     `json:"section"`
	Subsection   int        `json:"subsection,omitempty"`
	Mode         string     `json:"seat_selection_mode"`
	Positions    []string   `json:"seat_positions,omitempty"`
	Quantity     int        `json:"quantity"`
	AllowPartial bool       `json:"allow_partial"`
	UnitPrice    int64      `json:"unit_price"`
	Currency     string     `json:"currency"`
	Status       string     `json:"status"`
	Seats        []string   `json:"seats,omitempty"`
	Hold         int64      `json:"hold,omitempty"`
	Failure      string     `json:"failure_reason,omitempty"`
	Cancellation string     `json:"cancellation_reason,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    *time.Time `json:"expires_at,omitempty"`
	PaidAt       *time.Time `json:"paid_at,omitempty"`
	Revision     int64      `json:"revision"`
	WindowOpened *time.Time `json:"window_opened_at,omitempty"`
	WindowUS     int64      `json:"window_us,omitempty"`
}

func bookingOf(b booking.Booking) *bookingRecord {
	return &bookingRecord{ID: b.ID.String(), BuyerID: int64(b.BuyerID), Section: b.Section, Subsection: b.Subsection, Mode: string(b.Mode),
		Positions: texts(b.Positions), Quantity: b.Quantity, AllowPartial: b.AllowPartial, UnitPrice: b.UnitPrice.Amount, Currency: string(b.UnitPrice.Currency),
		Status: string(b.Status), Seats: texts(b.Seats), Hold: int64(b.Hold), Failure: b.Failure, Cancellation: string(b.Cancellation),
		CreatedAt: b.CreatedAt, ExpiresAt: orNull(b.ExpiresAt), PaidAt: orNull(b.PaidAt), Revision: b.Revision,
		WindowOpened: orNull(b.Window.Opened), WindowUS: b.Window.Length.Microseconds()}
}

func (r *bookingRecord) into(a *port.ArchivedEvent) error {
	id, ok := domain.ParseBookingID(r.ID)
	if !ok {
		return fmt.Errorf("booking id %q", r.ID)
	}
	b := booking.Booking{ID: id, EventID: a.Event.ID, BuyerID: domain.UserID(r.BuyerID), Section: r.Section, Subsection: r.Subsection,
		Mode: message.SelectionMode(r.Mode), Quantity: r.Quantity, AllowPartial: r.AllowPartial,
		UnitPrice: domain.Money{Amount: r.UnitPrice, Currency: domain.Currency(r.Currency)}, Status: booking.Status(r.Status), Hold: domain.Hold(r.Hold),
		Failure: r.Failure, Cancellation: booking.CancellationReason(r.Cancellation), CreatedAt: r.CreatedAt, ExpiresAt: orZero(r.ExpiresAt),
		PaidAt: orZero(r.PaidAt), Revision: r.Revision, Window: booking.Window{Opened: orZero(r.WindowOpened), Length: time.Duration(r.WindowUS) * time.Microsecond}}
	for _, text := range r.Positions {
		p, err := domain.ParseSeatPosition(text)
		if err != nil {
			return err
		}
		b.Positions = append(b.Positions, p)
	}
	for _, text := range r.Seats {
		seat, err := domain.ParseSeatID(text)
		if err != nil {
			return err
		}
		b.Seats = append(b.Seats, seat)
	}
	a.Bookings = append(a.Bookings, b)
	return nil
}

type ticketRecord struct {
	Seat    string `json:"seat"`
	Status  string `json:"status"`
	Phase   int    `json:"phase,omitempty"`
	Hold    int64  `json:"hold,omitempty"`
	Booking string `json:"booking_id,omitempty"`
	Holder  int64  `json:"holder_id,omitempty"`
	Price   int64  `json:"price,omitempty"`
}

func ticketOf(t ticketing.Ticket) *ticketRecord {
	r := &ticketRecord{Seat: t.Seat.String(), Status: t.Status.String(), Phase: int(t.Phase), Hold: int64(t.Hold), Holder: int64(t.HolderID), Price: t.Price}
	if !t.BookingID.IsZero() {
		r.Booking = t.BookingID.String()
	}
	return r
}

func (r *ticketRecord) into(a *port.ArchivedEvent) error {
	seat, err := domain.ParseSeatID(r.Seat)
	if err != nil {
		return err
	}
	status, ok := ticketing.ParseStatus(r.Status)
	if !ok {
		return fmt.Errorf("ticket status %q", r.Status)
	}
	t := ticketing.Ticket{Seat: seat, Status: status, Phase: ticketing.Phase(r.Phase), Hold: domain.Hold(r.Hold), HolderID: domain.UserID(r.Holder), Price: r.Price}
	if r.Booking != "" {
		if t.BookingID, ok = domain.ParseBookingID(r.Booking); !ok {
			return fmt.Errorf("booking id %q of a ticket", r.Booking)
		}
	}
	a.Tickets = append(a.Tickets, t)
	return nil
}

type minuteRecord struct {
	At      time.Time `json:"at"`
	Sold    int       `json:"sold"`
	Revenue int64     `json:"revenue"`
}

func texts[T fmt.Stringer](of []T) (out []string) {
	for _, v := range of {
		out = append(out, v.String())
	}
	return out
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
