// The API's types by the names of openapi.yaml. `npm run check` makes openapi.d.ts of
// that document first, so a field that it does not have is an error here.
import type { components } from './openapi'

type Schemas = components['schemas']

declare global {
  namespace Api {
    type Money = Schemas['Money']
    type User = Schemas['User']
    type Session = Schemas['Session']
    type EventSummary = Schemas['EventSummary']
    type Event = Schemas['Event']
    type EventSection = Schemas['EventSection']
    type NewEvent = Omit<Schemas['NewEvent'], 'seating'> & { seating: Seating }
    type Layout = Schemas['Layout']
    type LayoutRow = Schemas['LayoutRow']
    type SectionCounts = Schemas['SectionCounts']
    type SeatBits = Schemas['SeatBits']
    type SeatBitChanges = Omit<Schemas['SeatBitChanges'], 'changes'> & { changes: [index: number, status: number][] }
    type SeatCounts = Schemas['SeatCounts']
    type NewBooking = Omit<Schemas['NewBooking'], 'event_id'>
    type Booking = Schemas['Booking']
    type BookingsSnapshot = Schemas['BookingsSnapshot'] & { truncated?: boolean }
    type BookingChange = Schemas['BookingChange']
    type BookingChanges = { bookings: BookingChange[] }
    type Ticket = Schemas['Ticket']
    type BookedTicket = Schemas['BookedTicket']
    type Sales = Schemas['Sales']
    type SectionSales = Schemas['SectionSales']
    type SalesInterval = Schemas['SalesInterval']
    type FieldProblem = { pointer: string, code: string, detail: string }
    type Page<T> = { items: T[], next_cursor: string | null }

    // One of the forms that POST /v1/events takes: with rows and seats per row, or
    // with each row.
    type Seating = { sections: { name: string, price: number, subsections: (SubsectionSize & { number: number })[] }[] }
    type SubsectionSize = { rows: number, seats_per_row: number } | { rows: LayoutRow[] }
  }
}
