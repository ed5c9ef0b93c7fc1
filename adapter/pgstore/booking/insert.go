package booking

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// inserted are the columns of a booking that is accepted. The others, resend_at
// among them, have defaults: PostgreSQL's clock decides when a request is sent
// again.
var inserted = []string{"id", "event_id", "buyer_id", "section", "subsection", "mode", "positions", "quantity", "allow_partial",
	"unit_price", "currency", "status", "seats", "hold", "failure", "cancellation", "created_at", "revision", "idempotency_key", "request_hash"}

// few is how many bookings are stored faster by a prepared INSERT for each than by a
// COPY. PostgreSQL plans each COPY anew, and pgx asks for the columns' types before it.
const few = 8

var insertOne = "INSERT INTO bookings (" + strings.Join(inserted, ", ") + ") VALUES (" + placeholders(len(inserted)) + ")"

// placeholders returns $1, $2, … up to $n.
func placeholders(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(all, ", ")
}

// storeAll stores all bookings of a group, or none, in one round trip.
func (s *Store) storeAll(ctx context.Context, group []accept) error {
	rows := make([][]any, len(group))
	for i, a := range group {
		b := a.booking
		rows[i] = []any{[16]byte(b.ID), int64(b.EventID), int64(b.BuyerID), b.Section, b.Subsection, string(b.Mode), pgstore.Texts(b.Positions),
			b.Quantity, b.AllowPartial, b.UnitPrice.Amount, string(b.UnitPrice.Currency), string(b.Status), []string{}, int64(0), "", "",
			b.CreatedAt, b.Revision, textOrNull(a.key.Key), hashOrNull(a.key)}
	}
	err := s.insert(ctx, rows)
	if err == nil {
		crashpoint.At(crashpoint.BookingStored)
	}
	return err
}

func (s *Store) insert(ctx context.Context, rows [][]any) error {
	if len(rows) > few {
		_, err := s.Batches.CopyFrom(ctx, pgx.Identifier{"bookings"}, inserted, pgx.CopyFromRows(rows))
		return err
	}
	batch := &pgx.Batch{} // a batch is a transaction
	for _, row := range rows {
		batch.Queue(insertOne, row...)
	}
	return s.Batches.SendBatch(ctx, batch).Close()
}

// insertNew stores the bookings of a group that are not there yet, as one
// statement, and returns the others: those whose id or idempotency key is there
// already. It is slower than storeAll.
func (s *Store) insertNew(ctx context.Context, group []accept) (there []accept, err error) {
	var in struct {
		ids, events, buyers, sections, subsections, modes, positions, quantities, partial, prices, currencies, statuses, created, revisions, keys, hashes []any
	}
	for _, a := range group {
		b := a.booking
		positions, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, pgstore.Texts(b.Positions), nil)
		if err != nil {
			return nil, err
		}
		in.ids, in.events, in.buyers = append(in.ids, [16]byte(b.ID)), append(in.events, int64(b.EventID)), append(in.buyers, int64(b.BuyerID))
		in.sections, in.subsections, in.modes = append(in.sections, b.Section), append(in.subsections, b.Subsection), append(in.modes, string(b.Mode))
		in.positions, in.quantities, in.partial = append(in.positions, string(positions)), append(in.quantities, b.Quantity), append(in.partial, b.AllowPartial)
		in.prices, in.currencies = append(in.prices, b.UnitPrice.Amount), append(in.currencies, string(b.UnitPrice.Currency))
		in.statuses, in.created, in.revisions = append(in.statuses, string(b.Status)), append(in.created, b.CreatedAt), append(in.revisions, b.Revision)
		in.keys, in.hashes = append(in.keys, textOrNull(a.key.Key)), append(in.hashes, hashOrNull(a.key))
	}
	stored := map[domain.BookingID]bool{}
	err = s.Step(ctx, func(tx pgx.Tx) error {
		clear(stored)
		// The rows are inserted in the order of their keys, so that two servers which
		// insert the same keys never wait for each other in a circle.
		rows, err := tx.Query(ctx, `INSERT INTO bookings (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial,
				unit_price, currency, status, seats, hold, failure, cancellation, created_at, revision, idempotency_key, request_hash)
			SELECT id, event_id, buyer_id, section, subsection, mode, positions::text[], quantity, allow_partial, unit_price, currency, status,
				'{}', 0, '', '', created_at, revision, key, hash
			FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::integer[], $9::boolean[], $10::bigint[],
				$11::text[], $12::text[], $13::timestamptz[], $14::bigint[], $15::text[], $16::bytea[])
				AS k (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency, status, created_at, revision, key, hash)
			ORDER BY buyer_id, key, id
			ON CONFLICT DO NOTHING RETURNING id`, in.ids, in.events, in.buyers, in.sections, in.subsections, in.modes, in.positions, in.quantities, in.partial,
			in.prices, in.currencies, in.statuses, in.created, in.revisions, in.keys, in.hashes)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
		for _, id := range ids {
			stored[id] = true
		}
		return err
	})
	for _, a := range group {
		if err == nil && !stored[a.booking.ID] {
			there = append(there, a)
		}
	}
	return there, err
}

func textOrNull(text string) pgtype.Text { return pgtype.Text{String: text, Valid: text != ""} }

func hashOrNull(key port.IdempotencyKey) []byte {
	if key.Key == "" {
		return nil
	}
	return key.Body[:]
}
