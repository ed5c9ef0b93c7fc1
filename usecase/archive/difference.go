package archive

import (
	"errors"
	"reflect"
	"time"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// difference returns which part of an archive is not what was written, or an empty
// string. Every field of every record is compared.
func difference(want, is port.ArchivedEvent) string {
	want, is = plain(want), plain(is)
	for what, same := range map[string]bool{
		"event":            reflect.DeepEqual(want.Event, is.Event) && want.At.Equal(is.At),
		"journal records":  reflect.DeepEqual(want.Journal, is.Journal),
		"bookings":         reflect.DeepEqual(want.Bookings, is.Bookings),
		"tickets":          reflect.DeepEqual(want.Tickets, is.Tickets),
		"counts":           reflect.DeepEqual(want.Counts, is.Counts),
		"sums of sections": reflect.DeepEqual(want.Revenue, is.Revenue),
		"minutes":          reflect.DeepEqual(want.Minutes, is.Minutes),
	} {
		if !same {
			return what
		}
	}
	return ""
}

// plain returns a copy in which equal values have equal representations: times are in
// UTC, empty slices are nil, and an error is its text.
func plain(a port.ArchivedEvent) port.ArchivedEvent {
	utc(&a.Event.StartsAt, &a.Event.CreatedAt)
	for p, entries := range a.Journal {
		a.Journal[p] = copied(entries, func(e *journal.Entry) {
			if e.Damaged != nil {
				e.Damaged = errors.New(e.Damaged.Error())
			}
		})
	}
	a.Bookings = copied(a.Bookings, func(b *booking.Booking) {
		utc(&b.CreatedAt, &b.ExpiresAt, &b.PaidAt, &b.Window.Opened)
		b.Positions, b.Seats = orNil(b.Positions), orNil(b.Seats)
	})
	return a
}

func utc(times ...*time.Time) {
	for _, t := range times {
		*t = t.UTC()
	}
}

func copied[T any](of []T, plain func(*T)) []T {
	out := append([]T(nil), of...)
	for i := range out {
		plain(&out[i])
	}
	return out
}

func orNil[T any](of []T) []T {
	if len(of) == 0 {
		return nil
	}
	return of
}
