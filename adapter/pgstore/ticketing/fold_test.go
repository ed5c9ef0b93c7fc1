package ticketing

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var opened = time.Date(2027, 1, 2, 3, 4, 0, 0, time.UTC)

func opening(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// onSale creates an event of two sections with 1,000,000 tickets each, by their
// counts alone.
func onSale(t testing.TB, s *Store) domain.EventID {
	t.Helper()
	seller, err := s.Register(t.Context(), account.User{Email: fmt.Sprint(time.Now().UnixNano(), "@example.com"), Name: "a new seller", Role: account.Seller, CreatedAt: opened}, "h")
	if err != nil {
		t.Fatal(err)
	}
	e := ticketing.CatalogueEvent{SellerID: seller.ID, SellerName: "a new seller", Name: "The show", VenueName: "The hall", StartsAt: opened, TimeZone: "UTC", Currency: "TWD", MaxTickets: 4, CreatedAt: opened, Revision: 1}
	for _, name := range []string{"A", "B"} {
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Price: 100, Layout: seating.SectionLayout{Name: name, Subsections: []seating.Subsection{seating.Regular(1, 1, 1)}}})
	}
	id, err := s.Create(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PublishLocked(t.Context(), id, func(_ context.Context, e *ticketing.Event) error {
		e.Status = ticketing.OnSale
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	execute(t, s, "UPDATE ticket_deltas SET available = 1000000 WHERE event_id = $1", int64(id))
	return id
}

func execute(t testing.TB, s *Store, statement string, args ...any) {
	t.Helper()
	if _, err := s.Batches.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// history adds the deltas of bookings of one ticket over 30 days: each is
// reserved, then paid a minute later, for 100.
func history(t testing.TB, s *Store, event domain.EventID, bookings int) {
	t.Helper()
	execute(t, s, `INSERT INTO ticket_deltas (event_id, section, available, reserved, sold, revenue, at, bookings)
		SELECT $1, n % 2, CASE step WHEN 0 THEN -1 ELSE 0 END, CASE step WHEN 0 THEN 1 ELSE -1 END, step, 100 * step,
			$3::timestamptz + make_interval(secs => n % 43200 * 60 + step * 60), 1 - step
		FROM generate_series(1, $2::int) AS n, generate_series(0, 1) AS step`, int64(event), bookings, opened)
}

// seen is what readers are told about an event.
type seen struct {
	Event, Listed, Total ticketing.Counts
	Sales                ticketing.Sales
}

func look(t testing.TB, s *Store, id domain.EventID) seen {
	t.Helper()
	e, err := s.Event(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), port.EventFilter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	totals, err := s.Totals(t.Context(), []domain.EventID{id})
	if err != nil {
		t.Fatal(err)
	}
	sales, err := s.Sales(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return seen{e.Total(), page[0].Total(), totals[id], sales}
}

func rowsOf(t testing.TB, s *Store, relation string, event domain.EventID) (n int) {
	t.Helper()
	if err := s.Batches.QueryRow(t.Context(), "SELECT count(*) FROM "+relation+" WHERE event_id = $1", int64(event)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func foldAll(t testing.TB, s *Store) {
	t.Helper()
	for {
		n, err := s.FoldDeltas(t.Context(), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// The rows that a list of events reads do not grow with what was sold.
func TestFoldedHistory(t *testing.T) {
	s := opening(t, teststores.Postgres(t))
	id := onSale(t, s)
	const bookings = 100_000
	history(t, s, id, bookings)
	before := look(t, s, id)

	foldAll(t, s)

	if after := look(t, s, id); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	want := ticketing.Counts{Available: 2_000_000 - bookings, Sold: bookings}
	if before.Event != want || before.Listed != want || before.Total != want || before.Sales.Bookings != bookings {
		t.Errorf("%+v", before)
	}
	var sold int
	var revenue int64
	for _, i := range before.Sales.OverTime {
		sold, revenue = sold+i.Sold, revenue+i.Revenue
	}
	if sold != bookings || revenue != 100*bookings {
		t.Errorf("over time %d were sold for %d", sold, revenue)
	}
	if n := rowsOf(t, s, "ticket_sums", id); n != 2 {
		t.Errorf("counts are the sums of %d rows, want one for each of 2 sections", n)
	}
	if n := rowsOf(t, s, "ticket_payments", id); n != 43_200 {
		t.Errorf("sales over time are the sums of %d rows, want one for each of 43,200 minutes", n)
	}
}

// Servers fold, write and read at once: no reader ever sees other sums than
// those that were written.
func TestFoldingUnderWay(t *testing.T) {
	url := teststores.Postgres(t)
	servers := []*Store{opening(t, url), opening(t, url)}
	id := onSale(t, servers[0])
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for _, s := range servers {
		for range 2 {
			work.Go(func() {
				for ctx.Err() == nil {
					if _, err := s.FoldDeltas(t.Context(), 7); err != nil {
						t.Error(err)
					}
				}
			})
		}
		work.Go(func() {
			for ctx.Err() == nil {
				sales, err := s.Sales(t.Context(), id)
				if err != nil {
					t.Error(err)
				}
				total, revenue := sales.Total()
				sold := 0
				for _, i := range sales.OverTime {
					sold += i.Sold
				}
				if total.Available+total.Sold != 2_000_000 || total.Reserved != 0 || revenue != int64(100*total.Sold) || sold != total.Sold || sales.Bookings != total.Sold {
					t.Errorf("a reader sees %+v, revenue %d, %d sold over time", total, revenue, sold)
				}
			}
		})
	}
	const steps = 300
	for n := range steps {
		err := servers[n%2].Apply(t.Context(), id, nil, nil, func([]ticketing.Ticket) port.TicketChanges {
			return port.TicketChanges{Deltas: []ticketing.Delta{{Section: []string{"A", "B"}[n/2%2], Counts: ticketing.Counts{Available: -1, Sold: 1}, Revenue: 100, Bookings: 1,
				At: opened.Add(time.Duration(n%5) * time.Minute)}}}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	stop()
	work.Wait()
	foldAll(t, servers[0])

	if got := look(t, servers[1], id); got.Event != (ticketing.Counts{Available: 2_000_000 - steps, Sold: steps}) || len(got.Sales.OverTime) != 5 {
		t.Errorf("%+v", got)
	}
	if n := rowsOf(t, servers[0], "ticket_sums", id); n != 2 {
		t.Errorf("%d rows are left", n)
	}
}

// The rows of the version before stay right, and a step back finds all of them.
func TestFoldMigration(t *testing.T) {
	url := teststores.Postgres(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	goosed, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		t.Fatal(err)
	}
	s := opening(t, url)
	id := onSale(t, s)
	history(t, s, id, 1000)
	before := look(t, s, id)
	if _, err := goosed.DownTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	old := rowsOf(t, s, "ticket_deltas", id)

	if _, err := goosed.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := look(t, s, id); !reflect.DeepEqual(before, after) || old != 2002 {
		t.Errorf("%d rows; before %+v\nafter  %+v", old, before, after)
	}
	foldAll(t, s)
	history(t, s, id, 10)
	before = look(t, s, id)
	if _, err := goosed.DownTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := goosed.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := look(t, s, id); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

// The list of events and the sales of one, with and without a history of bookings
// over 30 days.
func BenchmarkHistory(b *testing.B) {
	for _, bookings := range []int{0, 100_000} {
		s := opening(b, teststores.Postgres(b))
		id := onSale(b, s)
		history(b, s, id, bookings)
		foldAll(b, s)
		execute(b, s, "VACUUM ANALYZE")
		b.Run(fmt.Sprintf("list/bookings=%d", bookings), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), port.EventFilter{Limit: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("sales/bookings=%d", bookings), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Sales(b.Context(), id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
