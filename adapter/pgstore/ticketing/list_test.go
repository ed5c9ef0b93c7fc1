package ticketing

import (
	"fmt"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// All pages of 100,000 tickets with as many holders, before and after PostgreSQL
// has statistics.
func BenchmarkTickets(b *testing.B) {
	s := opening(b, teststores.Postgres(b))
	seller, err := s.Register(b.Context(), account.User{Email: "seller@example.com", Name: "a new seller", Role: account.Seller, CreatedAt: opened}, "h")
	if err != nil {
		b.Fatal(err)
	}
	e := ticketing.CatalogueEvent{SellerID: seller.ID, Currency: "TWD", TimeZone: "UTC", StartsAt: opened, CreatedAt: opened, Revision: 1, MaxTickets: 4}
	for i := range 10 {
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Price: 100, Layout: seating.SectionLayout{Name: fmt.Sprint("S", i), Subsections: []seating.Subsection{seating.Regular(1, 100, 100)}}})
	}
	id, err := s.Create(b.Context(), e)
	if err != nil {
		b.Fatal(err)
	}
	execute(b, s, "INSERT INTO users (email, name, role, password_hash, created_at) SELECT n || '@example.com', 'a new buyer', 'buyer', 'h', now() FROM generate_series(1, 100000) n")
	execute(b, s, "UPDATE tickets SET status = 2, booking_id = gen_random_uuid(), holder_id = 2 + section * 10000 + row_no * 99 + seat_no, price = 100")
	for _, analyzed := range []bool{false, true} {
		b.Run(fmt.Sprintf("analyzed=%t", analyzed), func(b *testing.B) {
			if analyzed {
				execute(b, s, "ANALYZE")
			}
			var longest time.Duration
			for b.Loop() {
				f, n := port.TicketFilter{Limit: 2000}, 0
				for {
					began := time.Now()
					page, err := Tickets{s}.List(b.Context(), id, f)
					if err != nil {
						b.Fatal(err)
					}
					longest = max(longest, time.Since(began))
					if n += len(page); len(page) < f.Limit {
						break
					}
					f.After = page[len(page)-1].Seat
				}
				if n != 100_000 {
					b.Fatalf("%d tickets", n)
				}
			}
			b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-page")
		})
	}
}
