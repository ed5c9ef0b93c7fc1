package reservation_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

// F11: a RocksDB that is damaged costs no seat and no answer. One that cannot be
// opened is made anew at once, one that cannot be read at the next start.
func TestF11_SeatsAreFoldedAnewBehindADamagedRocksDB(t *testing.T) {
	broker, err := embeddedbroker.Start(t.TempDir(), 0)
	check(t, err)
	t.Cleanup(broker.Close)
	a := newAsker(t, broker.Addr(), publishHall(t, broker.Addr()))
	settings := reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: broker.Addr(), KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")}
	holders, seatsOf := map[domain.SeatID]domain.BookingID{}, map[domain.BookingID][]domain.SeatID{}
	// sell asks for bookings and reads until each of them is answered: answers may
	// be repeated.
	sell := func(from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			a.ask(t, n, 2)
		}
		for open := to - from; open > 0; {
			m, held := a.answer(t).(message.BookingUpdatedToPendingPayment)
			if !held {
				t.Fatalf("a request was refused: %+v", m)
			}
			if first, known := seatsOf[m.BookingID]; known {
				if first[0] != m.Seats[0] {
					t.Errorf("booking %s got %v, then %v", m.BookingID, first, m.Seats)
				}
			} else {
				seatsOf[m.BookingID] = m.Seats
				open--
			}
			for _, seat := range m.Seats {
				if other, taken := holders[seat]; taken && other != m.BookingID {
					t.Errorf("seat %s is held by %s and %s", seat, other, m.BookingID)
				}
				holders[seat] = m.BookingID
			}
		}
	}
	stop := serve(t, settings)
	sell(0, 30)
	stop()
	stop = serve(t, settings) // what was in the write-ahead log is in an SST from now on
	sell(30, 40)
	stop()

	check(t, os.Truncate(filepath.Join(settings.DataDir, "CURRENT"), 0))
	stop = serve(t, settings)
	sell(40, 60)
	stop()
	stop = serve(t, settings)
	sell(60, 70)
	stop()

	ssts, err := filepath.Glob(filepath.Join(settings.DataDir, "*.sst"))
	check(t, err)
	if len(ssts) == 0 {
		t.Fatal("RocksDB has no SST")
	}
	for _, name := range ssts {
		b, err := os.ReadFile(name)
		check(t, err)
		for i := len(b) / 3; i < len(b)/3+64 && i < len(b); i++ {
			b[i] ^= 0xff
		}
		check(t, os.WriteFile(name, b, 0o600))
	}
	service, release, err := reservation.New(t.Context(), settings, slog.New(slog.NewTextHandler(t.Output(), nil)))
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	err = service.Run(ctx)
	if err == nil || ctx.Err() != nil {
		t.Errorf("the service does not end by itself: %v", err)
	}
	cancel()
	release()
	serve(t, settings)
	sell(70, 120)

	if len(holders) != 240 {
		t.Errorf("%d seats are held, of 120 bookings of two", len(holders))
	}
	asides, err := filepath.Glob(settings.DataDir + "-damaged-*")
	check(t, err)
	if len(asides) != 2 {
		t.Errorf("set aside at %s: %v", time.Now().UTC(), asides)
	}
}
