package ticketing_test

import (
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

const (
	av = ticketing.Available
	re = ticketing.Reserved
	so = ticketing.Sold
)

func TestTransitionsPairByPair(t *testing.T) {
	allowed := map[[2]ticketing.Status]bool{{av, re}: true, {re, so}: true, {re, av}: true}
	for _, from := range []ticketing.Status{av, re, so} {
		for _, to := range []ticketing.Status{av, re, so} {
			if from.May(to) != allowed[[2]ticketing.Status{from, to}] {
				t.Errorf("%s → %s: %v", from, to, from.May(to))
			}
		}
	}
}

// said is an update of hold h; bookings and holders follow the hold.
func said(to ticketing.Status, h domain.Hold) ticketing.Update {
	return ticketing.Update{To: to, Hold: h, BookingID: domain.BookingID{byte(h)}, HolderID: domain.UserID(h), Price: int64(h) * 100}
}

func TestTicketTake(t *testing.T) {
	for name, c := range map[string]struct {
		told    []ticketing.Update
		want    ticketing.Status
		hold    domain.Hold
		changes string // one letter for each update
	}{
		"is reserved":                             {[]ticketing.Update{said(re, 1)}, re, 1, "y"},
		"is reserved, then sold":                  {[]ticketing.Update{said(re, 1), said(so, 1)}, so, 1, "yy"},
		"is reserved, then given back":            {[]ticketing.Update{said(re, 1), said(av, 1)}, av, 1, "yy"},
		"is reserved again under a later hold":    {[]ticketing.Update{said(re, 1), said(av, 1), said(re, 2)}, re, 2, "yyy"},
		"PAID overtakes RESERVED":                 {[]ticketing.Update{said(so, 1), said(re, 1)}, so, 1, "yn"},
		"a release overtakes RESERVED":            {[]ticketing.Update{said(av, 1), said(re, 1)}, av, 1, "yn"},
		"a repeat changes nothing":                {[]ticketing.Update{said(re, 1), said(re, 1)}, re, 1, "yn"},
		"a repeated release changes nothing":      {[]ticketing.Update{said(re, 1), said(av, 1), said(av, 1)}, av, 1, "yyn"},
		"an old hold changes nothing":             {[]ticketing.Update{said(re, 2), said(av, 1), said(so, 1), said(re, 1)}, re, 2, "ynnn"},
		"SOLD takes no message":                   {[]ticketing.Update{said(so, 1), said(av, 1), said(re, 2), said(av, 2)}, so, 1, "ynnn"},
		"the first end of a hold decides":         {[]ticketing.Update{said(re, 1), said(av, 1), said(so, 1)}, av, 1, "yyn"},
		"a later hold replaces one not yet ended": {[]ticketing.Update{said(re, 1), said(re, 2)}, re, 2, "yy"},
		"a later sale replaces one not yet ended": {[]ticketing.Update{said(re, 1), said(so, 3)}, so, 3, "yy"},
	} {
		t.Run(name, func(t *testing.T) {
			var ticket ticketing.Ticket
			changes := ""
			for _, u := range c.told {
				var changed bool
				if ticket, changed = ticket.Take(u); changed {
					changes += "y"
				} else {
					changes += "n"
				}
			}
			if ticket.Status != c.want || ticket.Hold != c.hold || changes != c.changes {
				t.Fatalf("%s under hold %d after %s, want %s, %d, %s", ticket.Status, ticket.Hold, changes, c.want, c.hold, c.changes)
			}
			if free := ticket.Status == av; free != ticket.BookingID.IsZero() || free != (ticket.Price == 0) {
				t.Fatalf("booking %s, price %d of a ticket that is %s", ticket.BookingID, ticket.Price, ticket.Status)
			}
		})
	}
}

func ExampleTicket_Take() {
	ticket := ticketing.Ticket{Seat: domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: 1}}
	ticket, changed := ticket.Take(ticketing.Update{To: ticketing.Sold, Hold: 7, HolderID: 3, Price: 2000})
	fmt.Println(ticket.Status, changed)
	_, changed = ticket.Take(ticketing.Update{To: ticketing.Reserved, Hold: 7, HolderID: 3, Price: 2000})
	fmt.Println(changed)
	// Output:
	// sold true
	// false
}
