package pdf

import (
	"fmt"
	"io"
	"strings"

	"rsc.io/qr"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// quiet is the margin around a QR code, in modules. Readers need it.
const quiet = 4

// codeOf returns the QR code that is read at the entrance: ticket, booking, signature.
func codeOf(b booking.Booking, seat domain.SeatID, signer port.TicketSigner) (*qr.Code, error) {
	ticket := domain.TicketID(b.EventID, seat)
	return qr.Encode(ticket+" "+b.ID.String()+" "+signer.SignTicket(ticket, b.ID), qr.M)
}

// Code writes the QR code of one ticket as SVG. It is black on white in dark mode too.
func Code(w io.Writer, b booking.Booking, seat domain.SeatID, signer port.TicketSigner) error {
	code, err := codeOf(b, seat, signer)
	if err != nil {
		return err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for code.Black(x+run, y) { // Black is false outside the code
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x, y, run, run)
				x += run
			}
		}
	}
	side := code.Size + 2*quiet
	_, err = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%d %d %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M%d %dh%dv%dh-%dz"/><path d="%s"/></svg>`,
		-quiet, -quiet, side, side, -quiet, -quiet, side, side, side, path.String())
	return err
}
